# SPDX-License-Identifier: Apache-2.0
"""Framing: cuts the crop out of the sensor's picture and brings it to the output size."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from anprgen.degradations.interpolate import TAPS_PX, half_pixels
from anprgen.degradations.stage import Context, Image, Kind, Stage, clipped
from anprgen.distributions import Choice
from anprgen.errors import RenderError
from anprgen.geometry import Points, rectangle
from anprgen.parameters import drawn


@dataclass(frozen=True)
class Framing(Stage):
    """One affine step: the crop's rotation, place and size, to output px.

    `Context.crop` turns clockwise for a positive rotation: its x axis points to (cos, sin) in
    sensor px, so an upright plate comes out turned anticlockwise.
    """

    name: ClassVar[str] = "framing"
    kind: ClassVar[Kind] = Kind.FRAMING
    order: ClassVar[int] = 10

    interpolation: str = drawn(
        Choice({"cubic": 0.6, "linear": 0.4}), "when the crop is turned or resized"
    )

    def matrix(self, ctx: Context) -> Points:
        """2x3: sensor px -> output px."""
        cx, cy, width, height, turn = ctx.crop
        c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))
        sx, sy = ctx.output_px[0] / width, ctx.output_px[1] / height
        linear = np.array([[c * sx, s * sx], [-s * sy, c * sy]])
        offset = np.array(ctx.output_px) / 2 - linear @ (cx, cy)
        return np.concatenate([linear, offset[:, None]], 1)

    def picture_size(self, px: tuple[int, int], ctx: Context) -> tuple[int, int]:
        return ctx.output_px

    def points(self, px: Points, ctx: Context) -> Points:
        m = self.matrix(ctx)
        return np.asarray(px @ m[:, :2].T + m[:, 2])

    def pixels(self, image: Image, ctx: Context) -> Image:
        import cv2

        width, height = ctx.output_px
        m = self.matrix(ctx)
        (a, b), (c, d) = m[:, :2]
        inverse = np.array([[d, -b], [-c, a]]) / (a * d - b * c)  # LAPACK takes milliseconds
        corners = (rectangle(width, height) - m[:, 2]) @ inverse.T  # sensor px
        w = ctx.window
        if (corners < np.array([w.x0, w.y0]) - 0.01).any() or (
            corners > np.array([w.x0 + w.width, w.y0 + w.height]) + 0.01
        ).any():
            raise RenderError(
                f"the crop {ctx.crop} leaves the sensor window {w}",
                hint="make the window enclose the turned crop",
            )
        origin = np.array([ctx.working.x0, ctx.working.y0], np.float64)
        first = corners[0] - origin
        if np.abs(m[:, :2] - np.eye(2)).max() < 1e-9 and np.abs(first - first.round()).max() < 1e-6:
            x, y = (int(round(v)) for v in first)
            return np.ascontiguousarray(image[y : y + height, x : x + width])
        shrink = abs(a * d - b * c) ** -0.5
        if shrink > 1.15:  # or fine lines would alias
            image = cv2.GaussianBlur(image, (0, 0), 0.5 * math.sqrt(shrink**2 - 1))
        # OpenCV's centres are integers: output px p has its centre at p + 0.5 in our frame.
        back = np.concatenate([inverse, (inverse @ (0.5 - m[:, 2]) - origin - 0.5)[:, None]], 1)
        if self.interpolation == "cubic":
            image, back = half_pixels(image), 2 * back
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        out = cv2.warpAffine(
            image, back, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE
        )
        return clipped(out)

    def reach(self) -> float:
        return TAPS_PX
