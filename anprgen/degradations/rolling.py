# SPDX-License-Identifier: Apache-2.0
"""Rolling shutter: rows are read one after another, and what moves meanwhile is skewed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from anprgen.degradations.interpolate import TAPS_PX, half_pixels
from anprgen.degradations.stage import Context, Image, Kind, OpticalAxis, Stage, not_negative
from anprgen.distributions import Constant
from anprgen.geometry import Points, Window, bounds, rectangle
from anprgen.parameters import drawn

_MOST = 0.5  # px a row: faster things would be read twice or not at all


@dataclass(frozen=True)
class Rolling(Stage):
    """The picture moves at one speed while its rows are read from top to bottom.

    A point that is at (x, y) when row `y0` is read, the labels' moment, is recorded in row
    y' = y0 + (y - y0) / (1 - b), where b is the way downwards while one row is read, and sideways
    by as much as it moves until then: the model of C.-K. Liang, L.-W. Chang, H. H. Chen,
    "Analysis and compensation of rolling shutter effect" (2008) for a constant velocity. All of
    the picture moves like the plate; what stands still behind a vehicle is skewed with it. Speeds
    are relative to the frame's height, so that a picture of any size is skewed alike.
    """

    name: ClassVar[str] = "rolling"
    kind: ClassVar[Kind] = Kind.OPTICS
    order: ClassVar[int] = 10

    readout_s: float = drawn(
        Constant(0.0), "time from the first row's reading to the last's; 0: all at once", high=1
    )
    right_heights_s: float = drawn(
        Constant(0.0), "way to the right a second, of the frame's height", low=-1e4, high=1e4
    )
    down_heights_s: float = drawn(
        Constant(0.0), "way downwards a second, of the frame's height", low=-1e4, high=1e4
    )
    row: float = drawn(
        Constant(0.5), "row that is read at the labels' moment, of the frame's height", high=1
    )

    def moves(self) -> bool:
        """Whether anything is skewed."""
        return self.readout_s > 0 and (self.right_heights_s, self.down_heights_s) != (0, 0)

    def forward(self, px: Points, axis: OpticalAxis) -> Points:
        """Sensor px (n, 2) at one moment -> where they are recorded."""
        a, b, y0 = self._skew(axis)
        down = (px[:, 1] - y0) / (1 - b)
        return np.stack([px[:, 0] + a * down, y0 + down], 1)

    def inverse(self, px: Points, axis: OpticalAxis) -> Points:
        """Recorded sensor px (n, 2) -> where they are at the labels' moment."""
        a, b, y0 = self._skew(axis)
        down = px[:, 1] - y0
        return np.stack([px[:, 0] - a * down, y0 + (1 - b) * down], 1)

    def points(self, px: Points, ctx: Context) -> Points:
        return self.forward(px, ctx) if self.moves() else px

    def needs(self, window: Window, axis: OpticalAxis) -> Window:
        if not self.moves():
            return window
        corners = rectangle(window.width, window.height) + (window.x0, window.y0)
        x0, y0, x1, y1 = bounds(self.inverse(corners, axis))
        left, top = math.floor(x0 - TAPS_PX), math.floor(y0 - TAPS_PX)
        return Window(left, top, math.ceil(x1 + TAPS_PX) - left, math.ceil(y1 + TAPS_PX) - top)

    def pixels(self, image: Image, ctx: Context) -> Image:
        import cv2

        if not self.moves():
            return image
        to, of = ctx.working, self.needs(ctx.working, ctx)
        a, b, y0 = self._skew(ctx)
        # OpenCV's px p of `to` has its centre at p + 0.5 in our frame: back to px of `of`.
        first = np.array([[to.x0 + 0.5, to.y0 + 0.5]])
        x, y = self.inverse(first, ctx)[0] - (of.x0 + 0.5, of.y0 + 0.5)
        back = np.array([[1, -a, x], [0, 1 - b, y]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        out = cv2.warpAffine(half_pixels(image), 2 * back, (to.width, to.height), flags=flags)
        return not_negative(out)  # interpolation swings below 0 beside a lamp

    def _skew(self, axis: OpticalAxis) -> tuple[float, float, float]:
        """Way sideways and downwards while one row is read, px, and the labels' row."""
        a, b = (
            min(max(heights_s * self.readout_s, -_MOST), _MOST)  # h / s over (rows / s = h / T)
            for heights_s in (self.right_heights_s, self.down_heights_s)
        )
        return a, b, self.row * 2 * axis.cy
