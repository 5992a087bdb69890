# SPDX-License-Identifier: Apache-2.0
"""The area a pen covers along a polyline, in the polyline's units. Needs shapely."""

from __future__ import annotations

import math
from typing import Any

from shapely import affinity
from shapely.geometry import Point as ShapelyPoint
from shapely.geometry import Polygon
from shapely.ops import unary_union

Point = tuple[float, float]

QUAD_SEGS = 24
"""Segments of a quarter circle."""


def stroke(pts: list[Point], pen: tuple[float, float], miter: bool, ends: str) -> Any:
    """The area a pen of (width, height) covers along a polyline.

    Made of one quad per segment and one join per corner: shapely's own buffer would first
    thin out the points of a curve and leave facets.
    """
    squash, half = pen[0] / pen[1], pen[0] / 2
    line = [(x, y * squash) for x, y in pts]
    line = [p for i, p in enumerate(line) if i == 0 or math.dist(p, line[i - 1]) > 1e-6]
    closed = len(line) > 3 and math.dist(line[0], line[-1]) < 1e-9
    sides = [_unit_normal(a, b) for a, b in zip(line, line[1:], strict=False)]
    parts = [
        Polygon([_shift(a, n, half), _shift(b, n, half), _shift(b, n, -half), _shift(a, n, -half)])
        for a, b, n in zip(line, line[1:], sides, strict=False)
    ]
    corners = list(zip(line[1:], sides, sides[1:], strict=False))
    if closed:
        corners.append((line[0], sides[-1], sides[0]))
    parts += [join for corner in corners if (join := _join(*corner, half, miter)) is not None]
    if ends == "round" and not closed:
        parts += [ShapelyPoint(p).buffer(half, quad_segs=QUAD_SEGS) for p in (line[0], line[-1])]
    return affinity.scale(unary_union(parts), 1.0, 1.0 / squash, origin=(0, 0))


def _unit_normal(a: Point, b: Point) -> Point:
    length = math.dist(a, b)
    return (-(b[1] - a[1]) / length, (b[0] - a[0]) / length)


def _shift(p: Point, normal: Point, by: float) -> Point:
    return p[0] + normal[0] * by, p[1] + normal[1] * by


def _join(p: Point, n0: Point, n1: Point, half: float, miter: bool) -> Any:
    """What fills the outer side of a corner between two segments with these normals."""
    turn = math.atan2(n0[0] * n1[1] - n0[1] * n1[0], n0[0] * n1[0] + n0[1] * n1[1])
    if abs(turn) < 1e-6:
        return None
    side = -half if turn > 0 else half
    a, b = _shift(p, n0, side), _shift(p, n1, side)
    if miter and abs(turn) < math.radians(155):
        mid = (n0[0] + n1[0], n0[1] + n1[1])
        reach = side * 2 / (mid[0] ** 2 + mid[1] ** 2)
        return Polygon([p, a, _shift(p, mid, reach), b])
    if abs(turn) < math.radians(8):
        return Polygon([p, a, b])
    return ShapelyPoint(p).buffer(half, quad_segs=QUAD_SEGS)
