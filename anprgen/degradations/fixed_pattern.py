# SPDX-License-Identifier: Apache-2.0
"""The sensor's fixed pattern: pixels and columns that differ, the same way in every picture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np

from anprgen.degradations.stage import Context, Image, Kind, Stage
from anprgen.distributions import Choice, Integer, LogUniform
from anprgen.geometry import Window
from anprgen.parameters import drawn, generator

_TILE = 64  # px; the pattern is made tile by tile, so that any window of the sensor can be had


@dataclass(frozen=True)
class FixedPattern(Stage):
    """Photo-response (PRNU) and dark-signal (DSNU) non-uniformity as in EMVA 1288, and columns.

    A pattern belongs to a camera, not to a picture: its generator has the address (seed, `body`,
    ``camera.fixed_pattern.<part>.<tile>``), where a picture's own noise has (seed, index, path),
    and it lies on the pixels of the frame. Two samples of one body see the same pattern. Here
    light is multiplied by the photo-response; `Sensor` adds `offset_e` to the electrons.
    """

    name: ClassVar[str] = "fixed_pattern"
    kind: ClassVar[Kind] = Kind.SENSOR
    order: ClassVar[int] = 5

    body: int = drawn(Integer(0, 199), "which camera: it has its own pattern", high=1000000000)
    prnu: float = drawn(
        Choice([(0.0, 0.85), (LogUniform(0.003, 0.02), 0.15)]),
        "standard deviation of the pixels' gain",
        high=0.5,
    )
    dsnu_e: float = drawn(
        Choice([(0.0, 0.85), (LogUniform(1.0, 8.0), 0.15)]),
        "standard deviation of the pixels' dark signal, electrons",
        high=10000.0,
    )
    column_e: float = drawn(
        Choice([(0.0, 0.92), (LogUniform(0.5, 4.0), 0.08)]),
        "standard deviation of the columns' offset, electrons",
        high=10000.0,
    )

    def pixels(self, image: Image, ctx: Context) -> Image:
        if self.prnu <= 0:
            return image
        gain = _pattern(ctx.seed, round(self.body), "prnu", ctx.working)
        gain = np.maximum(1 + np.float32(self.prnu) * gain, 0)
        return np.asarray(image * gain[..., None])

    def offset_e(self, ctx: Context) -> Image | None:
        """(h, w) electrons that each pixel of the working window reads too many, or None."""
        w, body, out = ctx.working, round(self.body), None
        if self.dsnu_e > 0:
            out = np.float32(self.dsnu_e) * _pattern(ctx.seed, body, "dsnu", w)
        if self.column_e > 0:
            row = _pattern(ctx.seed, body, "column", Window(w.x0, 0, w.width, 1))
            row = np.float32(self.column_e) * row
            out = np.repeat(row, w.height, 0) if out is None else out + row
        return out


@lru_cache(maxsize=1024)
def _tile(seed: int, body: int, part: str, x: int, y: int) -> Image:
    rng = generator(seed, body, f"camera.fixed_pattern.{part}.{y}.{x}")
    return rng.standard_normal((_TILE, _TILE), np.float32)


def _pattern(seed: int, body: int, part: str, window: Window) -> Image:
    """(height, width) numbers of mean 0 and variance 1 that belong to these frame px."""
    x0, y0 = window.x0 // _TILE, window.y0 // _TILE
    x1, y1 = (window.x0 + window.width - 1) // _TILE, (window.y0 + window.height - 1) // _TILE
    whole = np.concatenate(
        [
            np.concatenate([_tile(seed, body, part, x, y) for x in range(x0, x1 + 1)], 1)
            for y in range(y0, y1 + 1)
        ]
    )
    left, top = window.x0 - x0 * _TILE, window.y0 - y0 * _TILE
    return np.asarray(whole[top : top + window.height, left : left + window.width])
