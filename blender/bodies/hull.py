# SPDX-License-Identifier: GPL-3.0-or-later
"""A car's hull: cross-sections with rounded sides, shoulder, greenhouse and roof, along its length.

f runs from the front (0) to the rear, x right, z up from the ground; mm. A section at f follows
from four curves: the top line, the belt line, the half width and the sill.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from mesh_parts import Frame, Paint, Parts, Points

from bodies.site import BLACK, DARK, GLASS, Body

#: Side from sill to belt: share of the height, share of the half width.
_SIDE = ((0, 0.93), (0.07, 0.955), (0.2, 0.985), (0.42, 1.0), (0.6, 1.0), (0.69, 0.99),
         (0.86, 0.985), (1.0, 0.965))  # fmt: skip
_GLASS = (0.05, 0.1, 0.3, 0.5, 0.7, 0.87, 0.95)
_EDGE = np.radians([5.0, 35.0, 65.0, 90.0])
_ROOF = (0.93, 0.84, 0.6, 0.3, 0.0)
_TRIM0, _PANE0, _PANE1, _TRIM1 = 8, 9, 13, 14  # cells of a half section, from the sill
_HALF = len(_SIDE) + len(_GLASS) + len(_EDGE) + len(_ROOF)
_SCREEN = _HALF - len(_ROOF)  # from this cell on the top is glass in a screen


@dataclass(frozen=True)
class Hull:
    """The curves of one car, mm."""

    length: float
    half: float
    sill: float
    belt: tuple[float, float]  # at the front and at the rear
    tumble: float  # how far the greenhouse leans in
    corner: float  # radius of the plan's corners
    top: tuple[tuple[float, float], ...]  # (f, z) of the top line
    screen: tuple[float, float]  # windscreen from, to
    back: tuple[float, float]  # rear window from, to; equal: none
    panes: tuple[tuple[float, float], ...]  # side windows
    soft: float = 45.0

    def top_z(self, f: Points) -> Points:
        """The top line, its corners rounded."""
        knots = np.array(self.top)
        fine = np.arange(-300.0, self.length + 300.0, 10.0)
        z = np.interp(fine, knots[:, 0], knots[:, 1])
        width = np.arange(-14, 15) * 10.0
        kernel = np.exp(-((width / self.soft) ** 2) / 2)
        z = np.convolve(np.pad(z, 14, mode="edge"), kernel / kernel.sum(), mode="valid")
        return np.interp(f, fine, z)

    def belt_z(self, f: Points) -> Points:
        """The belt line; under bonnet and boot it is near the top."""
        line = np.interp(f, [0, self.length], self.belt)
        return np.minimum(line, self.top_z(f) - 45.0)

    def half_x(self, f: Points) -> Points:
        """Half the width, rounded in plan."""
        u = f / self.length * 2 - 1
        bow = 45.0 * np.abs(u) ** 3
        near = np.minimum(np.minimum(f, self.length - f), self.corner)
        round_ = self.corner - np.sqrt(np.maximum(self.corner**2 - (self.corner - near) ** 2, 0))
        return self.half - bow - 0.75 * round_

    def section(self, f: Points) -> Points:
        """Points [len(f), rows, 3] from the left sill over the roof to the right sill."""
        f = np.asarray(f, np.float64)
        t, b, h = self.top_z(f)[:, None], self.belt_z(f)[:, None], self.half_x(f)[:, None]
        tall = t - b
        q, share = np.array(_SIDE).T
        xs, zs = [h * share], [self.sill + q * (b - self.sill)]
        crown = np.minimum(38.0, 0.25 * tall)
        e = np.minimum(48.0, 0.4 * tall)
        roof = np.max([z for _, z in self.top])
        lean = self.tumble * tall / max(roof - np.mean(self.belt), 1.0)
        x0 = h * _SIDE[-1][1] - np.minimum(6.0, 0.1 * tall)
        x1 = x0 - lean
        g = np.array(_GLASS)
        xs.append(x0 + (x1 - x0) * g + 10.0 * np.sin(np.pi * g) * np.minimum(tall / 300, 1))
        zs.append(b + (t - crown - e - b) * g)
        r = np.minimum(75.0, 0.9 * tall)
        xs.append(x1 - r * (1 - np.cos(_EDGE)))
        zs.append(t - crown - e + e * np.sin(_EDGE))
        u = np.array(_ROOF)
        xs.append((x1 - r) * u)
        zs.append(t - crown * u**2)
        x, z = np.concatenate(xs, 1), np.concatenate(zs, 1)
        x = np.concatenate([-x, x[:, -2::-1]], 1)
        z = np.concatenate([z, z[:, -2::-1]], 1)
        return np.stack([x, np.broadcast_to(f[:, None], x.shape), z], 2)

    def stations(self) -> Points:
        """Places along f: at each border of a pane, and where the top line turns."""
        marks = {0.0, self.length, *self.screen, *self.back}
        for a, b in self.panes:
            marks |= {a, b}
        c = self.corner
        marks |= {c * s for s in (0.08, 0.25, 0.55, 1.0)}
        marks |= {self.length - c * s for s in (0.08, 0.25, 0.55, 1.0)}
        fine = np.linspace(0, self.length, 1200)
        way = np.concatenate([[0], np.cumsum(np.hypot(np.diff(fine), np.diff(self.top_z(fine))))])
        even = np.interp(np.arange(0, way[-1], 85.0), way, fine)
        every = np.array(sorted({*marks, *even}))
        keep = np.concatenate([[True], np.diff(every) > 4.0])
        keep |= np.isin(every, sorted(marks))
        return every[keep]

    def side_x(self, f: Points, z: Points) -> Points:
        """Half the width of the hull at places on its right side, below the roof's edge."""
        rows = self.section(np.atleast_1d(f))[:, _HALF - 1 :][:, ::-1]
        return np.array([np.interp(zz, r[:, 2], r[:, 0]) for r, zz in zip(rows, np.atleast_1d(z))])

    def over(self, f: Points, x: Points) -> Points:
        """Height of the hull's upper skin at each f (n) and x (n, m), between the roof's edges."""
        rows = self.section(f)[:, _SCREEN - 1 : 2 * _HALF - _SCREEN]
        return np.array([np.interp(xs, r[:, 0], r[:, 2]) for r, xs in zip(rows, x)])


def add_hull(parts: Parts, hull: Hull, body: Body, frame: Frame, roof: Paint | None = None) -> None:
    """Skin, glass, its black surround and the underside."""
    f = hull.stations()
    points = hull.section(f)
    middle = (f[1:] + f[:-1]) / 2
    cells = points.shape[1] - 1
    kind = np.zeros((len(middle), cells), np.int8)

    def within(spans: Sequence[tuple[float, float]]) -> Points:
        return np.any([(middle > a) & (middle < b) for a, b in spans], 0) if spans else middle < -1

    def mark(rows: Points, first: int, stop: int, value: int) -> None:
        for a, b in ((first, stop), (cells - stop, cells - first)):
            kind[rows, a:b] = value

    if roof is not None:
        mark((middle > hull.screen[0]) & (middle < hull.back[1]), _PANE1, _HALF, 3)
    if hull.panes:
        cabin = (middle > hull.panes[0][0]) & (middle < hull.panes[-1][1])
        mark(cabin, _TRIM0, _TRIM1, 2)
        mark(within(hull.panes), _PANE0, _PANE1, 1)
    for span in (hull.screen, hull.back):
        if span[1] > span[0]:
            inside = within([span])
            mark(inside, _SCREEN - 1, _SCREEN, 2)
            mark(inside, _SCREEN, cells - _SCREEN, 1)
    looks = (body.paint, GLASS, BLACK, roof or body.paint)
    for value, paint in enumerate(looks):
        if (kind == value).any():
            parts.grid(points, paint, frame, skip=kind != value)
    for end in (0, -1):  # close the ends
        ring = points[end]
        share = np.linspace(-1, 1, 5)
        half = ring[:_HALF]
        cap = half[:, None] * [1, 1, 1] * np.ones((1, 5, 1))
        cap[..., 0] = half[:, :1] * -share
        parts.grid(cap, body.paint, frame)
    f0, f1 = 60.0, hull.length - 60.0
    under = np.array([[(x, y, hull.sill + 4) for x in (-hull.half * 0.93, hull.half * 0.93)]
                      for y in (f0, f1)])  # fmt: skip
    parts.grid(under, DARK, frame)
    w = hull.half * 0.72
    parts.box([-w, 500, hull.sill - 45], [w, hull.length - 500, hull.sill], DARK, frame)
