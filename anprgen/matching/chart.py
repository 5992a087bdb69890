# SPDX-License-Identifier: Apache-2.0
"""Draws distribution functions of every quantity, photographs against ours, as one picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from anprgen.matching.gap import Row
from anprgen.matching.survey import Table

_COLUMNS = 4
_CELL = (400, 210)
_PAD = (16, 40, 16, 24)  # left, top, right, bottom of a cell
_SCALE = 2  # drawn larger and shrunk: smooth lines
_PAPER, _INK, _FAINT = (255, 255, 255), (40, 40, 40), (215, 215, 215)
_COLOURS = ((40, 40, 40), (220, 110, 20), (20, 110, 210))


def chart(
    rows: Sequence[Row], sets: Mapping[str, Table], notes: Mapping[str, str] | None = None
) -> Image.Image:
    """Small distribution functions, in the order of `rows`.

    `sets` are named sets of pictures, photographs first; `notes` say more of a quantity.
    """
    count = -(-len(rows) // _COLUMNS)
    width, height = _CELL[0] * _COLUMNS, _CELL[1] * count + 40
    canvas = Image.new("RGB", (width * _SCALE, height * _SCALE), _PAPER)
    pen = ImageDraw.Draw(canvas)
    x = 16
    for name, colour in zip(sets, _COLOURS):
        pen.line([_at(x, 20), _at(x + 30, 20)], colour, 3 * _SCALE)
        pen.text(_at(x + 38, 11), name, _INK, _font(15))
        x += 60 + round(pen.textlength(name, _font(15)) / _SCALE)
    for n, row in enumerate(rows):
        left, top = n % _COLUMNS * _CELL[0], 40 + n // _COLUMNS * _CELL[1]
        _panel(pen, row, sets, left, top, (notes or {}).get(row.name))
    return canvas.resize((width, height), Image.Resampling.LANCZOS)


def _panel(
    pen: ImageDraw.ImageDraw,
    row: Row,
    sets: Mapping[str, Table],
    left: int,
    top: int,
    note: str | None,
) -> None:
    x0, y0 = left + _PAD[0], top + _PAD[1]
    x1, y1 = left + _CELL[0] - _PAD[2], top + _CELL[1] - _PAD[3]
    unit = f", {row.unit}" if row.unit else ""
    pen.text(_at(x0, top + 4), f"{row.name}{unit}", _INK, _font(14))
    said = note or f"KS {row.distance.ks:.2f}{' *' if row.beyond_chance else ''}"
    pen.text(_at(x0, top + 21), said, (110, 110, 110), _font(12))
    finite = [t[row.name][np.isfinite(t[row.name])] for t in sets.values()]
    low = min(float(np.percentile(v, 1)) for v in finite if len(v))
    high = max(float(np.percentile(v, 99)) for v in finite if len(v))
    if high - low < 1e-9:
        low, high = low - 0.5, high + 0.5
    pen.rectangle([_at(x0, y0), _at(x1, y1)], outline=_FAINT, width=_SCALE)
    pen.line([_at(x0, (y0 + y1) / 2), _at(x1, (y0 + y1) / 2)], _FAINT, _SCALE)
    for k, at in enumerate(np.linspace(low, high, 3)):
        text = f"{at:.3g}"
        wide = pen.textlength(text, _font(11)) / _SCALE
        x = x0 + (x1 - x0) * k / 2 - wide * k / 2
        pen.text(_at(x, y1 + 4), text, (110, 110, 110), _font(11))
    for values, colour in zip(finite, _COLOURS):
        if len(values):
            points = [
                _at(x0 + (x1 - x0) * px, y1 - (y1 - y0) * py)
                for px, py in _curve(values, low, high)
            ]
            pen.line(points, colour, 2 * _SCALE, "curve")


def _curve(values: NDArray[np.float64], low: float, high: float) -> list[tuple[float, float]]:
    """Points of the distribution function, both axes 0 to 1."""
    at = np.linspace(low, high, 160)
    share = np.searchsorted(np.sort(values), at, "right") / len(values)
    return [((float(v) - low) / (high - low), float(s)) for v, s in zip(at, share)]


def _at(x: float, y: float) -> tuple[float, float]:
    return x * _SCALE, y * _SCALE


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size * _SCALE)
