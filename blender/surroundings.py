# SPDX-License-Identifier: GPL-3.0-or-later
"""Surroundings as one small picture made by numpy, whatever the kind: HDRI, sky, overcast, night.

So the world's nodes never change. The brightest spot is taken out and becomes a lamp.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 256, 128
#: Irradiance on an upright plane, averaged over the compass, that a world is scaled to.
UPRIGHT = 2.2
Rgb = NDArray[np.float64]


def _directions() -> tuple[Rgb, Rgb]:
    """Azimuth (n) and elevation (m) of the picture's columns and rows, radians, top row first.

    Azimuth 0 is +x, counted anticlockwise; Cycles' pictures run clockwise from the left.
    """
    azimuth = np.pi - (np.arange(WIDTH) + 0.5) / WIDTH * 2 * np.pi
    elevation = np.pi / 2 - (np.arange(HEIGHT) + 0.5) / HEIGHT * np.pi
    return azimuth, elevation


_AZIMUTH, _ELEVATION = _directions()
#: Weight of a row in the irradiance of an upright plane, averaged over the compass:
#: a strip's solid angle times cos(elevation) / pi (the mean of the positive part of a cosine).
_ROW_WEIGHT = np.cos(_ELEVATION) ** 2 / np.pi * (np.pi / HEIGHT) * (2 * np.pi / WIDTH)


@dataclass(frozen=True)
class Surroundings:
    """A picture [HEIGHT, WIDTH, 3], top row first, and a lamp at infinity for its brightest spot.

    Surroundings are found by the rays that surfaces send out, not sampled as a lamp: without
    small bright spots that is as free of noise, needs no importance map, and costs half.
    """

    picture: NDArray[np.float32]
    to_sun: tuple[float, float, float] = (0.0, 0.0, 1.0)
    irradiance: tuple[float, float, float] = (0.0, 0.0, 0.0)  # perpendicular to its rays
    size_deg: float = 1.0


def _unit() -> Rgb:
    """Directions [HEIGHT, WIDTH, 3] of the picture's pixels."""
    level = np.cos(_ELEVATION)[:, None]
    up = np.sin(_ELEVATION)[:, None] * np.ones(WIDTH)
    return np.stack([level * np.cos(_AZIMUTH), level * np.sin(_AZIMUTH), up], 2)


_UNIT = _unit()
_SOLID = (np.cos(_ELEVATION) * (np.pi / HEIGHT) * (2 * np.pi / WIDTH))[:, None]


def irradiances(world: Surroundings) -> tuple[Rgb, float]:
    """Irradiance [3] of a lying plane, and the mean level of upright ones over the compass."""
    up = (np.clip(np.sin(_ELEVATION), 0, 1)[:, None] * _SOLID)[..., None]
    sun = np.array(world.irradiance)
    lying = (world.picture * up).sum((0, 1)) + sun * max(world.to_sun[2], 0.0)
    level = float(np.sqrt(max(1 - world.to_sun[2] ** 2, 0.0)))
    upright = (world.picture.mean(2) * _ROW_WEIGHT[:, None]).sum() + sun.mean() * level / np.pi
    return np.asarray(lying, np.float64), float(upright)


_PEAK = 6.0  # of the mean: what is brighter is taken out of the picture
_SPOT_DEG = 12.0


def split(rgb: Rgb) -> Surroundings:
    """Takes the brightest spot out of a picture and makes it a lamp; other peaks are spread."""
    level = rgb.mean(2)
    limit = _PEAK * float((level * _SOLID).sum() / (4 * np.pi))
    kept = rgb * np.minimum(1.0, limit / np.maximum(level, 1e-9))[..., None]
    # Iterate once: the mean itself comes from the peaks.
    limit = _PEAK * float((kept.mean(2) * _SOLID).sum() / (4 * np.pi))
    kept = rgb * np.minimum(1.0, limit / np.maximum(level, 1e-9))[..., None]
    excess = (rgb - kept) * _SOLID[..., None]
    if excess.sum() <= 0:
        return Surroundings(rgb.astype(np.float32))
    y, x = np.unravel_index(int(excess.sum(2).argmax()), level.shape)
    cosine = _UNIT @ _UNIT[y, x]
    spot = excess * (cosine > np.cos(np.radians(_SPOT_DEG)))[..., None]
    weight = spot.sum(2)
    centre = (_UNIT * weight[..., None]).sum((0, 1))
    centre = centre / np.linalg.norm(centre)
    off = np.degrees(np.arccos(np.clip(_UNIT @ centre, -1, 1)))
    size = 2 * float((off * weight).sum() / weight.sum())
    # The rest of the excess goes evenly over the half sphere above.
    rest = (excess - spot).sum((0, 1)) / (2 * np.pi)
    kept = kept + rest * (_UNIT[..., 2:] > 0)
    power = tuple(float(c) for c in spot.sum((0, 1)))
    to_sun = tuple(float(c) for c in centre)
    return Surroundings(kept.astype(np.float32), to_sun, power, max(size, 0.6))


class Hdris:
    """Environment pictures, reduced and scaled to equal brightness: Blender's and the user's."""

    _MOST = 64

    def __init__(self) -> None:
        self._known: dict[str, Surroundings] = {}

    def get(self, name: str, file: str | None = None) -> Surroundings:
        """The surroundings by the picture's name; `file` holds one that is not Blender's, raw."""
        if name not in self._known:
            while len(self._known) >= self._MOST:
                del self._known[next(iter(self._known))]
            if file is not None:
                rgb = np.fromfile(file, np.float32).reshape(HEIGHT, WIDTH, 3).astype(np.float64)
                self._known[name] = split(_balanced(rgb))
                return self._known[name]
            folder = Path(bpy.utils.system_resource("DATAFILES")) / "studiolights" / "world"
            source = bpy.data.images.load(str(folder / f"{name}.exr"))
            width, height = source.size
            data = np.empty(width * height * 4, np.float32)
            source.pixels.foreach_get(data)
            bpy.data.images.remove(source)
            rgb = data.reshape(height, width, 4)[::-1, :, :3].astype(np.float64)
            rgb = rgb.reshape(HEIGHT, height // HEIGHT, WIDTH, width // WIDTH, 3).mean((1, 3))
            self._known[name] = split(_balanced(rgb))
        return self._known[name]


def _turned(still: Surroundings, columns: int) -> Surroundings:
    """Turned about the vertical by whole columns, clockwise from above."""
    a = -columns * 2 * np.pi / WIDTH
    x, y, z = still.to_sun
    to_sun = (x * np.cos(a) - y * np.sin(a), x * np.sin(a) + y * np.cos(a), z)
    return replace(still, picture=np.roll(still.picture, columns, 1), to_sun=to_sun)


def _balanced(rgb: Rgb) -> Rgb:
    """Scaled to the common irradiance of an upright plane."""
    total = (rgb.mean(2) * _ROW_WEIGHT[:, None]).sum()
    return np.asarray(rgb * (UPRIGHT / total))


def _skyline(seed: float) -> tuple[Rgb, Rgb]:
    """Elevation (radians) and darkness 0..1 of houses and trees, by column: what a coat mirrors."""
    random = np.random.Generator(np.random.Philox(key=int(seed * 1e6) & 0xFFFFFFFF))
    steps = np.repeat(random.random(32), WIDTH // 32)
    trees = np.interp(np.arange(WIDTH), np.arange(0, WIDTH + 1, 4), random.random(WIDTH // 4 + 1))
    dark = np.repeat(random.random(32), WIDTH // 32)
    return 0.03 + 0.32 * steps**1.6 + 0.06 * trees, dark


def _ground_and_skyline(sky: Rgb, light: dict[str, Any], ground: float) -> Rgb:
    """Lays houses, trees and ground over a sky."""
    height, dark = _skyline(light["rotation_deg"])
    mean = sky[_ELEVATION > 0].mean((0, 1))
    house = np.array([0.30, 0.28, 0.25]) * (0.25 + 0.9 * dark[:, None])
    tree = np.array([0.10, 0.13, 0.06])
    wall = np.where(dark[:, None] > 0.45, house, tree) * mean
    wall = wall + 0.5 * light["haze"] * (mean - wall)
    world = np.where((_ELEVATION[:, None] < height)[..., None], wall[None], sky)
    floor = np.array([1.0, 0.96, 0.9]) * ground * mean
    return np.where((_ELEVATION < 0)[:, None, None], floor, world)


def surroundings(light: dict[str, Any], vehicle: dict[str, Any], hdris: Hdris) -> Surroundings:
    """The surroundings of a shot."""
    kind, rgb = light["kind"], {k: np.array(c) for k, c in light["rgb"].items()}
    if kind == "hdri":
        still = hdris.get(light["hdri"], light.get("hdri_file"))
        return _turned(still, round(light["rotation_deg"] / 360 * WIDTH))
    up = np.clip(np.sin(_ELEVATION), 0, 1)[:, None, None]
    if kind == "sun":
        return _sunny(light, rgb, vehicle, up)
    if kind == "neon":
        return Surroundings(_hall(light, vehicle) * rgb["ambient"] * light["ambient"] / 3)
    sky = np.ones((HEIGHT, WIDTH, 3)) * (1 - light["gradient"] * (1 - up))
    if kind == "overcast":
        sky = sky * rgb["cast"]
        return Surroundings(_balanced(_ground_and_skyline(sky, light, vehicle["ground"])))
    # Night: what is left comes from street lamps and a glowing sky.
    sky *= rgb["ambient"]
    world = _balanced(_ground_and_skyline(sky, light, vehicle["ground"]))
    return Surroundings(world * light["ambient"] / 3)


def _sunny(
    light: dict[str, Any], rgb: dict[str, Rgb], vehicle: dict[str, Any], up: Rgb
) -> Surroundings:
    """A clear sky, brighter at the horizon and about the sun, and the sun."""
    haze, share = light["haze"], light["sky_share"]
    sky = (rgb["zenith"] * up**0.5 + rgb["horizon"] * (1 - up**0.5)) * (1.35 - 0.7 * up)
    to_sun = sun_direction(light)
    near = _UNIT @ np.array(to_sun) - 1
    glow = (2.5 + 3 * haze) * np.exp(near * (12 - 6 * haze))
    sky = np.broadcast_to(sky, (HEIGHT, WIDTH, 3)) + glow[..., None] * rgb["sun"]
    world = _ground_and_skyline(sky, light, vehicle["ground"] * 1.5)
    # Sun and sky together light a horizontal plane with 2.2; the sky has its share. A low sun
    # is not stronger for being slanted.
    world = world * (share * 2.2 / _horizontal(sky))
    power = (1 - share) * 2.2 / max(to_sun[2], 0.35)
    color = tuple(float(c) for c in rgb["sun"] * power)
    return Surroundings(world, to_sun, color, light["sun_size_deg"] + 5 * haze**3)


def _hall(light: dict[str, Any], vehicle: dict[str, Any]) -> Rgb:
    """A car park: floor, walls and pillars, a ceiling with rows of tubes."""
    _, dark = _skyline(light["rotation_deg"])
    pillars = (0.35 + 0.5 * dark)[None, :, None]
    rise = np.sin(_ELEVATION)[:, None, None]
    hall = np.where(np.abs(rise) < 0.35, pillars, np.where(rise > 0, 0.75, 2 * vehicle["ground"]))
    hall = np.array(np.broadcast_to(hall, (HEIGHT, WIDTH, 3)))
    # Where a direction meets the ceiling, in heights of it; rows lie along `tube_turn_deg`.
    turn = np.radians(light["tube_turn_deg"])
    high = np.maximum(_UNIT[..., 2], 1e-3)
    across = (_UNIT[..., 1] * np.cos(turn) - _UNIT[..., 0] * np.sin(turn)) / high
    row = np.abs((across + 0.7) % 1.4 - 0.7)
    hall[(row < 0.05) & (_UNIT[..., 2] > 0.25)] = 4.0
    return _balanced(hall)


def _horizontal(sky: Rgb) -> float:
    """Irradiance of a horizontal plane."""
    weight = np.clip(np.sin(_ELEVATION), 0, 1) * np.cos(_ELEVATION) * (np.pi / HEIGHT)
    return float((sky.mean((1, 2)) * weight).sum() * 2 * np.pi)


def sun_direction(light: dict[str, Any]) -> tuple[float, float, float]:
    """Unit vector to the sun; azimuth 0 stands on the camera's side of plate 0 (negative y)."""
    a, e = np.radians(light["sun_azimuth_deg"]), np.radians(light["sun_elevation_deg"])
    return float(np.sin(a) * np.cos(e)), float(-np.cos(a) * np.cos(e)), float(np.sin(e))
