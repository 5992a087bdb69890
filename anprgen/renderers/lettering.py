# SPDX-License-Identifier: Apache-2.0
"""Words on a vehicle, cut into quads: badges and adverts that a reader of plates must leave alone.

Badges are plain words in capitals without any digit, so none has the form of a registration. A
dealer's advert has a name and often a telephone number.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anprgen.glyphs import load_face

_FACES = ("owner_sans", "owner_round", "us_sans")
_WORDS = (
    "AUTO SALES", "TURBO", "DIESEL", "HYBRID", "LIMITED", "SPORT", "EXPRESS", "DELUXE", "SUPER",
    "TOURING", "CUSTOM", "CLASSIC", "PREMIUM", "MOTORS", "TRADERS", "TRANSPORT", "CAR CARE",
    "SERVICE", "COMFORT", "GRAND", "EXCLUSIVE", "COMMUTER", "CARRIER", "DRIVE SAFELY", "NO PARKING",
    "SCHOOL VAN", "LONG VEHICLE", "KEEP CLEAR", "AUTOMATIC", "INJECTION", "INTERCOOLER",
)  # fmt: skip
_NAMES = (
    "CITY", "LAKESIDE", "CENTRAL", "GOLDEN", "UNITED", "HARBOUR", "NORTH STAR", "MODERN", "ROYAL",
    "SUNRISE", "GREEN VALLEY", "PACIFIC", "OLD TOWN", "EASTERN", "HIGHWAY", "TWO BROTHERS",
)  # fmt: skip
_TRADES = (
    "MOTORS", "AUTO", "CAR SALES", "AUTOMOBILES", "TRADERS", "CARS", "MOTOR HOUSE", "GARAGE",
    "AUTO CENTRE", "CAR MART", "LEASING", "ENTERPRISES",
)  # fmt: skip
#: Rows that a cap height is cut into: outlines are exact to half of one.
_ROWS = 48


def words(seed_w: float) -> list[dict[str, Any]]:
    """Two words for a vehicle's noise coordinate: quads [n, 4, 2] at cap height 1, and a width."""
    random = np.random.Generator(np.random.Philox(key=int(seed_w * 1e6) & 0xFFFFFFFF))
    return [
        set_word(
            _WORDS[random.integers(len(_WORDS))],
            _FACES[random.integers(len(_FACES))],
            round(float(random.uniform(0.0, 0.5)), 2),
        )
        for _ in range(2)
    ]


def advert(seed_w: float) -> dict[str, Any]:
    """A dealer's line for a mount's noise coordinate, as `words` are: name, telephone number."""
    random = np.random.Generator(np.random.Philox(key=int(seed_w * 1e6) & 0xFFFFFFFF))
    name = " ".join((_NAMES[random.integers(len(_NAMES))], _TRADES[random.integers(len(_TRADES))]))
    digits = "".join(str(d) for d in random.integers(0, 10, 9))
    number = f"0{digits[:2]} {digits[2:5]} {digits[5:]}"
    text = (name, f"{name}   {number}", f"{number}", f"{name}  TEL {number}")[
        random.choice(4, p=(0.42, 0.3, 0.12, 0.16))
    ]
    face = _FACES[random.integers(len(_FACES))]
    return set_word(text, face, round(float(random.uniform(0.0, 0.25)), 2))


def set_word(text: str, face: str, spacing: float) -> dict[str, Any]:
    """A word on its base line: x right, y up, cap height 1, `spacing` more between letters."""
    x, quads = 0.0, []
    for char in text:
        if char == " ":
            x += 0.45 + spacing
            continue
        made, cell = _letter(face, char)
        quads.append(made + (x, 0.0))
        x += cell + 0.12 + spacing
    return {"quads": np.concatenate(quads).round(4).tolist(), "width": x}


@functools.lru_cache(maxsize=256)
def _letter(face: str, char: str) -> tuple[NDArray[np.float64], float]:
    glyph = load_face(face).glyph(char, 1.0, 0.02)
    upright = [c * (1.0, -1.0) + (0.0, 1.0) for c in glyph.contours]
    return trapezoids(upright, 1.0 / _ROWS), glyph.cell_mm


def trapezoids(contours: Sequence[NDArray[np.float64]], step: float) -> NDArray[np.float64]:
    """Quads [n, 4, 2] that fill even-odd contours, whose heights are first rounded to `step`."""
    start = np.concatenate(contours)
    end = np.concatenate([np.roll(c, -1, 0) for c in contours])
    x0, x1 = start[:, 0], end[:, 0]
    y0, y1 = np.rint(start[:, 1] / step), np.rint(end[:, 1] / step)
    levels = np.unique(y0)
    quads = []
    for low, high in zip(levels, levels[1:]):
        spans = (np.minimum(y0, y1) <= low) & (np.maximum(y0, y1) >= high)
        rise = (y1 - y0)[spans]
        at = [x0[spans] + (x1 - x0)[spans] * (y - y0[spans]) / rise for y in (low, high)]
        order = np.argsort(at[0] + at[1], kind="stable")
        below, above = at[0][order], at[1][order]
        for a in range(0, len(order) - 1, 2):
            quads.append([(below[a], low), (below[a + 1], low), (above[a + 1], high),
                          (above[a], high)])  # fmt: skip
    return np.array(quads, np.float64).reshape(-1, 4, 2) * (1.0, step)
