# SPDX-License-Identifier: Apache-2.0
"""Changes pictures a little while training: shifts, sizes, turns, and a patch that hides a part.

A dataset has its variety already; this is what a detector's box adds, and what keeps a network
from learning a small set by heart. Drawn by address, as everything: equal seeds and steps give
equal pictures.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from anprgen.parameters import generator

U8 = NDArray[np.uint8]

#: Standard deviations: of shifts and sizes as a share of the picture, of turns and shears.
SHIFT, SIZE, TURN_DEG, SHEAR = 0.02, 0.03, 1.5, 0.03
#: Of pictures that get a patch, and its longest side as a share of the picture's height.
PATCHED, PATCH = 0.15, 0.3


def augment(greys: U8, seed: int, step: int) -> U8:
    """Uint8 [n, h, w] grey -> the same shape, a little different."""
    rng = generator(seed, step, "train.augment")
    n, h, w = greys.shape
    drawn = rng.standard_normal((n, 6))
    patches = rng.random((n, 6))
    out = np.empty_like(greys)
    for k in range(n):
        moved = cv2.warpAffine(
            greys[k],
            _matrix(drawn[k], h, w),
            (w, h),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        out[k] = _patched(moved, patches[k])
    return out


def _matrix(z: NDArray[np.float64], h: int, w: int) -> NDArray[np.float64]:
    sx, sy = np.exp(SIZE * z[0]), np.exp(SIZE * z[1])
    turn = np.deg2rad(TURN_DEG * z[2])
    # The picture is stretched, so a turn is made in the proportions of a plate, about 4 to 1.
    shear_down, shear_across = np.sin(turn) / 2, SHEAR * z[3]
    linear = np.array([[sx, shear_across], [shear_down, sy]])
    centre = np.array([w / 2, h / 2])
    shift = SHIFT * z[4:6] * (w, h)
    return np.column_stack([linear, centre - linear @ centre + shift])


def _patched(grey: NDArray[np.uint8], u: NDArray[np.float64]) -> NDArray[np.uint8]:
    if u[0] >= PATCHED:
        return grey
    h, w = grey.shape
    high, wide = (max(2, int(PATCH * h * v)) for v in u[1:3])
    top, left = int(u[3] * (h - high)), int(u[4] * (w - wide))
    grey[top : top + high, left : left + wide] = int(256 * u[5])
    return grey
