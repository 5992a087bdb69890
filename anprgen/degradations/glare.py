# SPDX-License-Identifier: Apache-2.0
"""Glare: light scattered in the lens, as a bloom around bright places and an even veil."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from anprgen.degradations.stage import Context, Image, Kind, Stage
from anprgen.distributions import Choice, LogUniform, Quantiles
from anprgen.parameters import drawn


@dataclass(frozen=True)
class Glare(Stage):
    """A wide, weak point spread function; it shows where light is far beyond the full well.

    Its tails are wider than any sensible overscan, so it sees the window mirrored at the margin:
    the one filter whose border is not rendered, and it carries a few per cent of the light.
    """

    name: ClassVar[str] = "glare"
    kind: ClassVar[Kind] = Kind.LIGHT
    order: ClassVar[int] = 40

    bloom: float = drawn(
        Choice([(0.0, 0.5), (LogUniform(0.004, 0.03), 0.35), (LogUniform(0.03, 0.15), 0.15)]),
        "share of the bloom's light",
        high=1,
    )
    bloom_px: float = drawn(
        LogUniform(3, 14), "standard deviation of the bloom, sensor px", low=0.1, high=200
    )
    veil: float = drawn(
        Quantiles(((0, 0), (0.6, 0.01), (0.9, 0.05), (1, 0.15))),
        "share of the light spread evenly: fog on the lens, a sun outside the picture",
        high=1,
    )

    def pixels(self, image: Image, ctx: Context) -> Image:
        import cv2

        out = image * np.float32(1 - self.bloom - self.veil)
        if self.bloom > 0:
            height, width = image.shape[:2]
            small = cv2.resize(
                image, (max(8, width // 4), max(8, height // 4)), interpolation=cv2.INTER_AREA
            )
            sigma = self.bloom_px * small.shape[1] / width
            small = cv2.GaussianBlur(small, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
            wide = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
            out += np.float32(self.bloom) * wide
        if self.veil > 0:
            red, green, blue, _ = cv2.mean(image)
            out = cv2.add(out, (self.veil * red, self.veil * green, self.veil * blue, 0.0))
        return np.asarray(out)
