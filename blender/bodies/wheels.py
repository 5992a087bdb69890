# SPDX-License-Identifier: GPL-3.0-or-later
"""Wheels with tyres, rims and spokes, and the arches above them."""

from __future__ import annotations

import numpy as np
from mesh_parts import Frame, Paint, Parts, grey

from bodies.site import DARK, RUBBER

_SILVER = Paint((0.5, 0.5, 0.51), 0.25, metal=0.9, dirt=0.5)
_BLACK_RIM = grey(0.015, 0.3, dirt=0.5)
_WHITE_RIM = grey(0.55, 0.4, dirt=0.6)


def rim_of(random: np.random.Generator) -> tuple[Paint, int]:
    """Rim's paint and its number of spokes; 0 is a plain steel disc."""
    paint = (_SILVER, _BLACK_RIM, _WHITE_RIM)[random.choice(3, p=(0.7, 0.22, 0.08))]
    return paint, int((0, 5, 6, 7, 10)[random.integers(5)])


def wheel(
    parts: Parts, centre: tuple[float, float, float], radius: float, wide: float, side: int,
    rim: tuple[Paint, int], frame: Frame,
) -> None:  # fmt: skip
    """A wheel whose outer side looks along x = `side`; `centre` lies in the middle of that side."""
    sides = 26
    a = np.arange(sides) * 2 * np.pi / sides
    x, y, z = centre
    inner = radius * (0.6 + 0.06 * (rim[1] > 0))
    ways = [
        (-wide, inner), (-wide, radius * 0.9), (-wide + 14, radius - 5), (-wide * 0.8, radius),
        (-wide * 0.2, radius), (-14, radius - 5), (0, radius * 0.9), (4, radius * 0.8), (0, inner),
        (-18, inner * 0.97),
    ]  # fmt: skip

    def ring(out: float, r: float) -> np.ndarray:
        return np.column_stack(
            [np.full(sides, x + side * out), y + r * np.cos(a), z + r * np.sin(a)]
        )

    parts.grid(np.stack([ring(o, r) for o, r in ways]), RUBBER, frame, close=True)
    deep = -34.0 if rim[1] else -16.0
    back = np.stack([ring(-18, inner * 0.97), ring(deep, inner * 0.9), ring(deep, 0.0)])
    parts.grid(back, grey(0.02, 0.6, dirt=0.5) if rim[1] else rim[0], frame, close=True)
    lip = np.stack([ring(-2, inner), ring(-4, inner * 0.93), ring(-20, inner * 0.9)])
    parts.grid(lip, rim[0], frame, close=True)
    hub = np.stack([ring(-14, inner * 0.24), ring(-4, inner * 0.2), ring(-3, 0.0)])
    parts.grid(hub, rim[0], frame, close=True)
    if not rim[1]:
        return
    quads = []
    for k in range(rim[1]):
        t = 2 * np.pi * k / rim[1] + 0.3
        along, across = np.array([np.cos(t), np.sin(t)]), np.array([-np.sin(t), np.cos(t)])
        foot, tip = 0.17 * inner, 0.11 * inner
        ends = [(0.15, -foot), (0.15, foot), (0.94, tip), (0.94, -tip)]
        at = [along * u * inner + across * v for u, v in ends]
        quads.append([(x + side * (-9 if i < 2 else -7), y + p[0], z + p[1])
                      for i, p in enumerate(at)])  # fmt: skip
    parts.facets(np.array(quads), rim[0], frame)


def arch(
    parts: Parts, y: float, z: float, radius: float, x: float, deep: float, lip: Paint,
    frame: Frame, floor: float,
) -> None:  # fmt: skip
    """The dark opening over a wheel on the side x, and its lip; `floor` is where it ends below."""
    low = np.arcsin(np.clip((floor - z) / radius, -0.95, 0.95))
    a = np.linspace(low, np.pi - low, 22)
    side = np.sign(x)

    def ring(out: float, r: float) -> np.ndarray:
        return np.column_stack([np.full(22, x + side * out), y + r * np.cos(a), z + r * np.sin(a)])

    disc = np.stack([ring(2.0, radius), np.tile([[x + side * 2.0, y, max(z, floor)]], (22, 1))])
    parts.grid(disc, DARK, frame)
    rim = np.stack([ring(-deep, radius + 46), ring(3, radius + 36), ring(9, radius + 10),
                    ring(9, radius - 2), ring(0, radius - 6)])  # fmt: skip
    parts.grid(rim, lip, frame)
