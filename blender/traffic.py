# SPDX-License-Identifier: GPL-3.0-or-later
"""Another vehicle behind the one with the plate, its headlamps lit."""

from __future__ import annotations

from typing import Any

import numpy as np
from lit import WHITE
from mesh_parts import Parts, grey
from solids import turned

_HALF, _ROOF = 860.0, 1350.0  # mm
_LAMP_X, _LAMP_Z, _LAMP_R = 620.0, 640.0, 75.0


def add_oncoming(parts: Parts, light: dict[str, Any], ground: float) -> None:
    """A dark front with two lamps that shine at the camera; nothing when they are off."""
    if light["oncoming"] <= 0:
        return
    x, y = light["oncoming_right_mm"], light["oncoming_behind_mm"]
    add_glare(parts, light, ground)
    parts.box([x - _HALF, y, ground + 200], [x + _HALF, y + 3000, ground + 900], grey(0.02), _same)
    parts.box([x - 700, y + 900, ground + 900], [x + 700, y + 2900, ground + _ROOF],
              grey(0.01, 0.1), _same)  # fmt: skip


def add_glare(parts: Parts, light: dict[str, Any], ground: float) -> None:
    """The two lamps alone, just before the front of a vehicle that is there."""
    if light["oncoming"] <= 0:
        return
    x, y = light["oncoming_right_mm"], light["oncoming_behind_mm"]
    glass = grey(0.9, 0.2, dirt=0.0, glow=float(light["oncoming"] * WHITE / 0.9))
    for side in (-1, 1):
        place = (x + side * _LAMP_X, y, ground + _LAMP_Z)
        turned(parts, place, [(_LAMP_R, 1.0), (_LAMP_R, 20.0), (0.0, 30.0)], glass, _same)


def _same(points: np.ndarray) -> np.ndarray:
    return points
