# SPDX-License-Identifier: Apache-2.0
"""The light on a scene, and its colour.

Millimetres are from plate 0's centre: right as the plate reads, in front of it, above it.
"""

from __future__ import annotations

from dataclasses import dataclass

from anprgen.conditions import kinds, weights
from anprgen.distributions import Choice, LogUniform, Normal, Uniform
from anprgen.parameters import drawn

#: Environment pictures that come with Blender, by how often they are drawn.
SHIPPED_HDRIS = {
    "city": 3, "courtyard": 3, "forest": 2, "sunrise": 2, "sunset": 2, "interior": 1, "night": 1,
    "studio": 1,
}  # fmt: skip


@dataclass(frozen=True)
class Light:
    """The light on the scene; `kind` says which of the fields act."""

    conditions: str = drawn(
        Choice(weights()),
        "time of day and weather: sets the light and more together (docs/light.md)",
    )
    kind: str = drawn(
        Choice(kinds()),
        "hdri, sun (and sky), overcast, street (a lamp above, at night), neon (tubes above),"
        " headlamp (a lamp by the camera, at night), infrared",
    )
    hdri: str = drawn(Choice(SHIPPED_HDRIS), "environment picture")
    rotation_deg: float = drawn(Uniform(0, 360), "environment about the vertical")
    level: float = drawn(
        LogUniform(0.5, 1), "light against full daylight of its kind", low=1e-6, high=10
    )
    haze: float = drawn(Uniform(0.0, 0.5), "haze: a paler sky, a weaker and wider sun", high=1)
    sun_azimuth_deg: float = drawn(
        Uniform(-180, 180), "sun from behind the camera's side of the plate"
    )
    sun_elevation_deg: float = drawn(Uniform(6, 80), "sun above the horizon", low=0.5, high=90)
    sun_size_deg: float = drawn(
        LogUniform(0.5, 6), "sun's angular diameter (haze widens it)", low=0.05, high=60
    )
    sky_share: float = drawn(
        LogUniform(0.06, 0.6), "sky's share of the light on a horizontal plane", high=1
    )
    sky_blue: float = drawn(Uniform(0.0, 1.0), "how blue the sky is", high=1)
    gradient: float = drawn(
        Uniform(0.0, 0.9), "how much darker the horizon is than the zenith; below 0 brighter",
        low=-4, high=1,
    )  # fmt: skip
    shade: str = drawn(
        Choice({"none": 0.9, "leaves": 0.05, "edge": 0.035, "post": 0.01, "bars": 0.005}),
        "what stands between the sun (or a street lamp) and the plate, outside the picture: leaves"
        " of a tree, the edge of a roof or wall, a post, the bars of a fence",
    )
    shade_distance_mm: float = drawn(
        LogUniform(500, 6000), "how far before the plate it is: near ones have sharp shadows",
        low=50, high=50000,
    )  # fmt: skip
    shade_offset: float = drawn(
        Normal(0, 0.3, -0.8, 0.8), "where its shadow falls from the plate's middle, plate widths",
        high=5,
    )  # fmt: skip
    shade_turn_deg: float = drawn(
        Choice([(Normal(0, 8), 0.5), (Uniform(-90, 90), 0.5)]), "from the upright", high=360
    )
    shade_width_mm: float = drawn(
        LogUniform(30, 250), "of a post; of two bars; of two leaves", low=2,
        high=5000,
    )  # fmt: skip
    shade_cover: float = drawn(Uniform(0.25, 0.75), "share that leaves cover", high=1)
    ambient: float = drawn(
        LogUniform(0.01, 0.3), "surroundings against the lamp, at night", high=10
    )
    ambient_k: float = drawn(
        LogUniform(2000, 6000), "colour of the surroundings at night", low=1000, high=40000
    )
    lamp_right_mm: float = drawn(Normal(0, 350, -1500, 1500), "lamp to the right of the lens")
    lamp_above_mm: float = drawn(Normal(60, 250, -900, 900), "lamp above the lens")
    lamp_size_mm: float = drawn(LogUniform(15, 120), "lamp's diameter", low=1)
    overhead_right_mm: float = drawn(Normal(0, 1200, -4000, 4000), "street lamp or tubes")
    overhead_front_mm: float = drawn(Uniform(200, 3500), "street lamp or tubes", low=-50000)
    overhead_above_mm: float = drawn(Uniform(1500, 2600), "street lamp or tubes", low=300)
    tube_mm: float = drawn(LogUniform(1200, 6000), "length of a row of tubes", low=50, high=50000)
    tube_turn_deg: float = drawn(
        Choice([(0.0, 0.5), (90.0, 0.3), (Uniform(-90, 90), 0.2)]),
        "the row's way: 0 along the plate, 90 towards it",
        high=180,
    )
    temperature_k: float = drawn(
        LogUniform(2700, 9000), "colour of the light", low=1000, high=40000
    )
    green: float = drawn(
        Choice([(0.0, 0.5), (Normal(0, 0.05, -0.2, 0.2), 0.5)]),
        "colour of a lamp beside a black body's: stops towards green",
        low=-3, high=3,
    )  # fmt: skip
    plate_lamps: float = drawn(
        Choice([(0.0, 0.985), (LogUniform(0.1, 1), 0.015)]),
        "light of the plate's own lamps on its middle, of the other light; 0: off",
        high=100,
    )
    plate_lamp_count: int = drawn(Choice({1: 0.35, 2: 0.65}), "lamps above the plate")
    plate_lamp_spread: float = drawn(
        Uniform(0.2, 0.6), "distance of two, of the plate's width", high=1.5
    )
    plate_lamp_rise_mm: float = drawn(Uniform(8, 40), "above the plate's edge", high=300)
    plate_lamp_out_mm: float = drawn(Uniform(14, 45), "in front of the plate", low=4, high=300)
    plate_lamp_k: float = drawn(
        Choice([(LogUniform(2300, 3000), 0.65), (LogUniform(5000, 7500), 0.35)]),
        "their colour: bulbs or LEDs", low=1000, high=40000,
    )  # fmt: skip
    brake_lamps: float = drawn(
        Choice([(0.0, 0.97), (LogUniform(0.02, 0.3), 0.03)]),
        "red light of the vehicle's lamps on the plate, of the other light; 0: off",
        high=100,
    )
    lamp_level: float = drawn(
        LogUniform(0.12, 0.5),
        "luminance of vehicles' tail lamps against a lit white sheet; brake lamps have four times"
        " that, dipped head lamps twelve times",
        low=1e-3,
        high=1000,
    )
    oncoming: float = drawn(
        Choice([(0.0, 0.985), (LogUniform(8, 80), 0.015)]),
        "luminance of another vehicle's headlamps against a lit white sheet; 0: there is none",
        high=10000,
    )
    oncoming_right_mm: float = drawn(
        Choice([(Uniform(-5000, -1500), 0.5), (Uniform(1500, 5000), 0.5)]), "that vehicle's middle"
    )
    oncoming_behind_mm: float = drawn(
        Uniform(1500, 15000), "that vehicle's front behind the plate", low=200, high=100000
    )
    seed_w: float = drawn(Uniform(0, 1000), "leaves and bars")
