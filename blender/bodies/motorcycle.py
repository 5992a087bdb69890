# SPDX-License-Identifier: GPL-3.0-or-later
"""Motorcycles and scooters, with or without a rider."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from lit import shining, tail_red
from mesh_parts import Frame, grey
from solids import CHROME, STEEL, turned

from bodies.person import riding
from bodies.site import BLACK, DARK, ORANGE, RED, REFLECTOR, Body, ellipsoid, rod, rounded_box
from bodies.wheels import wheel


@dataclass(frozen=True)
class Motorcycle:
    """One motorcycle, mm."""

    length: float
    wheel_r: float
    seat: float
    scooter: bool
    rider: bool


def plan(random: np.random.Generator, ridden: bool) -> Motorcycle:
    """Draws proportions; one that is not surely ridden stands there at times."""
    scooter = random.random() < 0.4
    return Motorcycle(
        random.uniform(1750, 1900) if scooter else random.uniform(1950, 2100),
        random.uniform(235, 265) if scooter else random.uniform(295, 320),
        random.uniform(740, 800),
        scooter,
        random.random() < 0.3 or ridden,
    )


def build(body: Body, own: Motorcycle, profile: object) -> None:
    """The machine behind its plate: wheels, engine, tank, seat, lamps, bars, silencer, rider."""
    parts, random = body.parts, body.random
    frame = body.frame(own.length)
    r, length = own.wheel_r, own.length
    inset = 120.0 if body.rear else 60.0
    back, front = length - r - inset, r + 20.0 if body.rear else _axle(body, own)
    rim = (STEEL, 5) if random.random() < 0.6 else (grey(0.015, 0.4), 5)
    for y, wide in ((front, 90.0), (back, 130.0 if not own.scooter else 105.0)):
        for side in (-1, 1):
            wheel(parts, (side * wide / 2, y, r), r, wide / 2, side, rim, frame)
    t = np.linspace(0.2, np.pi - 0.5, 12)
    for y, turn in ((front, 0.0), (back, 0.25)):
        arc = np.array(
            [
                [
                    (
                        x,
                        y + (r + 35) * np.cos(a + turn),
                        r + (r + 35) * np.sin(a + turn) - abs(x) * 0.2,
                    )
                    for a in t
                ]
                for x in (-75, 0, 75)
            ]
        )
        parts.grid(arc, body.paint if y == front else BLACK, frame)
    for side in (-1, 1):
        rod(
            parts,
            np.array([[side * 90, front - 20, r], [side * 90, front + 260, 980]]),
            24,
            CHROME,
            frame,
        )
        rod(
            parts, np.array([[side * 95, back, r], [side * 110, back - 120, 640]]), 26, STEEL, frame
        )
        rod(
            parts,
            np.array([[side * 70, back, r], [side * 70, back - 500, r + 90]]),
            22,
            BLACK,
            frame,
        )
        grip = np.array(
            [
                [0, front + 270, 1010],
                [side * 220, front + 320, 1050],
                [side * 360, front + 390, 1030],
            ]
        )
        rod(parts, grip, 13, CHROME, frame)
        rod(parts, grip[1:] * 1.0 + [side * 5, 5, 0], 19, BLACK, frame)
        rod(
            parts,
            np.array([[side * 230, front + 320, 1050], [side * 330, front + 300, 1210]]),
            7,
            BLACK,
            frame,
        )
        ellipsoid(parts, (side * 340, front + 300, 1250), (62, 16, 42), BLACK, frame)
        ellipsoid(parts, (side * 150, front + 200, 880), (34, 32, 24), ORANGE, frame)
        y_tail = length - 80.0
        rod(
            parts,
            np.array(
                [[side * 60, y_tail - 40, own.seat - 60], [side * 160, y_tail - 20, own.seat - 70]]
            ),
            9,
            BLACK,
            frame,
        )
        ellipsoid(parts, (side * 170, y_tail - 15, own.seat - 70), (34, 30, 24), ORANGE, frame)
    if own.scooter:
        rounded_box(
            parts,
            [-190, back - 420, 330],
            [190, length - 60, own.seat - 30],
            130,
            body.paint,
            frame,
            5,
        )
        rounded_box(
            parts, [-215, front + 150, 300], [215, front + 290, 930], 90, body.paint, frame, 5
        )
        rounded_box(parts, [-160, front + 200, 230], [160, back - 200, 320], 50, BLACK, frame)
    else:
        rounded_box(
            parts,
            [-150, front + 320, 330],
            [150, back - 260, 640],
            90,
            grey(0.05, 0.4, metal=0.7),
            frame,
            4,
        )
        ellipsoid(parts, (0, front + 560, 850), (150, 300, 125), body.paint, frame)
        rounded_box(
            parts,
            [-110, back - 420, own.seat - 160],
            [110, length - 100, own.seat - 50],
            60,
            body.paint,
            frame,
            4,
        )
    rounded_box(
        parts,
        [-135, back - 480, own.seat - 60],
        [135, length - 150, own.seat + 25],
        55,
        grey(0.012, 0.55),
        frame,
        4,
    )
    side = random.choice((-1, 1))
    path = np.array(
        [
            [side * 90, front + 420, 330],
            [side * 150, back - 300, 260],
            [side * 165, back - 150, 290],
        ]
    )
    rod(parts, path, 24, CHROME, frame)
    pipe = np.array(
        [[side * 165, back - 180, 290], [side * 175, back + 60, 350], [side * 178, back + 200, 385]]
    )
    rod(parts, pipe, 52, CHROME if random.random() < 0.5 else BLACK, frame, 12)
    end = pipe[-1]
    ellipsoid(parts, tuple(end), (34, 8, 34), DARK, frame)
    _lamps(body, own, frame, front)
    if not body.rear:
        _stays(body, own, frame, front)
    if own.rider:
        _rider(body, own, frame, front)


def _axle(body: Body, own: Motorcycle) -> float:
    """How far behind a front plate the axle is: its mudguard passes below the plate."""
    lowest = body.shape.outer[1] - body.shape.ground - 30.0
    guard, above = own.wheel_r + 35.0, lowest - own.wheel_r
    return max(float(np.sqrt(max(guard**2 - max(above, 0.0) ** 2, 0.0))), 20.0)


def _stays(body: Body, own: Motorcycle, frame: Frame, front: float) -> None:
    """Two stays from the fork to the bracket of a front plate."""
    z = -body.shape.ground
    share = (z - own.wheel_r) / (980.0 - own.wheel_r)
    for side in (-1, 1):
        path = np.array([[side * 55.0, -4.0, z], [side * 90.0, front - 20 + 280 * share, z + 25]])
        rod(body.parts, path, 8, BLACK, frame)


def _lamps(body: Body, own: Motorcycle, frame: Frame, front: float) -> None:
    parts = body.parts
    y = own.length - 95.0
    clear = body.shape.outer[3] - body.shape.ground + 45.0
    z = max(own.seat - 40, clear if body.rear else 0.0)
    ellipsoid(parts, (0, y - 20, z), (105, 45, 44), BLACK, frame)
    ellipsoid(parts, (0, y - 8, z), (92, 45, 36), tail_red(RED, body.lit), frame)
    z = max(930.0, 0.0 if body.rear else clear + 80)
    own_frame = frame
    if not body.rear:
        place = (0.0, front + 120, z)
        turned(parts, place, [(100, -70), (104, 20), (92, 26)], body.paint, own_frame, 20)
        bowl = shining(REFLECTOR, body.lit.white, body.lit.head)
        turned(parts, place, [(92, 22), (60, 8), (0, 4)], bowl, own_frame, 20, smooth=True)
    else:
        ellipsoid(parts, (0, front + 170, z), (120, 110, 110), body.paint, frame)


def _rider(body: Body, own: Motorcycle, frame: Frame, front: float) -> None:
    """A person on the seat, at times a second one behind."""
    grips = np.array([[side * 345.0, front + 385, 1035] for side in (-1, 1)])
    people = 1 if body.random.random() < 0.65 else 2
    for n in range(people):
        seat = (front + 830.0 + 360 * n, own.seat)
        riding(body.parts, seat, grips if n == 0 else None, frame, body.random)
