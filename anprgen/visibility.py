# SPDX-License-Identifier: Apache-2.0
"""What of a plate is to be seen in the picture: visible shares, contrast, masks."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from anprgen.geometry import Points
from anprgen.polygons import fill_exact, numbered
from anprgen.sight import PxBox, Sight


def visibility(
    contours: Sequence[Sequence[Points]],
    boxes: Sequence[tuple[float, float, float, float]],
    sight: Sight,
    grey: NDArray[np.uint8],
) -> tuple[list[float], list[float]]:
    """Visible share and contrast of every character.

    Outlines, and the boxes around those of each, are in px of the picture `grey`.
    """
    if not contours:
        return [], []
    h, w = grey.shape
    lefts, tops, rights, bottoms = zip(*boxes)
    left, top, right, bottom = min(lefts), min(tops), max(rights), max(bottoms)
    x0, y0 = math.floor(left) - 2, math.floor(top) - 2
    x1, y1 = math.ceil(right) + 2, math.ceil(bottom) + 2
    # Small plates are rastered finer, so that a share of a 10 px glyph is still a fine number.
    k = min(max(600 // max(1, x1 - x0), 1), 4)
    shape = ((y1 - y0) * k, (x1 - x0) * k)
    free = np.zeros(shape, np.uint8)
    a, b, c, d = max(0, x0), max(0, y0), min(w, x1), min(h, y1)
    if c > a and d > b:
        inside = slice((b - y0) * k, (d - y0) * k), slice((a - x0) * k, (c - x0) * k)
        free[inside] = sight.characters((a, b, c, d), k)
    ids = numbered(shape, contours, (x0, y0), k)
    n = len(contours) + 1
    total, seen = (
        cv2.calcHist([ids], [0], mask, [n], [0, n])[1:, 0].tolist() for mask in (None, free)
    )
    visible = [part / whole if whole else 0.0 for part, whole in zip(seen, total)]
    return visible, _contrasts(contours, boxes, grey)


def _contrasts(
    contours: Sequence[Sequence[Points]],
    boxes: Sequence[tuple[float, float, float, float]],
    grey: NDArray[np.uint8],
) -> list[float]:
    """|median inside - median of the box around| / 255 of every character in the picture."""
    h, w = grey.shape
    around: list[PxBox] = []
    for x0, y0, x1, y1 in boxes:
        pad = max(1.0, 0.12 * (y1 - y0))
        a, b = max(0, math.floor(x0 - pad)), max(0, math.floor(y0 - pad))
        c, d = min(w, math.ceil(x1 + pad)), min(h, math.ceil(y1 + pad))
        around.append((a, b, c, d) if c - a >= 2 and d - b >= 2 else (0, 0, 0, 0))
    if not any(c for _, _, c, _ in around):
        return [0.0] * len(boxes)
    left, top = (min(box[i] for box in around if box[2]) for i in (0, 1))
    right, bottom = (max(box[i] for box in around) for i in (2, 3))
    ids = numbered((bottom - top, right - left), contours, (left, top))
    count = len(boxes) + 1
    own = [grey[top:bottom, left:right], ids]
    inside = cv2.calcHist(own, [0, 1], None, [256, count], [0, 256, 0, count]).T[1:]
    both = np.zeros_like(inside)
    for row, (a, b, c, d) in zip(both, around):
        if c:
            row[:] = cv2.calcHist([grey[b:d, a:c]], [0], None, [256], [0, 256])[:, 0]
    outside = both - inside
    apart = np.abs(_medians(inside) - _medians(outside)) / 255
    apart[(inside.sum(1) == 0) | (outside.sum(1) <= 0)] = 0.0  # nothing of it, or nothing around
    return [float(v) for v in apart]


def _medians(histograms: NDArray[np.float32]) -> NDArray[np.float64]:
    """The medians of values of which so many are 0, 1, ...: a histogram a row."""
    up_to = np.cumsum(histograms, 1)
    n = up_to[:, -1:]
    low, high = ((up_to <= middle).sum(1) for middle in ((n - 1) // 2, n // 2))
    return np.asarray(low + high, np.float64) / 2


def plate_mask(shape: Points, sight: Sight, w: int, h: int) -> NDArray[np.uint8]:
    """The visible plate in a picture of w x h, uint8 of 1 and 0; `shape` is its outline, px."""
    mask = np.zeros((h, w), np.uint8)
    x0, y0, x1, y1 = fill_exact(mask, [shape], 1)
    if x1 > x0 and y1 > y0:
        mask[y0:y1, x0:x1] &= sight.plate((x0, y0, x1, y1))
    return mask


def run_lengths(mask: NDArray[np.uint8]) -> dict[str, list[int]]:
    """COCO's uncompressed run lengths: column-major, beginning with zeros."""
    flat = mask.ravel(order="F")
    change = np.flatnonzero(np.diff(flat)) + 1
    counts = np.diff(np.concatenate([[0], change, [flat.size]])).tolist()
    if flat.size and flat[0]:
        counts = [0, *counts]
    return {"size": [int(v) for v in mask.shape], "counts": counts}
