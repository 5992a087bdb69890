# SPDX-License-Identifier: Apache-2.0
"""Flicker: lamps on mains current pulse, and a sensor that reads row by row shows it as bands."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from anprgen.degradations.stage import Context, Image, Kind, Stage
from anprgen.distributions import Choice, LogUniform, Uniform
from anprgen.parameters import drawn

#: Kinds of light that hang on the mains.
_MAINS = ("neon", "street")


@dataclass(frozen=True)
class Flicker(Stage):
    """Light of each row times 1 + depth cos: lamps pulse at twice the mains' frequency.

    Rows are read one after another within `capture.readout_s`: 10 to 30 ms make 1 to 3.6 bands a
    frame at 100 and 120 Hz. Exposures of whole periods (1/100 s) show none of it; short ones do.
    Not by day, and not in the light of a vehicle's or the camera's own lamps.
    """

    name: ClassVar[str] = "flicker"
    kind: ClassVar[Kind] = Kind.SENSOR
    order: ClassVar[int] = 1

    depth: float = drawn(
        Choice([(0.0, 0.8), (LogUniform(0.02, 0.3), 0.2)]), "half the swing of the light", high=1
    )
    bands: float = drawn(LogUniform(0.8, 6), "pulses within one frame's height", high=1000)
    phase: float = drawn(Uniform(0, 1), "of a pulse, at the frame's upper edge", high=1)

    def pixels(self, image: Image, ctx: Context) -> Image:
        if self.depth <= 0 or ctx.light_kind not in _MAINS:
            return image
        rows = (np.arange(len(image)) + (ctx.working.y0 + 0.5)) / ctx.frame_height_px
        wave = 1 + self.depth * np.cos(2 * math.pi * (self.bands * rows + self.phase))
        return np.asarray(image * wave.astype(np.float32)[:, None, None])
