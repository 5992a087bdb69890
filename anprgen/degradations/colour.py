# SPDX-License-Identifier: Apache-2.0
"""Colour of the finished picture: saturation, or none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from anprgen.degradations.stage import LUMA, Context, Image, Kind, Stage, clipped, luminance
from anprgen.distributions import Choice, Normal
from anprgen.parameters import drawn


@dataclass(frozen=True)
class Colour(Stage):
    """Moves colours away from their grey, or all the way to it."""

    name: ClassVar[str] = "colour"
    kind: ClassVar[Kind] = Kind.PROCESSING
    order: ClassVar[int] = 50

    saturation: float = drawn(Normal(1.0, 0.18, 0.45, 1.6), "1 keeps the colours", high=5)
    grey: bool = drawn(Choice([(False, 0.95), (True, 0.05)]), "the picture was made grey")

    def pixels(self, image: Image, ctx: Context) -> Image:
        import cv2

        if self.grey:
            return np.repeat(luminance(image)[..., None], 3, axis=2)
        # Each colour plus what is missing of it in grey, as one matrix.
        mix = self.saturation * np.eye(3) + (1 - self.saturation) * np.outer(np.ones(3), LUMA)
        return clipped(cv2.transform(image, mix.astype(np.float32)))
