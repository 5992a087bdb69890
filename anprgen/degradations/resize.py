# SPDX-License-Identifier: Apache-2.0
"""A crop of another size than the plate had on the sensor: enlarged, or stretched."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from anprgen.degradations.resample import kernel
from anprgen.degradations.stage import Context, Image, Kind, Stage, clipped
from anprgen.distributions import Choice, LogUniform, Uniform
from anprgen.geometry import Points
from anprgen.parameters import drawn

_MOST_PX = 4_000_000


@dataclass(frozen=True)
class Resize(Stage):
    """Resizes the crop: `enlarge` times larger, and of another aspect than the plate.

    Digital zoom and pipelines that give every crop one height enlarge small plates; tensors of a
    fixed shape stretch them. Whole frames are left alone.
    """

    name: ClassVar[str] = "resize"
    kind: ClassVar[Kind] = Kind.FRAMING
    order: ClassVar[int] = 30

    enlarge: float = drawn(
        Choice([(1.0, 0.97), (LogUniform(1.3, 3.0), 0.03)]),
        "linear size of the output, of the crop's; below 1 it is shrunk",
        low=0.2,
        high=8,
    )
    stretch: float = drawn(
        Choice([(0.0, 0.97), (Uniform(-0.5, 0.5), 0.03)]),
        "log of the output's aspect over the crop's; above 0 it is wider",
        high=1.5,
    )
    kernel: str = drawn(
        Choice({"linear": 0.45, "cubic": 0.3, "area": 0.1, "lanczos": 0.1, "nearest": 0.05}),
        "how it is resampled",
    )

    def enlargement(self) -> float:
        """How many times higher the crop becomes, 1 where it does not."""
        return max(1.0, self.enlarge * math.exp(-self.stretch / 2))

    def _keeps_size(self) -> bool:
        return self.enlarge == 1 and self.stretch == 0

    def picture_size(self, px: tuple[int, int], ctx: Context) -> tuple[int, int]:
        """Whole px at the photograph's own scale; never so large that it could not be stored."""
        if ctx.whole_frame or self._keeps_size():
            return px
        width, height = (v / ctx.finer for v in px)
        enlarge = min(self.enlarge, math.sqrt(_MOST_PX / (width * height)))
        wide = math.exp(self.stretch / 2)
        sides = max(8, round(width * enlarge * wide)), max(8, round(height * enlarge / wide))
        return sides[0] * ctx.finer, sides[1] * ctx.finer

    def points(self, px: Points, ctx: Context) -> Points:
        if self._keeps_size():
            return px
        before = ctx.size_before(self)
        return np.asarray(px * (np.array(self.picture_size(before, ctx)) / before))

    def pixels(self, image: Image, ctx: Context) -> Image:
        import cv2

        height, width = image.shape[:2]
        size = self.picture_size((width, height), ctx)
        if size == (width, height):
            return image
        # cv2.resize maps corners to corners, as our frame does.
        out = cv2.resize(image, size, interpolation=kernel(self.kernel))
        return clipped(out)
