# SPDX-License-Identifier: Apache-2.0
"""How a picture was compressed: from its file's tables, and from the blocks left in its pixels."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from anprgen.matching.pictures import Picture

F64 = NDArray[np.float64]

_BLOCK = 8
_LEAST_STEPS = 3  # block borders that a direction must have
#: The luminance table of the JPEG standard (ITU-T T.81, table K.1), which libjpeg scales.
_STANDARD = (
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55,
    14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
    18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
)  # fmt: skip
_CHROMA = {"444": 1.0, "422": 0.5, "420": 0.25}


def coding(picture: Picture, grey: F64) -> dict[str, float]:
    """``jpeg_quality`` and ``chroma_share`` of the file (NaN: no JPEG), and blocks in the pixels.

    ``block`` is the step at the file's own 8 px grid and ``block_any`` that of the strongest grid
    of 8 px at any offset, which an earlier JPEG leaves in a picture that was cut and saved again:
    both log2 of the bend of the brightness there over the bend elsewhere.
    """
    return {
        "jpeg_quality": quality(picture.tables[0]) if picture.tables else float("nan"),
        "chroma_share": _CHROMA.get(picture.sampling, float("nan")),
        **_blocks(grey),
    }


@lru_cache(maxsize=1)
def _tables() -> F64:
    """Libjpeg's luminance tables of qualities 1 to 100, [100, 64], in any one order (sorted)."""
    q = np.arange(1, 101)
    scale = np.where(q < 50, 5000 // q, 200 - 2 * q)
    table = (np.array(_STANDARD) * scale[:, None] + 50) // 100
    return np.sort(np.clip(table, 1, 255), 1).astype(np.float64)


def quality(table: tuple[int, ...]) -> float:
    """The libjpeg quality whose luminance table is nearest, 1 to 100.

    Compared by sorted entries, so that the order of a decoder's table is no matter; for a camera's
    own tables the answer is the nearest of libjpeg's.
    """
    mine = np.sort(np.asarray(table, np.float64))
    if len(mine) != 64:
        return float("nan")
    off = np.abs(np.log(_tables() / np.maximum(mine, 1))).sum(1)
    return float(100 - off[::-1].argmin())


def _blocks(grey: F64) -> dict[str, float]:
    own, most = [], []
    for picture in (grey, grey.T):
        length = picture.shape[1]
        if length < (_LEAST_STEPS + 1) * _BLOCK:
            continue
        # The step between x and x + 1 against its neighbours': 0 on slopes.
        step = np.abs(np.diff(picture, axis=1))
        bend = step[:, 1:-1] - (step[:, :-2] + step[:, 2:]) / 2
        # Steps are clipped: a stroke's edge must not pass for a block's.
        column = np.clip(bend, -8, 8).mean(0)
        floor = np.clip(step, 0, 8).mean() + 0.25
        phases = np.array([column[p::_BLOCK].mean() for p in range(_BLOCK)])
        phases = np.roll(phases, 2)  # index: where the right-hand pixel of the step lies
        strength = 1 + (phases - np.median(phases)) / floor
        own.append(float(np.log2(max(strength[0], 0.25))))
        most.append(float(np.log2(strength.max())))
    if not own:
        return {"block": float("nan"), "block_any": float("nan")}
    return {"block": float(np.mean(own)), "block_any": float(np.mean(most))}
