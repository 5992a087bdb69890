# SPDX-License-Identifier: Apache-2.0
"""The flat renderer: exact plate geometry and a simple light, without Blender.

It takes the same shots and gives the same labels as Blender: each pixel's ray is intersected
with the (bent) sheet. Light is an ambient term, one directional light on the embossing, and the
lamp's retro-reflection; frames and bolts are flat shapes. For tests, previews and quick data.
"""

from __future__ import annotations

import colorsys
import math
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from anprgen.annotation import projector
from anprgen.backdrop import photographed
from anprgen.backgrounds import BackgroundFolder
from anprgen.geometry import Points, Window
from anprgen.mounting import Round, bolts, frame_bar, holes, silhouettes
from anprgen.renderers import Render
from anprgen.renderers.rays import rays_on
from anprgen.shot import MountedPlate, Shot
from anprgen.textures import Textures

F32 = NDArray[np.float32]
_SUPERSAMPLE = 2
_DUST = np.array([1.1, 1.0, 0.85], np.float32)


class FlatRenderer:
    """Implements `anprgen.renderers.Renderer` in numpy and OpenCV."""

    name = "flat"
    texels_a_px = 1.6

    def __init__(self, backgrounds: BackgroundFolder | None = None) -> None:
        self._backgrounds = backgrounds

    def __enter__(self) -> FlatRenderer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None

    def describe(self) -> dict[str, str]:
        """Identity: the flat renderer has no device."""
        return {"renderer": "flat", "blender": "", "device": "cpu", "device_class": "cpu"}

    def render(self, shot: Shot, textures: Sequence[Textures]) -> Render:
        """Linear light of the shot's render window."""
        start = time.perf_counter()
        assert shot.solved is not None
        window, k = shot.solved.render, _SUPERSAMPLE
        size = (window.height * k, window.width * k)
        if shot.background is not None and self._backgrounds is not None:
            light = _before_photo(shot, photographed(shot, self._backgrounds), k)
        else:
            light = _surround(shot, size)
        for plate, texture in zip(shot.plates, textures):
            if _paint_plate(light, shot, plate, texture, window, k):
                _paint_mount(light, shot, plate, window, k)
        small = cv2.resize(light, (window.width, window.height), interpolation=cv2.INTER_AREA)
        return Render(small, {"set_up": 0.0, "render": time.perf_counter() - start, "read": 0.0})

    def render_ids(
        self, shot: Shot, ids: Sequence[NDArray[np.uint8]], scale: int
    ) -> NDArray[np.uint8]:
        """Character ids at `scale` x resolution, unfiltered."""
        assert shot.solved is not None
        window = shot.solved.render
        out = np.zeros((window.height * scale, window.width * scale), np.uint8)
        for plate, image in zip(shot.plates, ids):
            box, mm, hit = rays_on(shot, plate, window, scale)
            if box is None:
                continue
            x0, y0, x1, y1 = box
            h, w = image.shape
            u = np.clip((mm[0] * np.float32(w / plate.size_mm[0])).astype(int), 0, w - 1)
            v = np.clip((mm[1] * np.float32(h / plate.size_mm[1])).astype(int), 0, h - 1)
            part = np.where(hit, image[v, u], 0).astype(np.uint8)
            out[y0:y1, x0:x1] = np.where(hit, part, out[y0:y1, x0:x1])
            _paint_rounds(out, (*bolts(plate), *holes(plate)), 0, shot, plate, window, scale)
        return out


def _illumination(shot: Shot) -> tuple[F32, F32, float]:
    """(ambient RGB, directional light RGB, lamp's retro factor) of the shot's light."""
    light, rgb = shot.light, np.array(shot.light_rgb, np.float32)
    if light.kind == "sun":
        return 0.5 * light.sky_share * rgb, 0.72 * rgb, 0.0
    if light.kind in ("headlamp", "infrared"):
        return light.ambient * rgb, 0.3 * rgb, 1.0
    return 0.6 * rgb, 0.15 * rgb, 0.0


def _paint_plate(
    light: F32, shot: Shot, plate: MountedPlate, texture: Textures, window: Window, k: int
) -> bool:
    """Paints a plate's face; False where nothing of it is in the window."""
    box, mm, hit = rays_on(shot, plate, window, k)
    if box is None:
        return False
    x0, y0, x1, y1 = box
    h, w = texture.height_mm.shape
    u = mm[0] * np.float32(w / plate.size_mm[0]) - np.float32(0.5)
    v = mm[1] * np.float32(h / plate.size_mm[1]) - np.float32(0.5)

    def sample(image: F32) -> F32:
        out: F32 = cv2.remap(image, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return out

    ambient, sun, retro = _illumination(shot)
    gx = cv2.Sobel(texture.height_mm, cv2.CV_32F, 1, 0, scale=w / plate.size_mm[0] / 8)
    gy = cv2.Sobel(texture.height_mm, cv2.CV_32F, 0, 1, scale=h / plate.size_mm[1] / 8)
    a, e = (math.radians(v) for v in (shot.light.sun_azimuth_deg, shot.light.sun_elevation_deg))
    if shot.light.kind in ("headlamp", "infrared"):
        a, e = math.radians(shot.view.yaw_deg), math.radians(shot.view.elevation_deg)
    to_sun = (
        math.sin(a) * math.cos(e),
        -math.sin(e),
        math.cos(a) * math.cos(e),
    )  # right, down, out
    facing = (-gx * to_sun[0] - gy * to_sun[1] + to_sun[2]) / np.sqrt(1 + gx * gx + gy * gy)
    facing = np.maximum(facing, 0)
    dust = plate.wear.dust_lightness * _DUST
    planes = []
    for base, film, shade, bright in zip(cv2.split(texture.base_color), dust, ambient, sun):
        if plate.wear.dust > 0:
            base = base + (film - base) * np.float32(0.45 * plate.wear.dust)
        lit = base * (shade + facing * bright)
        if retro:
            lit = lit + base * (texture.retro * plate.make.retro / 40 * retro)
        planes.append(lit)
    cv2.copyTo(sample(cv2.merge(planes)), hit.view(np.uint8), light[y0:y1, x0:x1])
    return True


def _surround(shot: Shot, shape: tuple[int, int]) -> F32:
    v = shot.vehicle
    paint = np.array(
        colorsys.hsv_to_rgb(v.paint_hue, v.paint_saturation, v.paint_value), np.float32
    )
    if v.surround == "dark":
        paint = np.full(3, 0.02, np.float32)
    ambient, sun, _ = _illumination(shot)
    rows = np.linspace(1.15, 0.75, shape[0], dtype=np.float32)
    line = np.tile((paint * (ambient + 0.5 * sun)).astype(np.float32, copy=False), shape[1])
    return np.outer(rows, line).reshape(*shape, 3)


def _before_photo(shot: Shot, photo: F32, k: int) -> F32:
    """The photograph as bright as the shot's light has it, `k` times finer: nothing of a vehicle.

    Its colour is the light's already; of that there must not be twice.
    """
    ambient, sun, _ = _illumination(shot)
    level = np.float32((ambient + 0.5 * sun).mean() / np.mean(shot.light_rgb))
    large = cv2.resize(photo * level, None, fx=k, fy=k, interpolation=cv2.INTER_LINEAR)
    return np.asarray(large, np.float32)


def _paint_rounds(
    image: NDArray[Any],
    rounds: Sequence[Round],
    value: float | tuple[float, ...],
    shot: Shot,
    plate: MountedPlate,
    window: Window,
    k: int,
) -> None:
    """Fills what bolts or holes hide with a value, on a raster `k` times finer than the window."""
    if not rounds:
        return
    project = projector(shot, plate)

    def to_px(mm: Points, rise_mm: Points) -> Points:
        return (project(mm, rise_mm) - (window.x0, window.y0)) * k

    for outline in silhouettes(rounds, to_px):
        cv2.fillPoly(image, [np.rint(outline - 0.5).astype(np.int32)], value)


def _paint_mount(light: F32, shot: Shot, plate: MountedPlate, window: Window, k: int) -> None:
    project = projector(shot, plate)
    ambient, sun, _ = _illumination(shot)
    level = float((ambient + 0.4 * sun).mean())
    bar = frame_bar(plate)
    if bar is not None:
        ring = []
        for x0, y0, x1, y1 in (bar.outer_mm, bar.opening_mm):
            px = project(np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]))
            ring.append(np.rint((px - (window.x0, window.y0)) * k - 0.5).astype(np.int32))
        cv2.fillPoly(light, ring, (plate.mount.frame_lightness * level,) * 3)
    shade = {"steel": 0.35, "cap_white": 0.7, "cap_black": 0.03, "rust": 0.12}
    for rounds, value in ((holes(plate), 0.01), (bolts(plate), shade[plate.mount.bolt_kind])):
        _paint_rounds(light, rounds, (value * level,) * 3, shot, plate, window, k)
