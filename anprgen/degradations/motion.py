# SPDX-License-Identifier: Apache-2.0
"""Motion blur over the exposure, on linear light; labels belong to the middle of the exposure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from anprgen.degradations.stage import Context, Image, Kind, Stage
from anprgen.distributions import Choice, Normal, Quantiles, Uniform
from anprgen.geometry import Points
from anprgen.parameters import drawn


@dataclass(frozen=True)
class Motion(Stage):
    """The plate travels `length_px` while the shutter is open; a hand's shake bends the way."""

    name: ClassVar[str] = "motion"
    kind: ClassVar[Kind] = Kind.LIGHT
    order: ClassVar[int] = 20

    length_px: float = drawn(
        Choice(
            [(0.0, 0.5), (Quantiles(((0, 0.3), (0.6, 1.0), (0.88, 2.0), (0.97, 3.2), (1, 6))), 0.5)]
        ),
        "way during the exposure, sensor px",
        high=200,
    )
    angle_deg: float = drawn(
        Choice([(Normal(0, 10, -35, 35), 0.7), (Uniform(-90, 90), 0.3)]),
        "direction of the way, clockwise from right",
    )
    shake: float = drawn(Normal(0, 0.22, -0.6, 0.6), "bow of the way, of its length", high=2)

    def path(self) -> Points:
        """The way at equal times, (n, 2) px about its mean."""
        n = max(9, 8 * math.ceil(self.length_px) + 1)
        t = (np.arange(n) + 0.5) / n - 0.5
        along, across = t * self.length_px, self.shake * self.length_px * (0.5 - 2 * t * t)
        a = math.radians(self.angle_deg)
        way = np.stack(
            [
                along * math.cos(a) - across * math.sin(a),
                along * math.sin(a) + across * math.cos(a),
            ],
            1,
        )
        return np.asarray(way - way.mean(0), np.float64)

    def kernel(self) -> Image | None:
        """What a point becomes, odd-sized, sum 1, its centroid exactly the middle; or None."""
        if self.length_px < 0.3:
            return None
        way, radius = self.path(), int(self.reach())
        n = 2 * radius + 1
        whole = np.floor(way).astype(int)
        (fx, fy), (ix, iy) = (way - whole).T, (whole + radius).T
        k = np.zeros(n * n)
        # Bilinear weights keep the centroid of every splat, hence of the sum.
        for dx, dy, weight in (
            (0, 0, (1 - fx) * (1 - fy)),
            (1, 0, fx * (1 - fy)),
            (0, 1, (1 - fx) * fy),
            (1, 1, fx * fy),
        ):
            k = k + np.bincount((iy + dy) * n + ix + dx, weight, n * n)
        return np.asarray(k.reshape(n, n) / len(way))

    def pixels(self, image: Image, ctx: Context) -> Image:
        import cv2

        k = self.kernel()
        if k is None:
            return image
        # filter2D correlates; a point must become the kernel, not its mirror image.
        k = np.ascontiguousarray(k[::-1, ::-1], np.float32)
        return np.asarray(cv2.filter2D(image, -1, k, borderType=cv2.BORDER_REFLECT_101))

    def reach(self) -> float:
        if self.length_px < 0.3:
            return 0.0
        return float(math.floor(np.abs(self.path()).max()) + 1)
