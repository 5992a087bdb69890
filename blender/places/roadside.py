# SPDX-License-Identifier: GPL-3.0-or-later
"""What borders a place: roads with their lines, kerbs, pavements, houses, walls, trees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from mesh_parts import Frame, Paint, Parts, Points
from stance import Shape

from places import ground, tiles
from places.houses import house, pole, wall
from places.trees import hedge, tree

#: Roads run from here to there along y, mm.
NEAR, FAR = -26_000.0, 110_000.0


@dataclass(frozen=True)
class Stood:
    """A vehicle that stands in the scene: its upright frame, shape and looks."""

    frame: Frame
    shape: Shape
    looks: dict[str, Any]
    length: float

    def half(self) -> float:
        """Half its width."""
        c = self.shape.corner
        wide = c[0] + c[1] if c else 880.0
        return max(wide, 1250.0 if self.looks["kind"] == "lorry" else 0.0)


@dataclass(frozen=True)
class Site:
    """A place being built: z of the ground, side of the kerb, lane, and its generator."""

    parts: Parts
    scene: dict[str, Any]
    z: float
    side: float
    lane: float
    random: np.random.Generator
    lightness: float
    stood: list[Stood]
    eye: Points

    @property
    def wet(self) -> bool:
        """Whether it rains, or has."""
        return bool(self.scene["wet"])

    def deepest(self) -> float:
        """How far the vehicle in front reaches away from the camera."""
        return self.stood[0].length if self.stood else 4500.0

    def first(self, x: float, away: float, wanted: float) -> float:
        """Where something tall at x may begin along y: never between the camera and plate 0."""
        beside = away * (x - self.eye[0]) < 2500
        return max(wanted, 1500.0) if beside else wanted


def road(site: Site, x0: float, x1: float, tracks: tuple[float, ...]) -> Paint:
    """Asphalt between two x, with its blemishes."""
    paint = ground.asphalt(site.random, site.lightness, site.wet)
    ground.plane(site.parts, (x0, x1), (NEAR, FAR), site.z, paint, site.random, 0.1, tracks)
    ground.blemishes(site.parts, (x0, x1), (-7000, 22_000), site.z, paint, site.random)
    return paint


def lines(site: Site, lanes: list[float], edges: tuple[float, float]) -> None:
    """Dashed lines between lanes, lines along the edges."""
    random, z = site.random, site.z + 5.0
    ink = ground.WHITE if random.random() < 0.8 else ground.YELLOW
    pattern = ((3000.0, 4500.0), (2000.0, 4000.0), (6000.0, 12_000.0))[random.integers(3)]
    for n, x in enumerate(lanes):
        if n == 0 and random.random() < 0.3:
            ground.mark(site.parts, [(x - 55, NEAR, x + 55, FAR)], z, ink)
        else:
            ground.dashes(site.parts, x, (NEAR, FAR), z, pattern, ink, random)
    for x in edges:
        if random.random() < 0.6:
            ground.mark(site.parts, [(x - 50, NEAR, x + 50, FAR)], z, ink)


def verge(site: Site, x: float, away: float, shops: bool, wide: float | None = None) -> None:
    """From the road's edge outwards: kerb, pavement, then houses, walls, hedges and trees."""
    parts, random, z = site.parts, site.random, site.z
    tall = ground.kerb(parts, x, away, (NEAR, FAR), z, random)
    wide = wide or random.uniform(1800, 4200)
    look = (tiles.PAVING, tiles.CONCRETE, tiles.GRASS)[random.choice(3, p=(0.5, 0.25, 0.25))]
    value = random.uniform(0.12, 0.32)
    rgb = (0.08, 0.11, 0.04) if look == tiles.GRASS else (value, value * 0.97, value * 0.9)
    span = (x + away * 60, x + away * wide)
    ground.plane(parts, span, (NEAR, FAR), z + tall, Paint(rgb, 0.9, dirt=0.0, tile=look), random)
    frontage(site, x + away * wide, away, z + tall, shops)
    step = random.uniform(7000, 15_000)
    if random.random() < site.scene["furniture"]:
        for y in np.arange(random.uniform(1500, 6000), 70_000, step * 1.7):
            pole(parts, x + away * 450, y, z + tall, random)
    if random.random() < 0.6 * site.scene["furniture"] + 0.2:
        for n, y in enumerate(np.arange(random.uniform(3000, 9000), 80_000, step)):
            tree(parts, x + away * min(wide - 300, 1300), y, z + tall, random.uniform(3500, 8000),
                 random, max(0.15, 1 - n * 0.22))  # fmt: skip


def frontage(site: Site, x: float, away: float, z: float, shops: bool) -> None:
    """Houses, walls and green along y at x, facing the road."""
    parts, random = site.parts, site.random
    y = site.first(x, away, random.uniform(-14_000, -6000))
    n = 0
    while y < 75_000:
        length = random.uniform(6000, 14_000)
        kind = random.choice(4, p=(0.55, 0.2, 0.1, 0.15) if shops else (0.3, 0.3, 0.2, 0.2))
        # Along the road: on the right of it a facade's own x runs towards the camera.
        heading = 90.0 if away < 0 else -90.0
        start = y if away < 0 else y + length
        back = random.uniform(0, 600) if shops else random.uniform(500, 5000)
        if kind == 0:
            size = (length, random.uniform(6000, 10_000), random.uniform(3300, 10_500))
            house(parts, (x + away * back, start, z), heading, size, random,
                  shops and random.random() < 0.8)  # fmt: skip
        elif kind == 1:
            wall(parts, (x + away * 200, start, z), heading, length,
                 random.uniform(1300, 2300), random)  # fmt: skip
            tree(parts, x + away * 3500, y + length / 2, z, random.uniform(5000, 10_000), random,
                 max(0.2, 0.8 - 0.1 * n))  # fmt: skip
        elif kind == 2:
            hedge(parts, (x + away * 700, y), (x + away * 700, y + length - 300), z,
                  random.uniform(900, 1900), random)  # fmt: skip
        for _ in range(2 if kind >= 2 else 0):
            tree(parts, x + away * random.uniform(2500, 9000), y + random.uniform(0, length), z,
                 random.uniform(5000, 12_000), random, max(0.2, 0.8 - 0.1 * n))  # fmt: skip
        y += length + random.uniform(0, 1500)
        n += 1


def backdrop(site: Site, y: float, span: tuple[float, float], houses: float = 0.5) -> None:
    """What closes the view across it: houses and trees, at distance y."""
    parts, random = site.parts, site.random
    x = span[0]
    while x < span[1]:
        wide = random.uniform(7000, 18_000)
        if random.random() < houses:
            size = (wide, 9000.0, random.uniform(3500, 13_000))
            house(parts, (x, y + random.uniform(0, 4000), site.z), 0.0, size, random,
                  random.random() < 0.3)  # fmt: skip
        for _ in range(random.integers(1, 4)):
            tree(parts, x + random.uniform(0, wide), y - random.uniform(0, 4000), site.z,
                 random.uniform(5000, 13_000), random, 0.3)  # fmt: skip
        x += wide + random.uniform(0, 4000)
