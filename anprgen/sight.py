# SPDX-License-Identifier: Apache-2.0
"""Where a plate and its characters can be seen in a picture.

Path-traced renders come with a plane that was measured with them (`Face`): where a plate's face is
seen, and whether wear leaves its contrast. Of others only bolts, holes and frames are known.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from anprgen.geometry import Points, Window, densify, to_opencv
from anprgen.mounting import bolts, edges, frame_bar, holes, hulls
from anprgen.polygons import fill_exact, surrounds
from anprgen.shot import MountedPlate

PxBox = tuple[int, int, int, int]  # x0, y0, x1, y1 in whole px

#: Value of a face from which on a character on it is seen: half a pixel of clean face, or a whole
#: one with a quarter of its contrast. A value from which on a pixel is the plate's.
SEEN, PLATE = 0.5, 0.25
_NODES_PX = 8  # px between two places that are traced back through the camera
_STEPS = 5


class Sight(Protocol):
    """What of a plate can be seen in a picture: uint8 rasters of 1 and 0 over a box of it."""

    def characters(self, box: PxBox, finer: int) -> NDArray[np.uint8]:
        """Where a character would be seen; `finer` values a px and side."""
        ...

    def plate(self, box: PxBox) -> NDArray[np.uint8]:
        """Where the plate is seen, clean or not."""
        ...


@dataclass(frozen=True)
class Face:
    """What a renderer saw of the plates' faces: float32 [h, w] over `window`, undistorted px.

    0 where something else is in front, a third where dirt has taken all contrast of a character to
    its sheeting, 1 on a clean face; between them by the share of the contrast that is left.
    """

    plane: NDArray[np.float32]
    window: Window


class Measured:
    """A plate's sight as it was rendered.

    Args:
        face: of the render.
        to_picture: undistorted px (n, 2) -> picture px.
        near: undistorted px around the plate.
        box: of the picture's px around it.
    """

    def __init__(
        self, face: Face, to_picture: Callable[[Points], Points], near: Points, box: PxBox
    ) -> None:
        self._corner = box[:2]
        place = to_opencv(_traced_back(face.window, to_picture, near, box))
        at_x, at_y = (
            np.ascontiguousarray(place[i] - corner, np.float32)
            for i, corner in enumerate((face.window.x0, face.window.y0))
        )
        #: The plane as the camera moves it, over the box.
        self._plane = cv2.remap(face.plane, at_x, at_y, cv2.INTER_LINEAR)

    def _part(self, box: PxBox) -> NDArray[np.float32]:
        """The moved plane over a box of the picture; 0 beyond the plate's own."""
        x0, y0, x1, y1 = box
        h, w = self._plane.shape
        x, y = x0 - self._corner[0], y0 - self._corner[1]
        part = np.zeros((y1 - y0, x1 - x0), np.float32)
        inner = self._plane[max(0, y) : min(h, y + y1 - y0), max(0, x) : min(w, x + x1 - x0)]
        part[max(0, -y) :, max(0, -x) :][: inner.shape[0], : inner.shape[1]] = inner
        return part

    def characters(self, box: PxBox, finer: int) -> NDArray[np.uint8]:
        """Where a character would be seen; `finer` values a px and side."""
        part = self._part(box)
        if finer > 1:
            part = cv2.resize(part, None, fx=finer, fy=finer, interpolation=cv2.INTER_LINEAR)
        return np.asarray(part >= SEEN, np.uint8)

    def plate(self, box: PxBox) -> NDArray[np.uint8]:
        """Where the plate is seen, clean or not."""
        return np.asarray(self._part(box) >= PLATE, np.uint8)


def _traced_back(
    window: Window, to_picture: Callable[[Points], Points], near: Points, box: PxBox
) -> Points:
    """Undistorted px, x and y [2, h, w], of the centres of a box of picture px.

    The camera is known in one direction alone: it is asked at nodes, and Newton's method finds
    the way back between them.
    """
    x0, y0, x1, y1 = box
    margin = 2 * _NODES_PX
    low = np.maximum(np.floor(near.min(0)) - margin, (window.x0, window.y0))
    high = np.minimum(
        np.ceil(near.max(0)) + margin, (window.x0 + window.width, window.y0 + window.height)
    )
    if (high - low < 1).any():
        return np.full((2, y1 - y0, x1 - x0), -1e6)
    count = np.maximum(np.ceil((high - low) / _NODES_PX).astype(int), 2) + 1
    step = (high - low) / (count - 1)
    nodes = np.stack(np.meshgrid(np.arange(count[0]), np.arange(count[1])), -1).reshape(-1, 2)
    there = to_picture(low + nodes * step)
    # From an affine fit; then the map's own slopes.
    fit = np.linalg.lstsq(np.column_stack([there, np.ones(len(there))]), nodes, rcond=None)[0]
    grid = there.reshape(count[1], count[0], 2)
    columns, rows = (
        np.linspace(a, b, max(2, 1 + math.ceil((b - a) / _NODES_PX)))
        for a, b in ((x0, x1), (y0, y1))
    )
    target = np.stack(np.meshgrid(columns, rows), -1)
    at = target @ fit[:2] + fit[2]
    for _ in range(_STEPS):
        at = np.clip(at, 0, count - 1)
        value, (ax, ay), (bx, by) = _between(grid, at)
        dx, dy = np.moveaxis(target - value, -1, 0)
        det = ax * by - ay * bx
        det = np.where(np.abs(det) < 1e-6, 1e-6, det)
        at = at + np.stack([(dx * by - dy * bx) / det, (dy * ax - dx * ay) / det], -1)
    place = low + at * step
    # Between nodes it is linear, row by row and then column by column.
    for axis, length in ((0, y1 - y0), (1, x1 - x0)):
        n = place.shape[axis] - 1
        t = (np.arange(length) + 0.5) * (n / length)
        i = np.minimum(t.astype(int), n - 1)
        weight = (t - i).reshape(-1, 1, 1) if axis == 0 else (t - i).reshape(1, -1, 1)
        first = np.take(place, i, axis)
        place = first + (np.take(place, i + 1, axis) - first) * weight
    return np.moveaxis(place, -1, 0)


def _between(grid: Points, at: Points) -> tuple[Points, Points, Points]:
    """A map's values at places between the nodes [h, w, 2], and its slopes in x and in y.

    `at` [..., 2] are places (x, y) in nodes; slopes come as (2, ...).
    """
    h, w = grid.shape[:2]
    i = np.minimum(at[..., 0].astype(int), w - 2)
    j = np.minimum(at[..., 1].astype(int), h - 2)
    s, t = (at[..., 0] - i)[..., None], (at[..., 1] - j)[..., None]
    a, b, c, d = grid[j, i], grid[j, i + 1], grid[j + 1, i], grid[j + 1, i + 1]
    top, bottom = a + (b - a) * s, c + (d - c) * s
    right, down = (b - a) * (1 - t) + (d - c) * t, bottom - top
    return top + down * t, np.moveaxis(right, -1, 0), np.moveaxis(down, -1, 0)


@dataclass(frozen=True)
class Hidden:
    """What is known to cover a plate, picture px: convex outlines, and openings in what does."""

    covers: tuple[Points, ...]
    openings: tuple[Points, ...]

    def characters(self, box: PxBox, finer: int) -> NDArray[np.uint8]:
        """Where a character would be seen; `finer` values a px and side."""
        x0, y0, x1, y1 = box
        h, w = (y1 - y0) * finer, (x1 - x0) * finer
        free = np.ones((h, w), np.uint8)
        for opening in self.openings:
            outline = (opening - np.array((x0, y0))) * finer
            if surrounds(outline, w, h):  # as most do that run round the glyphs
                continue
            inside = np.zeros((h, w), np.uint8)
            fill_exact(inside, [outline], 1)
            free &= inside
        for cover in self.covers:
            fill_exact(free, [cover], 0, (x0, y0), finer)
        return free

    def plate(self, box: PxBox) -> NDArray[np.uint8]:
        return self.characters(box, 1)


def occluders(plate: MountedPlate, to_px: Callable[..., Points]) -> Hidden:
    """Bolts, holes and frame of a plate, which every renderer draws."""
    rounds, bar = (*bolts(plate), *holes(plate)), frame_bar(plate)
    if not rounds and bar is None:
        return Hidden((), ())
    parts = [edges(rounds)]
    if bar is not None:
        x0, y0, x1, y1 = bar.opening_mm
        edge = densify(np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]), 15.0)
        parts += [np.column_stack([edge, np.full(len(edge), z)]) for z in (0.0, bar.depth_mm)]
    every = np.concatenate(parts)
    around, *openings = np.split(
        to_px(every[:, :2], every[:, 2]), np.cumsum([len(p) for p in parts[:-1]])
    )
    return Hidden(tuple(hulls(around, len(rounds))), tuple(openings))
