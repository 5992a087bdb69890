# SPDX-License-Identifier: Apache-2.0
"""Filled polygons in rasters, to a fraction of a pixel."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from anprgen.geometry import Points

_SHIFT = 6  # fractional bits of cv2.fillPoly's fixed-point coordinates


def fill_exact(
    image: NDArray[np.uint8], contours: Sequence[Points], value: int
) -> tuple[int, int, int, int]:
    """Sets the pixels whose centre lies inside the even-odd contours (px, corner origin).

    cv2.fillPoly also paints every pixel its outline touches, which widens a shape by half a
    pixel all round; drawing 5 x finer and taking the sub-pixel at each centre undoes that.
    Returns the painted box (x0, y0, x1, y1).
    """
    h, w = image.shape
    points = np.concatenate(list(contours))
    x0, y0 = (max(0, math.floor(v) - 1) for v in points.min(0))
    x1, y1 = min(w, math.ceil(points[:, 0].max()) + 1), min(h, math.ceil(points[:, 1].max()) + 1)
    if x1 <= x0 or y1 <= y0:
        return (0, 0, 0, 0)
    k = 5  # odd: a sub-pixel's centre falls on the pixel's centre; excess is then 0.1 px
    fine = np.zeros(((y1 - y0) * k, (x1 - x0) * k), np.uint8)
    fill(fine, [(p - (x0, y0)) * k for p in contours])
    inside = fine[k // 2 :: k, k // 2 :: k] > 0
    image[y0:y1, x0:x1][inside] = value
    return (x0, y0, x1, y1)


def fill(image: NDArray[np.uint8], contours: Sequence[Points]) -> None:
    """Even-odd fill with 255 in px of corner origin; widens by about half a pixel."""
    polygons = [np.rint((c - 0.5) * (1 << _SHIFT)).astype(np.int32) for c in contours]
    cv2.fillPoly(image, polygons, 255, lineType=cv2.LINE_8, shift=_SHIFT)
