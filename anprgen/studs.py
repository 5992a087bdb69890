# SPDX-License-Identifier: Apache-2.0
"""Glyphs set from round studs or beads, as owners fix them to plates: discs along the strokes."""

from __future__ import annotations

import cv2
import numpy as np

from anprgen.geometry import Points, bounds
from anprgen.polygons import fill_exact

_PX_PER_MM = 4
_SIDES = 12
_APART = 0.92  # of a diameter, between two studs' middles


def studded(
    contours: tuple[Points, ...], diameter_mm: float, pitch_mm: float
) -> tuple[Points, ...]:
    """Even-odd outlines in mm -> discs inside them, in two rows where strokes are wide enough.

    They run `pitch_mm` apart along the outline, inset by half a stud, or by nearly half the stroke
    where it has room for one row alone. None overlap.
    """
    x0, y0, x1, y1 = bounds(np.concatenate(contours))
    k, corner = _PX_PER_MM, np.array([x0 - 1, y0 - 1])
    mask = np.zeros((int((y1 - y0 + 2) * k) + 1, int((x1 - x0 + 2) * k) + 1), np.uint8)
    fill_exact(mask, [(c - corner) * k for c in contours], 255)
    if not mask.any():
        return contours
    inside = cv2.distanceTransform(mask, cv2.DIST_L2, 5) / k
    half = float(np.percentile(inside[mask > 0], 95)) / 0.95  # a stroke's
    inset = 0.5 * diameter_mm if half >= 0.95 * diameter_mm else 0.85 * half
    rows, _ = cv2.findContours(
        np.asarray(inside >= inset, np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE
    )
    places = np.zeros((0, 2))
    for row in sorted(rows, key=len, reverse=True):
        for place in _along(row[:, 0] / k + 0.5 / k, pitch_mm):
            if not len(places) or np.hypot(*(places - place).T).min() >= _APART * diameter_mm:
                places = np.concatenate([places, place[None]])
    turns = np.arange(_SIDES) * 2 * np.pi / _SIDES
    disc = diameter_mm * _APART / 2 * np.column_stack([np.cos(turns), np.sin(turns)])
    return tuple(place + corner + disc for place in places)


def _along(closed: Points, pitch: float) -> Points:
    """Points about `pitch` apart along a closed line, evenly."""
    path = np.concatenate([closed, closed[:1]])
    way = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
    count = max(1, round(way[-1] / pitch))
    at = np.arange(count) * way[-1] / count
    return np.column_stack([np.interp(at, way, path[:, i]) for i in (0, 1)])
