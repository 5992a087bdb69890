# SPDX-License-Identifier: Apache-2.0
"""Light that changes in a sequence, and how automatic exposure and white balance follow it.

The light's logarithm is a sum of ramps; the camera follows it as a low-pass of the first order
does, in closed form: nothing is measured in pictures, so any frame can be made alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from anprgen.clips.clip import Clip
from anprgen.light import Light

#: Of the light of lamps a cloud takes nothing.
_OWN_LIGHT = ("headlamp", "infrared", "neon", "street")


@dataclass(frozen=True)
class Ramp:
    """From 0 at `at` (s) to `by` at `at + lasts`, straight."""

    at: float
    lasts: float
    by: float

    def value(self, t: float) -> float:
        """Its value at time t."""
        return self.by * min(max((t - self.at) / self.lasts, 0.0), 1.0)

    def followed(self, t: float, lag: float) -> float:
        """What a low-pass with the time constant `lag` makes of it.

        An endless ramp of slope 1 is answered with x - lag (1 - exp(-x / lag)).
        """

        def answer(x: float) -> float:
            return x - lag * (1 - math.exp(-x / lag)) if x > 0 else 0.0

        x = t - self.at
        return self.by * (answer(x) - answer(x - self.lasts)) / self.lasts


@dataclass(frozen=True)
class LightPath:
    """The light of a sequence against that of its shot: log2 of its level, and of blue over red."""

    level: tuple[Ramp, ...]
    blue: tuple[Ramp, ...]
    exposure_lag_s: float
    balance_lag_s: float

    @classmethod
    def of(cls, clip: Clip, light: Light, clip_s: float) -> LightPath:
        """A shadow that comes and goes, where the light comes from afar."""
        level: tuple[Ramp, ...] = ()
        blue: tuple[Ramp, ...] = ()
        if clip.shade > 0 and light.kind not in _OWN_LIGHT:
            at, takes = clip.shade_at * clip_s, clip.shade_s
            leaves = at + takes + clip.shade_stay_s
            level, blue = (
                (Ramp(at, takes, by), Ramp(leaves, takes, -by))
                for by in (math.log2(1 - clip.shade), clip.shade_blue)
            )
        return cls(level, blue, clip.exposure_lag_s, clip.balance_lag_s)

    def gain(self, t: float) -> tuple[float, float, float]:
        """Factors of red, green and blue at time t."""
        level = 2 ** sum(r.value(t) for r in self.level)
        tilt = 2 ** (sum(r.value(t) for r in self.blue) / 2)
        return level / tilt, level, level * tilt

    def exposure(self, t: float) -> float:
        """The factor with which automatic exposure answers."""
        return float(2 ** -sum(r.followed(t, self.exposure_lag_s) for r in self.level))

    def balance(self, t: float) -> tuple[float, float, float]:
        """The light's colour, against its shot's, as automatic white balance believes it."""
        tilt = 2 ** (sum(r.followed(t, self.balance_lag_s) for r in self.blue) / 2)
        return 1 / tilt, 1.0, tilt
