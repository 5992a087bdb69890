# SPDX-License-Identifier: Apache-2.0
"""Demosaicing: raw counts to linear RGB."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from anprgen.degradations.sensor import Sensor
from anprgen.degradations.stage import RAW_BLACK, RAW_WHITE, Context, Image, Kind, Stage
from anprgen.distributions import Choice
from anprgen.parameters import drawn

#: OpenCV's name of the mosaic by the parity (y, x) of the window's first pixel in the frame.
_PATTERN = {(0, 0): "RGGB", (0, 1): "GRBG", (1, 0): "GBRG", (1, 1): "BGGR"}

_TENT = np.array([0.5, 1, 0.5], np.float32)  # bilinear interpolation between every other pixel


@dataclass(frozen=True)
class Demosaic(Stage):
    """Fills in the two colours that each pixel does not have. Result: linear RGB, noise below 0."""

    name: ClassVar[str] = "demosaic"
    kind: ClassVar[Kind] = Kind.PROCESSING
    order: ClassVar[int] = 10

    method: str = drawn(
        Choice({"edge": 0.82, "bilinear": 0.18}), "edge: along edges; bilinear: colour fringes"
    )

    def pixels(self, image: Image, ctx: Context) -> Image:
        import cv2

        sensor = ctx.stages.get("sensor")
        if isinstance(sensor, Sensor) and sensor.is_grey(ctx):
            return np.repeat(_linear(image)[..., None], 3, axis=2)
        y, x = ctx.working.y0 & 1, ctx.working.x0 & 1
        if self.method == "bilinear":
            return _linear(cv2.cvtColor(image, getattr(cv2, f"COLOR_Bayer{_PATTERN[y, x]}2RGB")))
        # Green along edges; red and blue as differences from it, which are smooth: interpolated
        # by themselves they leave a zip along every edge.
        found = cv2.cvtColor(image, getattr(cv2, f"COLOR_Bayer{_PATTERN[y, x]}2RGB_EA"))
        green = _linear(found[..., 1])
        difference = _linear(image) - green
        planes = [green, green, green]
        for channel, (j, i) in ((0, (y, x)), (2, (1 - y, 1 - x))):
            sparse = np.zeros_like(green)
            sparse[j::2, i::2] = difference[j::2, i::2]
            planes[channel] = green + cv2.sepFilter2D(sparse, -1, _TENT, _TENT)
        return np.asarray(cv2.merge(planes))

    def reach(self) -> float:
        return 2.0


def _linear(counts: Image) -> Image:
    """Raw counts -> linear light, 1 is a full well."""
    light = counts.astype(np.float32)
    light -= RAW_BLACK
    light /= np.float32(RAW_WHITE - RAW_BLACK)
    return light
