# SPDX-License-Identifier: Apache-2.0
"""Frames and axes, defined once, and the projection from plate millimetres to pixels.

Frames (all right-handed, lengths in mm):

- **plate**: origin at the top left corner of the sharp-cornered rectangle, x right, y down,
  z into the plate, as a reader sees it. Embossing rises towards negative z.
- **world**: z up; plate 0 is centred at the origin and, without tilt, its x is world x, its down
  is world -z, and into the plate is world +y. A camera that reads it stands at negative y.
- **camera**: x right, y down, z forward along the optical axis (OpenCV).
- **frame px**: pixels of the whole sensor. (0, 0) is the outer corner of the top left pixel,
  centres lie at +0.5. A *window* is a part of the frame: integers (x0, y0, width, height).

OpenCV's own pixel convention has centres at integers; `to_opencv` converts at that border.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]


@dataclass(frozen=True)
class Window:
    """A rectangle of whole frame pixels."""

    x0: int
    y0: int
    width: int
    height: int

    @property
    def area(self) -> int:
        return self.width * self.height

    def times(self, scale: int) -> Window:
        """The window of a camera with `scale` times as many pixels each way."""
        return Window(self.x0 * scale, self.y0 * scale, self.width * scale, self.height * scale)

    def contains(self, other: Window) -> bool:
        """Whether all of `other` lies in this window."""
        return (
            self.x0 <= other.x0
            and self.y0 <= other.y0
            and other.x0 + other.width <= self.x0 + self.width
            and other.y0 + other.height <= self.y0 + self.height
        )


def enclosing(windows: Sequence[Window]) -> Window:
    """The smallest window that contains all of them."""
    x0, y0 = min(w.x0 for w in windows), min(w.y0 for w in windows)
    x1, y1 = max(w.x0 + w.width for w in windows), max(w.y0 + w.height for w in windows)
    return Window(x0, y0, x1 - x0, y1 - y0)


@dataclass(frozen=True)
class Bend:
    """A plate bent about its vertical axis into a cylinder.

    `curvature_per_m` is 1/radius; positive: the left and right ends go away from the reader.
    """

    width_mm: float
    height_mm: float
    curvature_per_m: float = 0.0

    def surface(self, mm: Points, rise_mm: float | Points = 0.0) -> Points:
        """Plate (x, y) in mm -> (n, 3) about its centre; `rise_mm` lifts towards the reader."""
        mm = np.asarray(mm, np.float64)
        x, y = mm[:, 0] - self.width_mm / 2, mm[:, 1] - self.height_mm / 2
        k = self.curvature_per_m / 1000.0
        rise = np.asarray(rise_mm, np.float64)
        out = np.empty((len(mm), 3))
        out[:, 1] = y
        if abs(k) < 1e-9:
            out[:, 0], out[:, 2] = x, -rise
        else:
            sin, cos = np.sin(k * x), np.cos(k * x)
            out[:, 0], out[:, 2] = sin / k + rise * sin, (1 - cos) / k - rise * cos
        return out


def rotation(axis: str, degrees: float) -> Points:
    """Right-handed rotation matrix about a coordinate axis."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return np.array(
        {
            "x": [[1, 0, 0], [0, c, -s], [0, s, c]],
            "y": [[c, 0, s], [0, 1, 0], [-s, 0, c]],
            "z": [[c, -s, 0], [s, c, 0], [0, 0, 1]],
        }[axis],
        np.float64,
    )


#: Plate axes in the world for an upright plate: x -> x, y (down) -> -z, z (into) -> +y.
PLATE_TO_WORLD = np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]], np.float64)


def rigid(rotation_: Points, translation: Points) -> Points:
    """4x4 matrix of a rotation followed by a translation (mm)."""
    m = np.eye(4)
    m[:3, :3], m[:3, 3] = rotation_, translation
    return m


def eye_of(world_to_camera: Points) -> Points:
    """Where a camera stands, world mm (3,), of its 4x4 matrix."""
    return np.asarray(-world_to_camera[:3, :3].T @ world_to_camera[:3, 3])


def apply(matrix: Points, points: Points) -> Points:
    """A 4x4 rigid matrix applied to (n, 3) points."""
    return np.asarray(points @ matrix[:3, :3].T + matrix[:3, 3])


@dataclass(frozen=True)
class Pinhole:
    """An ideal camera: focal length and principal point in frame px, world (mm) to camera 4x4."""

    focal_px: float
    cx: float
    cy: float
    world_to_camera: Points

    def project(self, world: Points) -> Points:
        """World points (n, 3) in mm -> undistorted frame px (n, 2); NaN behind the camera."""
        p = apply(self.world_to_camera, world)
        z = np.where(p[:, 2] > 1e-6, p[:, 2], np.nan)
        return np.asarray(self.focal_px * p[:, :2] / z[:, None] + (self.cx, self.cy))


def linear_weights(at: Points, count: int) -> Points:
    """Matrix (len(at), count) from values at the nodes 0, 1, ... to places `at`, linearly."""
    return np.asarray(np.maximum(1 - np.abs(at[:, None] - np.arange(count)), 0))


def to_opencv(px: Points) -> Points:
    """Our pixel coordinates (corner origin) -> OpenCV's (centres at integers)."""
    return px - 0.5


def from_opencv(px: Points) -> Points:
    """OpenCV's pixel coordinates (centres at integers) -> ours (corner origin)."""
    return px + 0.5


def rectangle(width: float, height: float, step: float | None = None) -> Points:
    """Outline of a rectangle at (0, 0), clockwise from its top left; densified to `step`."""
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    return corners if step is None else densify(corners, step)


def densify(closed: Points, step: float) -> Points:
    """Points on the edges of a closed polyline, at most `step` apart, keeping its vertices."""
    way = np.concatenate([closed[1:], closed[:1]]) - closed
    count = np.maximum(np.ceil(np.hypot(*way.T) / step), 1).astype(int)
    first = np.cumsum(count) - count
    share = (np.arange(count.sum()) - np.repeat(first, count)) / np.repeat(count, count)
    return np.asarray(np.repeat(closed, count, 0) + np.repeat(way, count, 0) * share[:, None])


def bounds(px: Points) -> tuple[float, float, float, float]:
    """(x0, y0, x1, y1) of points."""
    x, y = px[:, 0], px[:, 1]  # each by itself: over both at once takes ten times as long
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def bounds_of_each(groups: Sequence[Sequence[Points]]) -> list[tuple[float, float, float, float]]:
    """`bounds` of every group of outlines (n, 2), none of them empty; all groups at once."""
    if not groups:
        return []
    x, y = np.concatenate([one for group in groups for one in group]).T.copy()
    ends = np.cumsum([sum(map(len, group)) for group in groups])
    starts = np.concatenate([[0], ends[:-1]])
    sides = [np.minimum.reduceat(v, starts).tolist() for v in (x, y)]
    sides += [np.maximum.reduceat(v, starts).tolist() for v in (x, y)]
    return list(zip(*sides))


def area(closed: Points) -> float:
    """Signed area of a closed polygon."""
    x, y = closed[:, 0], closed[:, 1]
    return float(0.5 * np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))
