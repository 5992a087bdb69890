# SPDX-License-Identifier: Apache-2.0
"""The micro-text of a plate's hot-stamp foil: a small tile, repeated over the glyphs."""

from __future__ import annotations

import math
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from anprgen.condition import Make
from anprgen.glyphs import Glyph, load_face
from anprgen.polygons import fill

F32 = NDArray[np.float32]

_MICRO_PX_PER_MM = 24
#: Period and added boldness of the foil's text, mm. The bold one is what photographs of some
#: plates show as a chequer of foil and bare metal.
_MICRO_WEAVES = {"sparse": (16.0, 0.0), "dense": (11.0, 0.12), "bold": (10.0, 0.28)}


_HEIGHT_MM, _GAP_MM = 3.4, 0.5
#: The length that the periods above were measured with (three letters); longer texts need more.
_LENGTH_MM = 6.85


def _letters(text: str) -> tuple[list[Glyph], float]:
    """The glyphs of the foil's text, and its length in mm."""
    face = load_face("micro")
    glyphs = [face.glyph(c, _HEIGHT_MM) for c in text]
    return glyphs, sum(g.cell_mm for g in glyphs) + _GAP_MM * (len(glyphs) - 1)


def _period_mm(weave: str, text: str) -> float:
    return _MICRO_WEAVES[weave][0] * max(1.0, _letters(text)[1] / _LENGTH_MM)


@lru_cache(maxsize=16)
def _micro_master(weave: str, text: str) -> NDArray[np.uint8]:
    """One period of the foil's diagonal micro-text, as on the reference plates."""
    period, (_, bold), height = _period_mm(weave, text), _MICRO_WEAVES[weave], _HEIGHT_MM
    n = round(period * _MICRO_PX_PER_MM)
    tile = np.zeros((3 * n, 3 * n), np.uint8)
    glyphs, width = _letters(text)
    for at_x, at_y, degrees in ((0.25, 0.25, -50.0), (0.75, 0.75, 130.0)):
        a = math.radians(degrees)
        turn = np.array([[math.cos(a), math.sin(a)], [-math.sin(a), math.cos(a)]])
        # Nine periods, of which the middle one is kept: it repeats without a seam.
        for ox in range(3):
            for oy in range(3):
                place = ((at_x + ox) * period, (at_y + oy) * period)
                x = -width / 2
                for g in glyphs:
                    at = [(c + (x, -height / 2)) @ turn + place for c in g.contours]
                    fill(tile, [c * _MICRO_PX_PER_MM for c in at])
                    x += g.cell_mm + _GAP_MM
    pen = 2 * round(bold * _MICRO_PX_PER_MM) + 1
    tile = cv2.dilate(tile, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (pen, pen)))
    return np.ascontiguousarray(tile[n : 2 * n, n : 2 * n])


@lru_cache(maxsize=64)
def _micro_tile(n: int, weave: str, text: str) -> F32:
    small = cv2.resize(_micro_master(weave, text), (n, n), interpolation=cv2.INTER_AREA)
    return np.asarray(small.astype(np.float32) / 255)


def micro_text(px_per_mm: float, shape: tuple[int, int], make: Make, text: str) -> F32:
    """Coverage by the repeated micro-text on a raster of `shape`."""
    period_mm = _period_mm(make.foil_weave, text)
    tile = _micro_tile(max(4, round(px_per_mm * period_mm)), make.foil_weave, text)
    n = len(tile)
    shift = round(make.micro_phase_mm * px_per_mm)
    rolled = np.roll(tile, (shift, shift // 2), (0, 1))
    return np.tile(rolled, (-(-shape[0] // n), -(-shape[1] // n)))[: shape[0], : shape[1]]
