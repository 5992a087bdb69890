# SPDX-License-Identifier: Apache-2.0
"""A vehicle's speed and way in closed form: where it is at any time, from the key time's place.

Speed changes once, along a smooth step; its way bends by a wave, a lane change and a turn. Both are
smooth, so that speed and heading have no jumps.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from anprgen.clips.clip import FASTEST_KMH, Travel
from anprgen.moment import Place

Array = NDArray[np.float64]
_STEP_MM = 50.0
#: Above so much braking, m/s2, the brake lamps are lit.
BRAKING = 0.5


def smooth(u: float) -> float:
    """0 below 0, 1 above 1, 3u^2 - 2u^3 between."""
    u = min(max(u, 0.0), 1.0)
    return u * u * (3 - 2 * u)


def _under(u: float) -> float:
    """The integral of `smooth` from 0 to u."""
    if u <= 0:
        return 0.0
    return u**3 - u**4 / 2 if u < 1 else u - 0.5


@dataclass(frozen=True)
class Speed:
    """Speed over time: `first` mm/s, changed smoothly to `last` from time `at` on within `lasts` s.

    Distances are counted from time `key`.
    """

    first: float
    last: float
    at: float
    lasts: float
    key: float

    @classmethod
    def of(cls, travel: Travel, key_s: float, clip_s: float) -> Speed:
        """The law of a journey in a sequence of `clip_s`."""
        first = travel.speed_kmh * 1e6 / 3600
        last = min(first * travel.change, FASTEST_KMH * 1e6 / 3600)
        return cls.changing(first, last, travel.change_at * clip_s, travel.acceleration, key_s)

    @classmethod
    def changing(cls, first: float, last: float, at: float, most: float, key: float) -> Speed:
        """The law whose largest acceleration is `most` m/s2; a smooth step's slope is 1.5."""
        return cls(first, last, at, max(1.5 * abs(last - first) / (most * 1000), 0.05), key)

    def slowed(self, factor: float) -> Speed:
        """`factor` times as fast all the time."""
        return replace(self, first=self.first * factor, last=self.last * factor)

    def speed(self, t: float) -> float:
        """Speed in mm/s."""
        return self.first + (self.last - self.first) * smooth((t - self.at) / self.lasts)

    def acceleration(self, t: float) -> float:
        """Its slope, mm/s2."""
        u = (t - self.at) / self.lasts
        slope = 6 * u * (1 - u) if 0 < u < 1 else 0.0
        return (self.last - self.first) * slope / self.lasts

    def way(self, t: float) -> float:
        """Distance since the key time, mm."""

        def whole(time: float) -> float:
            changed = self.lasts * _under((time - self.at) / self.lasts)
            return self.first * time + (self.last - self.first) * changed

        return whole(t) - whole(self.key)


@dataclass(frozen=True)
class Course:
    """Where a vehicle is after so much way: a curve of its middle, whose tangent it follows.

    `place` is that of its near end at way 0. `ahead` is 1 where it drives with its far end first
    (its rear faces the camera), -1 where it drives with its near end first, 0 where it stands.
    """

    place: Place
    ahead: int
    length_mm: float
    travel: Travel

    def bend(self, s: Array) -> Array:
        """Heading (radians, anticlockwise) against that at way 0, after ways s (mm)."""
        t = self.travel
        wave = 2 * math.pi / (t.wander_m * 1000)
        # A line that wanders by A to one side and back has the slope A * wave * sine.
        out = t.wander_mm / 2 * wave * np.sin(wave * s)
        if t.turn_deg:
            angle = math.radians(t.turn_deg)
            # The steepest slope of the step is 1.5: there the radius is the least.
            long = 1.5 * abs(angle) * t.turn_radius_m * 1000
            start = _start(t.turn_at_m, long)
            out = out + angle * (_smooth((s - start) / long) - smooth(-start / long))
        if t.change_lane_mm:
            long = t.change_lane_m * 1000
            u = np.clip((s - _start(t.change_lane_at_m, long)) / long, 0, 1)
            out = out + t.change_lane_mm / long * 6 * u * (1 - u)
        return np.asarray(out)

    def at(self, way: float) -> Place:
        """Where it is after `way` mm (before the key time: below 0)."""
        x, y, heading = self.place
        if self.ahead == 0:
            return self.place
        start, half = math.radians(heading), self.length_mm / 2
        # Simpson's rule over the tangent, from way 0.
        n = 2 * max(2, math.ceil(abs(way) / (2 * _STEP_MM)))
        s = np.linspace(0.0, way, n + 1)
        angle = start + self.bend(s)
        weight = np.ones(n + 1)
        weight[1:-1:2], weight[2:-1:2] = 4.0, 2.0
        weight *= way / n / 3 * self.ahead
        # The body stretches from its near end along (-sin, cos) of its heading.
        middle_x = x - math.sin(start) * half - float(weight @ np.sin(angle))
        middle_y = y + math.cos(start) * half + float(weight @ np.cos(angle))
        end = float(angle[-1])
        return (
            middle_x + math.sin(end) * half,
            middle_y - math.cos(end) * half,
            math.degrees(end),
        )


def _start(at_m: float, long_mm: float) -> float:
    """Where a manoeuvre begins that is to begin after the key time's place, or to end before it."""
    return at_m * 1000 if at_m >= 0 else at_m * 1000 - long_mm


def _smooth(u: Array) -> Array:
    u = np.clip(u, 0, 1)
    return np.asarray(u * u * (3 - 2 * u))


@dataclass(frozen=True)
class Journey:
    """A course at a speed: a vehicle's place at any time."""

    course: Course
    speed: Speed

    def at(self, t: float) -> Place:
        """Its place at time t (s)."""
        return self.course.at(self.speed.way(t)) if self.moves else self.course.place

    def speed_kmh(self, t: float) -> float:
        """Its speed at time t."""
        return self.speed.speed(t) * 3600 / 1e6 if self.moves else 0.0

    def brakes(self, t: float) -> bool:
        """Whether its brake lamps are lit: it slows down, or has come to a stop."""
        if not self.moves:
            return False
        stopped = self.speed.last == 0 and t >= self.speed.at + self.speed.lasts
        return stopped or self.speed.acceleration(t) < -BRAKING * 1000

    @property
    def moves(self) -> bool:
        """Whether it ever leaves its place."""
        return self.course.ahead != 0 and max(self.speed.first, self.speed.last) > 0
