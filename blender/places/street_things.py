# SPDX-License-Identifier: GPL-3.0-or-later
"""Things that stand about: bollards, bins, boxes, cones, plants, guard rails, a gate."""

from __future__ import annotations

import colorsys
from typing import Any

import numpy as np
from bodies.person import standing
from bodies.site import rod, rounded_box
from mesh_parts import Paint, grey

from places import tiles
from places.ground import same
from places.trees import green_of, leaves

_RED = Paint((0.5, 0.015, 0.012), 0.4, dirt=0.0)
_WHITE = grey(0.7, 0.4, dirt=0.0)
_GALVANISED = grey(0.35, 0.45, metal=0.7, dirt=0.0)


def add_things(site: Any, x: float, away: float) -> None:
    """Small things along the pavement at x, none before the vehicle in front."""
    random, amount = site.random, site.scene["furniture"]
    z = site.z + 120.0
    for y in np.arange(1500.0, 32_000, random.uniform(2200, 5000)):
        if random.random() > 0.6 * amount:
            continue
        at = x + away * random.uniform(350, 900)
        kind = random.integers(5)
        if kind == 0:
            look = (_RED, _WHITE, grey(0.02, 0.5, dirt=0))[random.integers(3)]
            rod(site.parts, np.array([[at, y, z], [at, y, z + 900]]), 60, look, same, 12)
            rod(site.parts, np.array([[at, y, z + 650], [at, y, z + 780]]), 64, _WHITE, same, 12)
        elif kind == 1:
            hue = random.random()
            ink = Paint(colorsys.hsv_to_rgb(hue, 0.6, 0.15), 0.5, dirt=0.0)
            rounded_box(
                site.parts, [at - 280, y - 280, z], [at + 280, y + 280, z + 950], 50, ink, same
            )
            rounded_box(
                site.parts,
                [at - 300, y - 300, z + 950],
                [at + 300, y + 300, z + 1040],
                40,
                grey(0.03, 0.5, dirt=0),
                same,
            )
        elif kind == 2:
            ink = grey(random.uniform(0.15, 0.45), 0.6, dirt=0.0, tile=tiles.CONCRETE)
            site.parts.box([at - 350, y - 200, z], [at + 350, y + 200, z + 1250], ink, same)
        elif kind == 3:
            pot = Paint((0.25, 0.1, 0.05), 0.8, dirt=0.0)
            rounded_box(
                site.parts, [at - 260, y - 260, z], [at + 260, y + 260, z + 480], 60, pot, same
            )
            leaves(
                site.parts,
                np.array([at, y, z + 800]),
                np.array([420.0, 420, 480]),
                260,
                85,
                random,
                green_of(random),
            )
        else:
            _person(site, at + away * 500, y, z)


def _person(site: Any, x: float, y: float, z: float) -> None:
    """Somebody who stands or walks on the pavement."""
    random = site.random
    size, turn = random.uniform(0.9, 1.07), random.uniform(0, 2 * np.pi)
    c, s = np.cos(turn), np.sin(turn)
    about = np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]])
    standing(site.parts, lambda points: size * points @ about + (x, y, z), random)


def add_rail(site: Any, x: float, y0: float, y1: float) -> None:
    """A steel guard rail along y, waved in section, on posts."""
    wave = np.array(
        [(0, 0), (45, 45), (45, 95), (0, 140), (0, 180), (45, 225), (45, 275), (0, 320)]
    )
    out = -np.sign(x) or 1.0
    y = np.arange(y0, y1 + 1, 4000.0)
    net = np.empty((len(wave), len(y), 3))
    net[..., 0] = x + out * wave[:, :1]
    net[..., 1] = y[None]
    net[..., 2] = site.z + 430 + wave[:, 1:]
    site.parts.grid(net, _GALVANISED, same, smooth=False)
    for yy in np.arange(max(y0, -12_000), min(y1, 60_000), 2000.0):
        site.parts.box([x - 60, yy - 50, site.z], [x, yy + 50, site.z + 780], _GALVANISED, same)


def add_gate(site: Any, s: float) -> None:
    """A booth on an island, a barrier that stands open over the lane, bollards."""
    parts, random, z = site.parts, site.random, site.z
    edge = s * (max(site.lane / 2, 1500.0) + 150)
    booth_x = edge + s * 1100
    kerbed = grey(0.3, 0.9, dirt=0.0, tile=tiles.CONCRETE)
    x0, x1 = sorted((edge, edge + s * 2100))
    parts.box([x0, 300, z], [x1, 9500, z + 150], kerbed, same)
    for k in range(12):
        y = 300 + k * 780
        ink = _WHITE if k % 2 else grey(0.01, 0.6, dirt=0)
        if random.random() < 2:
            quad = [
                (edge - s * 4, y, z),
                (edge - s * 4, y + 780, z),
                (edge - s * 4, y + 780, z + 152),
                (edge - s * 4, y, z + 152),
            ]
            parts.facets(np.array([quad], float), ink, same)
    wall_ = grey(random.uniform(0.4, 0.75), 0.5, dirt=0.0)
    y0 = random.uniform(2600, 4200)
    lo, hi = booth_x - 850, booth_x + 850
    rounded_box(parts, [lo, y0, z + 140], [hi, y0 + 2000, z + 2500], 60, wall_, same)
    glass = Paint((0.02, 0.024, 0.028), 0.05, dirt=0.0, coat=1.0)
    front = [
        (lo + 120, y0 - 12, z + 1150),
        (hi - 120, y0 - 12, z + 1150),
        (hi - 120, y0 - 12, z + 2150),
        (lo + 120, y0 - 12, z + 2150),
    ]
    inner = lo - 12 if s > 0 else hi + 12
    flank = [
        (inner, y0 + 150, z + 1150),
        (inner, y0 + 1850, z + 1150),
        (inner, y0 + 1850, z + 2150),
        (inner, y0 + 150, z + 2150),
    ]
    parts.facets(np.array([front, flank], float), glass, same)
    parts.box(
        [lo - 250, y0 - 250, z + 2500],
        [hi + 250, y0 + 2250, z + 2640],
        grey(0.2, 0.5, dirt=0),
        same,
    )
    py = y0 - random.uniform(500, 1200)
    parts.box(
        [edge + s * 350 - 170, py - 170, z + 150],
        [edge + s * 350 + 170, py + 170, z + 1150],
        (_RED if random.random() < 0.5 else Paint((0.6, 0.35, 0.02), 0.4, dirt=0)),
        same,
    )
    lift = np.radians(random.uniform(62, 84))
    way = np.array([-s * np.cos(lift), 0.0, np.sin(lift)])
    foot = np.array([edge + s * 350, py - 190, z + 1050])
    for k in range(12):
        a, b = foot + way * (k * 300 - 200), foot + way * ((k + 1) * 300 - 200)
        rod(parts, np.array([a, b]), 42, _RED if k % 2 else _WHITE, same)
    for y in (py - 900, py - 300):
        at = edge + s * 200
        rod(
            parts,
            np.array([[at, y, z + 150], [at, y, z + 1000]]),
            55,
            Paint((0.6, 0.4, 0.02), 0.5, dirt=0),
            same,
        )
    camera_x, camera_y = edge + s * 500, py + 500
    rod(
        parts,
        np.array([[camera_x, camera_y, z], [camera_x, camera_y, z + 3200]]),
        50,
        _GALVANISED,
        same,
    )
    rounded_box(
        parts,
        [camera_x - 90, camera_y - 350, z + 3150],
        [camera_x + 90, camera_y + 50, z + 3330],
        30,
        _WHITE,
        same,
    )
    # Beyond: a canopy at times.
    if random.random() < 0.4:
        parts.box(
            [-6500, y0 - 800, z + 4700],
            [6500, y0 + 4200, z + 5300],
            grey(random.uniform(0.2, 0.7), 0.5, dirt=0),
            same,
        )
        for x in (edge + s * 1100, -edge - s * 6000 * 0 - s * 3800):
            rod(
                parts,
                np.array([[x, y0 + 3200, z], [x, y0 + 3200, z + 4700]]),
                140,
                _WHITE,
                same,
                12,
            )
