# SPDX-License-Identifier: GPL-3.0-or-later
"""Trees, hedges and grass tufts: crowns of many small leaves over branches."""

from __future__ import annotations

import numpy as np
from bodies.site import rod
from mesh_parts import Paint, Parts, Points

from places import tiles
from places.ground import same


def leaves(
    parts: Parts, centre: Points, radii: Points, count: int, size: float,
    random: np.random.Generator, green: tuple[float, float, float],
) -> None:  # fmt: skip
    """Leaf quads in an ellipsoid, denser at its skin, darker inside and below."""
    way = random.normal(0, 1, (count, 3))
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    deep = random.random(count) ** 0.35
    lumps = 1 + 0.22 * np.sin(way @ random.normal(0, 3.2, (3, 3)) + random.random(3) * 7).sum(1) / 2
    at = centre + way * (deep * lumps)[:, None] * radii
    one = random.normal(0, 1, (count, 3))
    one /= np.linalg.norm(one, axis=1, keepdims=True)
    two = np.cross(one, random.normal(0, 1, (count, 3)))
    two /= np.maximum(np.linalg.norm(two, axis=1, keepdims=True), 1e-9)
    half = size * random.uniform(0.5, 1.1, (count, 1))
    a, b = one * half, two * half * 0.7
    quads = np.stack([at - a, at - b, at + a, at + b], 1)
    shade = 0.45 + 0.5 * deep + 0.3 * np.clip(way[:, 2], -1, 1)
    tint = np.clip(shade * random.uniform(0.7, 1.3, count), 0.15, 1.8)
    parts.facets(quads, Paint(green, 0.7, dirt=0.0, tile=tiles.PLAIN), same, tint=tint)


def green_of(random: np.random.Generator) -> tuple[float, float, float]:
    """Fresh, dark, or dry."""
    base = np.array([(0.05, 0.11, 0.02), (0.025, 0.06, 0.016), (0.1, 0.1, 0.03)][
        random.choice(3, p=(0.5, 0.35, 0.15))])  # fmt: skip
    return tuple(float(c) for c in base * random.uniform(0.7, 1.35))


def tree(
    parts: Parts, x: float, y: float, z: float, tall: float, random: np.random.Generator,
    fine: float = 1.0,
) -> None:  # fmt: skip
    """A tree or a palm of a height; `fine` 0..1 says how many leaves it needs."""
    bark = Paint((0.09, 0.065, 0.045), 0.9, dirt=0.0, tile=tiles.PLASTER)
    lean = random.normal(0, 0.05, 2)
    t = np.linspace(0, 1, 5)
    if random.random() < 0.15:
        trunk = np.column_stack([x + tall * lean[0] * t**2 * 3, y + 0 * t, z + tall * 0.9 * t])
        rod(parts, trunk, 0.022 * tall + 40, bark, same, 7)
        quads, top = [], trunk[-1]
        for _ in range(13):
            a, drop = random.uniform(0, 2 * np.pi), random.uniform(0.1, 0.9)
            out = np.array([np.cos(a), np.sin(a), 0])
            side = np.array([-np.sin(a), np.cos(a), 0]) * 0.045 * tall
            u = np.linspace(0, 1, 5)
            path = top + np.outer(u * tall * 0.34, out)
            path[:, 2] += tall * 0.1 * (u - drop * 2.2 * u**2)
            quads += [
                [p - side * (1 - a0), p + side * (1 - a0), q + side * (1 - a1), q - side * (1 - a1)]
                for p, q, a0, a1 in zip(path, path[1:], u, u[1:])
            ]
        parts.facets(np.array(quads), Paint((0.05, 0.1, 0.02), 0.6, dirt=0.0), same,
                     tint=random.uniform(0.6, 1.3, len(quads)))  # fmt: skip
        return
    foot = tall * random.uniform(0.22, 0.4)
    trunk = np.column_stack([x + tall * lean[0] * t, y + tall * lean[1] * t, z + foot * 1.6 * t])
    rod(parts, trunk, 0.02 * tall + 35, bark, same, 7)
    wide = tall * random.uniform(0.24, 0.42)
    green = green_of(random)
    for _ in range(random.integers(2, 5)):
        centre = trunk[-1] + random.normal(0, 0.32, 3) * wide * [1, 1, 0.6]
        centre[2] += tall * 0.16
        radii = wide * random.uniform(0.55, 0.95) * np.array([1, 1, random.uniform(0.7, 1.05)])
        leaves(parts, centre, radii, int(40 + 420 * fine), wide * (0.055 + 0.1 * (1 - fine)),
               random, green)  # fmt: skip


def hedge(
    parts: Parts, a: tuple[float, float], b: tuple[float, float], z: float, tall: float,
    random: np.random.Generator,
) -> None:  # fmt: skip
    """A hedge from a to b (x, y), clipped or grown out."""
    start, stop = np.array(a), np.array(b)
    length = float(np.linalg.norm(stop - start))
    green, deep = green_of(random), 0.35 * tall
    along = (stop - start) / max(length, 1)
    across = np.array([-along[1], along[0]]) * deep
    core = Paint(tuple(0.35 * c for c in green), 0.9, dirt=0.0)
    ring = [(-0.8, 0.0), (-0.85, 0.85), (0.0, 0.93), (0.85, 0.85), (0.8, 0.0)]
    net = np.array([[(*(p + across * u), z + tall * v) for u, v in ring] for p in (start, stop)])
    parts.grid(net, core, same)
    count = int(min(2600, length / 1000 * 170))
    u, v = random.random(count), random.uniform(-1, 1, count)
    h = np.where(np.abs(v) > 0.8, random.random(count), 1.0) * random.uniform(0.93, 1.06, count)
    at = np.column_stack([start + np.outer(u * length, along) + np.outer(v, across), z + tall * h])
    half = random.uniform(40, 85, (count, 1))
    one, two = random.normal(0, 0.7, (count, 3)), random.normal(0, 0.7, (count, 3))
    quads = np.stack([at - one * half, at - two * half, at + one * half, at + two * half], 1)
    parts.facets(quads, Paint(green, 0.7, dirt=0.0), same, tint=random.uniform(0.5, 1.4, count))
