# SPDX-License-Identifier: Apache-2.0
"""Time of day and weather by name: each sets light, and what follows from it, together.

A name stands for distributions by path, laid under the user's own as those of a task are: every
number is still that of (seed, index, path), and any path can be overridden.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from anprgen.distributions import Choice, Constant, Distribution, LogUniform, Normal, Uniform

_Sets = Mapping[str, Distribution]


@dataclass(frozen=True)
class Conditions:
    """One time of day and weather: the kind of its light, how often it is drawn, what it sets."""

    kind: str
    weight: float
    sets: _Sets

    def overrides(self) -> dict[str, Distribution]:
        """Distributions by path, the kind of light with them."""
        return {"light.kind": Constant(self.kind), **self.sets}


def _shade(none: float, leaves: float, edge: float, post: float, bars: float) -> Choice:
    words = {"none": none, "leaves": leaves, "edge": edge, "post": post, "bars": bars}
    return Choice(words)


def _sun(low: float, high: float, size: tuple[float, float], **more: Distribution) -> _Sets:
    """A sun between two heights (degrees), of a diameter between two more."""
    sets: dict[str, Distribution] = {
        "light.sun_elevation_deg": Uniform(low, high),
        "light.sun_size_deg": LogUniform(*size),
    }
    return {**sets, **{f"light.{name}": d for name, d in more.items()}}


#: Few photons: what a camera that is not linked to the light makes of them.
_DIM: _Sets = {"camera.sensor.white_e": LogUniform(400, 6000)}
#: A lamp somewhere outside the picture that shines into the lens.
_STRAY: _Sets = {
    "camera.glare.bloom": Choice([(0.0, 0.25), (LogUniform(0.004, 0.05), 0.75)]),
    "camera.flare.strength": Choice([(0.0, 0.85), (LogUniform(0.05, 0.4), 0.15)]),
}
_ONCOMING: _Sets = {"light.oncoming": Choice([(0.0, 0.7), (LogUniform(8, 150), 0.3)])}
_PLATE_LAMPS = Choice([(0.0, 0.55), (LogUniform(0.15, 2.5), 0.45)])


def _lamps(off: float, position: float, dipped: float, level: tuple[float, float]) -> _Sets:
    """What of vehicles' lamps is lit, and how bright a tail lamp is against a lit white sheet."""
    words = {"off": off, "position": position, "dipped": dipped}
    return {"vehicle.lamps": Choice(words), "light.lamp_level": LogUniform(*level)}


#: Brake lamps in traffic that stands, at night.
_STOPPED: _Sets = {"vehicle.braking": Choice({"no": 0.75, "yes": 0.25})}
_BRAKE = Choice([(0.0, 0.85), (LogUniform(0.08, 0.8), 0.15)])

#: Sun heights, colours and shares: docs/light.md says what they stand for.
CONDITIONS: Mapping[str, Conditions] = {
    "environment": Conditions("hdri", 0.45, {}),
    "dawn": Conditions("sun", 0.02, {
        **_sun(1, 7, (1.0, 6), sky_share=LogUniform(0.3, 0.7), sky_blue=Uniform(0.2, 0.8),
               haze=Uniform(0.3, 0.9), shade=_shade(0.72, 0.1, 0.12, 0.04, 0.02),
               level=LogUniform(0.03, 0.2)),
        "camera.glare.veil": Choice([(0.0, 0.4), (LogUniform(0.005, 0.06), 0.6)]),
        **_lamps(0.4, 0.2, 0.4, (0.4, 1.6)),
    }),
    "noon": Conditions("sun", 0.08, _sun(
        50, 85, (0.53, 1.5), sky_share=LogUniform(0.08, 0.3), sky_blue=Uniform(0.3, 1),
        haze=Uniform(0, 0.35), shade=_shade(0.84, 0.09, 0.05, 0.01, 0.01))),
    "afternoon": Conditions("sun", 0.12, _sun(
        18, 50, (0.53, 2.5), sky_share=LogUniform(0.08, 0.45), sky_blue=Uniform(0.2, 1),
        haze=Uniform(0, 0.5), shade=_shade(0.76, 0.11, 0.08, 0.03, 0.02))),
    "golden_hour": Conditions("sun", 0.06, _sun(
        4, 18, (0.53, 2.5), sky_share=LogUniform(0.12, 0.5), sky_blue=Uniform(0.1, 0.8),
        haze=Uniform(0.1, 0.6), shade=_shade(0.62, 0.12, 0.16, 0.06, 0.04),
        level=LogUniform(0.15, 0.5))),
    "overcast": Conditions("overcast", 0.11, {
        "light.temperature_k": LogUniform(5500, 8000), "light.haze": Uniform(0.1, 0.6),
        **_lamps(0.8, 0.1, 0.1, (0.25, 0.9)),
    }),
    "rain": Conditions("overcast", 0.025, {
        "light.temperature_k": LogUniform(6200, 9500), "light.haze": Uniform(0.4, 1),
        "light.gradient": Uniform(-0.2, 0.4), "light.level": LogUniform(0.1, 0.5),
        "vehicle.ground": LogUniform(0.03, 0.12),
        "camera.colour.saturation": Normal(0.88, 0.14, 0.45, 1.3),
        "camera.weather.effect": Choice({"none": 0.75, "rain": 0.25}),
        "camera.lens_rain.density": Choice([(0.0, 0.85), (LogUniform(0.05, 0.6), 0.15)]),
        **_lamps(0.45, 0.15, 0.4, (0.4, 1.5)),
    }),
    "dusk": Conditions("overcast", 0.015, {
        **_DIM, "light.temperature_k": LogUniform(7500, 15000), "light.haze": Uniform(0.2, 0.8),
        "light.gradient": Uniform(-2.5, -0.4), "light.level": LogUniform(0.002, 0.03),
        "light.plate_lamps": Choice([(0.0, 0.6), (LogUniform(0.1, 1), 0.4)]),
        "light.brake_lamps": _BRAKE, **_ONCOMING, **_STOPPED,
        **_lamps(0.14, 0.2, 0.66, (1.0, 5.0)),
    }),
    "street_lamps": Conditions("street", 0.03, {
        **_DIM, **_STRAY, **_ONCOMING,
        # Half of the world's street lamps are sodium, the others LED (4000 K and less by now).
        "light.temperature_k": Choice(
            [(LogUniform(1900, 2200), 0.45), (LogUniform(2700, 5500), 0.55)]
        ),
        "light.ambient": LogUniform(0.1, 0.8), "light.ambient_k": LogUniform(2000, 5000),
        "light.overhead_above_mm": Uniform(3500, 8000),
        "light.overhead_front_mm": Uniform(-500, 7000),
        "light.overhead_right_mm": Normal(0, 3500, -9000, 9000),
        "light.plate_lamps": _PLATE_LAMPS, "light.brake_lamps": _BRAKE,
        "light.shade": _shade(0.88, 0.06, 0.04, 0.01, 0.01),
        **_STOPPED, **_lamps(0.32, 0.16, 0.52, (1.5, 7.0)),
    }),
    "car_park": Conditions("neon", 0.03, {
        "camera.sensor.white_e": LogUniform(700, 12000),
        "light.temperature_k": LogUniform(3600, 6500),
        "light.green": Normal(0.14, 0.12, -0.05, 0.5),
        "light.ambient": LogUniform(0.5, 3), "light.ambient_k": LogUniform(3600, 6000),
        "light.plate_lamps": Choice([(0.0, 0.85), (LogUniform(0.1, 0.8), 0.15)]),
        "light.brake_lamps": _BRAKE,
        "camera.flicker.depth": Choice([(0.0, 0.55), (LogUniform(0.03, 0.4), 0.45)]),
        **_STOPPED, **_lamps(0.55, 0.1, 0.35, (0.8, 4.0)),
    }),
    "headlamp": Conditions("headlamp", 0.025, {
        **_STRAY, "light.ambient": LogUniform(0.01, 0.3), "light.ambient_k": LogUniform(2000, 6000),
        "light.temperature_k": Choice(
            [(LogUniform(2800, 3400), 0.5), (LogUniform(4500, 6500), 0.5)]
        ),
        "light.plate_lamps": Choice([(0.0, 0.6), (LogUniform(0.1, 1), 0.4)]),
        "light.brake_lamps": _BRAKE, **_ONCOMING, **_STOPPED,
        **_lamps(0.3, 0.2, 0.5, (1.5, 7.0)),
    }),
    "flash": Conditions("headlamp", 0.015, {
        "light.ambient": LogUniform(0.004, 0.06), "light.temperature_k": LogUniform(5000, 6500),
        "light.lamp_right_mm": Normal(0, 60, -250, 250),
        "light.lamp_above_mm": Normal(40, 60, -250, 250),
        "light.lamp_size_mm": LogUniform(6, 60),
        **_lamps(0.8, 0.1, 0.1, (0.5, 2.0)),
    }),
    "infrared": Conditions("infrared", 0.02, {
        "light.ambient": LogUniform(0.004, 0.12),
        # A bulb's light is mostly infrared, a diode's not at all.
        **_lamps(0.45, 0.15, 0.4, (0.1, 4.0)),
        "light.lamp_right_mm": Normal(0, 90, -400, 400),
        "light.lamp_above_mm": Normal(0, 90, -400, 400),
    }),
}  # fmt: skip


#: Conditions under which most people take photographs.
BY_DAY = ("environment", "dawn", "noon", "afternoon", "golden_hour", "overcast", "rain")


def kinds() -> dict[str, float]:
    """Kinds of light with their weights, in the order in which they are declared."""
    found: dict[str, float] = {}
    for one in CONDITIONS.values():
        found[one.kind] = round(found.get(one.kind, 0.0) + one.weight, 9)
    return found


def weights(kind: str | None = None) -> dict[str, float]:
    """Weights of all conditions, or of those with one kind of light."""
    return {n: c.weight for n, c in CONDITIONS.items() if kind in (None, c.kind)}
