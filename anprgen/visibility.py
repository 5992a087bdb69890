# SPDX-License-Identifier: Apache-2.0
"""What of a plate is to be seen in the picture: occluders, visible shares, contrast, masks."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anprgen.geometry import Points, bounds, densify
from anprgen.mounting import bolts, frame_bar, holes, silhouettes
from anprgen.polygons import fill_exact
from anprgen.shot import MountedPlate


@dataclass(frozen=True)
class Hidden:
    """What covers the plate, px: convex outlines, and openings outside which all is covered."""

    covers: tuple[Points, ...]
    openings: tuple[Points, ...]


def occluders(plate: MountedPlate, to_px: Callable[..., Points]) -> Hidden:
    covers = tuple(silhouettes((*bolts(plate), *holes(plate)), to_px))
    openings: list[Points] = []
    bar = frame_bar(plate)
    if bar is not None:
        x0, y0, x1, y1 = bar.opening_mm
        edge = densify(np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]), 15.0)
        openings = [to_px(edge, 0.0), to_px(edge, bar.depth_mm)]
    return Hidden(covers, tuple(openings))


def _uncovered(
    hidden: Hidden, shape: tuple[int, int], move: Callable[[Points], Points]
) -> NDArray[np.uint8]:
    """1 where nothing covers the plate, on a raster whose px are `move`d picture px."""
    free = np.ones(shape, np.uint8)
    for opening in hidden.openings:
        inside = np.zeros(shape, np.uint8)
        fill_exact(inside, [move(opening)], 1)
        free &= inside
    for cover in hidden.covers:
        fill_exact(free, [move(cover)], 0)
    return free


def visibility(
    contours: Sequence[Sequence[Points]], hidden: Hidden, grey: NDArray[np.uint8]
) -> tuple[list[float], list[float]]:
    """Visible share and contrast of every character."""
    if not contours:
        return [], []
    h, w = grey.shape
    every = np.concatenate([p for c in contours for p in c])
    x0, y0 = np.floor(every.min(0)).astype(int) - 2
    x1, y1 = np.ceil(every.max(0)).astype(int) + 2
    # Small plates are rastered finer, so that a share of a 10 px glyph is still a fine number.
    k = int(np.clip(600 // max(1, x1 - x0), 1, 4))
    shape = ((y1 - y0) * k, (x1 - x0) * k)

    def move(px: Points) -> Points:
        return np.asarray((px - (x0, y0)) * k)

    free = _uncovered(hidden, shape, move)
    inside = np.zeros(shape, np.uint8)
    inside[max(0, -y0 * k) : max(0, (h - y0) * k), max(0, -x0 * k) : max(0, (w - x0) * k)] = 1
    free &= inside
    ids = np.zeros(shape, np.uint8)
    for i, c in enumerate(contours):
        fill_exact(ids, [move(p) for p in c], i + 1)
    total = np.bincount(ids.ravel(), minlength=len(contours) + 1)
    seen = np.bincount(ids.ravel(), weights=free.ravel(), minlength=len(contours) + 1)
    visible = [
        float(seen[i + 1] / total[i + 1]) if total[i + 1] else 0.0 for i in range(len(contours))
    ]
    return visible, [_contrast(c, grey) for c in contours]


def _contrast(contours: Sequence[Points], grey: NDArray[np.uint8]) -> float:
    """|median inside - median of the box around| / 255 of one character in the picture."""
    h, w = grey.shape
    x0, y0, x1, y1 = bounds(np.concatenate(list(contours)))
    pad = max(1.0, 0.12 * (y1 - y0))
    a, b = max(0, math.floor(x0 - pad)), max(0, math.floor(y0 - pad))
    c, d = min(w, math.ceil(x1 + pad)), min(h, math.ceil(y1 + pad))
    if c - a < 2 or d - b < 2:
        return 0.0
    part = grey[b:d, a:c]
    mask = np.zeros(part.shape, np.uint8)
    fill_exact(mask, [p - (a, b) for p in contours], 1)
    n = int(mask.sum())
    if n == 0 or n == mask.size:
        return 0.0
    return abs(float(np.median(part[mask == 1])) - float(np.median(part[mask == 0]))) / 255


def plate_mask(shape: Points, hidden: Hidden, w: int, h: int) -> NDArray[np.uint8]:
    mask = np.zeros((h, w), np.uint8)
    fill_exact(mask, [shape], 1)
    return mask & _uncovered(hidden, (h, w), lambda px: px)


def run_lengths(mask: NDArray[np.uint8]) -> dict[str, list[int]]:
    """COCO's uncompressed run lengths: column-major, beginning with zeros."""
    flat = mask.ravel(order="F")
    change = np.flatnonzero(np.diff(flat)) + 1
    counts = np.diff(np.concatenate([[0], change, [flat.size]])).tolist()
    if flat.size and flat[0]:
        counts = [0, *counts]
    return {"size": [int(v) for v in mask.shape], "counts": counts}
