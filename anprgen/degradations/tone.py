# SPDX-License-Identifier: Apache-2.0
"""Tone curve: linear light to display values."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np

from anprgen.degradations.stage import Context, Image, Kind, Stage, clipped
from anprgen.distributions import Normal, Quantiles
from anprgen.parameters import drawn

_STEPS = 2048


@dataclass(frozen=True)
class Tone(Stage):
    """sRGB's transfer curve bent by a power, an S for contrast, black and white stretched."""

    name: ClassVar[str] = "tone"
    kind: ClassVar[Kind] = Kind.PROCESSING
    order: ClassVar[int] = 30

    power: float = drawn(
        Normal(1.0, 0.1, 0.75, 1.35), "exponent on top of sRGB's curve", low=0.1, high=5
    )
    contrast: float = drawn(
        Normal(0.62, 0.26, -0.2, 1.0),
        "share of the S; below 0 the curve is flattened",
        high=1,
    )
    black: float = drawn(
        Quantiles(((0, -0.12), (0.3, -0.045), (0.6, -0.01), (0.9, 0.03), (1, 0.12))),
        "display value of no light; below 0 shadows are crushed",
        high=1,
    )
    white: float = drawn(
        Normal(1.0, 0.05, 0.8, 1.15), "display value of a full well", low=0.05, high=5
    )

    def curve(self, linear: Image) -> Image:
        """Display value in 0..1 of linear light in 0..1."""
        return self._bent(_srgb(np.clip(linear, 0, 1)))

    def _bent(self, srgb: Image) -> Image:
        g = srgb**self.power
        g = (1 - self.contrast) * g + self.contrast * g * g * (3 - 2 * g)
        return np.asarray(np.clip(self.black + (self.white - self.black) * g, 0, 1))

    def pixels(self, image: Image, ctx: Context) -> Image:
        # A table with even steps in the square root: finer than a quarter of an 8 bit level.
        table = self._bent(_table()).astype(np.float32)
        import cv2

        at = cv2.sqrt(clipped(image))
        at *= np.float32(_STEPS - 1)
        at += np.float32(0.5)
        return np.asarray(np.take(table, at.astype(np.int32)))


def _srgb(v: Image) -> Image:
    """SRGB's transfer curve (IEC 61966-2-1) of linear light in 0..1."""
    return np.where(v <= 0.0031308, 12.92 * v, 1.055 * np.maximum(v, 1e-9) ** (1 / 2.4) - 0.055)


@lru_cache(maxsize=1)
def _table() -> Image:
    return _srgb(np.linspace(0, 1, _STEPS) ** 2)
