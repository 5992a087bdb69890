# SPDX-License-Identifier: Apache-2.0
"""How noisy a picture is, in 8-bit levels, measured where it is flat.

The operator is Immerkaer's (Fast Noise Variance Estimation, 1996): the difference of two
Laplacians, blind to slopes and to straight edges along the axes, six times as strong on white
noise. Flat pixels are chosen on a blurred copy, so that the noise itself has no say.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

_OPERATOR = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float64)
_FLAT = 0.3  # share of the pixels that count as flat
_LEAST_PIXELS = 40


def noise(grey: F64, chroma: F64) -> dict[str, float]:
    """Noise of luma and of colour.

    Args:
        grey: luma [h, w], 0 to 255.
        chroma: red and blue difference [h, w, 2].

    Returns:
        ``noise``, ``noise_colour`` (standard deviations of white noise that would answer the
        same), ``noise_dark`` (log2 of the darker flat half's over the brighter one's), and
        ``fine_detail``: log2 of the finest over the next coarser diagonal detail of the whole
        picture, which falls with blur, denoising and enlarging.
    """
    import cv2

    answer = cv2.filter2D(grey, -1, _OPERATOR)[1:-1, 1:-1] / 6
    smooth = cv2.GaussianBlur(grey, (0, 0), 2.0)
    slope = np.hypot(cv2.Sobel(smooth, cv2.CV_64F, 1, 0), cv2.Sobel(smooth, cv2.CV_64F, 0, 1))
    slope, level = slope[1:-1, 1:-1], smooth[1:-1, 1:-1]
    # Clipped pixels have no noise to show.
    usable = (level > 4) & (level < 250)
    out = dict.fromkeys(("noise", "noise_colour", "noise_dark"), float("nan"))
    if usable.sum() * _FLAT >= _LEAST_PIXELS:
        flat = usable & (slope <= np.quantile(slope[usable], _FLAT))
        out["noise"] = robust_std(answer[flat])
        colour = [cv2.filter2D(chroma[..., k], -1, _OPERATOR)[1:-1, 1:-1] / 6 for k in (0, 1)]
        out["noise_colour"] = float(np.mean([robust_std(c[flat]) for c in colour]))
        dark = flat & (level < np.median(level[flat]))
        a, b = robust_std(answer[dark]), robust_std(answer[flat & ~dark])
        if min(dark.sum(), (flat & ~dark).sum()) >= _LEAST_PIXELS / 2:
            out["noise_dark"] = float(np.log2((a + 0.25) / (b + 0.25)))
    out["fine_detail"] = _fine(grey)
    return out


def robust_std(values: F64) -> float:
    """Standard deviation about 0 without what lies beyond three of them; 0 for no values.

    Rounded to levels the median of small noise is 0: a mean of squares still sees it.
    """
    if not len(values):
        return 0.0
    squares = np.square(values)
    limit = np.inf
    for _ in range(4):
        inside = squares[squares <= limit]
        if not len(inside):
            break
        # 1.027: what the tails beyond three deviations would add to a normal distribution.
        limit = 9 * 1.027 * inside.mean() + 1e-9
    return float(np.sqrt(1.027 * squares[squares <= limit].mean()))


def _fine(grey: F64) -> float:
    """log2 of the diagonal Haar detail at 1 px over that at 2 px."""
    first, half = _haar(grey)
    second, _ = _haar(half)
    if min(second.shape) < 3:
        return float("nan")
    a, b = np.sqrt(np.mean(first**2)), np.sqrt(np.mean(second**2))
    return float(np.log2((a + 0.1) / (b + 0.1)))


def _haar(grey: F64) -> tuple[F64, F64]:
    """Diagonal detail and mean of 2 x 2 px, both orthonormal for the detail's scale."""
    h, w = grey.shape[0] // 2 * 2, grey.shape[1] // 2 * 2
    a, b = grey[0:h:2, 0:w:2], grey[0:h:2, 1:w:2]
    c, d = grey[1:h:2, 0:w:2], grey[1:h:2, 1:w:2]
    return np.asarray((a - b - c + d) / 2), np.asarray((a + b + c + d) / 4)
