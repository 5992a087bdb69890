# SPDX-License-Identifier: Apache-2.0
"""Blooming and smear: charge of burnt-out places that runs along the columns of a CCD."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from anprgen.degradations.stage import Context, Image, Kind, Stage
from anprgen.distributions import Choice, LogUniform
from anprgen.parameters import drawn


@dataclass(frozen=True)
class Blooming(Stage):
    """Charge above the full well fills the wells above and below; smear is left by the read-out.

    A share of the excess runs over, half up and half down; drains take more of it with every
    pixel, and a pixel takes what its well has room for. Smear adds a share of its column's mean
    light to every pixel. Both see the rendered window only: light outside it spills nothing in.
    """

    name: ClassVar[str] = "blooming"
    kind: ClassVar[Kind] = Kind.SENSOR
    order: ClassVar[int] = 7

    spill: float = drawn(
        Choice([(0.0, 0.95), (LogUniform(0.02, 0.5), 0.05)]),
        "share of the light above the full well that runs over",
        high=1,
    )
    drain_px: float = drawn(
        LogUniform(3, 40), "way after which drains have taken 63 % of it", low=0.1, high=10000
    )
    smear: float = drawn(
        Choice([(0.0, 0.97), (LogUniform(0.0003, 0.01), 0.03)]),
        "share of a column's mean light that every pixel of it gets",
        high=1,
    )

    def pixels(self, image: Image, ctx: Context) -> Image:
        out = image
        if self.spill > 0 and float(image.max()) > 1:
            out = image.copy()
            excess = np.float32(self.spill / 2) * np.maximum(image - 1, 0)
            keep = np.float32(math.exp(-1 / self.drain_px))
            for rows in (range(len(image)), range(len(image) - 1, -1, -1)):
                carry = np.zeros_like(image[0])
                for y in rows:
                    carry *= keep
                    taken = np.clip(1 - out[y], 0, carry)
                    out[y] += taken
                    carry += excess[y] - taken
        if self.smear > 0:
            out = out + np.float32(self.smear) * image.mean(0, keepdims=True)
        return out
