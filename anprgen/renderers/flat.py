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
from anprgen.geometry import Points, Window, linear_weights, rectangle
from anprgen.mounting import Round, bolts, frame_bar, holes, silhouettes
from anprgen.renderers import Render
from anprgen.sheet import sheet_of
from anprgen.shot import MountedPlate, Shot
from anprgen.solve import camera_of
from anprgen.textures import Textures

F32 = NDArray[np.float32]
_SUPERSAMPLE = 2
_NODES_PX = 16  # sub-px between two rays that are traced
_FINE_NODES_PX = 3  # where the sheet is damaged
_ARRIVED_MM = 1e-3  # a step of Newton's method so short is followed by none
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
            box, mm, hit = _intersect(shot, plate, window, scale)
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


def _intersect(
    shot: Shot, plate: MountedPlate, window: Window, k: int
) -> tuple[tuple[int, int, int, int] | None, tuple[F32, F32], NDArray[np.bool_]]:
    """Where the rays of a window's sub-pixels meet a plate.

    Returns the touched box (sub-px), plate mm x [h, w] and y in it, and whether the ray hits.
    """
    camera = camera_of(shot)
    w, h = plate.size_mm
    edge = np.array([[0, 0], [w / 2, 0], [w, 0], [w, h], [w / 2, h], [0, h]], np.float64)
    sheet = sheet_of(plate)
    if sheet.damage is not None:
        edge = rectangle(w, h, 10.0)
    px = (projector(shot, plate)(edge) - (window.x0, window.y0)) * k
    nowhere = np.zeros((0, 0), np.float32)
    none = (None, (nowhere, nowhere), np.zeros((0, 0), bool))
    if not np.isfinite(px).all():
        return none
    x0, y0 = (max(0, math.floor(v) - 2) for v in px.min(0))
    x1 = min(window.width * k, math.ceil(px[:, 0].max()) + 2)
    y1 = min(window.height * k, math.ceil(px[:, 1].max()) + 2)
    if x1 <= x0 or y1 <= y0:
        return none
    # The way back is smooth: exact at nodes, linear between them (to a few hundredths of a px).
    apart = _NODES_PX if sheet.damage is None else _FINE_NODES_PX
    nodes_x, ax = _nodes(x0, x1, apart)
    nodes_y, ay = _nodes(y0, y1, apart)
    xs, ys = nodes_x / k + window.x0, nodes_y / k + window.y0
    gx, gy = np.meshgrid((xs - camera.cx) / camera.focal_px, (ys - camera.cy) / camera.focal_px)
    rays = np.stack([gx, gy, np.ones_like(gx)], -1)
    to_plate = np.linalg.inv(camera.world_to_camera @ np.array(plate.plate_to_world))
    d, eye = rays @ to_plate[:3, :3].T, to_plate[:3, 3]
    curve = plate.make.curvature_per_m / 1000.0
    if abs(curve) < 1e-9:
        t = -eye[2] / d[..., 2]
        x, y = eye[0] + t * d[..., 0], eye[1] + t * d[..., 1]
        good = t > 0
    else:
        # The sheet is the cylinder X^2 + (Z - 1/k)^2 = 1/k^2: the root on the bend's side.
        r = 1 / curve
        a = d[..., 0] ** 2 + d[..., 2] ** 2
        b = eye[0] * d[..., 0] + (eye[2] - r) * d[..., 2]
        c = eye[0] ** 2 + (eye[2] - r) ** 2 - r * r
        root = b * b - a * c
        good = root > 0
        t = (-b - np.sign(r) * np.sqrt(np.maximum(root, 0))) / a
        good &= t > 0
        angle = np.arctan2(
            (eye[0] + t * d[..., 0]) * np.sign(r), (r - eye[2] - t * d[..., 2]) * np.sign(r)
        )
        x, y = angle * r, eye[1] + t * d[..., 1]
    if not good.all():  # Beside a bent sheet there is no way back; far off is as good as none.
        x, y = (np.where(good, v, -1e6) for v in (x, y))
    rolls = shot.moment is not None and shot.moment.readout_s > 0
    if sheet.damage is not None or rolls:
        at = np.stack(np.meshgrid(xs, ys), -1).reshape(-1, 2)
        start = np.stack([x + w / 2, y + h / 2], -1).reshape(-1, 2)
        x, y = _refined(shot, plate, at, start).reshape(*x.shape, 2).transpose(2, 0, 1)
        x, y = x - w / 2, y - h / 2
    u, v = ((ay @ ((n + half) @ ax.T)).astype(np.float32) for n, half in ((x, w / 2), (y, h / 2)))
    return (x0, y0, x1, y1), (u, v), (u >= 0) & (u < w) & (v >= 0) & (v < h)


def _refined(shot: Shot, plate: MountedPlate, px: Points, mm: Points) -> Points:
    """Plate mm (n, 2) that are seen at frame px (n, 2), from those of a whole sheet that stands.

    By Newton's method: where a corner stands before the plate it finds one of both.
    """
    project = projector(shot, plate)
    limit = np.array(plate.size_mm) + 60.0
    step = 12.0 if sheet_of(plate).damage is not None else 100.0
    mm = np.clip(mm, -60.0, limit)
    on_the_way = np.arange(len(mm))
    for _ in range(9):
        own = mm[on_the_way]
        here = project(own)
        right, down = (project(own + aside) - here for aside in ([0.2, 0.0], [0.0, 0.2]))
        error = px[on_the_way] - here
        det = right[:, 0] * down[:, 1] - right[:, 1] * down[:, 0]
        det = np.where(np.abs(det) < 1e-9, 1e-9, det)
        way = np.stack(
            [
                error[:, 0] * down[:, 1] - error[:, 1] * down[:, 0],
                right[:, 0] * error[:, 1] - right[:, 1] * error[:, 0],
            ],
            1,
        )
        next_ = np.clip(own + np.clip(way * (0.2 / det)[:, None], -step, step), -60.0, limit)
        mm[on_the_way] = next_
        on_the_way = on_the_way[(np.abs(next_ - own) > _ARRIVED_MM).any(1)]
        if not len(on_the_way):
            break
    # Where it found none there is no plate.
    lost = np.hypot(*(project(mm) - px).T) > 0.5
    return np.where(lost[:, None], -1e4, mm)


def _nodes(start: int, stop: int, apart: int) -> tuple[Points, Points]:
    """Even nodes over [start, stop], and the matrix from values there to pixel centres."""
    count = max(2, 1 + math.ceil((stop - start) / apart))
    at = (np.arange(stop - start) + 0.5) * ((count - 1) / (stop - start))
    return np.linspace(start, stop, count), linear_weights(at, count)


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
    box, mm, hit = _intersect(shot, plate, window, k)
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
