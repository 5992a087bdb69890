# SPDX-License-Identifier: GPL-3.0-or-later
"""People in their clothes: who rides a motorcycle, who walks past."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass

import numpy as np
from mesh_parts import Frame, Paint, Parts, Points

from bodies.site import BLACK, ellipsoid

#: Clothes as streets have them: linear hue, saturation, lightness, and how common.
_TOPS = (
    ((0.6, 0.3, 0.55), 3), ((0.6, 0.6, 0.12), 3), ((0.0, 0.0, 0.03), 3), ((0.1, 0.05, 0.65), 4),
    ((0.0, 0.0, 0.2), 2), ((0.08, 0.5, 0.2), 1), ((0.99, 0.75, 0.25), 1), ((0.35, 0.5, 0.12), 1),
    ((0.12, 0.7, 0.5), 0.5), ((0.58, 0.7, 0.4), 1),
)  # fmt: skip
_LEGS = (
    ((0.61, 0.5, 0.08), 4),
    ((0.0, 0.0, 0.02), 4),
    ((0.09, 0.4, 0.22), 2),
    ((0.0, 0.0, 0.12), 2),
)
_SKIN = ((0.3, 0.16, 0.1), (0.18, 0.085, 0.05), (0.1, 0.05, 0.032), (0.42, 0.25, 0.18))


@dataclass(frozen=True)
class Clothes:
    """What one person wears."""

    top: Paint
    legs: Paint
    skin: Paint
    sleeves: bool


def clothes(random: np.random.Generator) -> Clothes:
    """Draws clothes; saturated ones are rare."""

    def one(table: tuple[tuple[tuple[float, float, float], float], ...]) -> Paint:
        weights = np.array([w for _, w in table])
        hue, saturation, value = table[random.choice(len(table), p=weights / weights.sum())][0]
        hue = (hue + random.normal(0, 0.02)) % 1.0
        value = min(value * random.uniform(0.6, 1.4), 0.8)
        return Paint(colorsys.hsv_to_rgb(hue, saturation, value), 0.9, dirt=0.15)

    skin = _SKIN[random.integers(len(_SKIN))]
    return Clothes(one(_TOPS), one(_LEGS), Paint(skin, 0.55), random.random() < 0.55)


def limb(
    parts: Parts, path: Points, wide: Points, deep: Points, paint: Paint, frame: Frame,
    random: np.random.Generator, folds: float = 0.05,
) -> None:  # fmt: skip
    """A smooth tube along points (n, 3) with half widths at each, and folds in its cloth."""
    n, sides = 4 * len(path) - 3, 14
    at, knots = np.linspace(0, len(path) - 1, n), np.arange(len(path))
    line = np.column_stack([_smooth(at, knots, path[:, k]) for k in range(3)])
    size = [_smooth(at, knots, np.asarray(v, float)) for v in (wide, deep)]
    way = np.gradient(line, axis=0)
    way /= np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-9)
    side = np.cross(way, np.where(np.abs(way[:, 1:2]) < 0.9, [[0.0, 1.0, 0.0]], [[0.0, 0, 1]]))
    side /= np.maximum(np.linalg.norm(side, axis=1, keepdims=True), 1e-9)
    front = np.cross(way, side)
    a = np.arange(sides) * 2 * np.pi / sides
    fold = 1 + folds * random.normal(0, 1, (n, sides)) * np.sin(np.linspace(0, np.pi, n))[:, None]
    ring = (np.cos(a) * size[0][:, None] * fold)[..., None] * side[:, None]
    ring = ring + (np.sin(a) * size[1][:, None] * fold)[..., None] * front[:, None]
    parts.grid(line[:, None] + ring, paint, frame, close=True)


def _smooth(at: Points, knots: Points, values: Points) -> Points:
    """Between knots as a cubic that goes through them (Catmull and Rom's)."""
    padded = np.concatenate([[2 * values[0] - values[1]], values, [2 * values[-1] - values[-2]]])
    i = np.minimum(at.astype(int), len(knots) - 2)
    t = at - i
    a, b, c, d = (padded[i + k] for k in range(4))
    return np.asarray(
        b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    )


def trunk(
    parts: Parts, hip: tuple[float, float, float], lean: float, own: Clothes, frame: Frame,
    random: np.random.Generator,
) -> Points:  # fmt: skip
    """Trunk and neck from the hip upwards, `lean` mm forward (-y) at the shoulders; their place."""
    x, y, z = hip
    heights = np.array([-70.0, 40, 200, 360, 470, 525, 545])
    path = np.column_stack(
        [0 * heights + x, y - lean * np.clip(heights / 500, 0, 1.1), z + heights]
    )
    wide = np.array([150, 172, 158, 190, 198, 120, 62])
    deep = np.array([105, 118, 108, 122, 104, 78, 58])
    limb(parts, path, wide, deep, own.top, frame, random, 0.035)
    shoulders = np.array([x, y - lean, z + 490.0])
    neck = shoulders + [[0, 0, 20], [0, -12, 75], [0, -18, 130]]
    limb(parts, neck, np.full(3, 56.0), np.full(3, 56.0), own.skin, frame, random, 0.0)
    return shoulders


def _with_middles(joints: Points) -> Points:
    """Three joints (3, 3) and the places halfway between them."""
    a, b, c = joints
    return np.array([a, (a + b) / 2, b, (b + c) / 2, c])


def arm(
    parts: Parts, joints: Points, own: Clothes, frame: Frame, random: np.random.Generator
) -> None:
    """An arm from shoulder over elbow to hand, and its sleeve to the elbow or the wrist."""
    path = _with_middles(joints)
    size = np.array([62.0, 54, 46, 41, 34])
    sleeve = 5 if own.sleeves else 3
    limb(parts, path[:sleeve], size[:sleeve] + 6, size[:sleeve] + 6, own.top, frame, random, 0.06)
    if not own.sleeves:
        limb(parts, path[2:], size[2:], size[2:], own.skin, frame, random, 0.0)
    ellipsoid(parts, tuple(joints[2]), (38, 48, 40), own.skin, frame, 10)


def leg(
    parts: Parts, joints: Points, own: Clothes, frame: Frame, random: np.random.Generator
) -> None:
    """A trousered leg from hip over knee to ankle, and its shoe."""
    size = np.array([98.0, 88, 70, 66, 60])
    limb(parts, _with_middles(joints), size, size, own.legs, frame, random, 0.06)
    x, y, z = joints[2]
    ellipsoid(parts, (x, y - 60, z - 35), (46, 125, 48), BLACK, frame, 10)


def head(parts: Parts, shoulders: Points, own: Clothes, frame: Frame) -> None:
    """A bare head with hair, which looks along -y."""
    x, y, z = shoulders
    ellipsoid(parts, (x, y - 30, z + 205), (74, 92, 112), own.skin, frame, 16)
    ellipsoid(parts, (x, y - 116, z + 195), (14, 22, 20), own.skin, frame, 8)  # the nose
    hair = Paint((0.012, 0.01, 0.008), 0.6)
    ellipsoid(parts, (x, y - 8, z + 232), (80, 90, 98), hair, frame, 16)


def helmet(
    parts: Parts, shoulders: Points, own: Clothes, frame: Frame, random: np.random.Generator
) -> None:
    """A helmet with its dark visor, open or down, and the chin below it."""
    x, y, z = shoulders
    value = random.choice((0.015, 0.02, 0.3, 0.65))
    rgb = colorsys.hsv_to_rgb(random.random(), 0.75 if random.random() < 0.35 else 0.05, value)
    shell = Paint(rgb, 0.12, coat=1.0)
    ellipsoid(parts, (x, y - 25, z + 225), (122, 148, 138), shell, frame, 20)
    ellipsoid(parts, (x, y - 92, z + 215), (97, 92, 62), BLACK, frame, 16)
    ellipsoid(parts, (x, y - 70, z + 130), (70, 78, 56), own.skin, frame, 12)


def standing(parts: Parts, frame: Frame, random: np.random.Generator) -> None:
    """Somebody who stands or walks, about 1.7 m tall, facing -y; the feet at the origin."""
    own, stride = clothes(random), random.uniform(-170, 170)
    for side in (-1, 1):
        foot = side * stride
        hip, knee = (side * 92.0, 0.0, 880.0), (side * 98.0, 0.45 * foot - 25, 470.0)
        leg(parts, np.array([hip, knee, (side * 95.0, foot, 85.0)]), own, frame, random)
    shoulders = trunk(parts, (0.0, 0.0, 900.0), random.uniform(0, 40), own, frame, random)
    for side in (-1, 1):
        swing = -side * stride * random.uniform(0.3, 0.8)
        elbow = shoulders + [side * 245, 0.4 * swing + 25, -270]
        hand = shoulders + [side * 235, swing - 45, -520]
        joints = np.array([shoulders + [side * 185.0, 0, 0], elbow, hand])
        arm(parts, joints, own, frame, random)
    head(parts, shoulders, own, frame)


def riding(
    parts: Parts, seat: tuple[float, float], grips: Points | None, frame: Frame,
    random: np.random.Generator,
) -> None:  # fmt: skip
    """Somebody who sits astride at (y, z), hands on grips (2, 3) or, behind, on the thighs."""
    own, (y, z) = clothes(random), seat
    shoulders = trunk(parts, (0.0, y, z + 60), 105.0 if grips is not None else 50.0, own, frame,
                      random)  # fmt: skip
    for n, side in enumerate((-1, 1)):
        hip, knee = (side * 95.0, y - 10, z + 45), (side * 215.0, y - 400, z - 30)
        leg(parts, np.array([hip, knee, (side * 185.0, y - 250, 370.0)]), own, frame, random)
        shoulder = shoulders + [side * 185.0, 0, 0]
        hand = grips[n] if grips is not None else np.array([side * 180.0, y - 250, z + 160])
        elbow = (shoulder + hand) / 2 + [side * 75.0, 70, -70]
        arm(parts, np.array([shoulder, elbow, hand]), own, frame, random)
    helmet(parts, shoulders, own, frame, random)
