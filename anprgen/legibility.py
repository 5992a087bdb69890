# SPDX-License-Identifier: Apache-2.0
"""Whether a plate can be read in the picture: a measure of each character, and a rule.

The measure asks how much of what varies in a character's box is the character. A faint glyph on an
even sheet is read easily, a strong one under noise of its own amplitude is not: so it is no
contrast but a correlation.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from anprgen.geometry import Points, bounds_of_each
from anprgen.polygons import coverages

_FINER = (2, 5)  # least and most sub-pixels a px and side, of a glyph's coverage
_ENOUGH_PX = 60  # a glyph so high needs no finer raster than 2
_FLAT = 1e-3  # grey levels squared a px: less is rounding
_LEAST_PX = 3  # a cell narrower or lower than that tells nothing
_RIDGE = 1e-9 * np.eye(3)  # px in one line have no plane
_HALF = 127  # of a px that is covered


class Legible(Protocol):
    """What a character's label says of how well it can be read."""

    @property
    def large(self) -> bool: ...
    @property
    def visible(self) -> float: ...
    @property
    def height_px(self) -> float: ...
    @property
    def correlation(self) -> float: ...


class Least(NamedTuple):
    """What every large character of a plate reaches: visible share, px high, correlation."""

    visible: float
    height_px: float
    correlation: float


#: Set by eye on contact sheets of 1,900 crops, by each plate's worst character: under a correlation
#: of 0.3 hardly one can be read, about 0.4 a half, from 0.5 on most, from 0.7 on at ease.
CLEAR, HARD = Least(0.9, 12.0, 0.70), Least(0.6, 7.0, 0.40)


def legibility(characters: Iterable[Legible], enlarged: float = 1.0) -> str:
    """clear, hard or illegible: see `CLEAR` and `HARD`, which every large character must reach.

    Pixels that were made by enlarging the crop (`enlarged` times) do not count.
    """
    large = [c for c in characters if c.large]
    for name, least in (("clear", CLEAR), ("hard", HARD)):
        if all(
            c.visible >= least.visible
            and c.height_px >= least.height_px * enlarged
            and c.correlation >= least.correlation
            for c in large
        ):
            return name
    return "illegible"


def correlations(
    glyphs: Sequence[Sequence[Points]], cells: Sequence[Points], grey: NDArray[np.uint8]
) -> list[float]:
    """Partial correlation of brightness and each glyph's coverage within its cell, absolute, 0..1.

    Grey is fitted as a plane and a multiple of the coverage, by least squares: 1 where nothing
    but the glyph and a gradient are to be seen, however faint it is, about 0 where it is lost in
    noise, glare or blur. Its square is the share that the coverage explains of what no plane does
    (partial correlation: Anderson, An Introduction to Multivariate Statistical Analysis, 2.5).

    Args:
        glyphs: even-odd outlines of each, [n, 2] px of the picture.
        cells: corners [4, 2] px of each. What is beyond it (the next glyph, the border) counts for
            nothing, so that plates may be turned.
        grey: the picture [h, w].
    """
    h, w = grey.shape
    out = [0.0] * len(cells)
    where, boxes = [], []
    for i, (x0, y0, x1, y1) in enumerate(bounds_of_each([[cell] for cell in cells])):
        a, b = max(0, math.floor(x0)), max(0, math.floor(y0))
        c, d = min(w, math.ceil(x1)), min(h, math.ceil(y1))
        if min(c - a, d - b) >= _LEAST_PX:
            where.append(i)
            boxes.append((a, b, c, d))
    finer = [_finer(d - b) for _, b, _, d in boxes]
    drawn = zip(
        coverages([[cells[i]] for i in where], boxes, finer),
        coverages([glyphs[i] for i in where], boxes, finer),
    )
    for i, (a, b, c, d), (cell, glyph) in zip(where, boxes, drawn):
        out[i] = _partial(cell > _HALF, grey[b:d, a:c], glyph)
    return out


def _partial(
    inside: NDArray[np.bool_], grey: NDArray[np.uint8], covered: NDArray[np.uint8]
) -> float:
    """Of grey and coverage [h, w] over the px inside, without what a plane explains."""
    h, w = grey.shape
    rows = np.empty((5, h, w))
    rows[0] = inside
    np.multiply(inside, _centred(w), out=rows[1])
    np.multiply(inside, _centred(h)[:, None], out=rows[2])
    np.multiply(inside, grey, out=rows[3])
    np.multiply(inside, covered, out=rows[4])
    flat = rows.reshape(5, -1)
    products = flat @ flat.T
    plane, own, count = products[:3, :3], products[:3, 3:], float(products[0, 0])
    if count < _LEAST_PX**2:
        return 0.0
    explained = own.T @ np.linalg.solve(plane + count * _RIDGE, own)
    rest: list[list[float]] = (products[3:, 3:] - explained).tolist()
    (pp, pq), (_, qq) = rest
    if min(pp, qq) <= _FLAT * count:
        return 0.0
    return min(1.0, abs(pq) / math.sqrt(pp * qq))


def _finer(height: int) -> int:
    """Sub-pixels a px and side of a glyph that is `height` px high."""
    least, most = _FINER
    return max(least, min(most, least * _ENOUGH_PX // height))


@lru_cache(maxsize=1024)
def _centred(n: int) -> NDArray[np.float64]:
    """Places of n px about their middle, -1..1."""
    return np.asarray((2 * np.arange(n) - (n - 1)) / n, np.float64)
