# SPDX-License-Identifier: GPL-3.0-or-later
"""Simple bodies on a panel: nets, bars, tubes, rounds, plates. x along, depth y into, z up; mm."""

from __future__ import annotations

import numpy as np
from mesh_parts import Frame, Paint, Parts, Points, grey

#: What one sees in a deep gap. A black metal mirrors nothing, where black paint has its gloss.
VOID = Paint((0.002, 0.002, 0.002), 1.0, metal=1.0, dirt=0.0)
CHROME = Paint((0.62, 0.62, 0.63), 0.1, metal=1.0, dirt=0.15)
STEEL = Paint((0.42, 0.42, 0.43), 0.35, metal=0.9, dirt=0.5)


def lines(start: float, stop: float, step: float, extra: list[float]) -> Points:
    """Grid lines from start to stop about `step` apart, through the extras."""
    inside = [e for e in extra if start < e < stop]
    knots = [start, *sorted(inside), stop]
    parts = [
        np.linspace(a, b, max(1, round((b - a) / step)) + 1)[:-1] for a, b in zip(knots, knots[1:])
    ]
    return np.concatenate([*parts, [stop]])


def net(x: Points, z: Points, depth: Points | float) -> Points:
    """Points [len(z), len(x), 3] of a net; `depth` broadcasts to [len(z), len(x)]."""
    made = np.empty((len(z), len(x), 3))
    made[..., 0], made[..., 1], made[..., 2] = x[None], depth, z[:, None]
    return made


def bar(
    parts: Parts, span: tuple[float, float], z: float, tall: float, proud: float, face: float,
    paint: Paint, frame: Frame,
) -> None:  # fmt: skip
    """A horizontal bar with soft edges that stands out of the panel's face."""
    x = lines(span[0], span[1], 120, [])
    soft = min(tall * 0.25, proud * 0.5)
    profile = np.array([
        (face + 1, -tall / 2), (face - proud + soft, -tall / 2), (face - proud, -tall / 2 + soft),
        (face - proud, tall / 2 - soft), (face - proud + soft, tall / 2), (face + 1, tall / 2),
    ])  # fmt: skip
    made = net(x, z + profile[:, 1], profile[:, :1])
    parts.grid(made, paint, frame, smooth=False)
    for end in (0, -1):
        cap = made[:, end]
        parts.grid(np.stack([cap[:3], cap[:2:-1]]), paint, frame, smooth=False)


def tube(
    parts: Parts, path: Points, radius_mm: float, paint: Paint, frame: Frame, sides: int = 10
) -> None:
    """A round tube along points (n, 3); its rings stand square to the way between its ends."""
    along = (path[-1] - path[0]) / np.linalg.norm(path[-1] - path[0])
    across = np.cross(along, [0.0, 1.0, 0.0] if abs(along[1]) < 0.9 else [1.0, 0.0, 0.0])
    across = across / np.linalg.norm(across)
    third = np.cross(along, across)
    a = np.arange(sides) * 2 * np.pi / sides
    ring = radius_mm * (np.cos(a)[:, None] * across + np.sin(a)[:, None] * third)
    parts.grid(path[:, None] + ring[None], paint, frame, close=True)


def turned(
    parts: Parts, place: tuple[float, float, float], profile: list[tuple[float, float]],
    paint: Paint, frame: Frame, sides: int = 14, smooth: bool = False,
) -> None:  # fmt: skip
    """A body turned about y at (x, y, z): (radius, proud) from its foot to its middle."""
    a = (np.arange(sides) + 0.5) * 2 * np.pi / sides
    x, y, z = place
    rings = [
        np.column_stack([x + r * np.cos(a), np.full(sides, y - proud), z + r * np.sin(a)])
        for r, proud in profile
    ]
    parts.grid(np.stack(rings), paint, frame, smooth=smooth, close=True)


def pad(
    parts: Parts, box: tuple[float, float, float, float], face: float, proud: float, paint: Paint,
    frame: Frame, edge: float = 3.0,
) -> None:  # fmt: skip
    """A flat body over (x0, z0, x1, z1) with a bevelled edge, `proud` of the face."""
    x0, z0, x1, z1 = box
    edge = min(edge, proud, (x1 - x0) / 3, (z1 - z0) / 3)
    columns = lines(x0, x1, 60, [])
    rings = []
    for inset, depth in ((0.0, face + 1), (0.0, face - proud + edge), (edge, face - proud)):
        across = np.clip(columns, x0 + inset, x1 - inset)
        ring = [(x, depth, z0 + inset) for x in across]
        ring += [(x, depth, z1 - inset) for x in across[::-1]]
        rings.append(ring)
    parts.grid(np.array(rings), paint, frame, smooth=False, close=True)
    inner = lines(x0 + edge, x1 - edge, 60, [])
    parts.grid(net(inner, np.array([z0 + edge, z1 - edge]), face - proud), paint, frame)


def lens(
    parts: Parts, box: tuple[float, float, float, float], face: float, proud: float, paint: Paint,
    frame: Frame,
) -> None:  # fmt: skip
    """A lamp's or reflector's lens in a dark seat, with ribs that glint."""
    x0, z0, x1, z1 = box
    parts.flat_upright(np.array([[x0 - 3, z0 - 3, x1 + 3, z1 + 3]]), face - 0.4, VOID, frame)
    pad(parts, box, face, proud, paint, frame, 4.0)
    rows = np.arange(z0 + 6, z1 - 6, 11.0)
    if len(rows):
        rib = np.stack([np.full(len(rows), x0 + 6), rows, np.full(len(rows), x1 - 6), rows + 2], 1)
        dark = Paint(tuple(0.4 * c for c in paint.rgb), 0.2, dirt=0.1)
        parts.flat_upright(rib, face - proud - 0.3, dark, frame)


def plastic_of(random: np.random.Generator) -> Paint:
    """Black plastic, from deep and glossy to grey and weathered."""
    faded = random.random() ** 2
    return grey(0.006 + 0.03 * faded, 0.3 + 0.4 * random.random(), dirt=0.15 + 0.5 * faded)
