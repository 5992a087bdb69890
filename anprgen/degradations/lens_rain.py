# SPDX-License-Identifier: Apache-2.0
"""Rain on the lens: drops that blur what is behind them and gather light from around."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from anprgen.degradations.spots import spots
from anprgen.degradations.stage import Context, Image, Kind, Stage
from anprgen.distributions import Choice, LogUniform, Uniform
from anprgen.parameters import drawn


@dataclass(frozen=True)
class LensRain(Stage):
    """Soft-edged discs in which the picture is blurred and mixed with the mean of the scene.

    A drop is a strong small lens close to the camera's: the part of the aperture that it covers
    sees next to the whole scene at once, the rest sees past it, so labels stay where they are.
    """

    name: ClassVar[str] = "lens_rain"
    kind: ClassVar[Kind] = Kind.LIGHT
    order: ClassVar[int] = 44

    density: float = drawn(
        Choice([(0.0, 0.98), (LogUniform(0.1, 0.8), 0.02)]), "share of the lens that is covered",
        high=5,
    )  # fmt: skip
    size: float = drawn(
        LogUniform(0.01, 0.04), "radius of a drop, of the frame's width", low=0.002, high=1
    )
    blur_px: float = drawn(
        LogUniform(0.8, 4.0), "standard deviation of the blur in a drop, sensor px", high=50
    )
    gather: float = drawn(
        Uniform(0.05, 0.4), "share of the scene's mean light that a drop mixes in", high=1
    )

    def pixels(self, image: Image, ctx: Context) -> Image:
        import cv2

        if self.density <= 0:
            return image
        drops = spots(ctx, "camera.lens_rain", self.density, self.size * ctx.frame_width_px, 0.25)
        drops = np.minimum(drops, 1)[..., None]
        behind = image
        if self.blur_px > 0:
            n = 2 * math.ceil(2.4 * self.blur_px) + 1
            behind = cv2.GaussianBlur(image, (n, n), self.blur_px)
        behind = behind + np.float32(self.gather) * (
            np.array(cv2.mean(image)[:3], np.float32) - behind
        )
        return np.asarray(image + drops * (behind - image), np.float32)

    def reach(self) -> float:
        return 0.0 if self.density <= 0 else float(math.ceil(2.4 * self.blur_px))
