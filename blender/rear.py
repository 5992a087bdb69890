# SPDX-License-Identifier: GPL-3.0-or-later
"""The rest of a simple vehicle's rear, which only a wide view shows."""

from __future__ import annotations

import numpy as np
from lit import Lit, tail_red
from mesh_parts import Frame, Paint, Parts, grey
from solids import lines, net
from stance import FLAT, HALF_WIDTH, Shape


def add_rear(
    parts: Parts, shape: Shape, panel_rows: tuple[float, float], paint: Paint, plastic: Paint,
    random: np.random.Generator, stand: Frame, panel: Frame, lit: Lit,
) -> None:  # fmt: skip
    """Sides, waist, lamps, window, roof and wheels: enough for a wide view."""
    low, high = panel_rows
    ground = shape.ground
    waist, roof = max(ground + 950, high + 60), max(ground + 1450, high + 480)
    face = shape.face
    x = lines(-HALF_WIDTH, HALF_WIDTH, 220, [])
    if waist > high:
        parts.grid(net(x, np.array([high, (high + waist) / 2, waist]), face), paint, panel)
    parts.grid(net(x, np.array([ground + 190, low]), face + 30), plastic, panel)
    # Window and roof lean into the vehicle.
    lean = np.array([0.0, 60.0, 330.0, 420.0])
    rows = np.array([waist, waist + 40, roof - 60, roof])
    edge = np.maximum(np.abs(x) - 260, 0) ** 2 * shape.panel_k
    back = face + np.sin(shape.tilt) * FLAT
    window = net(x * 0.9, rows, (edge[None] + lean[:, None] + back))
    parts.grid(window, paint, stand)
    glass = Paint((0.015, 0.017, 0.018), 0.05, dirt=0.1)
    parts.grid(window[1:3, 1:-1] + [0, -4, 0], glass, stand)
    deep = 2600.0
    tall, wide = 110 + 190 * random.random(), 150 + 170 * random.random()
    for side in (-1, 1):
        at = side * HALF_WIDTH
        depth = edge[0] + face
        wall = np.array(
            [[(at, depth, z), (at * 1.01, deep, z)] for z in (ground + 190, waist)]
            + [[(at * 0.9, depth + back - face + 420, roof), (at * 0.9, deep, roof)]]
        )
        parts.grid(wall, paint, stand, smooth=False)
        lamp = tail_red(Paint((0.32, 0.01, 0.012), 0.08, dirt=0.1), lit, 0.5)
        outer, inner = side * (HALF_WIDTH - 12), side * (HALF_WIDTH - 12 - wide)
        columns = np.linspace(min(outer, inner), max(outer, inner), 5)
        base = max(high - 40, waist - tall - 40)
        parts.grid(net(columns, np.array([base, base + tall]), face - 8), lamp, panel)
        parts.box(
            [min(at, at - side * 210), 250, ground], [max(at, at - side * 210), 850, ground + 620],
            grey(0.012, 0.8), stand,
        )  # fmt: skip
    top = np.array(
        [
            [(-790.0, back + 420, roof), (790.0, back + 420, roof)],
            [(-790.0, deep, roof + 30), (790.0, deep, roof + 30)],
        ]
    )
    parts.grid(top, paint, stand)
    under = np.array(
        [
            [(-800.0, 60.0, ground + 200), (800.0, 60.0, ground + 200)],
            [(-800.0, deep, ground + 200), (800.0, deep, ground + 200)],
        ]
    )
    parts.grid(under, grey(0.01, 0.9), stand)
