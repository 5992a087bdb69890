# SPDX-License-Identifier: Apache-2.0
"""Sodium lamps: street light in which colours are next to gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from anprgen.degradations.stage import LUMA, Context, Image, Kind, Stage
from anprgen.distributions import Choice, Uniform
from anprgen.parameters import drawn

#: Linear sRGB of high-pressure sodium (CIE 15, illuminant HP1: x 0.533, y 0.415), luminance 1.
_SODIUM = np.array([2.562, 0.637, 0.02])

#: What a surface gives back near 589 nm, from its red and green.
_YELLOW = np.array([0.62, 0.38, 0.0])

#: Kinds of light under which no such lamp shows: sunshine, filters that pass infrared only, and
#: lamps that are rendered in their own colour.
_NOT_IN = ("sun", "infrared", "neon", "street")


@dataclass(frozen=True)
class Sodium(Stage):
    """Light of one yellow line: every colour becomes a shade of it; white balance takes some off.

    Rendered light is white, so a surface's own colour is known; `share` of it is replaced by its
    yellow in the lamp's colour. Not in sunshine and not in infrared light.
    """

    name: ClassVar[str] = "sodium"
    kind: ClassVar[Kind] = Kind.LIGHT
    order: ClassVar[int] = 5

    share: float = drawn(
        Choice([(0.0, 0.98), (Uniform(0.5, 1.0), 0.02)]), "share of the lamps' light", high=1
    )
    adaptation: float = drawn(
        Uniform(0.2, 0.9), "share of the lamp's colour that is balanced away", high=1
    )

    def pixels(self, image: Image, ctx: Context) -> Image:
        import cv2

        if self.share <= 0 or ctx.light_kind in _NOT_IN:
            return image
        cast = _SODIUM ** (1 - self.adaptation)
        cast /= LUMA @ cast
        mix = (1 - self.share) * np.eye(3) + self.share * np.outer(cast, _YELLOW)
        return np.asarray(cv2.transform(image, mix.astype(np.float32)))
