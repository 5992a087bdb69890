# SPDX-License-Identifier: Apache-2.0
"""In-camera noise reduction: smears small differences, and colour more than lightness."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from anprgen.degradations.sensor import Sensor
from anprgen.degradations.stage import Context, Image, Kind, Stage, not_negative
from anprgen.distributions import Choice, LogUniform, Uniform
from anprgen.parameters import drawn


@dataclass(frozen=True)
class Denoise(Stage):
    """Bilateral filter on lightness, Gaussian on colour, on the square root of linear light.

    There shot noise has one size everywhere, 1 / (2 sqrt(electrons of white)), so that the
    filter's threshold is a multiple of the sensor's noise: cameras tune it to their gain.
    """

    name: ClassVar[str] = "denoise"
    kind: ClassVar[Kind] = Kind.PROCESSING
    order: ClassVar[int] = 20

    lightness: float = drawn(
        Choice([(0.0, 0.45), (Uniform(0.5, 3.0), 0.43), (Uniform(3.0, 7.0), 0.12)]),
        "threshold of the bilateral filter, in standard deviations of the noise",
        high=30,
    )
    colour_px: float = drawn(
        Choice([(0.0, 0.15), (LogUniform(0.5, 2.5), 0.85)]),
        "standard deviation of the colour blur",
        high=20,
    )

    def pixels(self, image: Image, ctx: Context) -> Image:
        import cv2

        if self.lightness == 0 and self.colour_px == 0:
            return image
        sensor = ctx.stages.get("sensor")
        grey = isinstance(sensor, Sensor) and sensor.is_grey(ctx)
        white_e = sensor.electrons(ctx) if isinstance(sensor, Sensor) else 10000.0
        root = cv2.sqrt(not_negative(image))
        y, cr, cb = cv2.split(cv2.cvtColor(root, cv2.COLOR_RGB2YCrCb))
        if self.lightness > 0:
            y = cv2.bilateralFilter(y, 5, self.lightness * 0.5 / white_e**0.5, 1.5)
        if self.colour_px > 0 and not grey:
            cr, cb = (cv2.GaussianBlur(c, (0, 0), self.colour_px) for c in (cr, cb))
        out = not_negative(cv2.cvtColor(cv2.merge([y, cr, cb]), cv2.COLOR_YCrCb2RGB))
        out *= out
        return out

    def reach(self) -> float:
        return 2.0 if self.lightness > 0 else 0.0
