# SPDX-License-Identifier: Apache-2.0
"""Finds the plate's outline in a crop by classical means, or says that it cannot.

Areas of several thresholds are closed over their glyphs; the four sides of each candidate are
moved onto the strongest edges near them and fitted by lines. What counts in the end is how much
of each side lies on an edge of one direction. A plate that reaches the border of the crop, or
whose edge is no edge in the picture, is not found.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
Slopes = list[list[NDArray[np.float32]]]

_WIDTH_PX = 220.0  # working width
_LEAST_AREA, _MOST_AREA = 0.16, 0.97  # of the crop
_LEAST_SIDE = (0.45, 0.4)  # of the crop's width and height; in smaller ones glyphs are boxed
_ASPECTS = (1.05, 8.0)
_TALLEST = 20  # height of a crop, in widths
_POINTS = 48  # on a side
_ALONG = np.linspace(0.1, 0.9, _POINTS)
_LEAST_SLOPE = 1.5  # levels per working px
_LEAST_CONFIDENCE, _SURE = 0.75, 0.96
_BORDER_PX = 1.2  # working px; nearer sides are the crop's own


@dataclass(frozen=True)
class Found:
    """The outline: four corners [4, 2] from the top left, clockwise, px; confidence 0..1."""

    corners: F64
    confidence: float


def find_quad(rgb: NDArray[np.uint8]) -> Found | None:
    """The plate's outline in a crop of it, or None."""
    import cv2

    height, width = rgb.shape[:2]
    if height > _TALLEST * width:  # no plate stands so
        return None
    scale = _WIDTH_PX / width
    size = (round(width * scale), max(16, round(height * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    small = cv2.resize(rgb, size, interpolation=way)
    lab = cv2.cvtColor(cv2.GaussianBlur(small, (0, 0), 1.0), cv2.COLOR_RGB2LAB)
    slopes = [_slopes(lab[..., k], weight) for k, weight in ((0, 1.0), (1, 2.0), (2, 2.0))]
    best: Found | None = None
    most = 0.0
    channel = 0
    for plane, start in _candidates(lab):
        if plane != channel and best is not None and best.confidence >= _SURE:
            break
        channel = plane
        found = _settled(start, slopes, size, (7.0, 3.0))
        if found is None or found.confidence < _LEAST_CONFIDENCE:
            # From afar glyphs may be stronger than the sheet's border.
            found = _settled(start, slopes, size, (3.0,))
        if found is None or found.confidence < _LEAST_CONFIDENCE:
            continue
        # Of two sure outlines the larger: the smaller is a line of glyphs.
        score = found.confidence * _area(found.corners) ** 0.3
        if score > most:
            best, most = found, score
    if best is None:
        return None
    back = best.corners / (size[0] / width, size[1] / height)
    return Found(back, best.confidence)


def shape(found: Found | None, width: int, height: int) -> dict[str, float]:
    """What an outline says of a crop of `width` x `height` px; NaN where none was found.

    ``tilt_deg`` (of the level sides, clockwise), ``plate_px`` (width of its box), ``margin_*`` and
    ``loose``: what the crop leaves around the box, of the box's sides; ``quad``: confidence, 0 for
    none.
    """
    names = ("tilt_deg", "plate_px", "margin_left", "margin_right", "margin_top", "margin_bottom")
    if found is None:
        return {**dict.fromkeys((*names, "loose"), math.nan), "quad": 0.0}
    p = found.corners
    along = (p[1] - p[0]) + (p[2] - p[3])
    (x0, y0), (x1, y1) = p.min(0), p.max(0)
    w, h = x1 - x0, y1 - y0
    values = (
        math.degrees(math.atan2(along[1], along[0])),
        w,
        x0 / w,
        (width - x1) / w,
        y0 / h,
        (height - y1) / h,
    )
    loose = math.sqrt(width * height / (w * h)) - 1
    return {**dict(zip(names, map(float, values))), "loose": loose, "quad": found.confidence}


def _slopes(channel: NDArray[np.uint8], weight: float) -> list[NDArray[np.float32]]:
    import cv2

    return [cv2.Sobel(channel, cv2.CV_32F, *d, scale=weight / 8) for d in ((1, 0), (0, 1))]


def _candidates(lab: NDArray[np.uint8]) -> Iterator[tuple[int, F64]]:
    """Channel and rough outline [4, 2] of bright and dark, then of coloured areas."""
    import cv2

    height, width = lab.shape[:2]
    whole = width * height
    seen: list[F64] = []
    for channel in (0, 2, 1):
        plane = lab[..., channel]
        otsu, _ = cv2.threshold(plane, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
        marks = {round(otsu), *(round(v) for v in np.percentile(plane, (25, 40, 60)))}
        for mark in sorted(marks):
            for flip in (False, True):
                area = (plane <= mark if flip else plane > mark).astype(np.uint8)
                for closing in (5, 13):
                    kernel = np.ones((closing, closing), np.uint8)
                    closed = cv2.morphologyEx(area, cv2.MORPH_CLOSE, kernel)
                    closed = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((7, 7), np.uint8))
                    found, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
                    for contour in found:
                        hull = cv2.convexHull(contour)
                        if not _LEAST_AREA <= cv2.contourArea(hull) / whole <= _MOST_AREA:
                            continue
                        corners = _four(hull)
                        if corners is None or any(np.abs(corners - s).max() < 3 for s in seen):
                            continue
                        seen.append(corners)
                        yield channel, corners


def _four(hull: NDArray[np.int32]) -> F64 | None:
    """Four corners of a hull, in order, or None where it is no quadrilateral."""
    import cv2

    points = cv2.approxPolyDP(hull, 0.05 * cv2.arcLength(hull, True), True)[:, 0].astype(np.float64)
    if len(points) != 4:
        points = cv2.boxPoints(cv2.minAreaRect(hull)).astype(np.float64)
        if cv2.contourArea(hull) < 0.8 * cv2.contourArea(points.astype(np.float32)):
            return None
    return _ordered(points + 0.5)


def _ordered(points: F64) -> F64 | None:
    """Top left, top right, bottom right, bottom left of a quadrilateral that is wider than high."""
    middle = points.mean(0)
    turned = points[np.argsort(np.arctan2(*(points - middle).T[::-1]))]  # clockwise on screen
    best = min(range(4), key=lambda k: _upset(np.roll(turned, -k, 0)))
    out = np.roll(turned, -best, 0)
    return np.asarray(out) if _upset(out) < math.radians(45) else None


def _upset(p: F64) -> float:
    """How far the upper and lower sides are from level, rad."""
    along = (p[1] - p[0]) + (p[2] - p[3])
    return abs(math.atan2(along[1], along[0]))


def _settled(
    start: F64, slopes: Slopes, size: tuple[int, int], reaches: tuple[float, ...]
) -> Found | None:
    """The candidate with its sides on the edges near them, and how surely they are there."""
    corners, support = start, np.zeros(4)
    for reach in reaches:
        moved = _moved(corners, slopes, reach)
        if moved is None:
            return None
        points, along, support = moved
        corners = np.array(
            [_meet(points[k - 1], along[k - 1], points[k], along[k]) for k in range(4)]
        )
        if not np.isfinite(corners).all():
            return None
    width, height = size
    if (corners < _BORDER_PX).any() or (corners > np.array([width, height]) - _BORDER_PX).any():
        return None
    lengths = np.linalg.norm(np.roll(corners, -1, 0) - corners, axis=1)
    aspect = float(lengths[0] + lengths[2]) / max(float(lengths[1] + lengths[3]), 1e-6)
    fits = _LEAST_AREA <= _area(corners) / (width * height) <= _MOST_AREA
    if not fits or not _ASPECTS[0] <= aspect <= _ASPECTS[1]:
        return None
    if _upset(corners) > math.radians(40):
        return None
    if (np.ptp(corners, 0) < np.array(_LEAST_SIDE) * size).any():
        return None
    return Found(corners, float(support.min() * support.mean()) ** 0.5)


def _area(corners: F64) -> float:
    x, y = corners.T
    return float(0.5 * abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))))


def _moved(corners: F64, slopes: Slopes, reach: float) -> tuple[F64, F64, F64] | None:
    """A point and the direction [4, 2] of the edge near each side, and shares of support [4].

    Each side is tried in every channel and with either sign of its edge.
    """
    import cv2

    along = np.roll(corners, -1, 0) - corners
    length = np.linalg.norm(along, axis=1)
    if length.min() < 8:
        return None
    normal = np.stack([-along[:, 1], along[:, 0]], 1) / length[:, None]
    base = corners[:, None] + _ALONG[:, None] * along[:, None]  # [4, n, 2]
    t = np.arange(-reach, reach + 0.25, 0.5)
    at = (base[:, :, None] + t[:, None] * normal[:, None, None] - 0.5).astype(np.float32)
    mx, my = (np.ascontiguousarray(at[..., k].reshape(-1, len(t))) for k in (0, 1))
    across = []
    for gx, gy in slopes:
        fx, fy = (
            cv2.remap(g, mx, my, cv2.INTER_LINEAR, None, cv2.BORDER_REPLICATE).reshape(
                4, _POINTS, len(t)
            )
            for g in (gx, gy)
        )
        value = fx * normal[:, :1, None] + fy * normal[:, 1:, None]
        across += [value, -value]
    value = np.array(across)  # [ways, 4, n, t]
    peak = (value * (1 - 0.5 * np.abs(t) / reach)).argmax(3)
    height = np.take_along_axis(value, peak[..., None], 3)[..., 0]
    strong = height >= _LEAST_SLOPE
    place = _lines(np.asarray(t[peak]), np.asarray(height * strong, np.float64))
    # What lies along the line must be an edge, not the ends of many strokes.
    share = (strong & (np.abs(t[peak] - place) <= 1.2)).mean(2)
    way = share.argmax(0)
    sides = np.arange(4)
    place, support = place[way, sides], share[way, sides]
    if support.min() < 0.3:
        return None
    first = base[:, 0] + place[:, :1] * normal
    last = base[:, -1] + place[:, -1:] * normal
    return first, last - first, support


def _lines(y: F64, weight: F64) -> F64:
    """Straight lines through points [..., n] at even places; outliers are let go step by step."""
    x = np.linspace(-1, 1, y.shape[-1])
    place = np.repeat(np.median(y, axis=-1, keepdims=True), y.shape[-1], -1)
    for width in (4.0, 2.0, 1.2, 1.0):
        w = weight * np.exp(-(((y - place) / width) ** 2)) + 1e-9
        total = w.sum(-1, keepdims=True)
        mx, my = (w @ x)[..., None] / total, (w * y).sum(-1, keepdims=True) / total
        off = x - mx
        slope = (w * off * (y - my)).sum(-1, keepdims=True)
        slope = slope / np.maximum((w * off**2).sum(-1, keepdims=True), 1e-9)
        place = my + slope * off
    return np.asarray(place)


def _meet(p: F64, u: F64, q: F64, v: F64) -> F64:
    """Where the lines through p along u and through q along v cross; NaN where nowhere."""
    cross = u[0] * v[1] - u[1] * v[0]
    if abs(cross) < 1e-9:
        return np.full(2, np.nan)
    d = q - p
    return np.asarray(p + u * (d[0] * v[1] - d[1] * v[0]) / cross)
