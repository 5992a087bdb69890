# SPDX-License-Identifier: Apache-2.0
"""The frame's own JPEG: the plate is cut from a picture that was compressed once before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from anprgen.degradations.jpeg import decode, encode
from anprgen.degradations.stage import Context, Image, Kind, Stage
from anprgen.distributions import Choice, Quantiles
from anprgen.parameters import drawn

_BLOCK = 16  # px of a coded unit when colour has half the resolution


@dataclass(frozen=True)
class Recording(Stage):
    """One JPEG generation on the frame's own block grid, before the crop."""

    name: ClassVar[str] = "recording"
    kind: ClassVar[Kind] = Kind.DISPLAY
    order: ClassVar[int] = 90

    quality: int = drawn(
        Choice([(0, 0.3), (Quantiles(((0, 55), (0.1, 70), (0.5, 86), (1, 98))), 0.7)]),
        "JPEG quality of the frame; 0: it was never compressed",
        high=100,
    )

    def pixels(self, image: Image, ctx: Context) -> Image:
        import cv2

        if self.quality <= 0:
            return image
        left, top = ctx.working.x0 % _BLOCK, ctx.working.y0 % _BLOCK
        whole = cv2.copyMakeBorder(image, top, 0, left, 0, cv2.BORDER_REFLECT_101)
        out = decode(encode(whole, round(self.quality), "420"))
        light = out[top:, left:].astype(np.float32)
        light /= np.float32(255)
        return light
