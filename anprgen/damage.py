# SPDX-License-Identifier: Apache-2.0
"""How a plate's sheet is out of its plane: a corner bent up, a dent, a crease. Labels follow it."""

from __future__ import annotations

from dataclasses import dataclass

from anprgen.distributions import Choice, LogUniform, Normal, Uniform
from anprgen.parameters import drawn


@dataclass(frozen=True)
class Damage:
    """Displacement of the sheet; lengths in mm, towards the reader where above 0.

    What goes away from the reader is less than the gap behind the plate.
    """

    corner: str = drawn(
        Choice(
            {
                "none": 0.944, "top_left": 0.014, "top_right": 0.014, "bottom_left": 0.014,
                "bottom_right": 0.014,
            }
        ),
        "a corner bent towards the reader",
    )  # fmt: skip
    corner_mm: float = drawn(
        LogUniform(16, 80), "from the corner to the line it is bent along", low=1, high=1000
    )
    corner_deg: float = drawn(Uniform(10, 75), "by how much", high=80)
    corner_turn_deg: float = drawn(
        Normal(0, 14, -35, 35), "that line from the one that halves the corner", high=40
    )
    corner_radius_mm: float = drawn(LogUniform(5, 22), "radius of the bend", low=3, high=500)
    dent_mm: float = drawn(
        Choice([(0.0, 0.91), (LogUniform(1, 10), 0.06), (Uniform(-2.2, -0.8), 0.03)]),
        "height of a bulge, or depth of a dent",
        low=-40,
        high=40,
    )
    dent_radius_mm: float = drawn(
        LogUniform(14, 70), "from its middle to where 0.6 is left", low=4, high=1000
    )
    dent_x: float = drawn(Uniform(0.05, 0.95), "its middle, of the plate's width", high=1)
    dent_y: float = drawn(Uniform(0.05, 0.95), "its middle, of the plate's height", high=1)
    crease_mm: float = drawn(
        Choice([(0.0, 0.955), (LogUniform(0.8, 5), 0.03), (Uniform(-2.2, -0.6), 0.015)]),
        "height of a ridge across the plate, or depth of a groove",
        low=-40,
        high=40,
    )
    crease_radius_mm: float = drawn(
        LogUniform(5, 22), "from its line to where half is left", low=3, high=1000
    )
    crease_x: float = drawn(
        Uniform(0.1, 0.9), "where it crosses the middle, of the plate's width", high=1
    )
    crease_turn_deg: float = drawn(Normal(0, 25, -75, 75), "its line from the upright", high=90)
