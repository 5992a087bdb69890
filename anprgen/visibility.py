# SPDX-License-Identifier: Apache-2.0
"""What of a plate is to be seen in the picture: occluders, visible shares, contrast, masks."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from anprgen.geometry import Points, bounds, densify
from anprgen.mounting import bolts, frame_bar, holes, silhouettes
from anprgen.polygons import fill_exact, surrounds
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
    hidden: Hidden, shape: tuple[int, int], corner: tuple[int, int] = (0, 0), scale: int = 1
) -> NDArray[np.uint8]:
    """1 where nothing covers the plate, on a raster as `fill_exact` takes it."""
    free = np.ones(shape, np.uint8)
    for opening in hidden.openings:
        opening = (opening - np.array(corner)) * scale
        if surrounds(opening, shape[1], shape[0]):  # as most do that run round the glyphs
            continue
        inside = np.zeros(shape, np.uint8)
        fill_exact(inside, [opening], 1)
        free &= inside
    for cover in hidden.covers:
        fill_exact(free, [cover], 0, corner, scale)
    return free


def visibility(
    contours: Sequence[Sequence[Points]], hidden: Hidden, grey: NDArray[np.uint8]
) -> tuple[list[float], list[float]]:
    """Visible share and contrast of every character."""
    if not contours:
        return [], []
    h, w = grey.shape
    left, top, right, bottom = bounds(np.concatenate([p for c in contours for p in c]))
    x0, y0 = math.floor(left) - 2, math.floor(top) - 2
    x1, y1 = math.ceil(right) + 2, math.ceil(bottom) + 2
    # Small plates are rastered finer, so that a share of a 10 px glyph is still a fine number.
    k = min(max(600 // max(1, x1 - x0), 1), 4)
    shape = ((y1 - y0) * k, (x1 - x0) * k)
    free = _uncovered(hidden, shape, (x0, y0), k)
    inside = np.zeros(shape, np.uint8)
    inside[max(0, -y0 * k) : max(0, (h - y0) * k), max(0, -x0 * k) : max(0, (w - x0) * k)] = 1
    free &= inside
    ids = np.zeros(shape, np.uint8)
    for i, c in enumerate(contours):
        fill_exact(ids, c, i + 1, (x0, y0), k)
    n = len(contours) + 1
    total, seen = (
        cv2.calcHist([ids], [0], mask, [n], [0, n])[1:, 0].tolist() for mask in (None, free)
    )
    visible = [a / b if b else 0.0 for a, b in zip(seen, total)]
    return visible, [_contrast(c, grey) for c in contours]


def _contrast(contours: Sequence[Points], grey: NDArray[np.uint8]) -> float:
    """|median inside - median of the box around| / 255 of one character in the picture."""
    h, w = grey.shape
    x0, y0, x1, y1 = bounds(np.concatenate(contours))
    pad = max(1.0, 0.12 * (y1 - y0))
    a, b = max(0, math.floor(x0 - pad)), max(0, math.floor(y0 - pad))
    c, d = min(w, math.ceil(x1 + pad)), min(h, math.ceil(y1 + pad))
    if c - a < 2 or d - b < 2:
        return 0.0
    part = grey[b:d, a:c]
    mask = np.zeros(part.shape, np.uint8)
    fill_exact(mask, contours, 1, (a, b))
    n = int(mask.sum())
    if n == 0 or n == mask.size:
        return 0.0
    return abs(_median(part[mask == 1]) - _median(part[mask == 0])) / 255


def _median(values: NDArray[np.uint8]) -> float:
    """`np.median` of a few uint8, without what it spends on other kinds of arrays."""
    n = len(values)
    low, high = (n - 1) // 2, n // 2
    ranked = np.partition(values, (low, high))
    return (float(ranked[low]) + float(ranked[high])) / 2


def plate_mask(shape: Points, hidden: Hidden, w: int, h: int) -> NDArray[np.uint8]:
    mask = np.zeros((h, w), np.uint8)
    fill_exact(mask, [shape], 1)
    return mask & _uncovered(hidden, (h, w))


def run_lengths(mask: NDArray[np.uint8]) -> dict[str, list[int]]:
    """COCO's uncompressed run lengths: column-major, beginning with zeros."""
    flat = mask.ravel(order="F")
    change = np.flatnonzero(np.diff(flat)) + 1
    counts = np.diff(np.concatenate([[0], change, [flat.size]])).tolist()
    if flat.size and flat[0]:
        counts = [0, *counts]
    return {"size": [int(v) for v in mask.shape], "counts": counts}
