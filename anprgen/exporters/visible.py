# SPDX-License-Identifier: Apache-2.0
"""What of a plate's labels is inside the picture: boxes cut, corners in or out, masks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Plate = Mapping[str, Any]
Box = tuple[float, float, float, float]

#: A box thinner than this, in px, is no object to a detector.
_LEAST_PX = 2.0


def cut_box(plate: Plate, width: int, height: int) -> Box | None:
    """The plate's box inside the picture, (x0, y0, x1, y1) in px; None where nothing is left.

    A plate with an empty mask is hidden or outside: it has no box either.
    """
    return clipped(plate["box"], width, height) if mask_area(plate) else None


def clipped(box: Sequence[float], width: int, height: int) -> Box | None:
    """A box (x0, y0, x1, y1) cut to the picture; None where too little of it is left."""
    x0, x1 = (min(max(x, 0.0), float(width)) for x in box[::2])
    y0, y1 = (min(max(y, 0.0), float(height)) for y in box[1::2])
    return (x0, y0, x1, y1) if min(x1 - x0, y1 - y0) >= _LEAST_PX else None


def corners(plate: Plate, width: int, height: int) -> list[tuple[float, float, int]]:
    """Top left, top right, bottom right, bottom left as (x, y, v) in px.

    v is 2 for a corner inside the picture; others are (0, 0, 0), which tools read as "not there".
    """
    found = []
    for x, y in plate["quad"]:
        inside = 0 <= x <= width and 0 <= y <= height
        found.append((float(x), float(y), 2) if inside else (0.0, 0.0, 0))
    return found


def mask_area(plate: Plate) -> int:
    """Visible px of the plate."""
    return int(sum(plate["mask"]["counts"][1::2]))


def mask_of(plate: Plate) -> NDArray[np.bool_]:
    """The plate's visible px as bool [h, w], from column-major runs that begin with background."""
    height, width = plate["mask"]["size"]
    counts = plate["mask"]["counts"]
    values = np.arange(len(counts)) % 2 == 1
    return np.repeat(values, counts).reshape(width, height).T


def outlines(mask: NDArray[np.bool_]) -> list[list[tuple[int, int]]] | None:
    """The mask's outer edges as closed polygons along pixel borders, exact; None with holes.

    The vertices are whole px in corner coordinates, so filling the polygons gives the mask back.
    """
    rows, columns = (np.flatnonzero(mask.any(axis)) for axis in (1, 0))
    if not len(rows):
        return []
    top, left = int(rows[0]), int(columns[0])
    # A plate is a small part of its picture: look at nothing else.
    padded = np.pad(mask[top : rows[-1] + 1, left : columns[-1] + 1], 1)
    after: dict[tuple[int, int], list[tuple[int, int]]] = {}

    def edges(where: NDArray[np.bool_], start: tuple[int, int], end: tuple[int, int]) -> None:
        ys, xs = np.nonzero(where)
        for y, x in zip((ys + top).tolist(), (xs + left).tolist()):
            after.setdefault((x + start[0], y + start[1]), []).append((x + end[0], y + end[1]))

    inner = padded[1:-1, 1:-1]
    # Clockwise with y down: the mask is to the right of every edge.
    edges(inner & ~padded[:-2, 1:-1], (0, 0), (1, 0))
    edges(inner & ~padded[1:-1, 2:], (1, 0), (1, 1))
    edges(inner & ~padded[2:, 1:-1], (1, 1), (0, 1))
    edges(inner & ~padded[1:-1, :-2], (0, 1), (0, 0))
    rings = []
    while after:
        ring = _ring(after)
        twice_area = sum(ax * by - bx * ay for (ax, ay), (bx, by) in zip(ring, ring[1:] + ring[:1]))
        if twice_area < 0:
            return None
        rings.append(ring)
    return rings


def _ring(after: dict[tuple[int, int], list[tuple[int, int]]]) -> list[tuple[int, int]]:
    """Takes one closed ring out of the edges; straight runs become one edge."""
    start = min(after)
    ring, at, came = [start], start, (0, 0)
    while True:
        choices = after[at]
        # Where two px touch by a corner, turn right: the ring stays with its own px.
        right = (at[0] - came[1], at[1] + came[0])
        step = right if right in choices and len(choices) > 1 else choices[0]
        choices.remove(step)
        if not choices:
            del after[at]
        going = (step[0] - at[0], step[1] - at[1])
        if going == came:
            ring[-1] = step
        else:
            ring.append(step)
        at, came = step, going
        if at == start and start not in after:
            break
        if at == start:
            break
    if ring[-1] == ring[0]:
        ring.pop()
    return ring


def quad_inside(plate: Plate, width: int, height: int) -> NDArray[np.float64]:
    """The plate's four-cornered outline cut to the picture (Sutherland-Hodgman), (n, 2) in px."""
    polygon = [np.array(corner, np.float64) for corner in plate["quad"]]
    for axis, limit, sign in ((0, 0.0, 1), (0, width, -1), (1, 0.0, 1), (1, height, -1)):
        kept: list[NDArray[np.float64]] = []
        for a, b in zip(polygon, polygon[1:] + polygon[:1]):
            da, db = sign * (a[axis] - limit), sign * (b[axis] - limit)
            if da >= 0:
                kept.append(a)
            if (da < 0) != (db < 0):
                kept.append(a + (b - a) * (da / (da - db)))
        polygon = kept
    return np.array(polygon).reshape(-1, 2)


def oriented_box(plate: Plate, width: int, height: int) -> NDArray[np.float64]:
    """The smallest rectangle about what of the plate is inside the picture, (4, 2) in px.

    Where it reaches out of the picture, the upright one; (0, 2) where nothing is inside.
    """
    polygon = quad_inside(plate, width, height)
    if len(polygon) < 3:
        return np.zeros((0, 2))
    fitting = [box for box in _least_rectangles(polygon) if _is_within(box, width, height)]
    if fitting:
        return fitting[0]
    (x0, y0), (x1, y1) = polygon.min(0), polygon.max(0)
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])


def _is_within(corners: NDArray[np.float64], width: int, height: int) -> bool:
    return bool(corners.min() >= 0 and np.all(corners <= (width, height)))


def _least_rectangles(polygon: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """The smallest rectangles about a convex polygon (n, 2): one side lies on one of its edges.

    (`cv2.minAreaRect` gives a larger one for some quads, as of OpenCV 4.11.)
    """
    edges = np.roll(polygon, -1, 0) - polygon
    lengths = np.hypot(*edges.T)
    found: list[tuple[float, NDArray[np.float64]]] = []
    for along in edges[lengths > 1e-9] / lengths[lengths > 1e-9, None]:
        axes = np.stack([along, (-along[1], along[0])])
        low, high = (polygon @ axes.T).min(0), (polygon @ axes.T).max(0)
        own = np.array([low, (high[0], low[1]), high, (low[0], high[1])])
        found.append((float(np.prod(high - low)), own @ axes))
    least = min((area for area, _ in found), default=0.0)
    return [corners for area, corners in found if area <= least * (1 + 1e-9)]
