# SPDX-License-Identifier: Apache-2.0
"""Fits quadratic curves to a closed polyline of arcs and straight lines.

Points are millimetres. Long segments stay straight lines; each run of short ones between
them is an arc that was flattened, and is fitted with as few quadratics as the tolerance lets.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Segment = tuple[tuple[float, float] | None, tuple[float, float]]
"""(control point or None for a line, end point)."""

LINE_MM = 2.0
CORNER_RAD = math.radians(32)
TOLERANCE_MM = 0.02


def fit_ring(coords: Array) -> tuple[tuple[float, float], list[Segment]]:
    """Start point and segments of a closed ring (first point not repeated)."""
    pts = _without_repeats(coords)
    n = len(pts)
    step = np.roll(pts, -1, axis=0) - pts
    length = np.hypot(step[:, 0], step[:, 1])
    heading = np.arctan2(step[:, 1], step[:, 0])
    turn = np.abs((heading - np.roll(heading, 1) + math.pi) % (2 * math.pi) - math.pi)
    is_line = length >= LINE_MM
    breaks = [i for i in range(n) if is_line[i] or is_line[i - 1] or turn[i] > CORNER_RAD] or [0]
    segments: list[Segment] = []
    for k, start in enumerate(breaks):
        stop = breaks[(k + 1) % len(breaks)]
        count = (stop - start) % n or n
        run = pts[[(start + j) % n for j in range(count + 1)]]
        if count == 1:
            segments.append((None, _xy(run[-1])))
            continue
        before = step[start - 1] if turn[start] <= CORNER_RAD else None
        after = step[stop] if turn[stop] <= CORNER_RAD else None
        segments += _fit_run(run, _end_tangent(run, before), _end_tangent(run[::-1], after, -1))
    return _xy(pts[breaks[0]]), segments


def _without_repeats(coords: Array) -> Array:
    pts = np.asarray(coords, dtype=np.float64)
    if np.allclose(pts[0], pts[-1]):
        pts = pts[:-1]
    gap = np.hypot(*(np.roll(pts, -1, axis=0) - pts).T)
    return np.asarray(pts[gap > 1e-3])


def _end_tangent(run: Array, outside: Array | None, sign: int = 1) -> Array:
    """Direction of travel at the first point of `run` (sign -1: run is given reversed)."""
    inner = (run[1] - run[0]) * sign
    inner = inner / np.hypot(*inner)
    if outside is None:
        return np.asarray(inner)
    if np.hypot(*outside) >= LINE_MM:
        return np.asarray(outside / np.hypot(*outside))
    mean = inner + outside / np.hypot(*outside)
    return np.asarray(mean / np.hypot(*mean))


def _fit_run(run: Array, t0: Array, t1: Array) -> list[Segment]:
    control = _meet(run[0], t0, run[-1], t1)
    if control is not None and _deviation(run, control) <= TOLERANCE_MM:
        return [(_xy(control), _xy(run[-1]))]
    if len(run) <= 3:
        return [(None, _xy(p)) for p in run[1:]]
    mid = len(run) // 2
    tangent = run[mid + 1] - run[mid - 1]
    tangent = tangent / np.hypot(*tangent)
    return _fit_run(run[: mid + 1], t0, tangent) + _fit_run(run[mid:], tangent, t1)


def _meet(a: Array, ta: Array, b: Array, tb: Array) -> Array | None:
    """Where the tangent at a (forward) meets the tangent at b (backward)."""
    cross = ta[0] * tb[1] - ta[1] * tb[0]
    chord = b - a
    if abs(cross) < 1e-3:
        on_line = abs(ta[0] * chord[1] - ta[1] * chord[0]) < TOLERANCE_MM
        return np.asarray((a + b) / 2) if on_line else None
    s = (chord[0] * tb[1] - chord[1] * tb[0]) / cross
    u = (ta[0] * chord[1] - ta[1] * chord[0]) / -cross
    return np.asarray(a + s * ta) if s > 0 and u < 0 else None


def _deviation(run: Array, control: Array) -> float:
    """Largest distance of the run's points from the curve."""
    t = np.linspace(0, 1, 33)[:, None]
    curve = run[0] * (1 - t) ** 2 + control * 2 * t * (1 - t) + run[-1] * t**2
    start, along = curve[:-1], np.diff(curve, axis=0)
    rel = run[:, None, :] - start
    share = (rel * along).sum(axis=2) / np.maximum((along**2).sum(axis=1), 1e-12)
    gap = rel - np.clip(share, 0, 1)[:, :, None] * along
    return float(np.hypot(gap[..., 0], gap[..., 1]).min(axis=1).max())


def _xy(p: Array) -> tuple[float, float]:
    return float(p[0]), float(p[1])
