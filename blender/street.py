# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole scene as one mesh: the place, its vehicles with their bodies, and its signs."""

from __future__ import annotations

from typing import Any

import front
import mount
import numpy as np
import stance
import traffic
import vehicle
from bodies import kinds
from camera import eye_and_lamp, inverse
from lit import lit_of
from mesh_parts import Parts, Soil
from places import place
from places.roadside import Stood
from places.signs import add_signs
from plate_lamps import plate_lamps
from surround import hang, room_above_mm

#: The size of the plate that a vehicle without one has room for, mm.
_ROOM = (520.0, 112.0)


def _before(eye: np.ndarray) -> np.ndarray:
    """The camera in a plate's frame, moved before it where it stands beside or behind.

    A recess that nothing hides from there would be as wide as a house.
    """
    x, y, z = eye[:3]
    return np.array([x, y, min(z, -0.45 * float(np.hypot(x, y)), -1000.0)])


def _light_plate(
    parts: Parts, plate: dict[str, Any], light: dict[str, Any], looks: dict[str, Any],
    matrix: np.ndarray, first: bool,
) -> None:  # fmt: skip
    """Notes how much of its lamps' light a plate has: at the rear, where the vehicle's are lit."""
    own = 1.0 if first else 0.5 + float(looks["seed_w"]) % 1.0
    on = looks["end"] == "rear" and looks["lit"].tail > 0
    plate["lamps_lit"] = own if on else 0.0
    lamps = None if first else plate_lamps(light, plate, plate["lamps_lit"])
    if lamps is not None:
        plate["own_lamps"] = lamps
        parts.lamps_of(lamps, matrix, plate["size_mm"][1])


def empty(job: dict[str, Any]) -> Parts:
    """No parts yet, in a job's dirt."""
    return Parts(
        Soil(job["vehicle"]["grime"], job["vehicle"]["seed_w"], job["scene"]["ground_mm"] / 1000)
    )


def add(parts: Parts, job: dict[str, Any], number: int) -> Stood:
    """Adds one vehicle but its plate's face; notes what shades and lights its plate."""
    own, light = job["scene"]["vehicles"][number], job["light"]
    eye, lamp = eye_and_lamp(job)
    looks = own["looks"]
    looks = {**looks, "lit": lit_of(looks, light, number == 0)}
    if own["plate"] >= 0:
        plate = job["plates"][own["plate"]]
        matrix = np.array(plate["plate_to_world"])
        hang(parts, plate, matrix)
        outer = mount.outer_size(plate)
    else:
        matrix = np.array(own["plate_to_world"])
        plate = {"plate_to_world": own["plate_to_world"], "size_mm": list(_ROOM),
                 "curvature_per_m": 0.0}  # fmt: skip
        outer = (-_ROOM[0] / 2, -_ROOM[1] / 2, _ROOM[0] / 2, _ROOM[1] / 2)
    back = inverse(matrix)
    box = (outer[0], -outer[3], outer[2], -outer[1])
    shape = stance.shape_of(plate, box, looks, _before(back @ eye))
    planned = kinds.plan(looks, shape)
    plate["shade_y_mm"] = stance.shade_y_mm(planned.shape, (back @ lamp)[:3], plate["size_mm"][1])
    plate["room_above_mm"] = room_above_mm(planned.shape, plate["size_mm"][1])
    if own["plate"] >= 0:
        _light_plate(parts, plate, light, looks, matrix, number == 0)
        front.add_lamps(parts, plate, light, matrix, plate["room_above_mm"])
    vehicle.add_vehicle(parts, plate, looks, planned.shape, planned)
    return Stood(stance.upright(plate), planned.shape, looks, own["length_mm"])


def build(job: dict[str, Any]) -> Parts:
    """Everything but the plates' faces; notes each overhang's shadow in its plate."""
    parts = empty(job)
    stood = [add(parts, job, number) for number in range(len(job["scene"]["vehicles"]))]
    return around(job, stood, parts)


def around(job: dict[str, Any], stood: list[Stood], parts: Parts | None = None) -> Parts:
    """The place about vehicles that stand there, and its signs; added to `parts`, or by itself."""
    parts = empty(job) if parts is None else parts
    eye = eye_and_lamp(job)[0]
    traffic.add_glare(parts, job["light"], job["scene"]["ground_mm"])
    place.add_place(parts, job["scene"], job["vehicle"]["ground"], stood, eye[:3])
    add_signs(parts, job["scene"], stood, eye[:3])
    return parts
