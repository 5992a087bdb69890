# SPDX-License-Identifier: Apache-2.0
"""What is drawn of a sequence: the camera's mount, the light's changes, each vehicle's journey."""

from __future__ import annotations

from dataclasses import dataclass

from anprgen.distributions import Choice, LogUniform, Normal, Uniform
from anprgen.parameters import drawn

#: How a camera is mounted: bolted to a wall, on a mast or in a hand, on a vehicle.
RIGS = Choice({"fixed": 0.5, "shaking": 0.25, "moving": 0.25})
#: Mounts of the cameras that come with anprgen; others are drawn.
RIG_OF = {
    "gate": "fixed",
    "gantry": "fixed",
    "ir": "fixed",
    "pole": "shaking",
    "phone": "shaking",
    "dashcam": "moving",
}
#: As many vehicles drive in a sequence.
MOST_VEHICLES = 5
#: Faster than that nothing drives, km/h.
FASTEST_KMH = 250.0


@dataclass(frozen=True)
class Clip:
    """A sequence as a whole; `key` is when the view is the drawn one."""

    rig: str = drawn(
        RIGS,
        "how the camera is mounted: fixed, shaking (a mast, a hand), moving (on a vehicle);"
        " cameras by name have their own unless set",
    )
    key: float = drawn(
        Uniform(0.3, 0.8), "when the view is the drawn one, part of the sequence", high=1
    )
    camera_speed: float = drawn(
        Normal(1.0, 0.12, 0.6, 1.4),
        "speed of a moving camera, of that of the vehicle in front, or of 30 km/h before one that"
        " stands",
        high=5,
    )
    sway_mm: float = drawn(
        LogUniform(5, 60), "how far a moving camera rises and sinks on its springs", high=500
    )
    sway_s: float = drawn(Uniform(0.7, 1.6), "its period", low=0.1, high=60)
    sway_phase: float = drawn(Uniform(0, 1), "its phase at the beginning", high=1)
    shake_phase: float = drawn(Uniform(0, 1), "the shake's phase at the beginning", high=1)
    shade: float = drawn(
        Choice([(0.0, 0.55), (Uniform(0.15, 0.7), 0.45)]),
        "share of the light that a passing shadow takes",
        high=0.98,
    )
    shade_at: float = drawn(Uniform(-0.1, 0.9), "when it comes, part of the sequence", high=5)
    shade_s: float = drawn(LogUniform(0.1, 1.5), "how long it takes to come", low=0.01, high=60)
    shade_stay_s: float = drawn(LogUniform(0.3, 4), "how long it stays", low=0.01, high=600)
    shade_blue: float = drawn(
        Uniform(0.0, 0.15), "how much bluer its light is, stops between red and blue", high=2
    )
    exposure_lag_s: float = drawn(
        LogUniform(0.1, 0.8), "time constant of automatic exposure", low=1e-3, high=60
    )
    balance_lag_s: float = drawn(
        LogUniform(0.5, 4), "time constant of automatic white balance", low=1e-3, high=600
    )


@dataclass(frozen=True)
class Travel:
    """One vehicle's journey. Distances are along its way, from where it is at the key time."""

    speed_kmh: float = drawn(
        Choice([(LogUniform(4, 15), 0.25), (Uniform(12, 60), 0.6), (Uniform(60, 110), 0.15)]),
        "speed before it changes",
        high=FASTEST_KMH,
    )
    change: float = drawn(
        Choice([(1.0, 0.4), (Uniform(0.3, 0.9), 0.25), (0.0, 0.15), (Uniform(1.1, 1.7), 0.2)]),
        "speed after it has changed, of that before; 0: it stops",
        high=4,
    )
    change_at: float = drawn(
        Uniform(0.0, 0.9), "when it begins to brake or accelerate, part of the sequence", high=1
    )
    acceleration: float = drawn(
        LogUniform(0.6, 4.5), "largest acceleration or braking, m/s2", low=0.05, high=12
    )
    wander_mm: float = drawn(
        Choice([(Uniform(-150, 0), 0.5), (Uniform(0, 150), 0.5)]),
        "how far it wanders off its line and back, to the left as it drives",
        high=1500,
    )
    wander_m: float = drawn(Uniform(15, 45), "length of one such wave", low=3, high=1000)
    turn_deg: float = drawn(
        Choice([(0.0, 0.75), (Uniform(-90, 90), 0.25)]),
        "how far it turns, anticlockwise from above",
        high=120,
    )
    turn_at_m: float = drawn(
        Choice([(Uniform(2, 15), 0.6), (Uniform(-15, -2), 0.4)]),
        "where the turn begins; below 0 where it has ended",
        high=500,
    )
    turn_radius_m: float = drawn(Uniform(7, 25), "least radius of the turn", low=4, high=1000)
    change_lane_mm: float = drawn(
        Choice([(0.0, 0.85), (Uniform(-3400, 3400), 0.15)]),
        "how far it moves to another lane, to the left as it drives",
        high=4000,
    )
    change_lane_at_m: float = drawn(
        Choice([(Uniform(0, 15), 0.6), (Uniform(-15, -1), 0.4)]),
        "where that begins; below 0 where it has ended",
        high=500,
    )
    change_lane_m: float = drawn(Uniform(20, 45), "how long that takes", low=10, high=500)
    lamps_at: float = drawn(
        Choice([(2.0, 0.93), (Uniform(0.1, 0.9), 0.07)]),
        "when its lamps are switched on, part of the sequence; beyond 1 never",
        high=10,
    )
