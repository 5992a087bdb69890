# SPDX-License-Identifier: Apache-2.0
"""How sharp a picture is: the width of its strongest edges, px.

Across each of the strongest edges the brightness is read along its gradient and an error function
is fitted: what a Gaussian blur makes of a step. The distance from 10 to 90 % of the rise is 2.563
standard deviations of that blur. Neighbouring strokes are kept out: a profile ends where it stops
to rise.
"""

from __future__ import annotations

from functools import lru_cache
from math import erf, sqrt

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

_RISE = 2.5631  # 10 to 90 % of an error function, in its standard deviations
_STEP = 0.25  # px between samples of a profile
_REACH = 10.0  # px to either side
_EDGES = 60  # of the strongest, per direction
_LEAST_RISE = 24.0  # levels; weaker edges are texture and noise
_LEAST_FIT = 0.985  # share of the profile's variance that the fit explains
_LEAST_EDGES = 4
_SIGMAS = np.geomspace(0.2, 6.0, 36)  # px, candidates
_SHIFTS = 7


def edges(grey: F64) -> dict[str, float]:
    """Edge widths of a picture.

    Args:
        grey: luma [h, w], 0 to 255.

    Returns:
        ``edge_px`` over all directions, ``edge_px_x`` of upright edges (what a sideways motion
        widens), ``edge_px_y`` of level ones, and ``edge_ratio``, the log2 of one over the other;
        NaN where there are too few edges.
    """
    import cv2

    smooth = cv2.GaussianBlur(grey, (0, 0), 0.7)
    gx = cv2.Sobel(smooth, cv2.CV_64F, 1, 0, scale=1 / 8)
    gy = cv2.Sobel(smooth, cv2.CV_64F, 0, 1, scale=1 / 8)
    upright, level = _widths(grey, gx, gy, True), _widths(grey, gx, gy, False)
    every = np.concatenate([upright, level])
    x, y = _middle(upright), _middle(level)
    return {
        "edge_px": _middle(every),
        "edge_px_x": x,
        "edge_px_y": y,
        "edge_ratio": float(np.log2(x / y)) if x > 0 and y > 0 else float("nan"),
    }


def _middle(widths: F64) -> float:
    """Mean of the middle half: steady like a median, and not of the grid's steps."""
    if len(widths) < _LEAST_EDGES:
        return float("nan")
    inner = np.sort(widths)[len(widths) // 4 : -(len(widths) // 4)]
    return float(inner.mean())


def _widths(grey: F64, gx: F64, gy: F64, upright: bool) -> F64:
    """10 to 90 % distances of the strongest edges of one direction, px."""
    import cv2

    size = np.hypot(gx, gy)
    along, across = (np.abs(gx), np.abs(gy)) if upright else (np.abs(gy), np.abs(gx))
    peak = (along > 2 * across) & (size > 2.0)
    axis = 1 if upright else 0
    peak &= (size >= np.roll(size, 1, axis)) & (size > np.roll(size, -1, axis))
    peak[:2], peak[-2:], peak[:, :2], peak[:, -2:] = False, False, False, False
    ys, xs = np.nonzero(peak)
    if not len(ys):
        return np.zeros(0)
    order = np.argsort(-size[ys, xs], kind="stable")[:_EDGES]
    ys, xs = ys[order], xs[order]
    t = _positions()
    nx, ny = gx[ys, xs] / size[ys, xs], gy[ys, xs] / size[ys, xs]
    mx = (xs[:, None] + t * nx[:, None]).astype(np.float32)
    my = (ys[:, None] + t * ny[:, None]).astype(np.float32)
    # remap takes less than 32767 rows and columns; there are few.
    profile = np.asarray(
        cv2.remap(grey.astype(np.float32), mx, my, cv2.INTER_CUBIC, None, cv2.BORDER_REPLICATE),
        np.float64,
    )
    height, width = grey.shape
    inside = (mx >= 0) & (mx <= width - 1) & (my >= 0) & (my <= height - 1)
    return _fit(profile, _rising(profile) & inside)


@lru_cache(maxsize=1)
def _positions() -> F64:
    n = round(_REACH / _STEP)
    return np.arange(-n, n + 1) * _STEP


def _rising(profile: F64) -> NDArray[np.bool_]:
    """Samples from the middle outwards for as long as the profile rises, and half a px more."""
    middle = profile.shape[1] // 2
    # A slope over one px: noise of a level or two does not end a run.
    k = round(1 / _STEP)
    slope = np.zeros_like(profile)
    slope[:, k // 2 : -(k // 2)] = profile[:, k:] - profile[:, :-k]
    top = slope[:, middle - k : middle + k + 1].max(1, keepdims=True)
    rises = slope > 0.04 * top
    right = np.logical_and.accumulate(rises[:, middle:], 1)
    left = np.logical_and.accumulate(rises[:, middle::-1], 1)[:, ::-1]
    run = np.concatenate([left[:, :-1], right], 1)
    more = np.copy(run)
    for shift in range(1, k // 2 + 1):
        more[:, shift:] |= run[:, :-shift]
        more[:, :-shift] |= run[:, shift:]
    return more


@lru_cache(maxsize=1)
def _steps() -> F64:
    """Error functions [widths x shifts, positions]."""
    t = _positions()
    shifts = np.linspace(-0.6, 0.6, _SHIFTS)
    return np.array([[erf((x - d) / (s * sqrt(2))) for x in t] for s in _SIGMAS for d in shifts])


def _fit(profile: F64, mask: NDArray[np.bool_]) -> F64:
    """Widths of the profiles [n, t] that are well described by a step; least squares on a grid."""
    steps = _steps()
    m = mask.astype(np.float64)
    n = m.sum(1)
    y = np.where(mask, profile, 0.0)
    mean = y.sum(1) / np.maximum(n, 1)
    y = np.where(mask, profile - mean[:, None], 0.0)
    total = (y * y).sum(1)
    s_e, s_ee, s_ye = m @ steps.T, m @ (steps.T**2), y @ steps.T
    spread = s_ee - s_e**2 / np.maximum(n, 1)[:, None]
    gain = np.where(spread > 1e-6, s_ye**2 / np.maximum(spread, 1e-6), 0.0)
    gain[s_ye <= 0] = 0.0
    best = gain.argmax(1)
    rows = np.arange(len(best))
    rise = 2 * s_ye[rows, best] / np.maximum(spread[rows, best], 1e-6)
    seen = np.where(mask, profile, -np.inf).max(1) - np.where(mask, profile, np.inf).min(1)
    good = (n >= 6) & (total > 0) & (gain[rows, best] >= _LEAST_FIT * total)
    # A step that is much higher than what was seen of it is a guess at a slope.
    good &= (seen >= _LEAST_RISE) & (rise <= 1.35 * seen)
    return np.asarray(_between(gain, best)[good] * _RISE)


def _between(gain: F64, best: NDArray[np.intp]) -> F64:
    """The width at the top of a parabola through the best candidate and its neighbours."""
    rows = np.arange(len(best))
    width, shift = np.divmod(best, _SHIFTS)
    inner = np.clip(width, 1, len(_SIGMAS) - 2)
    a, b, c = (gain[rows, (inner + k) * _SHIFTS + shift] for k in (-1, 0, 1))
    bend = a - 2 * b + c
    offset = np.where(bend < 0, 0.5 * (a - c) / np.minimum(bend, -1e-9), 0.0)
    offset = np.where(width == inner, np.clip(offset, -0.5, 0.5), width - inner)
    return np.asarray(_SIGMAS[0] * (_SIGMAS[1] / _SIGMAS[0]) ** (inner + offset))
