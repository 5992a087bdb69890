# SPDX-License-Identifier: GPL-3.0-or-later
"""Saloons, hatchbacks, SUVs and vans: proportions, then hull, wheels, lamps and what is fixed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from lit import shining, tail_red
from mesh_parts import Frame, Paint, grey
from solids import CHROME

from bodies.front import add_front
from bodies.hull import Hull, add_hull
from bodies.site import BLACK, DARK, RED, Body, ellipsoid, line_pairs, rod
from bodies.tail import add_tail
from bodies.wheels import arch, rim_of, wheel

#: Length, half width, height, sill, belt, bonnet's edge, cowl (f, z), roof from, roof to, rear
#: window's foot (from the rear, z), wheel radius, front axle, rear axle (from the rear), tumble.
_TEMPLATES = {
    "saloon": (4500, 880, 1450, 205, 930, 730, (1180, 985), 1980, 1330, (560, 1030), 315, 850,
               1000, 185),
    "hatchback": (3900, 850, 1500, 205, 950, 740, (1040, 1000), 1760, 420, (30, 985), 300, 780,
                  680, 165),
    "suv": (4550, 930, 1800, 315, 1130, 950, (1180, 1190), 1800, 330, (30, 1160), 388, 880,
            850, 140),
    "van": (4800, 880, 2140, 235, 1130, 900, (430, 1240), 1060, 70, (16, 1130), 318, 720,
            980, 95),
}  # fmt: skip


@dataclass(frozen=True)
class Car:
    """One car's hull and what stands on it."""

    kind: str
    hull: Hull
    wheel_r: float
    axles: tuple[float, float]
    edge: tuple[float, float]  # heights of the bonnet's and the boot's edge


def plan(kind: str, random: np.random.Generator, least_edge: float, rear: bool) -> Car:
    """Draws proportions; the end that carries the plate is at least `least_edge` high."""
    (length, half, height, sill, belt, bonnet, cowl, roof0, roof1, foot, wheel_r, front, back,
     tumble) = _TEMPLATES[kind]  # fmt: skip
    long_ = random.uniform(0.94, 1.07)
    tall = random.uniform(0.95, 1.06)
    length, half = length * long_, half * random.uniform(0.96, 1.04)
    height, belt = height * tall, belt * tall * random.uniform(0.98, 1.03)
    bonnet = bonnet * tall if rear else max(bonnet * tall, least_edge + 15)
    edge = max(foot[1] * tall - 55, (least_edge + 15) if rear else 0.0)
    foot_z = max(foot[1] * tall, edge + 8)
    cowl_z = max(cowl[1] * tall, bonnet + 90)
    cowl_f, roof_f0 = cowl[0] * long_, roof0 * long_
    roof_f1, foot_f = length - roof1 * long_, length - foot[0] * long_
    top = (
        (0, bonnet - 20), (120, bonnet + 25), (cowl_f * 0.6, (bonnet + cowl_z) / 2 + 40),
        (cowl_f, cowl_z), (roof_f0, height - 25), ((roof_f0 + roof_f1) / 2, height),
        (roof_f1, height - random.uniform(25, 70)), (foot_f, foot_z),
        *([(length - 90, edge + 15)] if kind == "saloon" else []), (length, edge - 6),
    )  # fmt: skip
    pillar = 55.0
    cabin0, cabin1 = cowl_f + 60, (roof_f1 + foot_f) / 2 + (60 if kind == "saloon" else 40)
    if kind == "van":
        cabin1 = roof_f1 - 40
    b_pillar = roof_f0 + random.uniform(350, 520)
    panes = [(cabin0 + 40, b_pillar - pillar)]
    if kind == "van" and random.random() < 0.45:
        pass  # a panel van
    elif kind == "van":
        c = b_pillar + 1050
        panes += [(b_pillar + pillar, c - pillar), (c + pillar, cabin1)]
    else:
        c = min(b_pillar + random.uniform(780, 900), cabin1 - 300)
        panes += [(b_pillar + pillar, c - 28)]
        if kind != "saloon" or random.random() < 0.5:
            panes += [(c + 28, cabin1)]
    screen = (cowl_f + 25, roof_f0 - 45)
    window = (roof_f1 + 45, foot_f - 40)
    if kind == "van":
        window = (roof_f1 + 14, foot_f - 14)
    hull = Hull(
        length, half, sill, (belt - 25, belt + 30), tumble * random.uniform(0.9, 1.1),
        random.uniform(150, 230), top, screen, window, tuple(panes),
        soft=18.0 if kind == "van" else random.uniform(28, 50),
    )  # fmt: skip
    return Car(
        kind, hull, wheel_r * random.uniform(0.96, 1.06), (front * long_, length - back * long_),
        (bonnet, edge),
    )  # fmt: skip


def build(body: Body, car: Car, profile: object) -> None:
    """The whole car behind its panel."""
    hull, random, parts = car.hull, body.random, body.parts
    frame = body.frame(hull.length)
    roof = None
    if random.random() < 0.1:
        roof = BLACK if random.random() < 0.6 else grey(0.7, 0.3, coat=1.0)
    add_hull(parts, hull, body, frame, roof)
    rim = rim_of(random)
    # An off-roader stands high on large wheels under wide dark arches.
    rough = car.kind == "suv"
    lip = body.plastic if rough else body.paint
    wide = random.uniform(70, 105) if rough else 42.0
    for y in car.axles:
        for side in (-1, 1):
            x = side * (hull.half - 45 * abs(y / hull.length * 2 - 1) ** 3 + 2)
            arch(parts, y, car.wheel_r, car.wheel_r + wide, x, 40, lip, frame, hull.sill - 15)
            wheel(parts, (x + side * 5, y, car.wheel_r), car.wheel_r, 205, side, rim, frame)
    _doors(body, car, frame)
    _on_top(body, car, frame)
    if body.rear:
        add_tail(body, car, profile)
    else:
        add_front(body, car, profile)
    _far_end(body, car, frame)


def _doors(body: Body, car: Car, frame: Frame) -> None:
    """Shut lines, handles, a trim strip and mirrors."""
    hull, random = car.hull, body.random
    seams = [hull.panes[0][0] - 60]
    seams += [a[1] + 28 for a in hull.panes[:2]]
    handle = CHROME if random.random() < 0.25 else body.paint if random.random() < 0.7 else BLACK
    belt = float(np.mean(hull.belt))
    for side in (-1, 1):
        for f in seams:
            z = np.linspace(hull.sill + 25, float(hull.belt_z(np.array([f]))[0]), 9)
            x = hull.side_x(np.full(9, f), z) + 1.6
            path = np.column_stack([side * x, np.full(9, f), z])
            body.parts.facets(line_pairs(path, 7.0), DARK, frame)
        for f in seams[1:3]:
            z = belt - 95
            x = side * float(hull.side_x(np.array([f - 150]), np.array([z]))[0])
            ellipsoid(body.parts, (x, f - 150, z), (18, 95, 15), handle, frame, 10)
        z = hull.sill + 35
        f = np.linspace(car.axles[0] + car.wheel_r + 70, car.axles[1] - car.wheel_r - 70, 9)
        low = hull.side_x(f, np.full(9, z)) + 4
        high = z + (150 if car.kind == "suv" else 50)
        strip = np.stack([np.column_stack([side * low, f, np.full(9, zz)])
                          for zz in (hull.sill - 4, high)])  # fmt: skip
        body.parts.grid(strip, body.plastic, frame)
        look = body.paint if random.random() < 0.7 else BLACK
        f0 = hull.panes[0][0] + 120
        x = side * (hull.half + 75)
        ellipsoid(body.parts, (x, f0, belt + 75), (95, 60, 70), look, frame)
        arm = np.array([[side * (hull.half - 40), f0 + 10, belt + 25], [x, f0, belt + 45]])
        rod(body.parts, np.linspace(arm[0], arm[1], 3), 20, BLACK, frame)
        face = np.array([[(x - side * 70, f0 + 58, belt + 30), (x + side * 70, f0 + 58, belt + 30)],
                         [(x - side * 70, f0 + 58, belt + 120),
                          (x + side * 70, f0 + 58, belt + 120)]])  # fmt: skip
        body.parts.grid(face, CHROME, frame)


def _on_top(body: Body, car: Car, frame: Frame) -> None:
    """Roof rails, aerial, wipers, the high brake lamp, what is to be seen behind the glass."""
    hull, random = car.hull, body.random
    f0, f1 = hull.screen[1] + 120, hull.back[0] - 120
    if random.random() < {"suv": 1.0, "van": 0.25}.get(car.kind, 0.0):
        f = np.linspace(f0, f1, 9)
        for side in (-1, 1):
            x = side * (hull.half - hull.tumble - 115)
            z = hull.top_z(f) + np.array([5, *[45] * 7, 5.0])
            look = CHROME if random.random() < 0.4 else BLACK
            rod(body.parts, np.column_stack([0 * f + x, f, z]), 15, look, frame)
    if random.random() < 0.6:
        z = float(hull.top_z(np.array([f1]))[0])
        ellipsoid(body.parts, (0, f1 + 20, z), (24, 85, 62), body.paint, frame, 10)
    seat = Paint((0.035, 0.034, 0.033), 0.07, dirt=0.1, coat=1.0)
    for span, share in ((hull.screen, 0.55), (hull.back, 0.5)):
        if span[1] - span[0] < 120:
            continue
        for x in (-0.42, 0.42):
            low, high = span[0] + 0.32 * (span[1] - span[0]), span[0] + share * (span[1] - span[0])
            f = np.linspace(low, high, 9)
            wide = hull.half * 0.15 * np.sin(np.linspace(0.5, np.pi - 0.5, 9)) ** 0.5
            across = hull.half * x + wide[:, None] * np.linspace(-1, 1, 7)
            along = np.broadcast_to(f[:, None], across.shape)
            head = np.stack([across, along, hull.over(f, across) + 4.0], 2)
            body.parts.grid(head, seat, frame)
    f = np.linspace(hull.screen[0] + 15, hull.screen[0] + 70, 6)
    for x0 in (-0.55, 0.05):
        x = hull.half * (x0 + np.linspace(0, 0.55, 6))
        z = hull.top_z(f) - 30 * (x / hull.half) ** 2 + 16
        rod(body.parts, np.column_stack([x, f, z]), 9, BLACK, frame, 6)


def _far_end(body: Body, car: Car, frame: Frame) -> None:
    """Lamps and bumper of the end that does not carry the plate, for mirrors and side views."""
    hull = car.hull
    z0, z1 = hull.sill + 20, min(car.edge) - 60
    y = -14.0 if body.rear else hull.length + 14.0
    w = hull.half - 0.75 * hull.corner - 40
    x = np.linspace(-w, w, 9)
    sweep_y = y + np.sign(hull.length / 2 - y) * 60 * (x / w) ** 4
    for a, b, paint in ((z0, z0 + 230, body.plastic), (z1 - 140, z1 - 20, BLACK)):
        bow = np.array([0.0, 0.0])
        rows = np.array([a, b])
        points = np.stack([np.column_stack([x, sweep_y + o, 0 * x + z]) for o, z in zip(bow, rows)])
        body.parts.grid(points, paint, frame)
    bright = Paint((0.6, 0.6, 0.62), 0.1, metal=0.5, coat=1.0)
    head = shining(bright, body.lit.white, 0.5 * body.lit.head)
    look = head if body.rear else tail_red(RED, body.lit, 0.6)
    for side in (-1, 1):
        centre = (side * (w - 60), y + (30 if body.rear else -30), z1 - 60)
        ellipsoid(body.parts, centre, (150, 60, 70), look, frame)
