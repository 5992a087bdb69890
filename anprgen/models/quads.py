# SPDX-License-Identifier: Apache-2.0
"""Quadrilaterals in a picture: their bounds, and how much of them two have in common."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
Box = tuple[float, float, float, float]  # left, top, right, bottom, px


def bounds(quad: F32, width: int, height: int) -> Box:
    """The box around corners [4, 2], clipped to a picture."""
    (x0, y0), (x1, y1) = quad.min(0), quad.max(0)
    return (
        float(np.clip(x0, 0, width)),
        float(np.clip(y0, 0, height)),
        float(np.clip(x1, 0, width)),
        float(np.clip(y1, 0, height)),
    )


def convex(quad: F32) -> bool:
    """Whether corners [4, 2] turn clockwise on the screen all the way, and enclose an area."""
    if not np.isfinite(quad).all():
        return False
    a = np.roll(quad, -1, 0) - quad
    b = np.roll(a, -1, 0)
    return bool((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0] > 1e-3).all())


def overlap(a: F32, b: F32) -> float:
    """Intersection over union of two quadrilaterals [4, 2]; 0 where one is not `convex`."""
    if not convex(a) or not convex(b):
        return 0.0
    # Far from the origin, single precision would cost digits.
    centre = a.mean(0)
    p, q = np.float32(a - centre), np.float32(b - centre)
    common = float(cv2.intersectConvexConvex(p, q)[0])  # type: ignore[arg-type]
    both = float(cv2.contourArea(p)) + float(cv2.contourArea(q)) - common  # type: ignore[arg-type]
    return min(1.0, max(0.0, common / both)) if both > 0 else 0.0


def width_px(quad: F32) -> float:
    """Mean length of the upper and the lower side."""
    return float(np.hypot(*(quad[1] - quad[0])) + np.hypot(*(quad[2] - quad[3]))) / 2
