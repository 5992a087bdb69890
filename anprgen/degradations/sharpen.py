# SPDX-License-Identifier: Apache-2.0
"""In-camera sharpening: unsharp masking with its halos."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from anprgen.degradations.stage import Context, Image, Kind, Stage, clipped, luminance
from anprgen.distributions import Choice, LogUniform, Quantiles
from anprgen.parameters import drawn


@dataclass(frozen=True)
class Sharpen(Stage):
    """Adds `amount` times the difference between lightness and its blur to all three colours."""

    name: ClassVar[str] = "sharpen"
    kind: ClassVar[Kind] = Kind.PROCESSING
    order: ClassVar[int] = 40

    amount: float = drawn(
        Choice([(0.0, 0.25), (Quantiles(((0, 0.1), (0.5, 0.55), (0.85, 1.1), (1, 1.8))), 0.75)]),
        "strength; above 1 halos are plain to see",
        high=10,
    )
    radius_px: float = drawn(
        LogUniform(0.6, 1.6), "standard deviation of the blur: the halo", low=0.1, high=20
    )

    def pixels(self, image: Image, ctx: Context) -> Image:
        import cv2
        import numpy as np

        if self.amount <= 0:
            return image
        y = luminance(image)
        n = 2 * int(self.reach()) + 1
        detail = (y - cv2.GaussianBlur(y, (n, n), self.radius_px)) * np.float32(self.amount)
        return clipped(cv2.add(image, cv2.merge([detail] * 3)))

    def reach(self) -> float:
        return 0.0 if self.amount <= 0 else float(math.ceil(2 * self.radius_px))
