# SPDX-License-Identifier: GPL-3.0-or-later
"""How a vehicle stands behind a plate: its shape near it, and the frames it is built in.

Vehicle frame (mm): origin at the plate's centre, x right, y into the vehicle, z up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from mesh_parts import Frame, Points

#: How high above the ground a plate's centre hangs, mm, and the vehicle's shape there.
HEIGHT = {
    "bumper": 480.0, "tailgate": 830.0, "grille": 520.0, "dark": 560.0, "intake": 430.0,
    "tailboard": 900.0, "mudguard": 620.0,
}  # fmt: skip
#: Vehicles whose plate hangs in front of bars or boards: no recess.
_PROUD = ("grille", "intake", "tailboard", "mudguard")
HALF_WIDTH = 880.0
BENT_MM = 330.0  # and its bend this far left and right
FLAT = 230.0  # the panel follows the plate's tilt this far up and down

Box = tuple[float, float, float, float]  # left, bottom, right, top about the plate's centre, mm


@dataclass(frozen=True)
class Shape:
    """Numbers of one vehicle about one plate, mm and radians."""

    tilt: float
    curvature_per_mm: float
    panel_k: float  # the body's own curvature
    outer: Box  # the plates of this vehicle with their frames
    slope: Box  # how far a body on each side hides, of how far it stands out
    recess: Box
    depth: float
    gap: float  # from the plate's face to what is behind it
    ground: float  # z of the ground
    overhang: float
    ledge: float  # z of the overhang's lower side
    half: float = HALF_WIDTH  # how far the panel goes left and right
    corner: tuple[float, float] | None = None  # from which x on it bends round, and its radius
    rows: tuple[float, float] | None = None  # z between which the panel stands; None: by itself

    @property
    def face(self) -> float:
        """Depth of the panel around the recess; less than 0 is nearer than the plate."""
        return self.gap - self.depth

    def clear(self, side: int, proud: float) -> float:
        """Distance from `outer` (side 0..3) at which a body so proud of the plate hides nothing."""
        return max(proud, 0.0) * self.slope[side] * 1.1 + 4.0


def shape_of(plate: dict[str, Any], outer: Box, vehicle: dict[str, Any], eye: Points) -> Shape:
    """Solves the shape; `eye` is the camera in the plate's frame (x right, y down, z into).

    Nothing may hide the plate from the camera: recess, overhang and all that stands out keep a
    margin that grows with the slant of the view. What covers a plate in a picture is drawn
    (frame_cover_mm), never derived.
    """
    matrix = np.array(plate["plate_to_world"])
    left, bottom, right, top = outer
    depth = 0.0 if vehicle["surround"] in _PROUD else vehicle["recess_mm"]
    forward = max(-eye[2], 1.0)

    # The middle of a plate that is bent towards the camera lies deeper than its ends.
    half = plate["size_mm"][0] / 2
    lean = max(-plate["curvature_per_m"] / 1000, 0.0) * BENT_MM
    deeper = 1.0 / max(1.0 - lean * (abs(eye[0]) + half) / forward, 0.3)

    def margin(slant: float, proud: float) -> float:
        away = proud * max(slant, 0.0) / forward * deeper + 4.0
        return float(max(vehicle["recess_margin_mm"], away))

    slack_x, slack_y = abs(eye[0]) + max(-left, right), abs(eye[1]) + max(-bottom, top)
    # The recess's slanted wall ends nearer to the plate than its rim.
    rim = draft_mm(depth) + 3.0
    mx, my = max(margin(slack_x, depth), rim), max(margin(slack_y, depth), rim)
    overhang = vehicle["overhang_mm"]
    # A ledge above hides when the camera stands above.
    above = margin(-eye[1] - bottom, overhang)
    slants = (right - eye[0], eye[1] + top, eye[0] - left, -eye[1] - bottom)
    return Shape(
        tilt=float(np.arcsin(np.clip(-matrix[2, 2], -0.7, 0.7))),
        curvature_per_mm=plate["curvature_per_m"] / 1000,
        panel_k=1.2e-4,
        outer=outer,
        slope=tuple(max(s, 0.0) / forward * deeper for s in slants),
        recess=(left - mx, bottom - my, right + mx, top + max(my, above)),
        depth=depth,
        gap=vehicle["gap_mm"],
        ground=-HEIGHT[vehicle["surround"]],
        overhang=overhang,
        ledge=top + above,
    )


def draft_mm(depth: float) -> float:
    """How far a recess narrows from its rim to its floor."""
    return min(0.35 * depth, 12.0)


def shade_y_mm(shape: Shape, lamp: Points, height_mm: float) -> float:
    """Height (from the plate's top edge, down) of the overhang's shadow; lamp in plate's frame."""
    if shape.overhang <= 0 or lamp[2] >= 0:
        return -1e4
    drop = (-lamp[1] - shape.ledge) / max(-lamp[2] - shape.overhang, 1.0) * shape.overhang
    return float(height_mm / 2 - (shape.ledge - drop))


def upright(plate: dict[str, Any]) -> Frame:
    """Vehicle frame -> world (mm): the plate's place and heading without its tilt and roll."""
    matrix = np.array(plate["plate_to_world"])
    right = matrix[:3, 0] * [1, 1, 0]
    right = right / max(np.linalg.norm(right), 1e-9)
    into = np.cross([0, 0, 1], right)
    turn, place = np.stack([right, into, [0, 0, 1]], 1), matrix[:3, 3]
    return lambda points: np.asarray(points @ turn.T + place)


def _round_corner(x: Points, y: Points, shape: Shape) -> tuple[Points, Points]:
    """A panel beyond its corner goes round it and then along the vehicle's side."""
    assert shape.corner is not None
    start, radius = shape.corner
    past = np.maximum(np.abs(x) - start, 0.0)
    bow = max(start - 260, 0.0) ** 2 * shape.panel_k
    own = y - np.maximum(np.abs(x) - 260, 0) ** 2 * shape.panel_k  # depth in the panel
    own = np.minimum(own, 0.7 * radius)  # deeper than its radius a corner would turn inside out
    angle = np.minimum(past / radius, np.pi / 2)
    along = np.maximum(past - radius * np.pi / 2, 0.0)
    out = start + (radius - own) * np.sin(angle)
    into = bow + radius - (radius - own) * np.cos(angle) + along
    return np.where(past > 0, np.sign(x) * out, x), np.where(past > 0, into, y)


def on_panel(shape: Shape, frame: Frame) -> Frame:
    """(x along, depth into, z along) of the panel -> world: tilted near the plate, bent with it."""
    k, c, s = shape.curvature_per_mm, np.cos(shape.tilt), np.sin(shape.tilt)

    def to_world(points: Points) -> Points:
        x, y, z = points.T
        if abs(k) > 1e-9:
            # Cylinder as far as a plate reaches, straight on from there.
            near = np.clip(x, -BENT_MM, BENT_MM)
            x, y = (
                np.sin(k * near) / k + (x - near) * np.cos(k * near),
                y + (1 - np.cos(k * near)) / k + (x - near) * np.sin(k * near),
            )
        y = y + np.maximum(np.abs(x) - 260, 0) ** 2 * shape.panel_k
        if shape.corner is not None:
            x, y = _round_corner(x, y, shape)
        flat = np.clip(z, -FLAT, FLAT)
        fade = np.clip(1.5 - np.abs(z) / (2 * FLAT), 0, 1)
        return frame(np.stack([x, s * flat + c * y, c * flat + (z - flat) - s * fade * y], 1))

    return to_world
