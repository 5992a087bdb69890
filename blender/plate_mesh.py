# SPDX-License-Identifier: GPL-3.0-or-later
"""A plate's face as a mesh: a rectangle with rounded corners, bent about its vertical axis.

The bend's rulings are vertical straight lines, so columns of one quad each are exact enough: at
12 mm a column and a radius of 0.8 m the chord is 0.02 mm off the arc.
"""

from __future__ import annotations

import bpy
import numpy as np
from mesh_parts import Frame, Paint, Parts, Points, write_mesh

_STEP_MM = 12.0
_THICKNESS_MM = 1.0


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


def plate_frame(matrix: Points, curvature_per_m: float) -> Frame:
    """Maps flat plate points (mm) to the world (mm)."""

    def to_world(points: Points) -> Points:
        bent = bend(points, curvature_per_m)
        return np.asarray(bent @ matrix[:3, :3].T + matrix[:3, 3])

    return to_world


def outline(width: float, height: float, radius: float) -> tuple[Points, Points]:
    """Columns of the face: x (n) and half the height there (n), from left to right."""
    radius = min(radius, width / 2, height / 2)
    angles = np.linspace(0, np.pi / 2, 6) if radius > 0.1 else np.array([np.pi / 2])
    corner_x = -width / 2 + radius * (1 - np.cos(angles))
    corner_y = height / 2 - radius * (1 - np.sin(angles))
    count = max(2, round((width - 2 * radius) / _STEP_MM) + 1)
    middle = np.linspace(corner_x[-1], -corner_x[-1], count)[1:-1]
    x = np.concatenate([corner_x, middle, -corner_x[::-1]])
    half = np.concatenate([corner_y, np.full(len(middle), height / 2), corner_y[::-1]])
    return x, half


def write_face(
    mesh: bpy.types.Mesh, size_mm: list[float], curvature_per_m: float, radius_mm: float
) -> None:
    """The face in the plate's own frame (metres); UV covers the sharp-cornered rectangle."""
    width, height = size_mm
    x, half = outline(width, height, radius_mm)
    n = len(x)
    flat = np.concatenate([np.stack([x, -half, 0 * x], 1), np.stack([x, half, 0 * x], 1)])
    first = np.arange(n - 1, dtype=np.int32)
    # Seen from the reader (negative z) the corners run so that the normal points at them.
    quads = np.stack([first, first + n, first + n + 1, first + 1], 1)[:, ::-1]
    write_mesh(mesh, bend(flat, curvature_per_m) / 1000.0, quads, np.ones(n - 1, np.bool_))
    uv = np.stack([flat[:, 0] / width + 0.5, 0.5 - flat[:, 1] / height], 1)
    layer = mesh.uv_layers.get("plate") or mesh.uv_layers.new(name="plate")
    layer.data.foreach_set("uv", np.ascontiguousarray(uv[quads.ravel()], np.float32).ravel())


def add_edge(parts: Parts, size_mm: list[float], radius_mm: float, frame: Frame) -> None:
    """The cut edge and back of the sheet: bare aluminium behind the face."""
    x, half = outline(size_mm[0], size_mm[1], radius_mm)
    ring = np.concatenate([np.stack([x, -half], 1), np.stack([x, half], 1)[::-1]])
    net = np.stack([np.column_stack([ring, np.full(len(ring), z)]) for z in (0.0, _THICKNESS_MM)])
    metal = Paint((0.55, 0.55, 0.56), 0.45, metal=0.6, dirt=0.5)
    parts.grid(net, metal, frame, smooth=False, close=True)
    back = np.stack([np.column_stack([x, s * half, 0 * x + _THICKNESS_MM]) for s in (-1, 1)])
    parts.grid(back, metal, frame, smooth=False)
