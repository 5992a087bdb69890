# SPDX-License-Identifier: GPL-3.0-or-later
"""What is before a plate besides its mount: tow bars, bars, wires, hands, plants, lamp housings.

Each is built about the plate's centre: x right, y into the vehicle (less than 0 is before the
plate), z up; mm. What of the plate it hides is measured in the picture, by the face's pass.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from mesh_parts import Frame, Paint, Parts, Points, grey
from mount import random_of
from solids import CHROME, STEEL, plastic_of, tube


@dataclass(frozen=True)
class Front:
    """One thing before one plate: where it is, how far it reaches, and what it is made with."""

    parts: Parts
    frame: Frame
    width: float
    height: float
    x: float
    reach: float  # mm over the plate from the edge it comes from
    y: float  # negative: before the plate
    random: np.random.Generator


def add_front(parts: Parts, plate: dict[str, Any], matrix: Points) -> None:
    """What `plate["mount"]["front"]` says, or nothing."""
    mount = plate["mount"]
    if mount["front"] == "none":
        return
    width, height = plate["size_mm"]
    front = Front(
        parts, _about(matrix), width, height, mount["front_at"] * width,
        mount["front_reach"] * height, -mount["front_gap_mm"], random_of(mount["seed_w"] + 11.0),
    )  # fmt: skip
    _KINDS[mount["front"]](front)


def add_lamps(
    parts: Parts, plate: dict[str, Any], light: dict[str, Any], matrix: Points, room_mm: float
) -> None:
    """Housings over the places where `light` has its plate lamps; `room_mm` is free above."""
    count = plate["mount"]["lamps"]
    if not count:
        return
    width, height = plate["size_mm"]
    random = random_of(plate["mount"]["seed_w"] + 13.0)
    look = plastic_of(random) if random.random() < 0.7 else CHROME
    half = light["plate_lamp_spread"] * width / 2 if count == 2 else 0.0
    low = height / 2 + min(light["plate_lamp_rise_mm"], 0.7 * room_mm) + 5.0
    wide, deep = random.uniform(16, 45), light["plate_lamp_out_mm"]
    for x in (-half, half)[:count]:
        parts.box([x - wide / 2, -deep - 9, low], [x + wide / 2, 4, low + random.uniform(8, 20)],
                  look, _about(matrix))  # fmt: skip


def _about(matrix: Points) -> Frame:
    """This file's frame about a plate -> world mm."""

    def to_world(points: Points) -> Points:
        own = np.stack([points[:, 0], -points[:, 2], points[:, 1]], 1)
        return np.asarray(own @ matrix[:3, :3].T + matrix[:3, 3])

    return to_world


def _rope(f: Front, path: Points, radius: float, paint: Paint, sides: int = 8) -> None:
    """A round rope along a bent path (n, 3), its rings square to the way at each point."""
    way = np.gradient(path, axis=0)
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    across = np.cross(way, [0.31, 0.91, 0.27])
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    third = np.cross(way, across)
    a = np.arange(sides) * 2 * np.pi / sides
    ring = np.cos(a)[:, None] * across[:, None] + np.sin(a)[:, None] * third[:, None]
    f.parts.grid(path[:, None] + radius * ring, paint, f.frame, close=True)


def _ball(f: Front, centre: tuple[float, float, float], radius: float, paint: Paint) -> None:
    up, around = np.linspace(-np.pi / 2, np.pi / 2, 9), np.arange(14) * 2 * np.pi / 14
    rings = np.stack([
        np.cos(up)[:, None] * np.cos(around), np.cos(up)[:, None] * np.sin(around),
        np.sin(up)[:, None] * np.ones(14),
    ], 2)  # fmt: skip
    f.parts.grid(np.array(centre) + radius * rings, paint, f.frame, close=True)


def _bar(f: Front, a: Any, b: Any, radius: float, paint: Paint) -> None:
    tube(f.parts, np.linspace(a, b, 4), radius, paint, f.frame)


def _tow_ball(f: Front) -> None:
    """A ball of 50 mm (ISO 1103) on its neck, from below; at times with a cap."""
    look = (STEEL, grey(0.015, 0.5), CHROME)[f.random.choice(3, p=(0.4, 0.4, 0.2))]
    y, foot = min(f.y, -45.0), -f.height / 2
    top = foot + f.reach - 25.0
    _ball(f, (f.x, y, top), 25.0, look)
    bend = np.array([(f.x, y, top - 15), (f.x, y, top - 60), (f.x, y + 20, top - 95),
                     (f.x, y + 80, top - 110), (f.x, y + 400, top - 112)], np.float64)  # fmt: skip
    _rope(f, bend, 13.0, look)


def _tow_hook(f: Front) -> None:
    """An eye of steel that is screwed in below or beside the plate."""
    a = np.linspace(-0.35 * np.pi, 1.35 * np.pi, 18)
    ring = f.random.uniform(22, 34)
    middle = -f.height / 2 + f.reach - ring
    path = np.stack([f.x + ring * np.cos(a), np.full(18, f.y), middle + ring * np.sin(a)], 1)
    look = STEEL if f.random.random() < 0.7 else Paint((0.5, 0.03, 0.02), 0.4)
    _rope(f, path, f.random.uniform(6, 10), look)
    _bar(f, (f.x, f.y, middle - ring), (f.x, 60.0, middle - ring), 9.0, look)


def _bull_bar(f: Front) -> None:
    """A bar of tube across the plate and two that hold it."""
    radius = f.random.uniform(16, 32)
    look = (CHROME, grey(0.012, 0.35), STEEL)[f.random.choice(3, p=(0.45, 0.4, 0.15))]
    y = min(f.y, -1.4 * radius - 20)
    upper = f.random.random() < 0.4
    z = f.height / 2 - f.reach + radius if upper else -f.height / 2 + f.reach - radius
    _bar(f, (-750, y, z), (750, y, z), radius, look)
    beside = f.width / 2 + f.random.uniform(30, 160)
    for x in (-beside, beside):
        _bar(f, (x, y, z - 350), (x, y, z + 350), radius, look)


def _wires(f: Front) -> None:
    """Cables that hang across or down over the plate."""
    colours = ((0.012,) * 3, (0.012,) * 3, (0.4, 0.02, 0.02), (0.03, 0.06, 0.35))
    for _ in range(f.random.integers(1, 4)):
        t, sag = np.linspace(-1, 1, 25), f.random.uniform(20, 140)
        z = f.height / 2 - f.reach * f.random.uniform(0.2, 1) + sag * (t * t - 0.2)
        if f.random.random() < 0.4:  # it hangs down over an edge
            drop = np.linspace(f.height / 2 + 60, -f.height / 2 - 20, 25)
            x = f.x + f.random.uniform(-40, 40) + 12 * np.sin(t * f.random.uniform(1, 4))
            path = np.stack([x, np.full(25, f.y), drop], 1)
        else:
            path = np.stack([t * f.width * 0.8 + f.x * 0.2, f.y - 10 * t * t, z], 1)
        colour = colours[f.random.integers(len(colours))]
        _rope(f, path, f.random.uniform(1.5, 4.5), Paint(colour, 0.5, dirt=0.5), 6)


def _chain(f: Front) -> None:
    """Links, each turned against the next, along a sagging line."""
    link, wire = f.random.uniform(18, 34), f.random.uniform(2.5, 4.5)
    count = int(1.4 * f.width / link)
    a = np.linspace(0, 2 * np.pi, 13)
    sag = f.random.uniform(10, 60)
    for n in range(count):
        t = 2 * (n + 0.5) / count - 1
        x, z = 0.7 * t * f.width, f.height / 2 - f.reach + sag * (t * t - 0.3)
        flat = 0.32 * link * np.sin(a)
        turned = (np.zeros(13), flat) if n % 2 else (flat, np.zeros(13))
        path = np.stack([x + 0.62 * link * np.cos(a), f.y + turned[0], z + turned[1]], 1)
        _rope(f, path, wire, STEEL, 5)


def _strap(f: Front) -> None:
    """A band, upright or across, that holds something on."""
    wide = f.random.uniform(18, 45)
    colour = ((0.6, 0.12, 0.01), (0.02, 0.02, 0.02), (0.03, 0.1, 0.4), (0.5, 0.45, 0.05))
    look = Paint(colour[f.random.integers(4)], 0.7, dirt=0.5)
    t = np.linspace(-1, 1, 12)
    if f.random.random() < 0.6:
        lean = f.random.uniform(-40, 40)
        edge = [
            np.stack([f.x + side * wide / 2 + lean * t, f.y + 8 * t * t, t * f.height * 1.3], 1)
            for side in (-1, 1)
        ]
    else:
        z = f.height / 2 - f.reach + wide / 2
        edge = [
            np.stack([t * f.width, f.y + 8 * t * t, z + side * wide / 2 + 6 * t], 1)
            for side in (-1, 1)
        ]
    f.parts.grid(np.stack(edge), look, f.frame)


def _wiper(f: Front) -> None:
    """A wiper's arm and blade, slanted across an upper corner."""
    side = 1 if f.x > 0 else -1
    a = np.radians(f.random.uniform(15, 55))
    foot = np.array([side * f.width * 0.62, f.y, f.height / 2 + 90])
    way = np.array([-side * np.cos(a), 0.0, -np.sin(a)])
    end = foot + way * (90 + f.reach) / np.sin(a)
    black = grey(0.012, 0.5, dirt=0.4)
    _bar(f, foot - [0, 12, 0], end - [0, 12, 0], 5.0, black)
    _bar(f, end - way * 220, end + way * 40, 4.0, black)


def _hand(f: Front) -> None:
    """Fingers over the plate's edge, from above, below or a side."""
    tone = (0.55, 0.34, 0.25), (0.3, 0.16, 0.1), (0.11, 0.055, 0.035), (0.42, 0.26, 0.18)
    skin = Paint(tone[f.random.integers(4)], 0.5, dirt=0.1)
    where = f.random.integers(3)  # left, right, below
    span = f.height / 2 if where < 2 else f.width / 2
    base = np.clip(f.x if where == 2 else 0.0, -span + 40, span - 40)
    thick = f.random.uniform(7.5, 9.5)
    y = max(f.y, -22.0)
    for n in range(f.random.integers(1, 5)):
        along = base + (n - 1.5) * 2.15 * thick
        long = max(f.reach, 20) * (1.0, 1.15, 1.1, 0.8)[n]
        t = np.linspace(0, 1, 7)
        into = -70 + t * (70 + long)
        bow = y - 9 * np.sin(np.pi * t) + 4
        if where == 2:
            path = np.stack([np.full(7, along), bow, -f.height / 2 + into], 1)
        else:
            side = -1 if where == 0 else 1
            path = np.stack([side * (f.width / 2 - into), bow, np.full(7, along)], 1)
        _rope(f, path, thick, skin, 10)
        _ball(f, tuple(path[-1]), thick, skin)


def _leaves(f: Front) -> None:
    """Leaves of a hedge or a fallen twig about an edge of the plate."""
    count, greens = f.random.integers(4, 22), ((0.03, 0.09, 0.015), (0.07, 0.12, 0.02),
                                               (0.16, 0.11, 0.03))  # fmt: skip
    green = greens[f.random.choice(3, p=(0.5, 0.35, 0.15))]
    upper = 1 if f.random.random() < 0.5 else -1
    for _ in range(count):
        size = f.random.uniform(18, 55)
        x = f.x + f.random.normal(0, 0.16 * f.width)
        z = upper * (f.height / 2 - f.reach * f.random.uniform(-0.8, 1.0))
        a, y = f.random.random() * 2 * np.pi, f.y * f.random.uniform(0.4, 1.2)
        way, side = np.array([np.cos(a), 0, np.sin(a)]), np.array([-np.sin(a), 0, np.cos(a)])
        curl = np.array([0, f.random.uniform(-0.3, 0.3) * size, 0])
        middle = np.array([x, y, z])
        quad = [middle - way * size / 2, middle + side * size * 0.22 + curl,
                middle + way * size / 2, middle - side * size * 0.22 + curl]  # fmt: skip
        shade = f.random.uniform(0.6, 1.4)
        f.parts.facets(np.array([quad]), Paint(tuple(shade * c for c in green), 0.45), f.frame)


def _grass(f: Front) -> None:
    """Blades that grow up before the plate."""
    for _ in range(f.random.integers(8, 40)):
        x, tall = f.random.uniform(-0.6, 0.6) * f.width, f.reach * f.random.uniform(0.3, 1.3)
        lean, wide = f.random.normal(0, 0.35) * tall, f.random.uniform(1.5, 4)
        t = np.linspace(0, 1, 6)
        z = -f.height / 2 - 260 + t * (260 + tall)
        middle = np.stack([x + lean * t * t, f.y * (0.6 + 0.4 * t), z], 1)
        thin = np.outer(wide * (1 - 0.9 * t), [1.0, 0.0, 0.0])
        dry = f.random.random()
        blade = Paint((0.05 + 0.2 * dry, 0.1 + 0.1 * dry, 0.015 + 0.03 * dry), 0.5)
        f.parts.grid(np.stack([middle - thin, middle + thin]), blade, f.frame)


_KINDS: dict[str, Callable[[Front], None]] = {
    "tow_ball": _tow_ball, "tow_hook": _tow_hook, "bull_bar": _bull_bar, "wires": _wires,
    "chain": _chain, "strap": _strap, "wiper": _wiper, "hand": _hand, "leaves": _leaves,
    "grass": _grass,
}  # fmt: skip
