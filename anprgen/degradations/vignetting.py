# SPDX-License-Identifier: Apache-2.0
"""Vignetting: less light towards the corners of the frame."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from anprgen.degradations.stage import Context, Image, Kind, Stage
from anprgen.distributions import Quantiles
from anprgen.parameters import drawn


@dataclass(frozen=True)
class Vignetting(Stage):
    """Fall-off like the fourth power of the cosine, 1 / (1 + a r^2)^2, over the whole frame."""

    name: ClassVar[str] = "vignetting"
    kind: ClassVar[Kind] = Kind.LIGHT
    order: ClassVar[int] = 30

    corner_loss: float = drawn(
        Quantiles(((0, 0), (0.5, 0.15), (0.9, 0.4), (1, 0.65))),
        "share of the light lost in the frame's corner",
        high=1,
    )

    def pixels(self, image: Image, ctx: Context) -> Image:
        import cv2

        if self.corner_loss <= 0:
            return image
        w = ctx.working
        a = (1 - self.corner_loss) ** -0.5 - 1
        r = math.hypot(ctx.frame_width_px, ctx.frame_height_px) / 2
        x = (np.arange(w.width, dtype=np.float32) + (w.x0 + 0.5 - ctx.cx)) / r
        y = (np.arange(w.height, dtype=np.float32) + (w.y0 + 0.5 - ctx.cy)) / r
        fall = 1 + np.float32(a) * (x * x + (y * y)[:, None])
        left = 1 / (fall * fall)
        return np.asarray(cv2.multiply(image, cv2.merge([left, left, left])))
