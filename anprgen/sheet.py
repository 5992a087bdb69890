# SPDX-License-Identifier: Apache-2.0
"""A plate's sheet in space: bent as a whole, and out of its plane where it is damaged.

`blender/plate_mesh.py` makes the same of it; a test compares them in rendered pictures.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from anprgen.geometry import Bend, Points
from anprgen.shot import MountedPlate

#: In a frame a sheet keeps its rim: what is out of its plane fades out over this, mm.
_HELD_MM = 30.0
#: Places beside a point that its normal follows from, mm.
_STEP_MM = 0.01
#: Points of a damaged sheet's outlines are at most this far apart, mm.
FINE_MM = 3.0


@dataclass(frozen=True)
class Sheet:
    """Maps plate mm to space; `damage` is `resolved`, None for a sheet without any."""

    bend: Bend
    damage: dict[str, Any] | None = None

    def surface(self, mm: Points, rise_mm: float | Points = 0.0) -> Points:
        """Plate (x, y) in mm -> (n, 3) about its centre; `rise_mm` lifts towards the reader."""
        if self.damage is None:
            return self.bend.surface(mm, rise_mm)
        size = np.array([self.bend.width_mm, self.bend.height_mm])
        flat = np.asarray(mm, np.float64) - size / 2
        at = displaced(flat, self.damage)
        rise = np.asarray(rise_mm, np.float64)
        if np.any(rise):
            right, down = (
                displaced(flat + step, self.damage) - displaced(flat - step, self.damage)
                for step in ([_STEP_MM, 0.0], [0.0, _STEP_MM])
            )
            normal = -np.cross(right, down)
            normal /= np.linalg.norm(normal, axis=1, keepdims=True)
            at = at + normal * np.broadcast_to(rise, (len(at),))[:, None]
        return self.bend.surface(at[:, :2] + size / 2, -at[:, 2])


def sheet_of(plate: MountedPlate) -> Sheet:
    """The sheet of a mounted plate."""
    return Sheet(Bend(*plate.size_mm, plate.make.curvature_per_m), resolved(plate))


def resolved(plate: MountedPlate) -> dict[str, Any] | None:
    """What is out of the plane, in mm about the plate's centre; None where nothing is.

    ``fold``: a point of its line, the unit way from there to the corner, angle, radius; ``dent``:
    middle, radius, height; ``crease``: a point, the unit way across it, radius, height; ``held``:
    half the size of what a frame holds, or None. A corner in a frame or behind glass is not bent.
    """
    d, (w, h) = plate.damage, plate.size_mm
    held = plate.mount.frame != "none" or plate.mount.glass > 0
    fold = dent = crease = None
    if d.corner != "none" and not held:
        sx, sy = (1 if "right" in d.corner else -1), (1 if "bottom" in d.corner else -1)
        turn = math.atan2(sy, sx) + math.radians(d.corner_turn_deg)
        way = (math.cos(turn), math.sin(turn))
        size = min(d.corner_mm, 0.5 * min(w, h))
        start = (sx * w / 2 - size * way[0], sy * h / 2 - size * way[1])
        fold = [*start, *way, math.radians(d.corner_deg), d.corner_radius_mm]
    if d.dent_mm:
        dent = [(d.dent_x - 0.5) * w, (d.dent_y - 0.5) * h, d.dent_radius_mm, d.dent_mm]
    if d.crease_mm:
        turn = math.radians(d.crease_turn_deg)
        way = (math.cos(turn), math.sin(turn))
        crease = [(d.crease_x - 0.5) * w, 0.0, *way, d.crease_radius_mm, d.crease_mm]
    if fold is None and dent is None and crease is None:
        return None
    return {"fold": fold, "dent": dent, "crease": crease, "held": [w / 2, h / 2] if held else None}


def displaced(flat: Points, damage: dict[str, Any]) -> Points:
    """Flat (x right, y down) about the centre (n, 2) -> (n, 3), z into the plate; mm.

    A folded corner keeps its lengths: beyond its line it first runs round a cylinder, then
    straight on.
    """
    x, y = flat[:, 0], flat[:, 1]
    out = np.column_stack([x, y, np.zeros(len(flat))])
    up = np.zeros(len(flat))
    if damage["dent"]:
        cx, cy, radius, height = damage["dent"]
        up += height * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * radius**2))
    if damage["crease"]:
        cx, cy, nx, ny, radius, height = damage["crease"]
        up += height / (1 + (((x - cx) * nx + (y - cy) * ny) / radius) ** 2)
    if damage["held"]:
        w, h = damage["held"]
        inside = np.clip(np.minimum(w - np.abs(x), h - np.abs(y)) / _HELD_MM, 0, 1)
        up *= inside * inside * (3 - 2 * inside)
    if damage["fold"]:
        cx, cy, nx, ny, angle, radius = damage["fold"]
        beyond = np.maximum((x - cx) * nx + (y - cy) * ny, 0.0)
        turn = np.minimum(beyond / radius, angle)
        rest = np.maximum(beyond - radius * angle, 0.0)
        along = radius * np.sin(turn) + rest * math.cos(angle) - beyond
        out[:, 0] += along * nx
        out[:, 1] += along * ny
        up += radius * (1 - np.cos(turn)) + rest * math.sin(angle)
    out[:, 2] = -up
    return out
