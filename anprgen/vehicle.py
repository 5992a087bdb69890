# SPDX-License-Identifier: Apache-2.0
"""What stands around a plate: the vehicle's paint and shape, and what is fixed to it."""

from __future__ import annotations

from dataclasses import dataclass

from anprgen.distributions import Choice, Constant, LogUniform, Normal, Uniform
from anprgen.paints import PLAIN, marginal
from anprgen.parameters import drawn


@dataclass(frozen=True)
class Vehicle:
    """What stands around the plate."""

    surround: str = drawn(
        Choice(
            {
                "bumper": 0.38, "tailgate": 0.26, "grille": 0.11, "dark": 0.11,
                "intake": 0.06, "tailboard": 0.04, "mudguard": 0.04,
            }
        ),
        "what is behind the plate",
    )  # fmt: skip
    paint: str = drawn(
        Choice(PLAIN), "family of the paint; by kind unless set (docs/scenes.md says how common)"
    )
    paint_hue: float = drawn(marginal("hue"), "the paint's hue; by its family unless set", high=1)
    paint_saturation: float = drawn(
        marginal("saturation"),
        "saturation of its linear reflectance; by its family unless set",
        high=1,
    )
    paint_value: float = drawn(
        marginal("value"), "linear lightness of the paint; by its family unless set", high=1
    )
    paint_roughness: float = drawn(Uniform(0.08, 0.5), "gloss of the paint", high=1)
    tilt_deg: float = drawn(Normal(2, 6, -15, 30), "plate leaning back", high=60)
    recess_mm: float = drawn(
        Choice([(0.0, 0.45), (Uniform(5, 60), 0.55)]), "depth of the plate's recess", high=500
    )
    recess_margin_mm: float = drawn(LogUniform(8, 90), "recess beyond the plate's edge", high=1000)
    gap_mm: float = drawn(
        LogUniform(2.5, 16), "from the plate's face to what is behind it", low=2, high=200
    )
    overhang_mm: float = drawn(
        Choice([(0.0, 0.55), (Uniform(15, 120), 0.45)]), "ledge above the plate", high=500
    )
    fittings: float = drawn(
        Uniform(0.15, 0.95),
        "how much is fixed beside the plate: lamps, strips, clips, slots; 0 is nothing",
        high=1,
    )
    badge: str = drawn(
        Choice({"none": 0.72, "printed": 0.14, "raised": 0.14}), "words above or below the plate"
    )
    grime: float = drawn(
        Choice([(Uniform(0.0, 0.2), 0.5), (Uniform(0.2, 1.0), 0.5)]), "dirt on the vehicle", high=1
    )
    ground: float = drawn(LogUniform(0.05, 0.35), "reflectance of the ground", high=1)
    seed_w: float = drawn(Uniform(0, 1000), "what there is near the plate, its words and dirt")
    kind: str = drawn(
        Choice(
            {
                "plain": 1.0, "saloon": 0.0, "hatchback": 0.0, "suv": 0.0, "van": 0.0,
                "bus": 0.0, "lorry": 0.0, "three_wheeler": 0.0, "motorcycle": 0.0,
            }
        ),
        "the whole vehicle; plain: no more than a crop shows",
    )  # fmt: skip
    end: str = drawn(
        Choice({"rear": 1.0, "front": 0.0}), "which end carries the plate; by kind unless set"
    )
    plate_height_mm: float = drawn(
        Constant(0.0),
        "the plate's centre over the ground; by kind and panel unless set, 0 for plain ones",
        high=3000,
    )
    lamps: str = drawn(
        Choice({"off": 0.84, "position": 0.1, "dipped": 0.06}),
        "its lamps: off, position (tail lamps, small lamps in front, those of the plate) or dipped",
    )
    braking: str = drawn(Choice({"no": 0.92, "yes": 0.08}), "whether its brake lamps are lit")
