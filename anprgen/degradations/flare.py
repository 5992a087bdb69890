# SPDX-License-Identifier: Apache-2.0
"""Lens flare: a bright lamp or the sun leaves a gradient of stray light and ghosts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from anprgen.degradations.stage import Context, Image, Kind, Stage
from anprgen.distributions import Choice, LogUniform, Uniform
from anprgen.parameters import drawn, generator

_GHOSTS = 7


@dataclass(frozen=True)
class Flare(Stage):
    """Stray light that falls off from the source, ghosts on the line from it through the middle.

    Ghosts are images of the aperture by an even number of reflections between glass surfaces;
    each lies on that line, at its own multiple of the source's distance, in a tint of its coating.
    """

    name: ClassVar[str] = "flare"
    kind: ClassVar[Kind] = Kind.LIGHT
    order: ClassVar[int] = 46

    strength: float = drawn(
        Choice([(0.0, 0.97), (LogUniform(0.05, 0.6), 0.03)]),
        "stray light beside the source, of the picture's mean",
        high=20,
    )
    angle_deg: float = drawn(Uniform(0, 360), "where the source is, clockwise from the right")
    distance: float = drawn(
        Uniform(0.3, 1.3), "of the source from the frame's middle, half diagonals", high=10
    )
    ghosts: float = drawn(Uniform(0.0, 0.6), "brightness of the ghosts, of the stray light", high=5)

    def pixels(self, image: Image, ctx: Context) -> Image:
        import cv2

        if self.strength <= 0:
            return image
        half = math.hypot(ctx.frame_width_px, ctx.frame_height_px) / 2
        a = math.radians(self.angle_deg)
        sx, sy = (self.distance * half * f for f in (math.cos(a), math.sin(a)))
        w = ctx.working
        x = np.arange(w.width, dtype=np.float32) + np.float32(w.x0 + 0.5 - ctx.cx)
        y = np.arange(w.height, dtype=np.float32) + np.float32(w.y0 + 0.5 - ctx.cy)
        wide = np.float32((0.45 * half) ** 2)
        stray = 1 / (1 + _squared(x - np.float32(sx), y - np.float32(sy)) / wide)
        light = cv2.merge([stray, stray, stray])
        rng = generator(ctx.seed, ctx.still, "camera.flare")
        for _ in range(_GHOSTS):
            along, radius = rng.uniform(-1.6, 0.7), half * rng.uniform(0.03, 0.16)
            tint = np.float32(self.ghosts / 2) * (1 - 0.5 * rng.random(3)).astype(np.float32)
            dx, dy = x - np.float32(along * sx), y - np.float32(along * sy)
            columns, rows = (np.flatnonzero(np.abs(d) < radius) for d in (dx, dy))
            if len(columns) and len(rows):  # the ghost reaches into the window
                i, j = (slice(n[0], n[-1] + 1) for n in (columns, rows))
                edge = np.float32(radius) - np.sqrt(_squared(dx[i], dy[j]))
                edge = np.clip(edge / np.float32(0.15 * radius), 0, 1)
                light[j, i] += edge[..., None] * tint
        mean = np.array(cv2.mean(image)[:3]) * self.strength
        return np.asarray(cv2.add(image, cv2.transform(light, np.diag(mean).astype(np.float32))))


def _squared(dx: Image, dy: Image) -> Image:
    return np.asarray(dx * dx + (dy * dy)[:, None])
