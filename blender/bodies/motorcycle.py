# SPDX-License-Identifier: GPL-3.0-or-later
"""Motorcycles and scooters, with or without a rider."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from lit import shining, tail_red
from mesh_parts import Frame, Paint, grey
from solids import CHROME, STEEL, turned

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


def plan(random: np.random.Generator) -> Motorcycle:
    """Draws proportions."""
    scooter = random.random() < 0.4
    return Motorcycle(
        random.uniform(1750, 1900) if scooter else random.uniform(1950, 2100),
        random.uniform(235, 265) if scooter else random.uniform(295, 320),
        random.uniform(740, 800),
        scooter,
        random.random() < 0.55,
    )


def build(body: Body, own: Motorcycle, profile: object) -> None:
    """The machine behind its plate: wheels, engine, tank, seat, lamps, bars, silencer, rider."""
    parts, random = body.parts, body.random
    frame = body.frame(own.length)
    r, length = own.wheel_r, own.length
    inset = 120.0 if body.rear else 60.0
    back, front = length - r - inset, r + (140.0 if not body.rear else 20.0)
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
    if own.rider:
        _rider(body, own, frame, front)


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
    """A person on the seat: helmet, jacket, arms, legs; at times a second one behind."""
    parts, random = body.parts, body.random
    people = 1 if random.random() < 0.65 else 2
    for n in range(people):
        cloth = Paint(tuple(float(c) for c in random.uniform(0.02, 0.5, 3)), 0.8, dirt=0.2)
        trousers = Paint(tuple(float(c) for c in random.uniform(0.01, 0.12, 3)), 0.85, dirt=0.2)
        y = front + 830 + 360 * n
        z = own.seat
        ellipsoid(parts, (0, y, z + 60), (185, 170, 120), trousers, frame)
        ellipsoid(parts, (0, y - 50, z + 330), (205, 150, 310), cloth, frame)
        ellipsoid(parts, (0, y - 70, z + 520), (235, 120, 110), cloth, frame)
        helmet = Paint(tuple(float(c) for c in random.uniform(0.01, 0.6, 3)), 0.15, coat=1.0)
        ellipsoid(parts, (0, y - 85, z + 760), (130, 150, 145), helmet, frame, 18)
        ellipsoid(parts, (0, y - 175, z + 745), (92, 70, 62), BLACK, frame)
        skin = Paint((0.22, 0.11, 0.07), 0.6)
        for side in (-1, 1):
            hand = [side * 340, front + 380, 1040] if n == 0 else [side * 190, y - 260, z + 240]
            arm = np.array([[side * 215, y - 80, z + 540], [side * 330, y - 220, z + 330], hand])
            rod(parts, arm, 52, cloth, frame)
            ellipsoid(parts, tuple(hand), (45, 50, 40), skin, frame)
            leg = np.array(
                [[side * 120, y, z + 40], [side * 235, y - 380, z - 60], [side * 190, y - 250, 330]]
            )
            rod(parts, leg, 75, trousers, frame)
            ellipsoid(parts, (side * 190, y - 300, 300), (48, 120, 48), BLACK, frame)
