# SPDX-License-Identifier: GPL-3.0-or-later
"""What lies on the ground: asphalt with tracks, patches and cracks, markings, kerbs, pavements."""

from __future__ import annotations

import numpy as np
from mesh_parts import Paint, Parts, Points, grey

from places import tiles

WHITE = grey(0.55, 0.6, dirt=0.0)
YELLOW = Paint((0.55, 0.33, 0.03), 0.6, dirt=0.0)
DARK = grey(0.012, 0.9, dirt=0.0)


def same(points: Points) -> Points:
    """The world's own frame."""
    return points


def knots(start: float, stop: float, near: float = 900.0) -> Points:
    """Lines that stand closer about 0, mm."""
    reach = max(abs(start), abs(stop))
    steps, at = [0.0], 0.0
    while at < reach:
        at += near + 0.09 * at
        steps.append(at)
    both = np.unique(np.concatenate([-np.array(steps), steps]))
    inside = both[(both > start) & (both < stop)]
    return np.concatenate([[start], inside, [stop]])


def plane(
    parts: Parts, x: tuple[float, float], y: tuple[float, float], z: float, paint: Paint,
    random: np.random.Generator, uneven: float = 0.12, tracks: tuple[float, ...] = (),
) -> None:  # fmt: skip
    """Ground between two x and two y, its lightness uneven in clouds, darker along `tracks` (x)."""
    xs, ys = knots(*sorted(x)), knots(*sorted(y))
    if tracks:
        near = np.concatenate([[t - 300, t, t + 300] for t in tracks])
        xs = np.unique(np.concatenate([xs, near[(near > xs[0]) & (near < xs[-1])]]))
    points = np.empty((len(ys), len(xs), 3))
    points[..., 0], points[..., 1], points[..., 2] = xs[None], ys[:, None], z
    a = random.normal(0, 1, (4, 2)) * np.array([0.3, 0.3, 1.1, 1.1])[:, None] / 1000
    phase = random.random(4) * 7
    wave = [np.sin(xs[None] * a[k, 0] + ys[:, None] * a[k, 1] + phase[k]) for k in range(4)]
    tint = 1 + uneven * (wave[0] * wave[1] + 0.6 * wave[2] * wave[3])
    tint = tint * random.uniform(1 - 0.3 * uneven, 1 + 0.3 * uneven, tint.shape)
    for t in tracks:
        tint = tint - 0.14 * (np.abs(xs - t) < 150)[None]
    parts.grid(points, paint, same, tint=np.clip(tint, 0.4, 1.6))


def asphalt(random: np.random.Generator, lightness: float, wet: bool) -> Paint:
    """Old grey or new dark asphalt; where it is wet, darker under a film that mirrors."""
    value = float(np.clip(lightness * random.uniform(0.5, 0.95), 0.028, 0.2))
    warm = random.uniform(0.96, 1.06)
    rgb = (value * warm, value, value / warm)
    rough, film = random.uniform(0.7, 0.95), 0.0
    if wet:
        rgb = (0.5 * rgb[0], 0.5 * rgb[1], 0.5 * rgb[2])
        film, rough = random.uniform(0.1, 0.45), random.uniform(0.25, 0.45)
    return Paint(rgb, rough, dirt=0.0, tile=tiles.ASPHALT, coat=film)


def mark(
    parts: Parts, rectangles: list[tuple[float, float, float, float]], z: float, paint: Paint,
    random: np.random.Generator | None = None,
) -> None:  # fmt: skip
    """Flat rectangles (x0, y0, x1, y1) just over the ground, cut so that they can be worn."""
    quads = []
    for x0, y0, x1, y1 in rectangles:
        cuts = np.linspace(y0, y1, max(2, int(abs(y1 - y0) / 1500) + 2))
        quads += [[(x0, a, z), (x1, a, z), (x1, b, z), (x0, b, z)] for a, b in zip(cuts, cuts[1:])]
    if not quads:
        return
    worn = None if random is None else random.uniform(0.55, 1.0, len(quads))
    parts.facets(np.array(quads, float), paint, same, tint=worn)


def dashes(
    parts: Parts, x: float, span: tuple[float, float], z: float, pattern: tuple[float, float],
    paint: Paint, random: np.random.Generator, wide: float = 110.0,
) -> None:  # fmt: skip
    """A dashed line along y: (painted, left out) mm."""
    start = span[0] - random.random() * sum(pattern)
    at = np.arange(start, span[1], sum(pattern))
    mark(parts, [(x - wide / 2, a, x + wide / 2, a + pattern[0]) for a in at], z, paint, random)


def blemishes(
    parts: Parts, x: tuple[float, float], y: tuple[float, float], z: float, base: Paint,
    random: np.random.Generator,
) -> None:  # fmt: skip
    """Patches of other asphalt, cracks, oil and a manhole cover."""
    low, high = sorted(x)
    for _ in range(random.integers(2, 7)):
        px, py = random.uniform(low, high - 800), random.uniform(*y)
        wide, long_ = random.uniform(500, 2200), random.uniform(600, 5000)
        tone = random.uniform(0.68, 1.15)
        rgb = tuple(c * tone for c in base.rgb)
        paint = Paint(rgb, base.roughness, dirt=0.0, tile=base.tile)
        mark(parts, [(px, py, min(px + wide, high), py + long_)], z + 2.5, paint)
    quads = []
    for _ in range(random.integers(3, 12)):
        p = np.array([random.uniform(low, high), random.uniform(*y)])
        turn = random.uniform(0, 2 * np.pi)
        for _ in range(random.integers(5, 22)):
            turn += random.normal(0, 0.5)
            q = p + random.uniform(120, 420) * np.array([np.cos(turn), np.sin(turn)])
            off = random.uniform(3, 9) * np.array([-np.sin(turn), np.cos(turn)])
            if low < q[0] < high:
                quads.append([(*(p - off), z + 3.2), (*(p + off), z + 3.2), (*(q + off), z + 3.2),
                              (*(q - off), z + 3.2)])  # fmt: skip
            p = q
    if quads:
        parts.facets(np.array(quads), DARK, same)
    a = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    for _ in range(random.integers(0, 3)):
        cx, cy, r = random.uniform(low, high), random.uniform(*y), random.uniform(280, 340)
        rings = [np.column_stack([cx + k * r * np.cos(a), cy + k * r * np.sin(a), 0 * a + z + 4])
                 for k in (1.0, 0.86, 0.84, 0.0)]  # fmt: skip
        parts.grid(np.stack(rings), grey(0.05, 0.5, metal=0.6, dirt=0.0), same, close=True)
    a = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    dark = np.array([1.0, 0.72, 0.5, 0.42, 0.45])[:, None] * np.ones(len(a))
    for _ in range(random.integers(0, 5)):  # oil: no edge, but darker towards its middle
        cx, cy, r = random.uniform(low, high), random.uniform(*y), random.uniform(120, 420)
        waves = random.normal(0, 1, (5, 2)) / np.arange(2, 7)[:, None] ** 1.3
        turns = np.arange(1, 6)[:, None] * a
        shape = (waves[:, :1] * np.cos(turns) + waves[:, 1:] * np.sin(turns)).sum(0)
        wobble = r * np.exp(0.22 * shape)
        flat = np.column_stack([wobble * np.cos(a), 1.7 * wobble * np.sin(a), 0 * a])
        rings = [k * flat + (cx, cy, z + 3.6) for k in (1.0, 0.85, 0.65, 0.35, 0.0)]
        parts.grid(np.stack(rings), base, same, tint=dark, close=True)


def kerb(
    parts: Parts, x: float, away: float, y: tuple[float, float], z: float,
    random: np.random.Generator,
) -> float:  # fmt: skip
    """Kerb stones along y at x, the pavement on the side `away` (-1 or 1); its height."""
    tall, wide = random.uniform(90, 170), random.uniform(120, 180)
    stone = random.uniform(600, 1000)
    ys = np.arange(y[0], y[1], stone)
    painted = random.random() < 0.4
    one = grey(0.3, 0.85, dirt=0.0, tile=tiles.CONCRETE)
    two = (YELLOW if random.random() < 0.4 else DARK) if painted else one
    for k, paint in enumerate((WHITE if painted and random.random() < 0.8 else one, two)):
        a = ys[k::2]
        section = [(x, z), (x + away * 12, z + tall - 15), (x + away * 30, z + tall),
                   (x + away * wide, z + tall)]  # fmt: skip
        quads = [
            [(p[0], yy + 4, p[1]), (p[0], yy + stone - 4, p[1]), (q[0], yy + stone - 4, q[1]),
             (q[0], yy + 4, q[1])]
            for yy in a for p, q in zip(section, section[1:])
        ]  # fmt: skip
        parts.facets(
            np.array(quads, float), paint, same, tint=random.uniform(0.75, 1.1, len(quads))
        )
    behind = np.array([[(x + away * 14, yy, zz) for yy in y] for zz in (z, z + tall - 20)])
    parts.grid(behind, DARK, same)
    return tall
