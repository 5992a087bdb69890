# SPDX-License-Identifier: GPL-3.0-or-later
"""What a body is built from: its frames, looks and generator, and common solids.

Body frame (mm): x right as the reader faces the vehicle, y from the plate's end into the vehicle,
z up from the ground. The end fascia is built in the panel's frame, which goes round corners.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from lit import Lit
from mesh_parts import Frame, Paint, Parts, Points, grey
from solids import lines, net
from stance import Shape

GLASS = Paint((0.012, 0.014, 0.015), 0.04, dirt=0.12, coat=1.0)
RUBBER = grey(0.012, 0.75, dirt=0.5)
BLACK = grey(0.009, 0.45, dirt=0.25)
DARK = grey(0.004, 0.95, dirt=0.0)
RED = Paint((0.33, 0.006, 0.01), 0.12, dirt=0.1, coat=1.0)
DEEP_RED = Paint((0.12, 0.004, 0.006), 0.1, dirt=0.1, coat=1.0)
ORANGE = Paint((0.62, 0.17, 0.01), 0.12, dirt=0.1, coat=1.0)
WHITE_LENS = Paint((0.62, 0.63, 0.65), 0.12, dirt=0.1, coat=1.0)
REFLECTOR = Paint((0.78, 0.79, 0.8), 0.12, metal=1.0, dirt=0.05)
SMOKE = Paint((0.02, 0.021, 0.023), 0.1, dirt=0.1, coat=1.0)


@dataclass(frozen=True)
class Body:
    """One vehicle being built."""

    parts: Parts
    shape: Shape
    looks: dict[str, Any]
    stand: Frame  # upright frame about the plate's centre
    panel: Frame
    paint: Paint
    plastic: Paint
    random: np.random.Generator
    rear: bool
    lit: Lit = Lit()

    def frame(self, length: float, mirrored: bool = False) -> Frame:
        """Body coordinates measured from the vehicle's front -> world.

        The plate's end is at y = 0 of the vehicle frame, whichever end that is.
        """
        ground, start = self.shape.ground, self.start()

        def to_world(points: Points) -> Points:
            moved = points * [1.0, -1.0 if self.rear else 1.0, 1.0]
            return self.stand(moved + [0.0, start + (length if self.rear else 0.0), ground])

        return to_world

    def start(self) -> float:
        """Depth at which the body begins: behind the panel, and behind the floor of its recess."""
        return max(self.shape.face + 26.0, self.shape.gap + 8.0)

    def near(self) -> Frame:
        """Body frame: y from the plate's end, z from the ground."""
        ground, start = self.shape.ground, self.start()
        return lambda points: self.stand(points + [0.0, start, ground])

    def fascia(self) -> Frame:
        """(x along the panel and round its corners, depth behind its face, z from the ground)."""
        face, ground = self.shape.face, self.shape.ground
        return lambda points: self.panel(points + [0.0, face, ground])

    def other(self, value: float) -> Paint:
        """The body's paint at another lightness."""
        return replace(self.paint, rgb=tuple(min(c * value, 0.9) for c in self.paint.rgb))


def ellipsoid(
    parts: Parts, centre: tuple[float, float, float], radii: tuple[float, float, float],
    paint: Paint, frame: Frame, sides: int = 14,
) -> None:  # fmt: skip
    """A round body."""
    a = np.arange(sides) * 2 * np.pi / sides
    b = np.linspace(-np.pi / 2, np.pi / 2, max(sides // 2, 4) + 1)
    ring = np.stack([np.cos(a)[None] * np.cos(b)[:, None], np.sin(a)[None] * np.cos(b)[:, None],
                     np.broadcast_to(np.sin(b)[:, None], (len(b), sides))], 2)  # fmt: skip
    parts.grid(ring * radii + centre, paint, frame, close=True)


def rod(
    parts: Parts, path: Points, radius: float, paint: Paint, frame: Frame, sides: int = 8
) -> None:
    """A tube along any path (n, 3); each ring stands square to its own way."""
    path = np.asarray(path, np.float64)
    way = np.gradient(path, axis=0)
    way /= np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-9)
    help_ = np.where(np.abs(way[:, 2:]) < 0.9, [[0.0, 0.0, 1.0]], [[0.0, 1.0, 0.0]])
    one = np.cross(way, help_)
    one /= np.maximum(np.linalg.norm(one, axis=1, keepdims=True), 1e-9)
    two = np.cross(way, one)
    a = np.arange(sides) * 2 * np.pi / sides
    ring = np.cos(a)[None, :, None] * one[:, None] + np.sin(a)[None, :, None] * two[:, None]
    parts.grid(path[:, None] + radius * ring, paint, frame, close=True)


def rounded_box(
    parts: Parts, low: Points | list[float], high: Points | list[float], radius: float,
    paint: Paint, frame: Frame, steps: int = 3,
) -> None:  # fmt: skip
    """A box with rounded edges: a ball pulled apart."""
    low, high = np.array(low, float), np.array(high, float)
    radius = min(radius, *((high - low) / 2 * 0.98))
    a = (np.arange(4)[:, None] * np.pi / 2 + np.linspace(0, np.pi / 2, steps + 1)[None]).ravel()
    b = np.concatenate(
        [np.linspace(-np.pi / 2, 0, steps + 1), np.linspace(0, np.pi / 2, steps + 1)]
    )
    ball = np.stack([np.cos(a)[None] * np.cos(b)[:, None], np.sin(a)[None] * np.cos(b)[:, None],
                     np.broadcast_to(np.sin(b)[:, None], (len(b), len(a)))], 2)  # fmt: skip
    middle, half = (low + high) / 2, (high - low) / 2 - radius
    quarter = np.repeat(np.arange(4), steps + 1)
    sign = np.empty((len(b), len(a), 3))
    sign[..., 0] = np.array([1, -1, -1, 1])[quarter]
    sign[..., 1] = np.array([1, 1, -1, -1])[quarter]
    sign[..., 2] = np.where(np.arange(len(b)) <= steps, -1, 1)[:, None]
    points = middle + half * sign + radius * ball
    parts.grid(points, paint, frame, close=True)
    for row in (0, -1):
        ring = points[row]
        n = steps + 1
        corner = ring[[0, n, 2 * n, 3 * n]]
        parts.facets(corner[None], paint, frame)


def sheet(
    parts: Parts, x: tuple[float, float], z: tuple[float, float], depth: float, paint: Paint,
    frame: Frame, step: float = 60.0,
) -> None:  # fmt: skip
    """An upright rectangle that bends with its frame."""
    columns = lines(min(x), max(x), step, [])
    parts.grid(net(columns, np.array(z), depth), paint, frame)


def line_pairs(path: Points, wide: float) -> Points:
    """Quads [n, 4, 3] of a thin line along y (front to back) through points (n, 3)."""
    a, b = path[:-1], path[1:]
    off = np.array([0.0, wide / 2, 0.0])
    return np.stack([a - off, a + off, b + off, b - off], 1)
