# SPDX-License-Identifier: Apache-2.0
"""Defocus: a point becomes a soft disc, on linear light."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from anprgen.degradations.stage import Context, Image, Kind, Stage
from anprgen.distributions import Normal, Quantiles, Uniform
from anprgen.parameters import drawn

_FINE = 5  # subdivisions of a pixel when the point spread function is sampled


@dataclass(frozen=True)
class Defocus(Stage):
    """A mixture of a disc and a Gaussian of the same width, slightly longer one way."""

    name: ClassVar[str] = "defocus"
    kind: ClassVar[Kind] = Kind.LIGHT
    order: ClassVar[int] = 10

    sigma_px: float = drawn(
        Quantiles(((0, 0), (0.5, 0.2), (0.75, 0.45), (0.9, 0.8), (0.97, 1.15), (1, 1.7))),
        "standard deviation of the point spread function along one axis, sensor px",
        high=30,
    )
    disc: float = drawn(Uniform(0, 1), "share of the disc; the rest is Gaussian", high=1)
    astigmatism: float = drawn(Normal(0, 0.08, -0.25, 0.25), "log of long over mean axis", high=1)
    axis_deg: float = drawn(Uniform(0, 180), "direction of the long axis")

    def kernel(self) -> Image | None:
        """Point spread function, odd-sized, centred, sum 1; None below 0.2 px."""
        if self.sigma_px < 0.2:
            return None
        if self.sigma_px < 0.6:
            return self._three_by_three()
        n = 2 * self._radius() + 1
        # Sampling by pixel areas adds 1/12 px^2 of its own; take it off first.
        sigma = math.sqrt(self.sigma_px**2 - 1 / 12)
        at = (np.arange(n * _FINE) + 0.5) / _FINE - n / 2
        a = math.radians(self.axis_deg)
        u = at[None, :] * math.cos(a) + at[:, None] * math.sin(a)
        v = at[:, None] * math.cos(a) - at[None, :] * math.sin(a)
        stretch = math.exp(self.astigmatism)
        r2 = ((u / stretch) ** 2 + (v * stretch) ** 2) / sigma**2
        gauss, disc = np.exp(-0.5 * r2), (r2 <= 4.0).astype(np.float64)
        fine = (1 - self.disc) * gauss / gauss.sum() + self.disc * disc / max(disc.sum(), 1)
        k = fine.reshape(n, _FINE, n, _FINE).sum((1, 3))
        k = (k + k[::-1, ::-1]) / 2
        return np.asarray(k / k.sum(), np.float32)

    def _three_by_three(self) -> Image:
        """The narrow kernel whose variances are exact; its shape is below a pixel."""
        a = math.radians(self.axis_deg)
        long, short = (self.sigma_px**2 * math.exp(s * 2 * self.astigmatism) for s in (1, -1))
        x = long * math.cos(a) ** 2 + short * math.sin(a) ** 2
        y = long * math.sin(a) ** 2 + short * math.cos(a) ** 2
        return np.outer([y / 2, 1 - y, y / 2], [x / 2, 1 - x, x / 2]).astype(np.float32)

    def pixels(self, image: Image, ctx: Context) -> Image:
        import cv2

        k = self.kernel()
        return image if k is None else cv2.filter2D(image, -1, k, borderType=cv2.BORDER_REFLECT_101)

    def reach(self) -> float:
        return 0.0 if self.sigma_px < 0.2 else float(self._radius())

    def _radius(self) -> int:
        if self.sigma_px < 0.6:
            return 1
        return max(1, math.ceil(2.4 * self.sigma_px * math.exp(abs(self.astigmatism)) - 0.5))
