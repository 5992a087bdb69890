# SPDX-License-Identifier: GPL-3.0-or-later
"""A car's front above and beside the plate's panel: bonnet's edge, head lamps, grille, badge."""

from __future__ import annotations

from typing import Any

import numpy as np
from mesh_parts import Paint
from solids import CHROME, turned

from bodies.lamps import head_lamp
from bodies.site import BLACK, DARK, WHITE_LENS, Body, sheet
from bodies.tail import add_fascia


def add_front(body: Body, car: Any, profile: Any) -> None:
    """Everything on a car's front but the plate's panel."""
    shape, random, parts = body.shape, body.random, body.parts
    assert shape.rows is not None
    assert shape.corner is not None
    edge = car.edge[0]
    add_fascia(body, edge, profile, 110.0)
    frame, ground = body.fascia(), shape.ground
    corner, radius = shape.corner
    end = corner + radius * random.uniform(0.6, 1.3)
    z1 = edge - random.uniform(18, 55)
    z0, wide = z1 - random.uniform(105, 175), random.uniform(300, 440)
    reach = profile.depth(z0 + ground, z1 + ground) - shape.face if profile else 0.0
    front = min(reach, 6.0) - 8
    inner = max(end - wide, shape.outer[2] + shape.clear(2, -(shape.face + front)) + 25)
    lean = random.uniform(-0.1, 0.35)
    for side in (-1, 1):
        x = sorted((side * inner, side * end))
        head_lamp(body, (x[0], z0, x[1], z1), front, 45.0, lean)
    # The upper grille: between the lamps, above all that belongs to the plate.
    clear = shape.outer[3] - ground + shape.clear(3, -(shape.face + front)) + 20
    low, high = max(z0 + 10, clear), z1 + 6
    span = inner - 30
    if high - low > 40:
        sheet(parts, (-span, span), (low, high), front - 1, DARK, frame)
        look = CHROME if random.random() < 0.5 else BLACK
        for z in np.arange(low + 6, high - 8, random.uniform(18, 34)):
            sheet(parts, (-span, span), (z, z + 8), front - 4, look, frame)
        rim = CHROME if random.random() < 0.6 else body.paint
        for z in (low, high):
            sheet(parts, (-span - 8, span + 8), (z - 6, z + 6), front - 6, rim, frame)
        radius = min(58.0, 0.42 * (high - low))
        middle = (low + high) / 2
        turned(parts, (0.0, front - 6, middle), [(radius, 0), (radius, 9), (radius * 0.8, 10)],
               CHROME, frame, 20)  # fmt: skip
        turned(parts, (0.0, front - 6, middle), [(radius * 0.8, 8), (0, 8)],
               Paint((0.01, 0.015, 0.05), 0.2, coat=1.0), frame, 20)  # fmt: skip
    floor = shape.rows[0] - ground
    if random.random() < 0.7:  # fog lamps
        at = profile.depth(shape.rows[0] + 70, shape.rows[0] + 150) if profile else shape.face
        for side in (-1, 1):
            place = (side * (corner - 60), at - shape.face - 1, floor + 95)
            turned(parts, place, [(62, 0), (62, 4), (48, 5)], BLACK, frame, 16)
            turned(parts, place, [(46, 5), (30, 7), (0, 8)], WHITE_LENS, frame, 16, smooth=True)
