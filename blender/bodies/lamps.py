# SPDX-License-Identifier: GPL-3.0-or-later
"""Lamps on a fascia: a housing with a seat, reflectors, coloured segments, and their gloss."""

from __future__ import annotations

import numpy as np
from lit import shining, tail_red
from mesh_parts import Frame, Paint, Parts
from solids import lines, net, turned

from bodies.site import BLACK, ORANGE, RED, REFLECTOR, SMOKE, WHITE_LENS, Body

Box = tuple[float, float, float, float]


def cluster(
    parts: Parts, box: Box, front: float, thick: float, paint: Paint, frame: Frame, lean: float = 0,
    round_: float = 14.0,
) -> None:  # fmt: skip
    """A body over (x0, z0, x1, z1) with its edge rounded to `thick`; its ends lean by `lean`."""
    x0, z0, x1, z1 = box
    x = lines(x0, x1, 26, [])
    z = np.linspace(z0, z1, 7)
    edge = np.minimum.reduce([
        np.broadcast_to((x - x0)[None], (7, len(x))), np.broadcast_to((x1 - x)[None], (7, len(x))),
        np.broadcast_to((z - z0)[:, None], (7, len(x))),
        np.broadcast_to((z1 - z)[:, None], (7, len(x))),
    ])  # fmt: skip
    into = thick * (1 - np.sqrt(np.clip(1 - (1 - np.clip(edge / round_, 0, 1)) ** 2, 0, 1)))
    points = net(x, z, front + into)
    points[..., 2] += lean * (np.abs(x)[None] - abs(x0 + x1) / 2) / max(x1 - x0, 1) * (z1 - z0)
    parts.grid(points, paint, frame)


def tail_lamp(body: Body, box: Box, front: float, thick: float, style: int, lean: float) -> None:
    """Red with an orange and a clear segment, in one of a few orders."""
    x0, z0, x1, z1 = box
    frame = body.fascia()
    seat = (x0 - 6, z0 - 6, x1 + 6, z1 + 6)
    cluster(body.parts, seat, front + 7, thick, BLACK, frame, lean)
    base = SMOKE if style == 3 else tail_red(RED, body.lit, 0.22)
    cluster(body.parts, box, front, thick, base, frame, lean)
    tall, wide = z1 - z0, x1 - x0
    inner = tall > wide

    def part(a: float, b: float, paint: Paint, inset: float = 0.1) -> None:
        if inner:
            own = (x0 + inset * wide, z0 + a * tall, x1 - inset * wide, z0 + b * tall)
        else:
            own = (x0 + a * wide, z0 + inset * tall, x0 + b * wide, z1 - inset * tall)
        cluster(body.parts, own, front - 2.5, 4.0, paint, frame, lean, 6.0)

    out = 1.0 if (x0 + x1) > 0 else -1.0

    def side(a: float, b: float) -> tuple[float, float]:
        return (a, b) if inner or out > 0 else (1 - b, 1 - a)

    part(*side(0.06, 0.24), WHITE_LENS if style != 2 else ORANGE)
    part(*side(0.28, 0.46), ORANGE if style != 2 else WHITE_LENS)
    bright = Paint((0.55, 0.012, 0.015), 0.15, coat=1.0)
    part(*side(0.56, 0.92), tail_red(bright, body.lit), 0.2)
    rib = tail_red(Paint((0.1, 0.002, 0.004), 0.3), body.lit, 0.5)
    for k in np.linspace(0.6, 0.9, 4):
        part(*side(k, k + 0.02), rib, 0.22)


def head_lamp(body: Body, box: Box, front: float, thick: float, lean: float) -> None:
    """A dark chamber with chrome bowls behind a glossy rim, and an orange end."""
    x0, z0, x1, z1 = box
    frame, parts = body.fascia(), body.parts
    cluster(parts, (x0 - 5, z0 - 5, x1 + 5, z1 + 5), front + 7, thick, BLACK, frame, lean)
    bright = Paint((0.5, 0.51, 0.53), 0.09, metal=0.85, dirt=0.15, coat=1.0)
    cluster(parts, box, front, thick, bright if body.random.random() < 0.6 else SMOKE, frame, lean)
    tall = z1 - z0
    sign = 1.0 if x0 + x1 > 0 else -1.0
    radius = min(0.36 * tall, 75.0)
    inner = min(abs(x0), abs(x1))
    for k, share in enumerate((1.0, 0.72)):
        at = sign * (inner + (1.35 + 2.3 * k) * radius)
        r = radius * share
        z = (z0 + z1) / 2
        rings = [(r * 1.12, 2.0), (r, 5.0)]
        turned(parts, (at, front, z), rings, BLACK, frame, 18)
        bowl = [(r, 5.0), (r * 0.8, 3.0), (r * 0.5, 1.2), (0.0, 1.0)]
        lit = body.lit.head if k == 0 or not body.lit.dipped else 0.3 * body.lit.head
        glass = shining(Paint((0.7, 0.72, 0.76), 0.08, coat=1.0), body.lit.white, lit)
        back = shining(REFLECTOR, body.lit.white, 0.45 * lit if body.lit.dipped else 0.0)
        turned(parts, (at, front, z), bowl, back, frame, 18, smooth=True)
        turned(parts, (at, front, z), [(r * 0.34, 4.0), (r * 0.2, 9.0), (0.0, 10.0)],
               glass, frame, 12, smooth=True)  # fmt: skip
    outer = max(abs(x0), abs(x1))
    ends = sorted((sign * (outer - 0.2 * abs(x1 - x0)), sign * (outer - 12)))
    cluster(parts, (ends[0], z0 + 0.25 * tall, ends[1], z1 - 0.2 * tall), front - 2, 4, ORANGE,
            frame, lean, 5.0)  # fmt: skip
