# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a bus, or the front of a lorry's cab, about the plate's panel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from mesh_parts import Paint
from solids import lines, net

from bodies.lamps import head_lamp, tail_lamp
from bodies.site import BLACK, DARK, GLASS, RED, Body, ellipsoid, rod, sheet


def add_face(
    body: Body,
    coach: Any,
    profile: Any,
    top: float,
    bands: Sequence[tuple[float, float, Paint]],
    window: tuple[float, float] | None = None,
) -> None:
    """The end that carries the plate, above its panel: skin, window, lamps, grille, sign."""
    shape, random, parts = body.shape, body.random, body.parts
    assert shape.rows is not None
    assert shape.corner is not None
    ground, frame = shape.ground, body.fascia()
    low, high = (z - ground for z in shape.rows)
    x = lines(-shape.half, shape.half, 90, [])
    cuts = {high - 4, top - 60, top}
    cuts |= {z for a, b, _ in bands for z in (a, b) if high < z < top - 60}
    z = np.array(sorted(cuts))
    skins = [body.paint] * (len(z) - 1)
    for a, b, ink in bands:
        for i, m in enumerate((z[1:] + z[:-1]) / 2):
            skins[i] = ink if a < m < b else skins[i]
    bulge = lambda h: 4.0 + 26.0 * ((h - high) / (top - high)) ** 2  # noqa: E731
    for a, b, ink in zip(z, z[1:], skins):
        rows = np.linspace(a, b, 4)
        depth = bulge(rows)
        parts.grid(net(x, rows, depth[:, None]), ink, frame)
    crown = np.array([top, top + 30, top + 52, top + 60])
    parts.grid(net(x, crown, np.array([[30.0], [48], [95], [190]])), body.paint, frame)
    end = profile.depth(shape.rows[0], shape.rows[0] + 8) - shape.face if profile else 0.0
    skirt = np.array([low + 4, low - 26, low - 40])
    depth = float(np.clip(end, -10, 150)) + np.array([[1.0], [12], [70]])
    parts.grid(net(x, skirt, depth), body.plastic, frame)
    corner, radius = shape.corner
    w0, w1 = window or (
        max(coach.pane[0] - (0 if body.rear else 220), high + 60),
        coach.pane[1] + 60,
    )
    wide = corner + radius * (0.2 if body.rear else 0.9)
    wide = wide * (random.uniform(0.72, 0.98) if body.rear else 1.0)
    _window(body, (w0, w1), wide, bulge)
    if body.rear:
        tall = random.uniform(330, 560)
        z0 = max(high + 30, random.uniform(650, 900))
        wide_l = random.uniform(110, 190)
        for side in (-1, 1):
            x2 = sorted((side * (corner + radius * 0.75), side * (corner + radius * 0.75 - wide_l)))
            tail_lamp(
                body,
                (x2[0], z0, x2[1], min(z0 + tall, w0 - 40)),
                -6,
                30,
                int(random.integers(3)),
                0,
            )
        if w0 - high > 330 and random.random() < 0.75:
            half = corner * random.uniform(0.45, 0.7)
            sheet(parts, (-half, half), (high + 50, w0 - 60), 2, DARK, frame)
            for zz in np.arange(high + 56, w0 - 70, 38):
                rows = np.array([zz, zz + 22])
                parts.grid(
                    net(lines(-half, half, 60, []), rows, np.array([[0.0], [-12.0]])),
                    body.other(0.85),
                    frame,
                )
        for side in (-1, 1):
            sheet(
                parts,
                (side * (corner - 160), side * (corner - 60)),
                (top - 60, top - 20),
                26,
                RED,
                frame,
            )
    else:
        z0 = max(high + 20, 620.0)
        for side in (-1, 1):
            x2 = sorted((side * (corner + radius * 0.7), side * (corner - 240)))
            head_lamp(body, (x2[0], z0, x2[1], min(z0 + 190, w0 - 30)), -6, 30, 0.1)
            arm = np.array(
                [
                    [side * coach.half, -60, w1 - 40],
                    [side * (coach.half + 190), -230, w1 + 30],
                    [side * (coach.half + 200), -240, w1 - 120],
                ],
                float,
            )
            own = body.near()
            rod(parts, arm, 20, BLACK, own)
            ellipsoid(
                parts, (side * (coach.half + 200), -240, w1 - 330), (110, 60, 230), BLACK, own
            )
        for side in (-1, 1):
            u = np.linspace(0, 1, 5)
            path = np.column_stack(
                [side * (60 + wide * 0.6 * u), -14 + 0 * u + bulge(w0), w0 + 30 + 300 * u]
            )
            rod(parts, path, 11, BLACK, frame, 6)
        if top - w1 > 200:
            sheet(
                parts,
                (-corner * 0.8, corner * 0.8),
                (w1 + 40, min(w1 + 280, top - 40)),
                18,
                DARK,
                frame,
            )


def _window(body: Body, rows: tuple[float, float], wide: float, bulge: Any) -> None:
    frame, parts = body.fascia(), body.parts
    for grow, out, paint in ((26.0, -2.0, BLACK), (0.0, -5.0, GLASS)):
        x = lines(-wide - grow, wide + grow, 70, [])
        z = np.linspace(rows[0] - grow, rows[1] + grow, 6)
        parts.grid(net(x, z, bulge(z)[:, None] + out), paint, frame)
    if not body.rear or body.random.random() < 0.4:
        z = np.linspace(rows[0], rows[1], 6)
        x = np.array([-9.0, 9.0])
        parts.grid(net(x, z, bulge(z)[:, None] - 8), BLACK, frame)
    seat = Paint((0.03, 0.028, 0.03), 0.06, dirt=0.1, coat=1.0)
    for k in np.linspace(-0.7, 0.7, 4):
        z = np.linspace(rows[0] + 10, rows[0] + 0.3 * (rows[1] - rows[0]), 3)
        x = k * wide + np.array([-1, 0, 1]) * wide * 0.13
        parts.grid(net(x, z, bulge(z)[:, None] - 7), seat, frame)
