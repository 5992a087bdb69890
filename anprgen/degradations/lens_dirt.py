# SPDX-License-Identifier: Apache-2.0
"""A dirty lens: dust and smears on the glass, far out of focus."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from anprgen.degradations.spots import spots
from anprgen.degradations.stage import Context, Image, Kind, Stage
from anprgen.distributions import Choice, LogUniform, Uniform
from anprgen.parameters import drawn


@dataclass(frozen=True)
class LensDirt(Stage):
    """Soft blots, each of which takes light and spreads some of it as a veil.

    A speck of dust lies within the lens's aperture, so it dims a wide soft disc and hides
    nothing. Blots lie all over the frame, whatever part of it is photographed.
    """

    name: ClassVar[str] = "lens_dirt"
    kind: ClassVar[Kind] = Kind.LIGHT
    order: ClassVar[int] = 42

    density: float = drawn(
        Choice([(0.0, 0.94), (LogUniform(0.1, 1.0), 0.06)]), "share of the lens that is covered",
        high=5,
    )  # fmt: skip
    size: float = drawn(
        LogUniform(0.01, 0.06), "radius of a blot, of the frame's width", low=0.002, high=1
    )
    opacity: float = drawn(Uniform(0.1, 0.5), "light that the middle of a blot takes", high=1)
    scatter: float = drawn(Uniform(0.2, 0.8), "share of it that becomes a veil", high=1)

    def pixels(self, image: Image, ctx: Context) -> Image:
        import cv2

        if self.density <= 0:
            return image
        blots = spots(ctx, "camera.lens_dirt", self.density, self.size * ctx.frame_width_px, 0.6)
        taken = np.float32(self.opacity) * np.minimum(blots, 1)[..., None]
        veil = np.array(cv2.mean(image)[:3], np.float32) * np.float32(self.scatter)
        return np.asarray(image + taken * (veil - image), np.float32)
