# SPDX-License-Identifier: GPL-3.0-or-later
"""A plate's face as a mesh: a rectangle with rounded corners, bent about its vertical axis.

The bend's rulings are vertical straight lines, so columns of one quad each are exact enough: at
12 mm a column and a radius of 0.8 m the chord is 0.02 mm off the arc.
"""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
from mesh_parts import Frame, Paint, Parts, Points, write_mesh

_STEP_MM = 12.0
_THICKNESS_MM = 1.0
#: Finer where the sheet is damaged: on a bend of 5 mm the chord is 0.15 mm off the arc, on a dent
#: as steep as any too.
_FINE_MM, _DENT_MM, _BACK_MM = 2.5, 5.0, 5.0
#: As in `anprgen.sheet`.
_HELD_MM, _BESIDE_MM = 30.0, 0.01


def bend(points: Points, curvature_per_m: float) -> Points:
    """Flat points (x right, y down, z into; mm about the centre) -> on the bent plate.

    The cylinder has radius 1 / curvature; positive: the ends go away from the reader.
    """
    k = curvature_per_m / 1000.0
    if abs(k) < 1e-9:
        return points
    angle = k * points[:, 0]
    radius = 1.0 / k - points[:, 2]
    return np.stack([np.sin(angle) * radius, points[:, 1], 1.0 / k - np.cos(angle) * radius], 1)


def displaced(flat: Points, damage: dict[str, Any]) -> Points:
    """Flat points (n, 3; mm about the centre) out of the plane where the sheet is damaged.

    Depths count along the sheet's normal. The same as `anprgen.sheet.displaced`.
    """
    at = _displaced(flat[:, :2], damage)
    if not flat[:, 2].any():
        return at
    right, down = (
        _displaced(flat[:, :2] + step, damage) - _displaced(flat[:, :2] - step, damage)
        for step in ([_BESIDE_MM, 0.0], [0.0, _BESIDE_MM])
    )
    into = np.cross(right, down)
    into /= np.linalg.norm(into, axis=1, keepdims=True)
    return np.asarray(at + into * flat[:, 2:])


def _displaced(flat: Points, damage: dict[str, Any]) -> Points:
    x, y = flat[:, 0], flat[:, 1]
    up = np.zeros(len(flat))
    out = np.column_stack([x, y, up])
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
        along = radius * np.sin(turn) + rest * np.cos(angle) - beyond
        out[:, 0] += along * nx
        out[:, 1] += along * ny
        up += radius * (1 - np.cos(turn)) + rest * np.sin(angle)
    out[:, 2] = -up
    return out


def plate_frame(
    matrix: Points, curvature_per_m: float, damage: dict[str, Any] | None = None
) -> Frame:
    """Maps flat plate points (mm) to the world (mm)."""

    def to_world(points: Points) -> Points:
        bent = bend(points if damage is None else displaced(points, damage), curvature_per_m)
        return np.asarray(bent @ matrix[:3, :3].T + matrix[:3, 3])

    return to_world


def outline(
    width: float, height: float, radius: float, step: float = _STEP_MM
) -> tuple[Points, Points]:
    """Columns of the face: x (n) and half the height there (n), from left to right."""
    radius = min(radius, width / 2, height / 2)
    angles = np.linspace(0, np.pi / 2, 6) if radius > 0.1 else np.array([np.pi / 2])
    corner_x = -width / 2 + radius * (1 - np.cos(angles))
    corner_y = height / 2 - radius * (1 - np.sin(angles))
    count = max(2, round((width - 2 * radius) / step) + 1)
    middle = np.linspace(corner_x[-1], -corner_x[-1], count)[1:-1]
    x = np.concatenate([corner_x, middle, -corner_x[::-1]])
    half = np.concatenate([corner_y, np.full(len(middle), height / 2), corner_y[::-1]])
    return x, half


def _rows(half: Points, height: float, step: float) -> Points:
    """Points [rows, columns] across the columns, evenly from their upper to their lower ends."""
    return np.linspace(-1, 1, max(2, round(height / step) + 1))[:, None] * half


def write_face(
    mesh: bpy.types.Mesh, size_mm: list[float], curvature_per_m: float, radius_mm: float,
    damage: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    """The face in the plate's own frame (metres); UV covers the sharp-cornered rectangle."""
    width, height = size_mm
    step = _FINE_MM if damage and (damage["fold"] or damage["crease"]) else _DENT_MM
    x, half = outline(width, height, radius_mm, _STEP_MM if damage is None else step)
    n = len(x)
    y = _rows(half, height, height if damage is None else step)
    flat = np.stack([np.broadcast_to(x, y.shape), y, 0 * y], 2).reshape(-1, 3)
    first = (np.arange(len(y) - 1, dtype=np.int32)[:, None] * n + np.arange(n - 1)).ravel()
    first = first.astype(np.int32)
    # Seen from the reader (negative z) the corners run so that the normal points at them.
    quads = np.stack([first, first + n, first + n + 1, first + 1], 1)[:, ::-1]
    out = flat if damage is None else displaced(flat, damage)
    write_mesh(mesh, bend(out, curvature_per_m) / 1000.0, quads, np.ones(len(first), np.bool_))
    uv = np.stack([flat[:, 0] / width + 0.5, 0.5 - flat[:, 1] / height], 1)
    layer = mesh.uv_layers.get("plate") or mesh.uv_layers.new(name="plate")
    layer.data.foreach_set("uv", np.ascontiguousarray(uv[quads.ravel()], np.float32).ravel())


def add_edge(
    parts: Parts, size_mm: list[float], radius_mm: float, frame: Frame, damaged: bool = False
) -> None:
    """The cut edge and back of the sheet: bare aluminium behind the face."""
    x, half = outline(size_mm[0], size_mm[1], radius_mm, _BACK_MM if damaged else _STEP_MM)
    ring = np.concatenate([np.stack([x, -half], 1), np.stack([x, half], 1)[::-1]])
    net = np.stack([np.column_stack([ring, np.full(len(ring), z)]) for z in (0.0, _THICKNESS_MM)])
    metal = Paint((0.55, 0.55, 0.56), 0.45, metal=0.6, dirt=0.5)
    parts.grid(net, metal, frame, smooth=False, close=True)
    y = _rows(half, size_mm[1], _BACK_MM if damaged else size_mm[1])
    back = np.stack([np.broadcast_to(x, y.shape), y, 0 * y + _THICKNESS_MM], 2)
    parts.grid(back, metal, frame, smooth=damaged)
