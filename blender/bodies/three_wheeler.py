# SPDX-License-Identifier: GPL-3.0-or-later
"""Three-wheelers: a rounded tub, a hood of canvas on hoops, a narrow nose with one wheel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from lit import shining, tail_red
from mesh_parts import Frame, Paint, grey
from solids import lines, net, turned

from bodies.site import BLACK, DARK, GLASS, ORANGE, RED, REFLECTOR, RUBBER, Body, ellipsoid, rod
from bodies.tail import add_fascia
from bodies.wheels import arch, rim_of, wheel


@dataclass(frozen=True)
class ThreeWheeler:
    """One three-wheeler, mm."""

    length: float
    half: float
    tub: float
    roof: float
    wheel_r: float


def plan(random: np.random.Generator, least_edge: float) -> ThreeWheeler:
    """Draws proportions; the tub reaches above the plate's panel."""
    return ThreeWheeler(
        random.uniform(2550, 2750),
        random.uniform(600, 660),
        max(random.uniform(800, 900), least_edge),
        random.uniform(1680, 1780),
        random.uniform(200, 225),
    )


def _hood(random: np.random.Generator) -> Paint:
    inks = (
        (0.01, 0.01, 0.01),
        (0.5, 0.42, 0.28),
        (0.02, 0.05, 0.2),
        (0.3, 0.02, 0.02),
        (0.02, 0.12, 0.05),
    )
    return Paint(inks[random.choice(5, p=(0.55, 0.2, 0.1, 0.08, 0.07))], 0.65, dirt=0.5)


def build(body: Body, own: ThreeWheeler, profile: Any) -> None:
    """The whole vehicle behind its panel, or behind the plate on its nose."""
    parts, random = body.parts, body.random
    frame = body.frame(own.length)
    rear0, w = own.length, own.half
    hood = _hood(random)
    # The tub: from the rear to the driver's feet, narrower at the nose.
    f = np.array([60, 200, 420, 700, 820, 1300, rear0 - 250, rear0 - 120, rear0 - 30, rear0])
    half = np.array([150, 250, 340, w - 60, w - 10, w, w, w - 18, w - 60, w - 120])
    top = np.array([780, 900, 930, 640, 330, 330, own.tub, own.tub, own.tub - 20, own.tub - 60])
    sill = np.array([430, 330, 270, 250, 250, 250, 270, 300, 340, 380])
    share = np.linspace(0, 1, 7)
    rows = []
    for y, h, t, s in zip(f, half, top, sill):
        t = max(t, s + 60)
        z = s + (t - s) * share
        x = h * (0.9 + 0.1 * np.sin(np.pi * np.clip(share * 1.1, 0, 1)))
        ring = [(-a, y, b) for a, b in zip(x, z)] + [(a, y, b) for a, b in zip(x[::-1], z[::-1])]
        rows.append(ring)
    skin = np.array(rows)
    parts.grid(skin, body.paint, frame, close=True)
    for end in (0, -1):
        parts.grid(np.stack([skin[end, :7], skin[end, :6:-1]]), body.paint, frame)
    # The hood over hoops, its rear with a window; straps and posts.
    y = np.array([500, 700, 1100, 1500, rear0 - 500, rear0 - 200, rear0 - 90])
    up = np.array(
        [
            own.roof - 90,
            own.roof - 20,
            own.roof,
            own.roof,
            own.roof - 20,
            own.roof - 80,
            own.roof - 190,
        ]
    )
    t = np.linspace(0, np.pi, 15)
    arches = [
        [
            (
                -(w - 25) * np.sign(np.cos(a)) * abs(np.cos(a)) ** 0.45,
                yy,
                z - 150 + 150 * np.sin(a) ** 0.7,
            )
            for a in t
        ]
        for yy, z in zip(y, up)
    ]
    parts.grid(np.array(arches), hood, frame)
    last = np.array(arches[-1])
    low = last * [1, 0, 0] + [0, rear0 - 25, own.tub - 15]
    back = np.stack([last + (low - last) * u for u in np.linspace(0, 1, 6)])
    parts.grid(back, hood, frame)
    u, wide = np.linspace(0.22, 0.62, 4), w * random.uniform(0.3, 0.62)
    z1, z0 = own.roof - 100, own.tub
    pane = np.array(
        [[(x, rear0 - 25 - 75 * (1 - k) + 9, z1 + (z0 - z1) * k) for x in (-wide, wide)] for k in u]
    )
    parts.grid(
        pane, Paint((0.05, 0.05, 0.045), 0.2, coat=1.0) if random.random() < 0.6 else GLASS, frame
    )
    for side in (-1, 1):
        wall = np.array(
            [
                [(side * (w - 22), yy, z) for yy in (rear0 - 620, rear0 - 40)]
                for z in (own.tub - 30, own.roof - 160)
            ]
        )
        parts.grid(wall, hood, frame)
        for yy in (560, 640, rear0 - 640):
            rod(
                parts,
                np.array(
                    [
                        [side * (w - 60), yy, 420],
                        [side * (w - 40), yy + (70 if yy < 700 else 0), own.roof - 120],
                    ]
                ),
                17,
                BLACK,
                frame,
            )
    seat = Paint(((0.02, 0.02, 0.02), (0.25, 0.02, 0.02), (0.3, 0.2, 0.1))[random.integers(3)], 0.5)
    parts.box([-w + 50, rear0 - 700, 480], [w - 50, rear0 - 250, 640], seat, frame)
    parts.box([-w + 50, rear0 - 330, 600], [w - 50, rear0 - 250, 1080], seat, frame)
    screen = np.array(
        [
            [
                (x * k, 470 + 90 * v, 900 + 620 * v)
                for x, k in ((-w + 70, 0.75 + 0.25 * v), (w - 70, 0.75 + 0.25 * v))
            ]
            for v in (0, 0.5, 1)
        ]
    )
    parts.grid(screen, GLASS, frame)
    _details(body, own, profile, frame)


def _details(body: Body, own: ThreeWheeler, profile: Any, frame: Frame) -> None:
    parts, random, rear0, w = body.parts, body.random, own.length, own.half
    rim = (rim_of(random)[0], 0)
    for side in (-1, 1):
        x = side * (w - 10)
        arch(
            parts,
            rear0 - 560,
            own.wheel_r,
            own.wheel_r + 45,
            side * (w + 2),
            50,
            body.paint,
            frame,
            170,
        )
        wheel(parts, (x, rear0 - 560, own.wheel_r), own.wheel_r, 110, side, rim, frame)
    for side in (-1, 1):
        wheel(parts, (side * 52, 330, own.wheel_r), own.wheel_r, 52, side, rim, frame)
    t = np.linspace(0.1, np.pi - 0.1, 12)
    guard = np.array(
        [
            [(x, 330 + 270 * np.cos(a), own.wheel_r + 270 * np.sin(a)) for a in t]
            for x in (-90, 0, 90)
        ]
    )
    parts.grid(guard, body.paint, frame)
    parts.box([-w + 80, 700, 200], [w - 80, rear0 - 60, 262], DARK, frame)
    axle = np.array([[-w, rear0 - 560, own.wheel_r], [w, rear0 - 560, own.wheel_r]])
    rod(parts, axle, 40, DARK, frame)
    for place, r in (((0.0, 60.0, 640.0), 85.0),):
        if not body.rear and abs(place[2] + body.shape.ground) < 260:
            place = (0.0, 60.0, max(place[2], body.shape.outer[3] - body.shape.ground + 130))
        ring = [(r, -30.0), (r, 10.0), (r * 0.92, 14.0)]
        turned(parts, place, ring, BLACK, frame, 18)
        bowl = shining(REFLECTOR, body.lit.white, 0.0 if body.rear else body.lit.head)
        turned(parts, place, [(r * 0.92, 12), (r * 0.6, 4), (0, 2)], bowl, frame, 18, smooth=True)
    for side in (-1, 1):
        ellipsoid(parts, (side * (w + 60), 520, 1180), (70, 25, 55), BLACK, frame)
        rod(
            parts,
            np.array([[side * (w - 60), 560, 1100], [side * (w + 50), 530, 1160]]),
            9,
            BLACK,
            frame,
        )
        ellipsoid(parts, (side * 230, 130, 760), (40, 35, 30), ORANGE, frame)
    if body.rear:
        add_fascia(body, own.tub, profile, 60)
        z = body.shape.outer[3] - body.shape.ground
        z0 = min(max(z - 120, 480.0), own.tub - 150)
        fascia = body.fascia()
        x0 = max(body.shape.outer[2] + body.shape.clear(2, 40) + 90, w - 160)
        for side in (-1, 1):
            for k, ink in enumerate((tail_red(RED, body.lit), ORANGE)):
                at = (side * min(x0, w - 60), 0.0, z0 + 95 * k)
                turned(parts, at, [(48, -20), (48, 14), (40, 18)], BLACK, fascia, 16)
                turned(parts, at, [(40, 17), (20, 24), (0, 26)], ink, fascia, 16, smooth=True)
        low = body.shape.rows[0] - body.shape.ground
        x = lines(-w + 40, w - 40, 60, [])
        parts.grid(
            net(x, np.array([low - 60, low - 10]), np.array([[-20.0], [-26.0]])),
            grey(0.3, 0.3, metal=1.0),
            fascia,
        )
        for side in (-1, 1):
            flap = [side * (w - 110) - 90, 120.0, 110.0]
            parts.box(flap, [flap[0] + 180, 135, 330], RUBBER, body.near())
