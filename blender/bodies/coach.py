# SPDX-License-Identifier: GPL-3.0-or-later
"""Buses and the cabs of lorries: long bodies of one section with bands of paint and windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from mesh_parts import Frame, Paint, Parts, grey
from solids import lines

from bodies.coach_face import add_face
from bodies.site import BLACK, DARK, GLASS, Body
from bodies.wheels import arch, rim_of, wheel


@dataclass(frozen=True)
class Coach:
    """One long body, mm: floor and roof heights, plan and roof radii, windows from/to in z."""

    kind: str
    length: float
    half: float
    sill: float
    roof: float
    corner: float
    edge: float
    pane: tuple[float, float]
    pitch: float
    axles: tuple[float, ...]
    wheel_r: float
    start: float = 0.0  # where the body begins behind the front


def plan(random: np.random.Generator) -> Coach:
    """Draws a bus: from a small one to a long one."""
    small = random.random() < 0.35
    length = random.uniform(6500, 8000) if small else random.uniform(9500, 11800)
    roof = random.uniform(2650, 2850) if small else random.uniform(2950, 3250)
    half = 1080.0 if small else random.uniform(1210, 1260)
    low = random.uniform(1.38, 1.55) * 1000 * roof / 3000
    front, back = (1500.0, 2000.0) if small else (2400.0, 3000.0)
    return Coach(
        "bus",
        length,
        half,
        330.0,
        roof,
        190.0,
        170.0,
        (low, low + random.uniform(820, 980)),
        random.uniform(1150, 1700),
        (front, length - back),
        400.0 if small else 490.0,
    )


def add_shell(
    parts: Parts,
    coach: Coach,
    bands: Sequence[tuple[float, float, Paint]],
    base: Paint,
    frame: Frame,
    glazed: bool = True,
) -> None:
    """Sides with bands of paint (z from, to), windows between pillars, a rounded roof."""
    e = coach.edge
    marks = {coach.sill, coach.roof - e, *coach.pane, coach.sill + 90}
    for a, b, _ in bands:
        marks |= {float(np.clip(z, coach.sill, coach.roof - e)) for z in (a, b)}
    side = np.array(sorted(marks))
    side = side[np.concatenate([[True], np.diff(side) > 1])]
    t = np.radians([22.0, 45.0, 68.0, 90.0])
    z = np.concatenate([side, coach.roof - e + e * np.sin(t), [coach.roof + 25, coach.roof + 35]])
    inset = np.concatenate([np.zeros(len(side)), e * (1 - np.cos(t))])
    x = np.concatenate([coach.half - inset, [(coach.half - e) * 0.5, 0.0]])
    x = x - np.where(z > coach.pane[0], 0.035 * (z - coach.pane[0]), 0.0) * (x > 1)
    z = np.concatenate([z, z[-2::-1]])
    x = np.concatenate([-x, x[-2::-1]])
    c = coach.corner
    ends = np.array([0.0, 0.07, 0.25, 0.55, 1.0]) * c
    first, last = coach.start + c, coach.length - c
    pillars = np.arange(first + 250, last - 250, coach.pitch)
    panes = [(a + 45, min(a + coach.pitch, last - 200) - 45) for a in pillars] if glazed else []
    panes = [(a, b) for a, b in panes if b - a > 200]
    f = np.unique(
        np.concatenate(
            [
                coach.start + ends,
                coach.length - ends,
                np.ravel(panes),
                lines(first, last, 600, []),
            ]
        )
    )
    near = np.minimum(np.minimum(f - coach.start, coach.length - f), c)
    cut = c - np.sqrt(np.maximum(c**2 - (c - near) ** 2, 0))
    points = np.empty((len(f), len(x), 3))
    points[..., 0] = x[None] - np.sign(x)[None] * 0.8 * cut[:, None] * (np.abs(x) > c)[None]
    points[..., 1] = f[:, None]
    points[..., 2] = z[None] - 0.25 * cut[:, None] * (z > coach.roof - e - 1)[None]
    middle_f, middle_z = (f[1:] + f[:-1]) / 2, (z[1:] + z[:-1]) / 2
    kind = np.zeros((len(f) - 1, len(z) - 1), np.int8)
    looks = [base, GLASS, BLACK, *(p for _, _, p in bands)]
    wall = middle_z < coach.roof - e
    for k, (a, b, _) in enumerate(bands):
        kind[:, wall & (middle_z > a) & (middle_z < b)] = 3 + k
    rows = wall & (middle_z > coach.pane[0]) & (middle_z < coach.pane[1])
    if panes:
        inside = (middle_f > panes[0][0]) & (middle_f < panes[-1][1])
        kind[np.ix_(inside, rows)] = 2
        for a, b in panes:
            kind[np.ix_((middle_f > a) & (middle_f < b), rows)] = 1
    for value, paint in enumerate(looks):
        if (kind == value).any():
            parts.grid(points, paint, frame, skip=kind != value)
    for ring in (points[0], points[-1]):
        n = len(x) // 2 + 1
        cap = ring[:n, None] * np.ones((1, 5, 1))
        cap[..., 0] = ring[:n, :1] * -np.linspace(-1, 1, 5)
        parts.grid(cap, base, frame)
    w = coach.half - 30
    under = np.array(
        [
            [(s * w, y, coach.sill + 6) for s in (-1, 1)]
            for y in (coach.start + 150, coach.length - 150)
        ]
    )
    parts.grid(under, DARK, frame)
    parts.box(
        [-w * 0.7, coach.start + 600, coach.sill - 80],
        [w * 0.7, coach.length - 500, coach.sill],
        DARK,
        frame,
    )


def bands_of(body: Body, low: float, high: float) -> list[tuple[float, float, Paint]]:
    """Stripes along the sides: none to three, of colours that go with the paint or do not."""
    random, out = body.random, []
    z = low + random.uniform(120, 260)
    inks = (
        grey(0.75, 0.3, coat=1.0),
        Paint((0.5, 0.015, 0.012), 0.3, coat=1.0),
        Paint((0.012, 0.05, 0.3), 0.3, coat=1.0),
        Paint((0.6, 0.33, 0.01), 0.3, coat=1.0),
        Paint((0.02, 0.2, 0.05), 0.3, coat=1.0),
        body.other(0.35),
    )
    for _ in range(random.integers(0, 4)):
        tall = random.uniform(40, 260)
        if z + tall > high:
            break
        out.append((z, z + tall, inks[random.integers(len(inks))]))
        z += tall + random.uniform(30, 160)
    return out


def wheels(body: Body, coach: Coach, frame: Frame, double: bool) -> None:
    """Wheels in arches; the rear axles have two a side."""
    rim = (rim_of(body.random)[0], 0)
    for n, y in enumerate(coach.axles):
        for side in (-1, 1):
            x = side * (coach.half + 2)
            if coach.sill < 700:
                arch(
                    body.parts,
                    y,
                    coach.wheel_r,
                    coach.wheel_r + 70,
                    x,
                    30,
                    body.paint,
                    frame,
                    coach.sill - 10,
                )
            wheel(
                body.parts,
                (x - side * 8, y, coach.wheel_r),
                coach.wheel_r,
                560.0 if double and n else 270.0,
                side,
                rim,
                frame,
            )


def build(body: Body, coach: Coach, profile: Any) -> None:
    """A whole bus behind its panel."""
    frame = body.frame(coach.length)
    bands = bands_of(body, coach.sill, coach.pane[0] - 60)
    add_shell(body.parts, coach, bands, body.paint, frame)
    wheels(body, coach, frame, True)
    top = coach.roof - 60
    add_face(body, coach, profile, top, bands)
    if body.random.random() < 0.4:  # a rack or an air conditioner
        y0 = coach.length * body.random.uniform(0.3, 0.6)
        from bodies.site import rounded_box

        rounded_box(
            body.parts,
            [-750, y0, coach.roof],
            [750, y0 + 2200, coach.roof + 210],
            90,
            body.other(0.9),
            frame,
        )
