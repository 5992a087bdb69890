# SPDX-License-Identifier: Apache-2.0
"""Local tone mapping: shadows lifted and lights held back, with soft halos around edges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from anprgen.degradations.stage import Context, Image, Kind, Stage, clipped, luminance
from anprgen.distributions import Choice, LogUniform, Uniform
from anprgen.parameters import drawn

_FLOOR = 0.04  # of the display range: deep shadows are not lifted without end


@dataclass(frozen=True)
class LocalTone(Stage):
    """Multiplies by (mean lightness / lightness around a pixel) to the power of `strength`.

    The surround is a Gaussian, as in the "wide dynamic range" of surveillance cameras; wider than
    any sensible overscan, so it sees the window mirrored at the margin.
    """

    name: ClassVar[str] = "local_tone"
    kind: ClassVar[Kind] = Kind.PROCESSING
    order: ClassVar[int] = 35

    strength: float = drawn(
        Choice([(0.0, 0.94), (Uniform(0.15, 0.7), 0.06)]), "0: none; 1: one lightness everywhere",
        high=1,
    )  # fmt: skip
    surround_px: float = drawn(
        LogUniform(6, 40), "standard deviation of the surround, sensor px", low=0.5, high=500
    )

    def pixels(self, image: Image, ctx: Context) -> Image:
        import cv2

        if self.strength <= 0:
            return image
        y = luminance(image)
        height, width = y.shape
        shrink = max(1, min(4, height // 8, int(self.surround_px / 3)))
        size = -(-width // shrink), -(-height // shrink)
        small = cv2.resize(y, size, interpolation=cv2.INTER_AREA)
        sigma = self.surround_px * small.shape[1] / width
        around = cv2.GaussianBlur(small, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
        gain = ((float(y.mean()) + _FLOOR) / (around + _FLOOR)) ** np.float32(self.strength)
        gain = cv2.resize(gain, (width, height), interpolation=cv2.INTER_LINEAR)
        return clipped(image * gain[..., None])
