# SPDX-License-Identifier: Apache-2.0
"""Where bolts, holes and frames sit on a plate: the one geometry that renderers and labels share.

Lengths in mm in the plate frame (x right, y down from the top left corner); heights stand out
from the sheet towards the reader.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from anprgen.geometry import Points
from anprgen.shot import MountedPlate

#: A hole is drawn as a dark round this far above the sheet.
HOLE_RISE_MM = 0.1


@dataclass(frozen=True)
class Round:
    """A bolt's head or an empty hole: a round of `diameter_mm`, `height_mm` out of the sheet."""

    x_mm: float
    y_mm: float
    diameter_mm: float
    height_mm: float

    def outline(self, rise_mm: float, steps: int = 24) -> Points:
        """Plate (x, y, rise) of the head's edge at a height: (n, 3)."""
        r = self.diameter_mm / 2
        cos, sin = _circle(steps)
        out = np.empty((steps, 3))
        out[:, 0], out[:, 1], out[:, 2] = self.x_mm + r * cos, self.y_mm + r * sin, rise_mm
        return out


@lru_cache(maxsize=4)
def _circle(steps: int) -> tuple[Points, Points]:
    a = np.linspace(0, 2 * np.pi, steps, endpoint=False)
    return np.cos(a), np.sin(a)


def silhouettes(rounds: Sequence[Round], to_px: Callable[[Points, Points], Points]) -> list[Points]:
    """What each of them hides, a convex outline in px.

    `to_px` takes plate mm (n, 2) and rises (n); it is called once for all.
    """
    if not rounds:
        return []
    every = edges(rounds)
    return hulls(to_px(every[:, :2], every[:, 2]), len(rounds))


def edges(rounds: Sequence[Round]) -> Points:
    """Plate (x, y, rise) of the rounds' edges at the sheet and on top: as many of each, (n, 3)."""
    own = [r.outline(rise) for r in rounds for rise in (0.0, r.height_mm)]
    return np.concatenate(own) if own else np.zeros((0, 3))


def hulls(px: Points, count: int) -> list[Points]:
    """The convex outlines of `count` rounds whose `edges` are at `px` (n, 2)."""
    each = px.astype(np.float32).reshape(count, -1, 2) if count else ()
    return [np.asarray(cv2.convexHull(one)[:, 0], np.float64) for one in each]


@dataclass(frozen=True)
class FrameBar:
    """A frame: what lies outside `opening_mm` (x0, y0, x1, y1) is covered, up to `outer_mm`."""

    opening_mm: tuple[float, float, float, float]
    outer_mm: tuple[float, float, float, float]
    depth_mm: float


def bolts(plate: MountedPlate) -> tuple[Round, ...]:
    """The bolts of a mounted plate: one, two, three or four, see `_places`.

    A plate that comes with holes has them there, in the design's order.
    """
    m = plate.mount
    if plate.holes_mm:
        d, h = m.bolt_diameter_mm, m.bolt_height_mm
        return tuple(Round(x, y, d, h) for x, y, _ in plate.holes_mm[: m.bolts])
    places = _places(plate, m.bolts, m.bolt_spread, m.bolt_row, m.bolt_diameter_mm, m.bolt_pattern)
    return tuple(Round(x, y, m.bolt_diameter_mm, m.bolt_height_mm) for x, y in places)


def holes(plate: MountedPlate) -> tuple[Round, ...]:
    """The empty holes of a mounted plate: dark rounds just above the sheet."""
    m = plate.mount
    places = _places(plate, m.holes, m.hole_spread, m.hole_row, m.hole_diameter_mm)
    drilled = [Round(x, y, m.hole_diameter_mm, HOLE_RISE_MM) for x, y in places]
    own = [Round(x, y, d, HOLE_RISE_MM) for x, y, d in plate.holes_mm[m.bolts :]]
    return tuple(drilled + own)


def _places(
    plate: MountedPlate, count: int, spread: float, row: float, diameter_mm: float,
    pattern: str = "row",
) -> list[tuple[float, float]]:  # fmt: skip
    """Centres of up to four rounds, none nearer to an edge than its radius and 2 mm.

    One is in the middle of its row, three are two of a row and the middle of the other, four the
    corners; of two the pattern says where they are.
    """
    if count == 0:
        return []
    w, h = plate.size_mm
    edge = diameter_mm / 2 + 2
    half = min(spread * w / 2, w / 2 - edge)
    top = max(edge, min(h - edge, row * h))
    left, middle, right = w / 2 - half, w / 2, w / 2 + half
    if count == 1:
        return [(middle, top)]
    if count == 2 and pattern == "diagonal":
        return [(left, top), (right, h - top)]
    if count == 2 and pattern == "column":
        return [(middle, y) for y in sorted((top, h - top))]
    if count == 3:
        return [(left, top), (right, top), (middle, h - top)]
    rows = [top] if count == 2 else sorted((top, h - top))
    return [(x, y) for y in rows for x in (left, right)]


def frame_bar(plate: MountedPlate) -> FrameBar | None:
    """The frame of a mounted plate, or None."""
    m, (w, h) = plate.mount, plate.size_mm
    if m.frame == "none":
        return None
    c, b = m.frame_cover_mm, m.frame_width_mm
    out = b - c
    dealer = m.frame == "dealer"
    footer = m.frame_footer_mm if dealer else out
    lip = min(m.frame_lip_mm, 0.4 * h) if dealer else 0.0
    return FrameBar(
        (c, c, w - c, h - c - lip), (-out, -out, w + out, h + max(out, footer)), m.frame_depth_mm
    )
