# SPDX-License-Identifier: Apache-2.0
"""Patterns of dirt and damage: an atlas that tiles, made once from fixed keys, looked up in mm.

A plate takes the atlas at an offset of its own. It gives what smooth noise cannot: lines for
scratches, drops for splashes. `Places` looks it up at the texels of a plate, as coarse as they are.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]

_SIZE = 512
#: Length of the atlas' side on the plate, mm; it tiles.
TILE_MM = 420.0
_PITCH_MM = TILE_MM / _SIZE
_COARSEST = 4  # halvings of the atlas


def random_of(seed_w: float) -> np.random.Generator:
    """The generator that belongs to a plate's noise coordinate."""
    return _random(int(abs(seed_w) * 1e6) & 0xFFFFFFFF)


def _random(key: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=key))


def _value_noise(key: int, cells_x: int, cells_y: int) -> NDArray[np.float64]:
    """Tiling smooth noise, 0..1, with so many cells over the atlas."""
    grid = _random(key).random((cells_y, cells_x))

    def resample(a: NDArray[np.float64], n: int) -> NDArray[np.float64]:
        at = np.arange(_SIZE) / _SIZE * n
        low = at.astype(int)
        t = at - low
        t = t * t * (3 - 2 * t)
        return np.asarray(a[low % n] * (1 - t)[:, None] + a[(low + 1) % n] * t[:, None])

    return resample(resample(grid, cells_y).T, cells_x).T


def _cloud(key: int, cells: int, octaves: int) -> NDArray[np.float64]:
    """Fractal sum, stretched to an even 0..1."""
    total = sum(_value_noise(key + i, cells << i, cells << i) * 0.55**i for i in range(octaves))
    # Evenly distributed values make "covered share" follow a threshold.
    order = np.asarray(total).ravel().argsort(kind="stable")
    even = np.empty(_SIZE * _SIZE)
    even[order] = np.linspace(0, 1, _SIZE * _SIZE)
    return even.reshape(_SIZE, _SIZE)


def _scratches(key: int) -> NDArray[np.float64]:
    """Thin lines with a threshold each: a value v shows from an amount of 1 - v on."""
    random, canvas = _random(key), np.zeros((_SIZE, _SIZE))
    for i in range(260):
        x, y, angle, turn, length = random.random(5)
        steps = int(12 + 170 * length**3)
        heading = (angle - 0.5) * 1.3 + (np.pi / 2 if i % 5 == 0 else 0)
        heading = heading + (turn - 0.5) * 1.2 * np.linspace(0, 1, steps)
        px = (x * _SIZE + np.cumsum(np.cos(heading))).astype(int) % _SIZE
        py = (y * _SIZE + np.cumsum(np.sin(heading))).astype(int) % _SIZE
        value = 1 - i / 260
        wide = 2 if i % 8 == 0 else 1
        for dy in range(wide):
            canvas[(py + dy) % _SIZE, px] = np.maximum(canvas[(py + dy) % _SIZE, px], value)
    return canvas


def _drops(key: int) -> NDArray[np.float64]:
    """Splashes of mud: round spots, the larger the rarer; a value v shows from 1 - v on."""
    random, canvas = _random(key), np.zeros((_SIZE, _SIZE))
    grid_y, grid_x = np.mgrid[-20:21, -20:21]
    for i in range(1500):
        x, y, size, shape = random.random(4)
        radius = 0.9 + 8 * size**9
        spot = 1 - np.hypot(grid_x * (0.75 + 0.5 * shape), grid_y) / radius
        value = np.clip(spot * 2.5, 0, 1) * (1 - i / 1500)
        rows = (int(y * _SIZE) + np.arange(-20, 21)) % _SIZE
        columns = (int(x * _SIZE) + np.arange(-20, 21)) % _SIZE
        at = np.ix_(rows, columns)
        canvas[at] = np.maximum(canvas[at], value)
    return canvas


@lru_cache(maxsize=1)
def _rain() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Drops of water: heights of their round caps, and at each the rank v, shown from 1 - v on."""
    random = _random(53)
    caps, ranks = np.zeros((2, _SIZE, _SIZE))
    grid_y, grid_x = np.mgrid[-10:11, -10:11]
    for i in range(2600):
        x, y, size, shape = random.random(4)
        radius = 1.1 + 6.5 * size**4
        cap = 1 - (grid_x / radius) ** 2 - (grid_y / (radius * (1 + 0.5 * shape * size))) ** 2
        cap = np.sqrt(np.maximum(cap, 0)) * radius / 5
        rows = (int(y * _SIZE) + np.arange(-10, 11)) % _SIZE
        at = np.ix_(rows, (int(x * _SIZE) + np.arange(-10, 11)) % _SIZE)
        ranks[at] = np.where(cap > caps[at], 1 - i / 2600, ranks[at])
        caps[at] = np.maximum(caps[at], cap)
    return caps, ranks


_MAKERS: dict[str, Callable[[], NDArray[np.float64]]] = {
    "clouds": lambda: _cloud(11, 5, 5),
    "grain": lambda: _cloud(23, 48, 3),
    "scratches": lambda: _scratches(37),
    "drops": lambda: _drops(41),
    "caps": lambda: _rain()[0],
    "drop_ranks": lambda: _rain()[1],
}


@lru_cache(maxsize=32)
def pattern(name: str, halvings: int = 0) -> F32:
    """A pattern of the atlas, float32 [512, 512] in 0..1, or averaged to less."""
    if halvings == 0:
        return _MAKERS[name]().astype(np.float32)
    return halved(pattern(name, halvings - 1))


def halved(image: F32) -> F32:
    """The image at half its size, averaged."""
    size = (image.shape[1] // 2, image.shape[0] // 2)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.float32)


class Places:
    """The texels of one plate, as places on the atlas.

    Args:
        size_mm: width and height of the plate.
        size_px: of its textures.
        seed_w: the plate's own noise coordinate.
    """

    def __init__(
        self, size_mm: tuple[float, float], size_px: tuple[int, int], seed_w: float
    ) -> None:
        self._size_mm, self.size_px = size_mm, size_px
        self._known: dict[tuple[object, ...], F32] = {}
        self._offset = (seed_w * 0.7548776662 % 1.0, seed_w * 0.5698402910 % 1.0)
        self.pitch_mm = size_mm[0] / size_px[0]
        #: Texels a side of which one is averaged, so that it is no coarser than the atlas.
        self.finer = int(np.clip(math.ceil(self.pitch_mm / _PITCH_MM - 0.2), 1, 4))

    def mm(self, finer: int = 1) -> tuple[F32, F32]:
        """X [1, w] and y [h, 1] of the texels' centres from the plate's top left corner."""
        (w, h), (width, height) = self.size_px, self._size_mm
        x = (np.arange(w * finer, dtype=np.float32) + 0.5) * np.float32(width / (w * finer))
        y = (np.arange(h * finer, dtype=np.float32) + 0.5) * np.float32(height / (h * finer))
        return x[None], y[:, None]

    def look_up(
        self,
        name: str,
        change: Callable[[F32], F32] | None = None,
        stretch: tuple[float, float] = (1.0, 1.0),
        finer: int = 1,
        turn_deg: float = 0.0,
    ) -> F32:
        """A pattern at the texels, [h, w] times `finer`, averaged to their size; never change it.

        Args:
            name: of the pattern.
            change: done to the atlas before it is averaged: a threshold belongs there, or lines
                thinner than a texel are lost.
            stretch: how many times closer it is, along x and y, before it is turned.
            finer: places a texel and side.
            turn_deg: turns its x towards the plate's down.
        """
        key = (name, stretch, finer, turn_deg)
        if change is not None:
            return self._look_up(change(pattern(name)), stretch, finer, turn_deg, name="")
        if key not in self._known:
            self._known[key] = self._look_up(None, stretch, finer, turn_deg, name)
        return self._known[key]

    def _look_up(
        self,
        image: F32 | None,
        stretch: tuple[float, float],
        finer: int,
        turn_deg: float,
        name: str,
    ) -> F32:
        pitch = self.pitch_mm / finer * min(stretch)
        halvings = int(np.clip(round(math.log2(max(pitch / _PITCH_MM, 1.0))), 0, _COARSEST))
        if image is None:
            image = pattern(name, halvings)
        else:
            for _ in range(halvings):
                image = halved(image)
        x, y = self.mm(finer)
        size = image.shape[0]
        c, s = (np.float32(f(math.radians(turn_deg))) for f in (math.cos, math.sin))
        along, across = (x, y) if turn_deg == 0 else (x * c + y * s, y * c - x * s)
        u = (along * np.float32(stretch[0] / TILE_MM) + self._offset[0]) % 1.0 * size - 0.5
        v = (across * np.float32(stretch[1] / TILE_MM) - self._offset[1]) % 1.0 * size - 0.5
        shape = (y.size, x.size)
        at_x, at_y = (np.ascontiguousarray(np.broadcast_to(a, shape), np.float32) for a in (u, v))
        return np.asarray(
            cv2.remap(image, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP), np.float32
        )

    def down(self, image: F32) -> F32:
        """Averages what was made finer to texels."""
        size = self.size_px
        if image.shape[::-1] == size:
            return image
        return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.float32)
