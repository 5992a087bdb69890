# SPDX-License-Identifier: Apache-2.0
"""Motion blur over the exposure, on linear light; labels belong to the middle of the exposure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from anprgen.degradations.stage import Context, Image, Kind, Stage
from anprgen.distributions import Choice, Constant, Normal, Quantiles, Uniform
from anprgen.geometry import Points
from anprgen.parameters import drawn

#: Shake across its axis: of the shake along it, of its frequency, and ahead by so many periods.
_ACROSS, _FASTER, _AHEAD = 0.6, 1.4, 0.31
_MOST_STEPS = 4001


@dataclass(frozen=True)
class Motion(Stage):
    """The plate travels `length_px` while the shutter is open, and the camera shakes.

    The shake is an oscillation in two directions of unlike frequencies (`tremor_turns` periods
    while the shutter is open): a part of a turn for short exposures, hence a nearly straight way,
    a curve with rests and rushes for long ones.
    """

    name: ClassVar[str] = "motion"
    kind: ClassVar[Kind] = Kind.LIGHT
    order: ClassVar[int] = 20

    length_px: float = drawn(
        Choice(
            [(0.0, 0.5), (Quantiles(((0, 0.3), (0.6, 1.0), (0.88, 2.0), (0.97, 3.2), (1, 6))), 0.5)]
        ),
        "way during the exposure, sensor px",
        high=200,
    )
    angle_deg: float = drawn(
        Choice([(Normal(0, 10, -35, 35), 0.7), (Uniform(-90, 90), 0.3)]),
        "direction of the way, clockwise from right",
    )
    shake: float = drawn(Normal(0, 0.22, -0.6, 0.6), "bow of the way, of its length", high=2)

    tremor_px: float = drawn(Constant(0.0), "amplitude of the camera's shake, sensor px", high=2000)
    tremor_turns: float = drawn(Constant(0.0), "periods of the shake during the exposure", high=100)
    tremor_phase: float = drawn(
        Uniform(0, 1), "part of its period that has passed at mid-exposure", high=1
    )
    tremor_axis_deg: float = drawn(
        Uniform(0, 180), "direction of the wider shake, clockwise from right"
    )

    def trembles(self) -> bool:
        """Whether there is any shake worth a kernel."""
        return 2 * math.pi * self.tremor_px * min(self.tremor_turns, 0.3) >= 0.15

    def tremor(self, t: NDArray[np.float64]) -> Points:
        """Where the shake has taken the picture, (n, 2) px; the shutter is open for |t| < 0.5."""
        turn = 2 * math.pi * (self.tremor_turns * t + self.tremor_phase)
        along = self.tremor_px * np.sin(turn)
        across = self.tremor_px * _ACROSS * np.sin(_FASTER * turn + 2 * math.pi * _AHEAD)
        a = math.radians(self.tremor_axis_deg)
        c, s = math.cos(a), math.sin(a)
        return np.stack([along * c - across * s, along * s + across * c], 1)

    def tremor_speed(self) -> Points:
        """Shake at mid-exposure, (2,) px in an exposure's time."""
        before, after = self.tremor(np.array([-1e-4, 1e-4]))
        return np.asarray((after - before) / 2e-4)

    @cached_property
    def path(self) -> Points:
        """The way at equal times, (n, 2) px about its mean."""
        length = self.length_px
        if self.trembles():
            length += 2 * math.pi * self.tremor_px * self.tremor_turns * math.hypot(1, _ACROSS)
        n = min(max(9, 8 * math.ceil(length) + 1), _MOST_STEPS)
        t = (np.arange(n) + 0.5) / n - 0.5
        along, across = t * self.length_px, self.shake * self.length_px * (0.5 - 2 * t * t)
        a = math.radians(self.angle_deg)
        way = np.stack(
            [
                along * math.cos(a) - across * math.sin(a),
                along * math.sin(a) + across * math.cos(a),
            ],
            1,
        )
        if self.trembles():
            way = way + self.tremor(t)
        return np.asarray(way - way.mean(0), np.float64)

    def kernel(self) -> Image | None:
        """What a point becomes, odd-sized, sum 1, its centroid exactly the middle; or None."""
        if self.length_px < 0.3 and not self.trembles():
            return None
        way, radius = self.path, int(self.reach())
        n = 2 * radius + 1
        whole = np.floor(way).astype(int)
        (fx, fy), (ix, iy) = (way - whole).T, (whole + radius).T
        k = np.zeros(n * n)
        # Bilinear weights keep the centroid of every splat, hence of the sum.
        for dx, dy, weight in (
            (0, 0, (1 - fx) * (1 - fy)),
            (1, 0, fx * (1 - fy)),
            (0, 1, (1 - fx) * fy),
            (1, 1, fx * fy),
        ):
            k = k + np.bincount((iy + dy) * n + ix + dx, weight, n * n)
        return np.asarray(k.reshape(n, n) / len(way))

    def pixels(self, image: Image, ctx: Context) -> Image:
        import cv2

        k = self.kernel()
        if k is None:
            return image
        # filter2D correlates; a point must become the kernel, not its mirror image.
        k = np.ascontiguousarray(k[::-1, ::-1], np.float32)
        return np.asarray(cv2.filter2D(image, -1, k, borderType=cv2.BORDER_REFLECT_101))

    def reach(self) -> float:
        if self.length_px < 0.3 and not self.trembles():
            return 0.0
        return float(math.floor(np.abs(self.path).max()) + 1)
