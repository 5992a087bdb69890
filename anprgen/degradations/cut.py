# SPDX-License-Identifier: Apache-2.0
"""A part of the crop is missing: detectors cut plates, and frames end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from anprgen.degradations.stage import Context, Image, Kind, Stage
from anprgen.distributions import Choice, Uniform
from anprgen.geometry import Points
from anprgen.parameters import drawn


@dataclass(frozen=True)
class Cut(Stage):
    """Takes whole px off one side of the crop. Labels tell what is left: truncated, visible."""

    name: ClassVar[str] = "cut"
    kind: ClassVar[Kind] = Kind.FRAMING
    order: ClassVar[int] = 15

    share: float = drawn(
        Choice([(0.0, 0.98), (Uniform(0.05, 0.3), 0.02)]), "of the crop's side that is cut off",
        high=0.8,
    )  # fmt: skip
    side: str = drawn(
        Choice({"left": 0.35, "right": 0.35, "top": 0.15, "bottom": 0.15}), "which side"
    )

    def picture_size(self, px: tuple[int, int], ctx: Context) -> tuple[int, int]:
        left, top, right, bottom = self._off(px, ctx)
        return px[0] - left - right, px[1] - top - bottom

    def points(self, px: Points, ctx: Context) -> Points:
        if self.share == 0:
            return px
        return np.asarray(px - self._off(ctx.size_before(self), ctx)[:2], np.float64)

    def pixels(self, image: Image, ctx: Context) -> Image:
        height, width = image.shape[:2]
        left, top, right, bottom = self._off((width, height), ctx)
        if not any((left, top, right, bottom)):
            return image
        return np.ascontiguousarray(image[top : height - bottom, left : width - right])

    def _off(self, px: tuple[int, int], ctx: Context) -> tuple[int, int, int, int]:
        """Px that go on the left, top, right and bottom; whole ones at the photograph's scale."""
        sides = ("left", "top", "right", "bottom")
        of = px[sides.index(self.side) % 2] // ctx.finer
        off = 0 if ctx.whole_frame else min(round(self.share * of), max(0, of - 8)) * ctx.finer
        left, top, right, bottom = (off * (self.side == s) for s in sides)
        return left, top, right, bottom
