# SPDX-License-Identifier: GPL-3.0-or-later
"""What each place is made of: road or bays, what borders them, and what closes the view."""

from __future__ import annotations

from typing import Any

import numpy as np
from mesh_parts import Paint, Parts, Points, grey

from places import ground, tiles
from places.houses import house, pole, wall
from places.roadside import FAR, NEAR, Site, Stood, backdrop, frontage, lines, road, verge
from places.street_things import add_gate, add_rail, add_things
from places.trees import hedge, tree


def add_place(
    parts: Parts, scene: dict[str, Any], lightness: float, stood: list[Stood], eye: Points
) -> None:
    """The place `scene["place"]` about the vehicles in it; a photo has a ground of its own."""
    if scene["place"] == "photo":
        return
    random = np.random.Generator(np.random.Philox(key=int(abs(scene["seed_w"]) * 1e6) & 0xFFFFFFFF))
    z = min(scene["ground_mm"], eye[2] - 250.0)
    site = Site(
        parts, scene, z, -1.0 if scene["side"] == "left" else 1.0, scene["lane_mm"], random,
        lightness, stood, eye,
    )  # fmt: skip
    soil = ((0.06, 0.09, 0.03), (0.12, 0.09, 0.06), (0.15, 0.14, 0.11))[
        random.choice(3, p=(0.5, 0.25, 0.25))
    ]
    base = Paint(soil, 0.95, dirt=0.0, tile=tiles.GRASS)
    ground.plane(parts, (-150_000, 150_000), (-60_000, 170_000), z - 12, base, random, 0.2)
    {
        "none": _bare, "street": _street, "kerb": _kerbside, "car_park": _car_park, "gate": _gate,
        "highway": _highway, "yard": _yard,
    }[scene["place"]](site)  # fmt: skip


def _bare(site: Site) -> None:
    paint = ground.asphalt(site.random, site.lightness, site.wet)
    ground.plane(site.parts, (-60_000, 60_000), (-60_000, 60_000), site.z, paint, site.random)


def _street(site: Site) -> None:
    lane, s = site.lane, site.side
    lanes = 2 if site.random.random() < 0.6 else 1
    kerb = s * (lane + 1300)
    far = -s * (lanes + 0.5) * lane - s * 350
    road(
        site,
        *sorted((kerb, far)),
        tuple(k * lane + o for k in (0, -s, -2 * s) for o in (-750, 750)),
    )
    lines(site, [-s * lane * (k + 0.5) for k in range(lanes)], (s * lane / 2, far + s * 200))
    shops = bool(site.random.random() < 0.55)
    verge(site, kerb, s, shops)
    verge(site, far, -s, shops)
    backdrop(site, 100_000, (-45_000, 45_000))
    if site.random.random() < 0.3:
        y = site.deepest() + site.random.uniform(2500, 9000)
        bars = np.arange(min(kerb, far) + 300, max(kerb, far) - 300, 1000.0)
        ground.mark(site.parts, [(x, y, x + 500, y + 3000) for x in bars], site.z + 5, ground.WHITE,
                    site.random)  # fmt: skip
    add_things(site, kerb, s)


def _kerbside(site: Site) -> None:
    lane, s, random = site.lane, site.side, site.random
    parked = [v.half() for v in site.stood if abs(v.frame(np.zeros((1, 3)))[0, 0]) < 900] or [900.0]
    kerb = s * (max(parked) + random.uniform(250, 500))
    far = -s * 2.6 * lane
    road(site, *sorted((kerb, far)), tuple(-s * k * lane + o for k in (1, 2) for o in (-700, 700)))
    lines(site, [-s * lane * 1.5, -s * lane * 0.5][: random.integers(1, 3)], (far + s * 200,))  # type: ignore[arg-type]
    if random.random() < 0.35:
        ground.mark(site.parts, [(kerb - s * 90 - 45, NEAR, kerb - s * 90 + 45, FAR)], site.z + 5,
                    ground.YELLOW)  # fmt: skip
    shops = bool(random.random() < 0.6)
    verge(site, kerb, s, shops)
    verge(site, far, -s, shops)
    backdrop(site, 90_000, (-45_000, 45_000))
    add_things(site, kerb, s)


def _car_park(site: Site) -> None:
    parts, random, z = site.parts, site.random, site.z
    bay = min(site.lane, 2900.0)
    paint = ground.asphalt(random, site.lightness, site.wet)
    if random.random() < 0.3:
        value = random.uniform(0.1, 0.25)
        paint = Paint((value, value * 0.96, value * 0.9), 0.9, dirt=0.0, tile=tiles.PAVING)
    ground.plane(parts, (-40_000, 40_000), (NEAR, 23_500), z, paint, random, 0.12)
    ground.blemishes(parts, (-9000, 9000), (-7000, 14_000), z, paint, random)
    ink = ground.WHITE if random.random() < 0.8 else ground.YELLOW
    borders = [(k + 0.5) * bay for k in range(-13, 13)]
    deep = max(5000.0, 0.0)
    for y0 in (-350.0, 15_000.0):
        ground.mark(parts, [(x - 50, y0, x + 50, y0 + deep) for x in borders], z + 5, ink, random)
        if random.random() < 0.5:
            ground.mark(
                parts, [(-38_000, y0 + deep - 60, 38_000, y0 + deep + 40)], z + 5, ink, random
            )
    for k in range(-6, 7):
        if random.random() < 0.6 and site.deepest() < 5300:
            x = k * bay
            parts.box([x - 800, deep - 100, z], [x + 800, deep + 30, z + 110],
                      grey(0.3, 0.9, dirt=0.0, tile=tiles.CONCRETE), ground.same)  # fmt: skip
    beyond = any(v.frame(np.zeros((1, 3)))[0, 1] > 6000 for v in site.stood)
    if random.random() < 0.6 and site.deepest() < 5300 and not beyond:
        hedge(parts, (-24_000, 6400), (24_000, 6400), z, random.uniform(500, 1000), random)
    for x in np.arange(-26_000, 27_000, random.uniform(7000, 12_000)):
        if random.random() < site.scene["furniture"]:
            tree(parts, x, 22_500, z, random.uniform(4500, 8000), random, 0.6)
    for x in np.arange(-21_000, 27_000, 14_000.0):
        pole(parts, x + 1400, 21_500, z, random)
    backdrop(site, 27_000, (-48_000, 48_000), 0.75)
    for x, away in ((-34_000, -1.0), (34_000, 1.0)):
        frontage(site, x, away, z, False)


def _gate(site: Site) -> None:
    lane, s, random = site.lane, site.side, site.random
    road(site, -lane * 1.6 - 900, lane * 1.6 + 900, (-700.0, 700.0))
    backdrop(site, site.deepest() + 28_000, (-40_000, 40_000), 0.8)
    for x, away in ((lane * 1.6 + 900, 1.0), (-lane * 1.6 - 900, -1.0)):
        ground.kerb(site.parts, x, away, (NEAR, FAR), site.z, random)
        wall(site.parts, (x + away * 1500, 12_000 if away > 0 else 2500, site.z),
             -90.0 if away > 0 else 90.0, 9500, random.uniform(1800, 2400), random)  # fmt: skip
        for y in np.arange(15_000, 70_000, 8000.0):
            tree(site.parts, x + away * random.uniform(2500, 6000), y, site.z,
                 random.uniform(4500, 9000), random, 0.5)  # fmt: skip
        hedge(
            site.parts, (x + away * 2600, 13_000), (x + away * 2600, 45_000), site.z, 1300, random
        )
    add_gate(site, s)
    add_things(site, s * (lane * 1.6 + 900), s)


def _highway(site: Site) -> None:
    lane, s, random = site.lane, site.side, site.random
    right, left = s * (1.5 * lane + 2600), -s * (2.5 * lane + 900)
    tracks = tuple(s * k * lane + o for k in (1, 0, -1, -2) for o in (-800, 800))
    road(site, *sorted((right, left)), tracks)
    lines(site, [s * lane / 2, -s * lane / 2, -s * lane * 1.5], (s * lane * 1.5, -s * lane * 2.5))
    add_rail(site, right + s * 350, site.first(right, s, NEAR), FAR)
    if random.random() < 0.5:
        add_rail(site, left - s * 350, site.first(left, -s, NEAR), FAR)
    else:
        x0, x1 = sorted((left - s * 250, left - s * 650))
        site.parts.box([x0, site.first(left, -s, NEAR), site.z], [x1, FAR, site.z + 850],
                       grey(0.32, 0.9, dirt=0.0, tile=tiles.CONCRETE), ground.same)  # fmt: skip
    for x, away in ((right + s * 6000, s), (left - s * 9000, -s)):
        if random.random() < 0.25:
            near = site.first(x, away, NEAR)
            heading, start = (90.0, near) if away < 0 else (-90.0, FAR)
            wall(site.parts, (x, start, site.z), heading, FAR - near, 3200, random)
        for n, y in enumerate(np.arange(2000, 105_000, random.uniform(3500, 6000))):
            tree(site.parts, x + away * random.uniform(500, 14_000), y, site.z,
                 random.uniform(4500, 12_000), random, max(0.12, 0.6 - 0.06 * n))  # fmt: skip
    if random.random() < 0.7:
        for y in np.arange(6000, 100_000, 30_000.0):
            pole(site.parts, right + s * 1300, y + random.uniform(0, 4000), site.z, random)
    backdrop(site, 108_000, (-70_000, 70_000), 0.25)


def _yard(site: Site) -> None:
    parts, random, z = site.parts, site.random, site.z
    value = random.uniform(0.12, 0.35)
    look = (tiles.PAVING, tiles.CONCRETE, tiles.ASPHALT)[random.integers(3)]
    paint = Paint((value, value * 0.96, value * 0.9), 0.9, dirt=0.0, tile=look)
    ground.plane(parts, (-24_000, 24_000), (NEAR, 30_000), z, paint, random, 0.1)
    ground.blemishes(parts, (-6000, 6000), (-6000, 6000), z, paint, random)
    y = site.deepest() + random.uniform(900, 3500)
    x = -random.uniform(4000, 9000)
    wide = random.uniform(11_000, 17_000)
    house(parts, (x, y, z), 0.0, (wide, 9000, random.uniform(3400, 7000)), random,
          bool(random.random() < 0.45))  # fmt: skip
    for start, stop in ((-26_000.0, x - 500), (x + wide + 500, 26_000.0)):
        if random.random() < 0.5:
            wall(parts, (start, y + 1500, z), 0.0, stop - start, random.uniform(1500, 2400), random)
        else:
            hedge(parts, (start, y + 1500), (stop, y + 1500), z, random.uniform(1200, 2200), random)
        for _ in range(3):
            tree(parts, random.uniform(start, stop), y + random.uniform(3000, 9000), z,
                 random.uniform(4000, 9000), random, 0.7)  # fmt: skip
    for edge, away in ((-13_000.0, -1.0), (13_000.0, 1.0)):
        frontage(site, edge, away, z, False)
    backdrop(site, y + 22_000, (-45_000, 45_000), 0.6)
    add_things(site, site.side * 3600, site.side)
