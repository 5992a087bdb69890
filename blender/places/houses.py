# SPDX-License-Identifier: GPL-3.0-or-later
"""Houses, shops, walls and fences: boxes with plaster or brick, windows in frames, doors, roofs."""

from __future__ import annotations

import colorsys

import numpy as np
from bodies.site import rod
from mesh_parts import Frame, Paint, Parts, Points, grey

from places import tiles
from places.ground import same

_PANE = Paint((0.02, 0.024, 0.028), 0.06, dirt=0.0, coat=1.0)


def upright(origin: tuple[float, float, float], heading_deg: float) -> Frame:
    """Frame of a facade: x along it, y out of it (towards who looks at it), z up."""
    a = np.radians(heading_deg)
    c, s = np.cos(a), np.sin(a)
    turn = np.array([[c, s, 0], [s, -c, 0], [0, 0, 1]])
    return lambda points: np.asarray(points @ turn + np.array(origin))


def wall_paint(random: np.random.Generator) -> Paint:
    """Plaster of many colours, brick, or concrete."""
    kind = random.choice(3, p=(0.62, 0.23, 0.15))
    if kind == 1:
        rgb = np.array([0.28, 0.1, 0.06]) * random.uniform(0.6, 1.3)
        return Paint(tuple(float(c) for c in rgb), 0.9, dirt=0.0, tile=tiles.BRICK)
    value = random.uniform(0.18, 0.7)
    rgb = colorsys.hsv_to_rgb(random.random() ** 1.6 * 0.6, random.uniform(0.02, 0.4), value)
    return Paint(rgb, 0.9, dirt=0.0, tile=tiles.CONCRETE if kind == 2 else tiles.PLASTER)


def facade(
    parts: Parts,
    frame: Frame,
    wide: float,
    tall: float,
    random: np.random.Generator,
    paint: Paint,
    shop: bool,
) -> None:
    """One face of a house: wall, windows by storey, a shop or a door below, a cornice."""
    xs, zs = np.linspace(0, wide, max(2, int(wide / 2500) + 1)), np.linspace(0, tall, 4)
    wall = np.empty((4, len(xs), 3))
    wall[..., 0], wall[..., 1], wall[..., 2] = xs[None], 0.0, zs[:, None]
    tint = np.array([0.72, 0.95, 1.0, 0.92])[:, None] * np.ones(len(xs))
    parts.grid(wall, paint, frame, smooth=False, tint=tint)
    storeys = max(1, int(tall / 3100))
    pitch = random.uniform(1900, 3400)
    w, h = pitch * random.uniform(0.35, 0.65), random.uniform(1100, 1600)
    count = max(1, int((wide - 600) / pitch))
    left = (wide - count * pitch) / 2
    trim = grey(random.choice((0.6, 0.05, 0.2)), 0.6, dirt=0.0)
    door = random.uniform(0.2, 0.7) * wide
    ledges, bars, panes, tints = [], [], [], []
    for storey in range(storeys):
        z0 = storey * 3100 + 950
        if storey == 0 and shop:
            continue
        for k in range(count):
            if random.random() < 0.07:
                continue
            x0 = left + (k + 0.5) * pitch - w / 2
            if storey == 0 and door - 120 < x0 + w and x0 < door + 1120:
                continue
            panes.append((x0, z0, x0 + w, z0 + h))
            tints.append(random.uniform(0.6, 3.2))
            for f in (0.0, 0.5, 1.0):
                bars.append((x0 + f * w - 35, z0, x0 + f * w + 35, z0 + h))
            bars += [
                (x0 - 35, z0 - 40, x0 + w + 35, z0 + 35),
                (x0 - 35, z0 + h - 35, x0 + w + 35, z0 + h + 40),
            ]
            ledges.append((x0 - 90, x0 + w + 90, z0 - 90))
    _flats(parts, frame, panes, 12.0, _PANE, np.array(tints))
    _flats(parts, frame, bars, 26.0, trim)
    for x0, x1, z in ledges:
        parts.box([x0, -10, z], [x1, 120, z + 60], paint, frame)
    parts.box([-120, -60, tall - 60], [wide + 120, 260, tall + 120], trim, frame)
    if shop:
        _shop(parts, frame, wide, random)
    else:
        _door(parts, frame, door, trim, random)
    for _ in range(random.integers(0, 3)):  # coolers, boxes on the wall
        x0, z0 = (
            random.uniform(300, max(wide - 1200, 400)),
            random.uniform(2500, max(tall - 900, 2600)),
        )
        parts.box([x0, 0, z0], [x0 + 850, 330, z0 + 600], grey(0.6, 0.5, dirt=0.0), frame)
        _flats(
            parts, frame, [(x0 + 60, z0 + 60, x0 + 540, z0 + 540)], 336.0, grey(0.05, 0.7, dirt=0)
        )


def _door(parts: Parts, frame: Frame, x0: float, trim: Paint, random: np.random.Generator) -> None:
    """A door of two or three panels in a frame, with a handle and a step."""
    rgb = colorsys.hsv_to_rgb(
        random.choice((0.06, 0.6, 0.3)), random.uniform(0.1, 0.7), random.uniform(0.03, 0.3)
    )
    leaf = Paint(rgb, 0.45, dirt=0.2)
    _flats(parts, frame, [(x0 - 70, 0, x0 + 1070, 2230)], 20.0, trim)
    _flats(parts, frame, [(x0, 0, x0 + 1000, 2150)], 30.0, leaf)
    count = int(random.integers(2, 4))
    tall = 2030 / count
    fields = [(x0 + 110, 90 + k * tall, x0 + 890, 20 + (k + 1) * tall) for k in range(count)]
    _flats(parts, frame, fields, 36.0, leaf, np.full(count, 0.62))
    parts.box([x0 + 900, 30, 1000], [x0 + 940, 85, 1130], grey(0.5, 0.3, metal=0.9), frame)
    parts.box([x0 - 150, 0, 0], [x0 + 1150, 380, 130], grey(0.3, 0.9, tile=tiles.CONCRETE), frame)


def _shop(parts: Parts, frame: Frame, wide: float, random: np.random.Generator) -> None:
    """Shutters or glass between piers, a board and an awning over them."""
    bays = max(1, int(wide / 3200))
    each = wide / bays
    board = Paint(
        colorsys.hsv_to_rgb(random.random(), random.uniform(0.3, 0.95), random.uniform(0.15, 0.7)),
        0.4,
        dirt=0.0,
    )
    for k in range(bays):
        x0, x1 = k * each + 180, (k + 1) * each - 180
        if random.random() < 0.5:
            ink = Paint(
                colorsys.hsv_to_rgb(random.random(), 0.3, random.uniform(0.15, 0.5)),
                0.4,
                metal=0.3,
                dirt=0,
            )
            z = np.arange(60, 2500, 60.0)
            slats = np.empty((len(z), 2, 3))
            slats[..., 0], slats[..., 2] = np.array([x0, x1]), z[:, None]
            slats[..., 1] = np.where(np.arange(len(z)) % 2, 14.0, 34.0)[:, None]
            parts.grid(slats, ink, frame, smooth=False)
        else:
            _flats(
                parts, frame, [(x0, 350, x1, 2500)], 14.0, _PANE, np.array([random.uniform(1, 6)])
            )
            for x in (x0, (x0 + x1) / 2, x1):
                _flats(
                    parts,
                    frame,
                    [(x - 30, 0, x + 30, 2520)],
                    24.0,
                    grey(0.4, 0.3, metal=0.5, dirt=0),
                )
    parts.box([60, 0, 2600], [wide - 60, 160, 3250], board, frame)
    if random.random() < 0.5:
        cloth = Paint(colorsys.hsv_to_rgb(random.random(), 0.7, 0.5), 0.8, dirt=0)
        awning = np.array(
            [
                [(x, y, z) for x in np.linspace(80, wide - 80, 12)]
                for y, z in ((160, 2620), (1300, 2250), (1300, 2080))
            ]
        )
        parts.grid(
            awning,
            cloth,
            frame,
            smooth=False,
            tint=np.where(np.arange(36).reshape(3, 12) % 2, 0.6, 1.3),
        )


def _flats(
    parts: Parts,
    frame: Frame,
    boxes: list[tuple[float, float, float, float]],
    out: float,
    paint: Paint,
    tint: Points | None = None,
) -> None:
    """Upright rectangles (x0, z0, x1, z1) that stand `out` of a facade."""
    if not boxes:
        return
    quads = [[(a, out, b), (c, out, b), (c, out, d), (a, out, d)] for a, b, c, d in boxes]
    parts.facets(np.array(quads, float), paint, frame, tint=tint)


def house(
    parts: Parts,
    corner: tuple[float, float, float],
    heading_deg: float,
    size: tuple[float, float, float],
    random: np.random.Generator,
    shop: bool,
) -> None:
    """A house whose front begins at `corner` and goes along the heading; (wide, deep, tall)."""
    wide, deep, tall = size
    paint = wall_paint(random)
    front = upright(corner, heading_deg)
    facade(parts, front, wide, tall, random, paint, shop)
    along = front(np.array([[0.0, 0, 0], [wide, 0, 0], [wide, -deep, 0], [0, -deep, 0]]))
    for a, turn in ((along[3], heading_deg - 90), (along[1], heading_deg + 90)):
        facade(parts, upright(tuple(a), turn), deep, tall, random, paint, False)
    tiles_ = Paint((0.2, 0.07, 0.04), 0.8, dirt=0.0, tile=tiles.PAVING)
    if random.random() < 0.5:
        ridge = tall + random.uniform(900, 2300)
        roof = np.array(
            [
                [(-400, 500, tall), (wide + 400, 500, tall)],
                [(-400, -deep / 2, ridge), (wide + 400, -deep / 2, ridge)],
                [(-400, -deep - 500, tall), (wide + 400, -deep - 500, tall)],
            ]
        )
        parts.grid(roof, tiles_, front, smooth=False)
        for x in (0.0, wide):
            gable = np.array(
                [[(x, 0, tall), (x, -deep, tall)], [(x, -deep / 2, ridge), (x, -deep / 2, ridge)]]
            )
            parts.grid(gable, paint, front, smooth=False)
    else:
        top = np.array([[(0, 0, tall), (wide, 0, tall)], [(0, -deep, tall), (wide, -deep, tall)]])
        parts.grid(top, grey(0.2, 0.9, dirt=0.0), front)


def wall(
    parts: Parts,
    corner: tuple[float, float, float],
    heading_deg: float,
    length: float,
    tall: float,
    random: np.random.Generator,
) -> None:
    """A garden wall with piers and a coping, or a fence of bars."""
    frame = upright(corner, heading_deg)
    if random.random() < 0.3:
        look = grey(random.choice((0.02, 0.4, 0.6)), 0.5, dirt=0.0)
        for z in (0.15, 0.95):
            parts.box([0, -25, z * tall - 20], [length, 25, z * tall + 20], look, frame)
        x = np.arange(0, length, 140.0)
        boxes = [(a, 0.0, a + 24, tall) for a in x]
        _flats(parts, frame, boxes, 10.0, look)
        return
    paint = wall_paint(random)
    xs = np.arange(0, length + 1, 2000.0)
    face = np.array([[(x, 0, z) for x in xs] for z in (0, 0.3 * tall, tall)])
    parts.grid(
        face, paint, frame, smooth=False, tint=np.array([[0.65], [0.95], [1.0]]) * np.ones(len(xs))
    )
    parts.box(
        [0, -220, tall],
        [length, 60, tall + 70],
        grey(0.35, 0.9, dirt=0.0, tile=tiles.CONCRETE),
        frame,
    )
    for x in np.arange(0, length, random.uniform(2500, 4000)):
        parts.box([x - 150, -30, 0], [x + 150, 55, tall + 180], paint, frame)


def pole(parts: Parts, x: float, y: float, z: float, random: np.random.Generator) -> None:
    """A street lamp or a post for wires."""
    tall = random.uniform(6000, 9000)
    look = (
        grey(0.25, 0.7, dirt=0.0, tile=tiles.CONCRETE)
        if random.random() < 0.5
        else grey(0.3, 0.4, metal=0.7, dirt=0)
    )
    rod(parts, np.array([[x, y, z], [x, y, z + tall]]), 110 if look.tile else 70, look, same)
    if random.random() < 0.55:
        side = -np.sign(x) if x else 1.0
        arm = np.array(
            [
                [x, y, z + tall],
                [x + side * 900, y, z + tall + 350],
                [x + side * 1900, y, z + tall + 380],
            ]
        )
        rod(parts, arm, 45, look, same)
        parts.box(
            [x + side * 1900 - 350, y - 130, z + tall + 310],
            [x + side * 1900 + 350, y + 130, z + tall + 400],
            grey(0.5, 0.4, dirt=0),
            same,
        )
    else:
        parts.box([x - 900, y - 50, z + tall - 700], [x + 900, y + 50, z + tall - 600], look, same)
        for off in (-800, -300, 300, 800):
            t = np.linspace(0, 1, 9)
            sag = 4 * t * (1 - t) * 900
            path = np.column_stack(
                [0 * t + x + off, y + (t - 0.5) * 60_000, z + tall - 580 + 250 - sag]
            )
            rod(parts, path, 9, grey(0.01, 0.7, dirt=0), same, 4)
