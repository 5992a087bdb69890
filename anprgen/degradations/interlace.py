# SPDX-License-Identifier: Apache-2.0
"""Interlaced video: even and odd lines are taken at two moments."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from anprgen.degradations.interpolate import TAPS_PX
from anprgen.degradations.stage import Context, Image, Kind, Stage, clipped
from anprgen.degradations.temporal import along_motion
from anprgen.distributions import Choice, Quantiles
from anprgen.parameters import drawn


@dataclass(frozen=True)
class Interlace(Stage):
    """Two fields, half of `shift_px` before and after the labels' moment.

    Labels belong to the middle between the fields (weave: combs; blend: a double picture), or to
    the one field that is shown with its lines doubled (bob). Lines are counted in the frame.
    """

    name: ClassVar[str] = "interlace"
    kind: ClassVar[Kind] = Kind.DISPLAY
    order: ClassVar[int] = 80

    shift_px: float = drawn(
        Choice([(0.0, 0.98), (Quantiles(((0, 0.3), (0.6, 1.5), (1, 5))), 0.02)]),
        "way between the two fields, sensor px; 0: progressive",
        high=100,
    )
    first: str = drawn(Choice({"top": 0.6, "bottom": 0.4}), "field that is taken first")
    deinterlace: str = drawn(
        Choice({"weave": 0.6, "bob": 0.25, "blend": 0.15}), "how the fields are put together"
    )

    def pixels(self, image: Image, ctx: Context) -> Image:
        import cv2

        if self.shift_px <= 0:
            return image
        first = (ctx.working.y0 + (self.first == "bottom")) % 2  # row of the picture, 0 or 1
        if self.deinterlace == "bob":
            lines = image[first::2]
            rows = (np.arange(len(image), dtype=np.float32) - first) / 2
            x = np.arange(image.shape[1], dtype=np.float32)
            at = np.broadcast_to(x, (len(rows), len(x))), np.repeat(rows[:, None], len(x), 1)
            return np.asarray(
                cv2.remap(lines, at[0].copy(), at[1], cv2.INTER_LINEAR,
                          borderMode=cv2.BORDER_REPLICATE)
            )  # fmt: skip
        dx, dy = along_motion(ctx, self.shift_px / 2)
        before, after = _moved(image, -dx, -dy), _moved(image, dx, dy)
        if self.deinterlace == "blend":
            return np.asarray((before + after) / 2)
        after[first::2] = before[first::2]
        return after

    def reach(self) -> float:
        return 0.0 if self.shift_px <= 0 else math.ceil(self.shift_px / 2) + TAPS_PX


def _moved(image: Image, dx: float, dy: float) -> Image:
    """The picture moved by a part of a pixel or more (Catmull-Rom), its border repeated."""
    import cv2

    out = cv2.sepFilter2D(image, -1, _shift(dx), _shift(dy), borderType=cv2.BORDER_REPLICATE)
    return clipped(out)


def _shift(by: float) -> Image:
    """A filter that moves by `by` px and lets ramps pass unbent, for `cv2.sepFilter2D`."""
    whole = math.floor(-by)  # the filter correlates: it reads from where the light comes
    t = -by - whole
    radius = max(abs(whole - 1), abs(whole + 2))
    k = np.zeros(2 * radius + 1, np.float32)
    k[whole - 1 + radius : whole + 3 + radius] = (
        -0.5 * t + t**2 - 0.5 * t**3,
        1 - 2.5 * t**2 + 1.5 * t**3,
        0.5 * t + 2 * t**2 - 1.5 * t**3,
        -0.5 * t**2 + 0.5 * t**3,
    )
    return k
