# SPDX-License-Identifier: GPL-3.0-or-later
"""Lorries: a chassis, a cab, and a box with doors or an open bed with boards."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from mesh_parts import Frame, Paint, grey
from solids import STEEL

from bodies import coach
from bodies.coach_face import add_face
from bodies.lamps import tail_lamp
from bodies.site import BLACK, DARK, RED, RUBBER, Body, rod, rounded_box, sheet
from bodies.wheels import rim_of, wheel


@dataclass(frozen=True)
class Lorry:
    """One lorry, mm."""

    length: float
    half: float
    bed: float  # height of the cargo's floor
    high: float
    cab: coach.Coach
    axles: tuple[float, ...]
    wheel_r: float
    box: bool


def plan(random: np.random.Generator, box: bool) -> Lorry:
    """Draws a lorry of two or three axles."""
    length, half = random.uniform(6200, 9000), random.uniform(1050, 1240)
    wheel_r = random.uniform(400, 500)
    bed = wheel_r * 2 + random.uniform(140, 240)
    high = bed + (random.uniform(1900, 2500) if box else random.uniform(500, 900))
    cab_high = random.uniform(2350, 2800)
    cab = coach.Coach(
        "cab",
        2050.0,
        half - 40,
        420.0,
        cab_high,
        160.0,
        140.0,
        (1450.0, cab_high - 330),
        900.0,
        (1100.0,),
        wheel_r,
    )
    axles = (1150.0, length - 1500.0)
    if length > 7800:
        axles = (*axles, length - 2500.0 - 150)
    return Lorry(length, half, bed, high, cab, axles, wheel_r, box)


def build(body: Body, lorry: Lorry, profile: Any) -> None:
    """The whole lorry behind its panel."""
    parts, random = body.parts, body.random
    frame = body.frame(lorry.length)
    cab_paint = body.paint
    coach.add_shell(parts, replace(lorry.cab, pitch=950.0), [], cab_paint, frame)
    steel = grey(0.03, 0.6, dirt=0.9)
    for side in (-1, 1):
        parts.box(
            [side * 430 - 45, 300, lorry.bed - 330],
            [side * 430 + 45, lorry.length - 40, lorry.bed - 60],
            steel,
            frame,
        )
    rim = (rim_of(random)[0], 0)
    for n, y in enumerate(lorry.axles):
        for side in (-1, 1):
            wheel(
                parts,
                (side * (lorry.half - 40), y, lorry.wheel_r),
                lorry.wheel_r,
                560 if n else 280,
                side,
                rim,
                frame,
            )
        rod(
            parts,
            np.array([[-lorry.half + 100, y, lorry.wheel_r], [lorry.half - 100, y, lorry.wheel_r]]),
            70,
            steel,
            frame,
        )
    cargo = _cargo_paint(body)
    if lorry.box:
        _box(body, lorry, cargo, frame)
    else:
        _boards(body, lorry, cargo, frame)
    rounded_box(
        parts, [lorry.half - 420, 2600, 480], [lorry.half - 60, 3500, 900], 60, STEEL, frame
    )
    if body.rear:
        _rear(body, lorry, profile, cargo)
    else:
        cab = lorry.cab
        add_face(body, cab, profile, cab.roof - 60, [], (1480, cab.roof - 350))


def _cargo_paint(body: Body) -> Paint:
    random = body.random
    inks = (
        (0.72, 0.72, 0.7),
        (0.55, 0.56, 0.57),
        (0.03, 0.1, 0.32),
        (0.4, 0.03, 0.02),
        (0.55, 0.3, 0.02),
        (0.05, 0.2, 0.1),
    )
    p = (0.42, 0.2, 0.12, 0.1, 0.08, 0.08)
    return Paint(inks[random.choice(6, p=p)], 0.35, dirt=0.7)


def _box(body: Body, lorry: Lorry, paint: Paint, frame: Frame) -> None:
    """A closed box with ribbed or smooth sides."""
    parts, random = body.parts, body.random
    y0, y1, w = 2250.0, lorry.length, lorry.half
    if random.random() < 0.5:  # ribs: a trapezoid wave along y
        y = np.arange(y0, y1, 55.0)
        wave = np.where(np.arange(len(y)) % 4 < 2, 0.0, 26.0)
        y = y + np.where(np.arange(len(y)) % 2 == 1, 20.0, 0.0)
    else:
        y = np.append(np.arange(y0, y1, 600.0), y1)
        wave = 0 * y
    for side in (-1, 1):
        rows = np.array([lorry.bed + 60, lorry.high - 70])
        wall = np.empty((2, len(y), 3))
        wall[..., 0], wall[..., 1], wall[..., 2] = side * (w - wave), y, rows[:, None]
        parts.grid(wall, paint, frame, smooth=False)
        for a, b in ((lorry.bed, lorry.bed + 70), (lorry.high - 75, lorry.high)):
            parts.box([side * w - 30, y0, a], [side * w + 12, y1, b], STEEL, frame)
        tape = np.arange(y0 + 100, y1 - 200, 600.0)
        for yy in tape:
            z = lorry.bed + 82
            quad = np.array(
                [
                    [
                        (side * (w + 14), yy + u, z + v)
                        for u, v in ((0, 0), (300, 0), (300, 50), (0, 50))
                    ]
                ]
            )
            parts.facets(quad, RED, frame)
    top = np.array([[(x, y, lorry.high) for x in (-w, w)] for y in (y0, y1)])
    parts.grid(top, paint, frame)
    front = np.array([[(x, y0, z) for x in (-w, w)] for z in (lorry.bed, lorry.high)])
    parts.grid(front, paint, frame)
    parts.grid(front * [1, 0, 1] + [0, y1 - 30, 0], paint, frame)
    floor = top * [1, 1, 0] + [0, 0, lorry.bed]
    parts.grid(floor, DARK, frame)


def _boards(body: Body, lorry: Lorry, paint: Paint, frame: Frame) -> None:
    """An open bed: boards between posts, often a load under a sheet."""
    parts, random = body.parts, body.random
    y0, y1, w = 2250.0, lorry.length - 20, lorry.half
    parts.box([-w, y0, lorry.bed - 60], [w, y1, lorry.bed], STEEL, frame)
    planks = np.linspace(lorry.bed + 15, lorry.high, 6)
    for a, b in zip(planks, planks[1:]):
        shade = replace(paint, rgb=tuple(c * random.uniform(0.8, 1.1) for c in paint.rgb))
        for side in (-1, 1):
            x = side * w
            parts.box([x - 15, y0, a], [x + 15, y1, b - 14], shade, frame)
        parts.box([-w, y0, a], [w, y0 + 30, b - 14], shade, frame)
        if body.rear:
            parts.box([-w, y1 - 30, a], [w, y1, b - 14], shade, frame)
    for y in np.linspace(y0, y1, 5):
        for side in (-1, 1):
            parts.box(
                [side * w - 45, y - 40, lorry.bed - 80],
                [side * w + 28, y + 40, lorry.high + 25],
                STEEL,
                frame,
            )
    if random.random() < 0.6:
        sheet_ = Paint(
            ((0.02, 0.09, 0.3), (0.03, 0.14, 0.06), (0.3, 0.18, 0.08))[random.integers(3)],
            0.6,
            dirt=0.5,
        )
        rounded_box(
            parts,
            [-w + 60, y0 + 100, lorry.bed],
            [w - 60, y1 - 120, lorry.high + random.uniform(100, 700)],
            260,
            sheet_,
            frame,
            5,
        )


def _rear(body: Body, lorry: Lorry, profile: Any, paint: Paint) -> None:
    """Doors, lamps on a beam, a bar below and mudflaps."""
    parts, random, w = body.parts, body.random, lorry.half
    frame = body.near()
    shape = body.shape
    assert shape.rows is not None
    low, high = (z - shape.ground for z in shape.rows)
    y = -10.0
    if lorry.box:
        frame_paint = STEEL if random.random() < 0.5 else body.other(0.6)
        for side in (-1, 1):
            parts.box(
                [side * w - 50, y - 15, lorry.bed - 20],
                [side * w + 12, y + 40, lorry.high],
                frame_paint,
                frame,
            )
        for a, b in ((lorry.bed - 20, lorry.bed + 90), (lorry.high - 90, lorry.high + 8)):
            parts.box([-w, y - 15, a], [w, y + 40, b], frame_paint, frame)
        for side in (-1, 1):
            x0, x1 = sorted((side * 8, side * (w - 55)))
            rounded_box(
                parts, [x0, y - 5, lorry.bed + 95], [x1, y + 35, lorry.high - 95], 14, paint, frame
            )
            for k in (0.3, 0.72):
                x = side * k * (w - 55)
                path = np.array([[x, y - 28, lorry.bed + 60], [x, y - 28, lorry.high - 60]])
                rod(parts, np.linspace(path[0], path[1], 3), 16, STEEL, frame)
                handle = lorry.bed + 700
                rod(
                    parts,
                    np.array([[x, y - 40, handle], [x - side * 330, y - 46, handle - 25]]),
                    15,
                    STEEL,
                    frame,
                )
                for z in (lorry.bed + 130, lorry.high - 130, handle):
                    parts.box([x - 45, y - 36, z - 30], [x + 45, y - 4, z + 30], STEEL, frame)
            for z in np.linspace(lorry.bed + 250, lorry.high - 250, 4):
                parts.box(
                    [side * (w - 25) - 70, y - 26, z - 35],
                    [side * (w - 25) + 30, y - 12, z + 35],
                    STEEL,
                    frame,
                )
        tape = np.linspace(-w + 80, w - 280, 5)
        for n, x in enumerate(tape):
            ink = RED if n % 2 == 0 else grey(0.7, 0.4)
            sheet(parts, (x, x + 200), (lorry.bed + 20, lorry.bed + 70), y - 18, ink, frame)
    beam = min(low, 520.0)
    parts.box([-w + 60, 20, beam - 130], [w - 60, 120, beam - 20], BLACK, frame)
    z0 = min(high - 150, lorry.bed - 190)
    ground_front = min(
        profile.depth(z0 + shape.ground, z0 + 140 + shape.ground) - shape.face if profile else 0, 4
    )
    for side in (-1, 1):
        x = sorted((side * (shape.half - 30), side * (shape.half - 400)))
        tail_lamp(
            body, (x[0], z0, x[1], z0 + 140), ground_front - 10, 40, int(random.integers(3)), 0
        )
        flap = [side * w - (500 if side > 0 else 0), 320, 170]
        parts.box(flap, [flap[0] + 500, 340, lorry.bed - 150], RUBBER, frame)
        parts.box(
            [side * 430 - 40, 0, beam - 60], [side * 430 + 40, 300, lorry.bed - 60], STEEL, frame
        )
