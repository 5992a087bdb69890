# SPDX-License-Identifier: GPL-3.0-or-later
"""The rear of a motorcycle or three-wheeler: a mudguard's tongue, lamps, struts, and much dark."""

from __future__ import annotations

import numpy as np
from lit import Lit, tail_red
from mesh_parts import Frame, Paint, Parts, grey
from solids import CHROME, STEEL, VOID, lines, net, pad, plastic_of, tube, turned
from stance import Shape

_RED = Paint((0.3, 0.008, 0.012), 0.07, dirt=0.1)
_ORANGE = Paint((0.6, 0.16, 0.01), 0.1, dirt=0.1)


def add_fender(
    parts: Parts, shape: Shape, rows: tuple[float, float], body: Paint,
    random: np.random.Generator, frame: Frame, lit: Lit, rear: bool = True,
) -> None:  # fmt: skip
    """A curved mudguard behind the plate; beside it tyre, struts and what lies in the dark.

    A front's is no more than a bracket, on two stays.
    """
    left, bottom, right, top = shape.outer
    half = (right - left) / 2 * random.uniform(0.35, 1.25)
    guard = body if random.random() < 0.45 else plastic_of(random)
    x = lines(-half, half, 16, [])
    below, above = (260, 230) if rear else (20, 35)
    z = lines(max(rows[0], bottom - below), min(rows[1], top + above), 40, [])
    bulge = (x / half) ** 2 * random.uniform(5, 70)
    fall = np.maximum(np.abs(z - (bottom + top) / 2) - 130, 0)[:, None] ** 2 * 0.0012
    parts.grid(net(x, z, shape.gap + bulge[None] + fall), guard, frame)
    wide = lines(-shape.half, shape.half, 80, [])
    back = shape.gap + random.uniform(160, 320)
    behind = VOID if random.random() < 0.4 else grey(0.01 + 0.1 * random.random() ** 2, 0.8)
    if shape.corner is None:  # a whole vehicle has its own
        parts.grid(net(wide, np.array(rows), back), behind, frame)
    rubber = grey(0.012, 0.8, dirt=0.9)
    tread = random.uniform(45, 75)
    if shape.corner is None:
        pad(parts, (-tread, rows[0], tread, bottom + 60), back - 20, 60, rubber, frame, 30)
    for side in (-1, 1):
        metal = (CHROME, STEEL, plastic_of(random), body)[random.integers(4)]
        foot = side * (abs(left) + random.uniform(-10, 90))
        up = np.linspace(*(rows if rear else (bottom, top)), 6)
        lean = random.uniform(-0.25, 0.25)
        path = np.column_stack([foot + lean * up, 0 * up + shape.gap + random.uniform(40, 140), up])
        tube(parts, path, random.uniform(9, 28), metal, frame)
        if random.random() < 0.5 and rear:  # a spring around it
            coil = lines(rows[0], rows[1], 22, [])
            at = foot + lean * coil
            turns = np.stack([at - 30, coil, at + 30, coil + 8], 1)
            parts.flat_upright(turns, shape.gap + 38, metal, frame)
    if rear:
        _lamps(parts, shape, random, frame, lit)


def _lamps(parts: Parts, shape: Shape, random: np.random.Generator, frame: Frame, lit: Lit) -> None:
    """Tail lamp above, indicators beside, a reflector below."""
    left, bottom, right, top = shape.outer
    middle = (left + right) / 2
    if random.random() < 0.7:
        proud, wide = random.uniform(5, 50), random.uniform(60, 190)
        z = top + shape.clear(3, proud - shape.gap) + random.uniform(2, 30)
        seat = plastic_of(random)
        box = (middle - wide / 2 - 6, z - 2, middle + wide / 2 + 6, z + 70)
        pad(parts, box, shape.gap + 30, 30, seat, frame)
        box = (middle - wide / 2, z + 2, middle + wide / 2, z + random.uniform(30, 64))
        pad(parts, box, shape.gap, max(proud, 2.0), tail_red(_RED, lit), frame, 9)
    if random.random() < 0.6:
        proud, radius = random.uniform(10, 40), random.uniform(20, 34)
        z = random.uniform(-20, 90)
        for side, place in ((0, left), (2, right)):
            out = shape.clear(side, proud - shape.gap) + radius + random.uniform(3, 50)
            at = place - out if side == 0 else place + out
            profile = [(radius, 0.0), (radius, proud * 0.6), (radius * 0.6, proud), (0.0, proud)]
            turned(parts, (at, shape.gap, z), profile, _ORANGE, frame, smooth=True)
    if random.random() < 0.5:
        radius = random.uniform(18, 32)
        z = bottom - shape.clear(1, 6) - radius - random.uniform(2, 25)
        profile = [(radius + 3, 0.0), (radius + 3, 3.0), (radius, 3.0)]
        turned(parts, (middle, shape.gap, z), profile, plastic_of(random), frame)
        turned(parts, (middle, shape.gap, z), [(radius, 3.0), (0.0, 4.0)], _RED, frame)
