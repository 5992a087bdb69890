# SPDX-License-Identifier: GPL-3.0-or-later
"""A car's rear above and beside the plate's panel: lid, lamps, reflectors, exhaust, wiper."""

from __future__ import annotations

from typing import Any

import numpy as np
from lit import RED_LIGHT, shining
from mesh_parts import Paint
from solids import CHROME, STEEL, lines, net, turned

from bodies.lamps import tail_lamp
from bodies.site import BLACK, DARK, RED, SMOKE, Body, rod, sheet


def add_fascia(body: Body, edge: float, profile: Any, deck: float = 75.0) -> float:
    """From the panel's top to the body's edge at z = `edge`, rounded over; its depth there."""
    shape, parts = body.shape, body.parts
    assert shape.rows is not None
    low, high = (z - shape.ground for z in shape.rows)
    start = profile.depth(shape.rows[1] - 12, shape.rows[1]) - shape.face if profile else 0.0
    start = float(np.clip(start, -20, 90))
    frame = body.fascia()
    x = lines(-shape.half, shape.half, 55, [])
    if edge > high + 4:
        z = np.array(
            [
                high - 4,
                *np.linspace(high, max(edge - 40, high + 1), 5),
                edge - 12,
                edge - 2,
                edge + 3,
                edge + 4,
            ]
        )
        u = np.clip((z - high) / max(edge - high, 1), 0, 1)
        depth = start + (10 - start) * np.minimum(u * 2.5, 1)
        depth[-4:] = [14, 26, deck * 0.6, deck]
        parts.grid(net(x, z, depth[:, None]), body.paint, frame)
    end = profile.depth(shape.rows[0], shape.rows[0] + 8) - shape.face if profile else 0.0
    end = float(np.clip(end, -10, 200))
    z = np.maximum(np.array([low + 4, low - 26, low - 46]), 165.0)
    parts.grid(net(x, z, end + np.array([[1.0], [12.0], [70.0]])), body.plastic, frame)
    return start


def add_tail(body: Body, car: Any, profile: Any) -> None:
    """Everything on a car's rear but the plate's panel."""
    shape, random, parts = body.shape, body.random, body.parts
    assert shape.rows is not None
    assert shape.corner is not None
    edge = car.edge[1]
    add_fascia(body, edge, profile)
    frame, ground = body.fascia(), shape.ground
    tall_body = car.kind in ("hatchback", "suv", "van")
    corner, radius = shape.corner
    end = corner + radius * random.uniform(0.7, 1.4)
    if tall_body and random.random() < 0.5:
        z0, z1, wide = edge - random.uniform(180, 330), edge - 8, random.uniform(130, 200)
    else:
        z1 = edge - random.uniform(20, 60)
        z0, wide = z1 - random.uniform(120, 190), random.uniform(230, 430)
    z0 = max(z0, 520.0)
    style, lean = int(random.integers(4)), random.uniform(-0.15, 0.2)
    reach = profile.depth(z0 + ground, z1 + ground) - shape.face if profile else 0.0
    front = min(reach, 6.0) - 9
    inner = max(end - wide, shape.outer[2] + shape.clear(2, -(shape.face + front)) + 25)
    for side in (-1, 1):
        x = sorted((side * inner, side * end))
        tail_lamp(body, (x[0], z0, x[1], z1), front, 40.0, style, lean)
    _lid(body, car, edge, inner)
    _bumper(body, profile)
    low = shape.rows[0] - ground
    for side in (-1, 1):  # reflectors low on the bumper
        x = sorted((side * (corner - 150), side * (corner + 20)))
        at = profile.depth(low + ground + 60, low + ground + 100) if profile else shape.face
        if low + 100 < shape.outer[1] - ground - 30:
            sheet(parts, (x[0], x[1]), (low + 62, low + 96), at - shape.face - 3, RED, frame)
    if random.random() < 0.7:
        pipe = CHROME if random.random() < 0.6 else STEEL
        for side in (-1, 1) if random.random() < 0.3 else (random.choice((-1, 1)),):
            at = (side * (corner - 130), 10.0, low - 34.0)
            own = body.near()
            turned(parts, at, [(36, -180.0), (38, 18.0), (32, 18.0)], pipe, own, 14)
            turned(parts, at, [(33, 15.0), (0.0, 15.0)], DARK, own, 14)
    _window(body, car)


def _bumper(body: Body, profile: Any) -> None:
    """A bumper below a plate that hangs high: a rounded bar round the corners, dark below."""
    shape, parts, random = body.shape, body.parts, body.random
    assert shape.rows is not None
    low = shape.rows[0] - shape.ground
    proud = random.uniform(25, 55)
    room = shape.outer[1] - shape.ground - shape.clear(1, proud - shape.face) - 12
    top = min(random.uniform(560, 660), room)
    if top - low < 200 or profile is None:
        return
    split = low + random.uniform(0.25, 0.55) * (top - low)
    look = body.paint if random.random() < 0.75 else body.plastic
    frame = body.fascia()
    x = lines(-shape.half, shape.half, 45, [])
    near = min(profile.depth(split + shape.ground, top + shape.ground) - shape.face, 0.0) - proud
    upper = [
        (top + 1, near + proud + 30),
        (top, near + 34),
        (top - 12, near + 8),
        (top - 34, near),
        (split + 18, near + 2),
        (split, near + 10),
    ]
    lower = [
        (split, near + 12),
        (split - 4, near + 16),
        (low + 20, near + 24),
        (low, near + 40),
        (low - 22, near + 90),
    ]
    dark = body.plastic if random.random() < 0.8 else body.paint
    for ways, paint in ((upper, look), (lower, dark)):
        z, depth = np.array(ways).T
        parts.grid(net(x, z, depth[:, None]), paint, frame)
    gap = np.array(
        [
            [(a, near + proud + 12.0, top + 4 + b) for a in (-shape.half, shape.half)]
            for b in (-2, 7)
        ]
    )
    wide = lines(-shape.half, shape.half, 60, [])
    parts.grid(net(wide, gap[:, 0, 2], near + proud - 1.0), DARK, frame)
    lens = random.uniform(90, 190)
    for side in (-1, 1):
        a = sorted((side * 560, side * (560 - lens)))
        sheet(parts, (a[0], a[1]), (split - 42, split - 12), near + 6, RED, frame)


def _lid(body: Body, car: Any, edge: float, inner: float) -> None:
    """The lid's shut lines, a badge, at times a strip across."""
    shape, parts, random = body.shape, body.parts, body.random
    assert shape.rows is not None
    high = shape.rows[1] - shape.ground
    frame = body.fascia()
    if edge < high + 60:
        return
    if random.random() < 0.75:
        z = np.linspace(high + 5, edge - 20, 6)
        for side in (-1, 1):
            x = side * (inner - 8)
            points = np.stack(
                [np.column_stack([0 * z + x + s, 0 * z + 3.0, z]) for s in (-3, 3)], 1
            )
            parts.grid(points, DARK, frame)
    middle = (high + edge) / 2
    if random.random() < 0.8:
        radius = min(random.uniform(30, 48), (edge - high) / 2 - 12)
        turned(
            parts,
            (0.0, 8.0, middle),
            [(radius, 2.0), (radius, 9.0), (radius * 0.8, 10.0)],
            CHROME,
            frame,
            20,
        )
        turned(
            parts,
            (0.0, 8.0, middle),
            [(radius * 0.8, 8.0), (0.0, 8.5)],
            Paint((0.01, 0.02, 0.08), 0.2, coat=1.0),
            frame,
            20,
        )
        bars = np.array([(-radius * 0.7, middle - 4, radius * 0.7, middle + 4)])
        parts.flat_upright(bars, -2.5, CHROME, frame)
    if random.random() < 0.35:
        look = (CHROME, SMOKE, RED)[random.integers(3)]
        z = high + 18
        sheet(parts, (-inner + 15, inner - 15), (z, z + random.uniform(14, 40)), -1.0, look, frame)


def _window(body: Body, car: Any) -> None:
    """The high brake lamp, the wiper and the heater's lines on the rear window."""
    hull, parts, random = car.hull, body.parts, body.random
    frame = body.frame(hull.length)
    a, b = hull.back
    f = np.array([a - 26, a - 6.0])
    z = hull.top_z(f) + 7
    x = np.linspace(-150, 150, 5)
    strip = np.stack([np.column_stack([x, 0 * x + ff, 0 * x + zz]) for ff, zz in zip(f, z)])
    parts.grid(strip, shining(RED, RED_LIGHT, body.lit.brake), frame)
    if car.kind != "saloon" and random.random() < 0.8:
        u = np.linspace(0, 1, 6)
        f = b - 10 - (b - a) * 0.3 * u
        x = random.choice((-1, 1)) * hull.half * (0.05 + 0.4 * (1 - u))
        path = np.column_stack([x, f, hull.top_z(f) + 14])
        path[:, 1] += 12
        rod(parts, path, 9, BLACK, frame, 6)
