# SPDX-License-Identifier: GPL-3.0-or-later
"""Openings behind a plate: slats or a mesh in front of darkness."""

from __future__ import annotations

import numpy as np
from mesh_parts import Frame, Paint, Parts, Points
from solids import CHROME, VOID, lines, net, pad, plastic_of
from stance import Shape

_HALF_MM = 640.0  # of an opening


def add_opening(
    parts: Parts, shape: Shape, rows: tuple[float, float], mesh: bool, body: Paint,
    random: np.random.Generator, frame: Frame,
) -> None:  # fmt: skip
    """Bars or a mesh between two heights, and the holder that carries the plate before them."""
    low, high = rows
    deep = shape.face + random.uniform(45, 110)
    x = lines(-_HALF_MM - 90, _HALF_MM + 90, 60, [])
    parts.grid(net(x, np.array([low - 40, high + 40]), deep), VOID, frame, smooth=False)
    look = plastic_of(random)
    if random.random() < 0.3:
        look = CHROME if random.random() < 0.6 else body
    front = shape.face + random.uniform(1, 9)
    if mesh:
        _mesh(parts, shape, rows, front, look, random, frame)
    elif random.random() < 0.8:
        _slats(parts, rows, front, look, random, frame)
    else:
        _posts(parts, rows, front, look, random, frame)
    left, bottom, right, top = shape.outer
    grow = random.uniform(-12, 12)
    box = (left - grow, bottom - grow, right + grow, top + grow)
    pad(parts, box, shape.gap + 12, 10.0, plastic_of(random), frame)


def _slats(
    parts: Parts, rows: tuple[float, float], front: float, look: Paint,
    random: np.random.Generator, frame: Frame,
) -> None:  # fmt: skip
    """Bars along x, a wedge in section: a lit upper side, a front, and shade below."""
    pitch = random.uniform(13, 46)
    tall, slant = pitch * random.uniform(0.2, 0.6), pitch * random.uniform(0.0, 0.3)
    x = lines(-_HALF_MM, _HALF_MM, 45, [])
    for z in np.arange(rows[0] + pitch * random.random(), rows[1], pitch):
        ways = np.array([(z - slant, front + 26), (z, front), (z + tall, front + 2),
                         (z + tall + slant, front + 26)])  # fmt: skip
        parts.grid(net(x, ways[:, 0], ways[:, 1:]), look, frame, smooth=False)


def _posts(
    parts: Parts, rows: tuple[float, float], front: float, look: Paint,
    random: np.random.Generator, frame: Frame,
) -> None:  # fmt: skip
    """Upright bars and one across."""
    pitch = random.uniform(18, 60)
    wide = pitch * random.uniform(0.15, 0.45)
    x = np.arange(-_HALF_MM, _HALF_MM, pitch)
    flats = np.stack([x, 0 * x + rows[0], x + wide, 0 * x + rows[1]], 1)
    parts.flat_upright(flats, front, look, frame)
    for side in (0, 2):  # its cheeks
        at = flats[:, side]
        corner = [(at, front, rows[0]), (at, front, rows[1]), (at, front + 22, rows[1]),
                  (at, front + 22, rows[0])]  # fmt: skip
        parts.facets(
            np.stack([np.column_stack(np.broadcast_arrays(*c)) for c in corner], 1), look, frame
        )


def _mesh(
    parts: Parts, shape: Shape, rows: tuple[float, float], front: float, look: Paint,
    random: np.random.Generator, frame: Frame,
) -> None:  # fmt: skip
    """A honeycomb or a mesh of lozenges, stretched along x; beyond a crop's reach its holder."""
    left, bottom, right, top = shape.outer
    x0, x1 = left - 130, right + 130
    z0, z1 = max(rows[0], bottom - 130), min(rows[1], top + 130)
    cell = random.uniform(15, 34)
    stretch, sides = random.uniform(1.0, 2.2), (6 if random.random() < 0.6 else 4)
    wire = cell * random.uniform(0.09, 0.2)
    if sides == 6:
        across, up = cell * stretch, cell * 0.86
        turn = np.pi / 6
    else:
        across, up, turn = cell * stretch, cell * 0.5, 0.0
    columns, levels = np.arange(x0, x1, across), np.arange(z0, z1, up)
    cx, cz = np.meshgrid(columns, levels)
    cx = cx + (np.arange(len(levels)) % 2)[:, None] * across / 2
    hidden = (abs(cx - (left + right) / 2) < (right - left) / 2 - cell) & (
        abs(cz - (bottom + top) / 2) < (top - bottom) / 2 - cell
    )
    cx, cz = cx[~hidden], cz[~hidden]
    a = np.arange(sides) * 2 * np.pi / sides + turn
    outer = cell * (0.577 if sides == 6 else 0.5)
    ring = np.stack([np.cos(a) * stretch, np.sin(a)], 1)
    edge = np.stack([outer * ring, np.roll(outer * ring, -1, 0)], 1)
    inner = edge * (1 - wire / outer)
    lip = np.concatenate([edge, inner[:, ::-1]], 1)  # [sides, 4, 2]
    wall = np.concatenate([inner, inner[:, ::-1] * 0.96], 1)
    depths = (np.full(4, front), np.array([front, front, front + 14, front + 14]))
    for shape_, depth in zip((lip, wall), depths):
        quads = np.empty((len(cx), sides, 4, 3))
        quads[..., 0] = cx[:, None, None] + shape_[None, ..., 0]
        quads[..., 1] = depth
        quads[..., 2] = cz[:, None, None] + shape_[None, ..., 1]
        parts.facets(quads.reshape(-1, 4, 3), look, frame)
    _cover(parts, (x0, x1), rows, front, look, frame)


def _cover(
    parts: Parts, inside: tuple[float, float], rows: tuple[float, float], front: float,
    look: Paint, frame: Frame,
) -> None:  # fmt: skip
    """Plain panels left and right of a mesh."""
    flats: Points = np.array(
        [
            (-_HALF_MM - 90, rows[0], inside[0], rows[1]),
            (inside[1], rows[0], _HALF_MM + 90, rows[1]),
        ]
    )
    parts.flat_upright(flats, front, look, frame)
