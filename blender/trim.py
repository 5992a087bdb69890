# SPDX-License-Identifier: GPL-3.0-or-later
"""What is fixed beside a plate: lamps, reflectors, strips, sensors, clips, slots, scratches.

Each stands beside the plates' outline by what the view asks for, or behind their plane.
"""

from __future__ import annotations

import colorsys
from dataclasses import dataclass

import numpy as np
from lit import Lit, shining, tail_red
from mesh_parts import Frame, Paint, Parts, grey
from section import Profile, Strip
from solids import CHROME, STEEL, VOID, bar, lens, pad, plastic_of, tube, turned
from stance import Shape

_LENSES = {
    "red": Paint((0.3, 0.008, 0.012), 0.07, dirt=0.1),
    "dark": Paint((0.07, 0.006, 0.008), 0.07, dirt=0.1),
    "orange": Paint((0.6, 0.16, 0.01), 0.1, dirt=0.1),
    "clear": Paint((0.55, 0.55, 0.56), 0.08, metal=0.6, dirt=0.1),
    "smoke": Paint((0.02, 0.02, 0.022), 0.05, dirt=0.1),
}
_LEFT, _BELOW, _RIGHT, _ABOVE = range(4)


@dataclass(frozen=True)
class Site:
    """Where things can be fixed: the panel's section, shape and looks."""

    parts: Parts
    shape: Shape
    strips: list[Strip]
    profile: Profile
    body: Paint
    frame: Frame
    random: np.random.Generator
    lit: Lit = Lit()
    window: float = 0.0  # radiance of the plate lamps' own windows

    def depth(self, z0: float, z1: float) -> float:
        """The foremost depth of the panel between two heights."""
        return self.profile.depth(z0, z1)

    def beyond(
        self, side: int, proud: float, low: float, high: float, tall: float = 0.0, z: float = 0.0
    ) -> float:
        """A place on an axis past the plate's side: the least there is and a log-uniform rest.

        It is for a body so proud of the panel and `tall` from there up (down, below the plate);
        at the left and right from `z` up.
        """
        rest = float(np.exp(self.random.uniform(np.log(low), np.log(high))))
        edge, sign = self.shape.outer[side], -1 if side in (_LEFT, _BELOW) else 1
        away = abs(self.shape.recess[side] - edge) if self.shape.depth > 0 else 0.0
        for _ in range(4):  # further out the panel may be nearer, and ask for more
            at = edge + sign * (away + rest)
            foot = z if side in (_LEFT, _RIGHT) else at
            ends = (foot, foot + (tall if side != _BELOW else -tall))
            away = max(away, self.shape.clear(side, proud - self.depth(*ends)))
        return edge + sign * (away + rest)


def add_fittings(site: Site, amount: float) -> None:
    """Draws what there is: each kind with its share, times twice the amount."""
    for share, add in (
        (0.22, _plate_lamps), (0.2, _handle), (0.14, _reflectors), (0.2, _corner_lamp),
        (0.14, _sensors), (0.1, _tow_cover), (0.3, _clips), (0.04, _bull_bar), (0.2, _scratches),
        (0.25, _seam), (0.2, _slots), (0.2, _cheeks), (0.14, _sticker), (0.4, _holder),
    ):  # fmt: skip
        if site.random.random() < 2 * amount * share:
            add(site)


def _plate_lamps(site: Site) -> None:
    """Housings above, their windows below the edge."""
    random, proud = site.random, site.random.uniform(8, 30)
    tall, wide = random.uniform(10, 24), random.uniform(28, 80)
    z = site.beyond(_ABOVE, proud, 1, 14, tall)
    look = plastic_of(random) if random.random() < 0.7 else site.body
    left, _, right, _ = site.shape.outer
    middle, apart = (left + right) / 2, (right - left) * random.uniform(0.2, 0.38)
    for x in (middle,) if random.random() < 0.4 else (middle - apart, middle + apart):
        face = site.depth(z, z + tall)
        box = (x - wide / 2, z, x + wide / 2, z + tall)
        pad(site.parts, box, face, proud, look, site.frame)
        window = np.array([[x - wide * 0.3, z + 1.5, x + wide * 0.3, z + 5.0]])
        white = shining(grey(0.6, 0.2), (0.9, 0.85, 0.7), site.window)
        site.parts.flat_upright(window, face - proud - 0.4, white, site.frame)


def _handle(site: Site) -> None:
    """A handle or trim strip above the plate."""
    random, proud = site.random, site.random.uniform(5, 30)
    tall, half = random.uniform(8, 38), random.uniform(120, 420)
    z = site.beyond(_ABOVE, proud, 1, 25, tall)
    look = (CHROME, site.body, plastic_of(random))[random.choice(3, p=(0.4, 0.3, 0.3))]
    face = site.depth(z - 3, z + tall + 3)
    shade = np.array([[-half - 4, z - 3, half + 4, z + tall + 3]])
    site.parts.flat_upright(shade, face - 0.3, VOID, site.frame)
    bar(site.parts, (-half, half), z + tall / 2, tall, proud, face, look, site.frame)


def _reflectors(site: Site) -> None:
    """Strips that throw light back, beside or below."""
    random = site.random
    look = _LENSES[("red", "orange", "clear")[random.choice(3, p=(0.6, 0.25, 0.15))]]
    tall, wide = random.uniform(14, 40), random.uniform(50, 150)
    if random.random() < 0.5:
        z1 = site.beyond(_BELOW, 4, 2, 45, tall)
        x = random.uniform(-260, 260)
        box = (x - wide / 2, z1 - tall, x + wide / 2, z1)
        lens(site.parts, box, site.depth(z1 - tall, z1), 4, look, site.frame)
        return
    z = random.uniform(-70, 50)
    for side, where in ((-1, _LEFT), (1, _RIGHT)):
        x = site.beyond(where, 4, 3, 90, tall, z)
        box = (min(x, x + side * wide), z, max(x, x + side * wide), z + tall)
        lens(site.parts, box, site.depth(z, z + tall), 4, look, site.frame)


def _corner_lamp(site: Site) -> None:
    """A tail or head lamp that reaches into the picture on one side or both."""
    random, proud = site.random, site.random.uniform(3, 16)
    kinds = list(_LENSES)
    kind = kinds[random.choice(5, p=(0.36, 0.14, 0.16, 0.22, 0.12))]
    look = tail_red(_LENSES[kind], site.lit, 0.5) if kind == "red" else _LENSES[kind]
    z, tall, wide = random.uniform(-130, 40), random.uniform(60, 200), random.uniform(80, 240)
    for side, where in ((-1, _LEFT), (1, _RIGHT)):
        if random.random() < 0.3:
            continue
        x = site.beyond(where, proud, 4, 90, tall, z)
        box = (min(x, x + side * wide), z, max(x, x + side * wide), z + tall)
        lens(site.parts, box, site.depth(z, z + tall), proud, look, site.frame)


def _sensors(site: Site) -> None:
    """Discs of parking sensors in their rings."""
    random, radius = site.random, site.random.uniform(9, 13)
    where = (_LEFT, _RIGHT, _ABOVE)[random.integers(3)]
    x, z = random.uniform(-250, 250), random.uniform(-50, 50)
    at = site.beyond(where, 2, radius + 3, radius + 50, radius, z)
    x, z = (x, at) if where == _ABOVE else (at, z)
    face = site.depth(z - radius, z + radius) - 0.3
    look = site.body if random.random() < 0.6 else plastic_of(random)
    turned(site.parts, (x, face, z), [(radius + 2.5, 0.0), (0.0, 0.0)], VOID, site.frame)
    turned(site.parts, (x, face, z), [(radius, 0.1), (radius - 1, 1.0), (0.0, 1.0)], look,
           site.frame)  # fmt: skip


def _tow_cover(site: Site) -> None:
    """The lid over a tow eye: a thin dark outline, one corner with a notch."""
    random, size = site.random, site.random.uniform(45, 75)
    where = (_LEFT, _RIGHT)[random.integers(2)]
    z0, line = random.uniform(-70, 10), random.uniform(1.2, 2.5)
    at = site.beyond(where, 1, 4, 70, size, z0)
    x0 = at - size if where == _LEFT else at
    x1, z1 = x0 + size, z0 + size
    flats = np.array([
        (x0, z0, x1, z0 + line), (x0, z1 - line, x1, z1), (x0, z0, x0 + line, z1),
        (x1 - line, z0, x1, z1), (x0 + size * 0.4, z0, x0 + size * 0.6, z0 + 4 * line),
    ])  # fmt: skip
    site.parts.flat_upright(flats, site.depth(z0, z1) - 0.3, VOID, site.frame)


def _clips(site: Site) -> None:
    """Screws, rivets and plugs, and the holes of those that are lost."""
    random = site.random
    look = (STEEL, plastic_of(random), VOID)[random.choice(3, p=(0.4, 0.35, 0.25))]
    radius = random.uniform(3, 8)
    for _ in range(random.integers(2, 9)):
        where = random.integers(4)
        x, z = random.uniform(-290, 290), random.uniform(-80, 80)
        at = site.beyond(where, 4, radius + 1, radius + 40, radius, z)
        x, z = (at, z) if where in (_LEFT, _RIGHT) else (x, at)
        face = site.depth(z - radius, z + radius) - 0.3
        rise = 0.0 if look is VOID else random.uniform(1, 3)
        profile = [(radius, 0.0), (radius, 0.5 * rise), (0.7 * radius, rise), (0.0, rise)]
        turned(site.parts, (x, face, z), profile, look, site.frame, 10)


def _bull_bar(site: Site) -> None:
    """Tubes before a vehicle's front: one across above or below, at times two posts."""
    random, radius = site.random, site.random.uniform(18, 32)
    look = (CHROME, STEEL, plastic_of(random))[random.integers(3)]
    proud = random.uniform(10, 50) + 2 * radius
    depth = site.shape.face - proud + radius
    where = (_ABOVE, _BELOW)[random.integers(2)]
    z = site.beyond(where, proud, radius + 2, radius + 60)
    x = np.linspace(-700, 700, 15)
    tube(site.parts, np.column_stack([x, 0 * x + depth, 0 * x + z]), radius, look, site.frame)
    if random.random() < 0.5:
        for side in (_LEFT, _RIGHT):
            at = site.beyond(side, proud, radius + 5, radius + 120)
            up = np.linspace(-260, 260, 6)
            tube(site.parts, np.column_stack([0 * up + at, 0 * up + depth, up]), radius, look,
                 site.frame)  # fmt: skip


def _scratches(site: Site) -> None:
    """Thin marks down to primer or metal, and rubbed-off paint of others."""
    random, quads = site.random, []
    inks = (grey(0.45, 0.7), grey(0.02, 0.8), Paint((0.25, 0.1, 0.05), 0.9), STEEL)
    for _ in range(random.integers(3, 14)):
        x, z = random.uniform(-330, 330), random.uniform(-150, 150)
        length, turn = random.uniform(10, 130), random.normal(0, 0.35)
        dx, dz, wide = length * np.cos(turn), length * np.sin(turn), random.uniform(0.4, 2.2)
        if site.shape.depth > 0 and abs(z) < 130:
            continue
        low, high = min(z, z + dz), max(z, z + dz) + wide
        y = site.depth(low, high) - 0.25
        level = abs(site.depth(low, low) - site.depth(high, high)) < 3
        beside = low > site.shape.outer[_ABOVE] + 6 or high < site.shape.outer[_BELOW] - 6
        if not (level and (beside or y > 1.0)):
            continue
        quads.append([(x, y, z), (x + dx, y, z + dz), (x + dx, y, z + dz + wide),
                      (x, y, z + wide)])  # fmt: skip
    if quads:
        site.parts.facets(np.array(quads), inks[random.integers(4)], site.frame)


def _seam(site: Site) -> None:
    """Upright joints of panels, along the whole section."""
    random = site.random
    for side in (_LEFT, _RIGHT):
        if random.random() < 0.35:
            continue
        x, wide = site.beyond(side, 0, 2, 90), random.uniform(1.5, 7)
        quads = [
            [(x, a[1], a[0]), (x + wide, a[1], a[0]), (x + wide, b[1], b[0]), (x, b[1], b[0])]
            for strip in site.strips
            for a, b in zip(strip.points, strip.points[1:])
        ]
        if quads:
            site.parts.facets(np.array(quads) - [0, 0.35, 0], VOID, site.frame)


def _slots(site: Site) -> None:
    """A row of slots, dark inside: vents, drain holes, the edges of a step."""
    random = site.random
    wide, tall, count = random.uniform(8, 70), random.uniform(4, 22), random.integers(2, 7)
    pitch = wide + random.uniform(6, 40)
    where = random.integers(4)
    low = -tall * count if where in (_LEFT, _RIGHT) else 0.0
    at = site.beyond(where, 1, 3, 40, tall - 2 * low, low)
    if where in (_LEFT, _RIGHT):
        x0 = (at - wide if where == _LEFT else at) + np.zeros(count)
        z0 = low + 1.7 * tall * np.arange(count)
    else:
        x0 = random.uniform(-200, 100) + pitch * (np.arange(count) - count / 2)
        z0 = (at - tall if where == _BELOW else at) + np.zeros(count)
    face = site.depth(float(z0.min()), float(z0.max()) + tall) - 0.3
    flats = np.stack([x0, z0, x0 + wide, z0 + tall], 1)
    site.parts.flat_upright(flats, face, VOID, site.frame)
    glint = grey(0.2, 0.3, dirt=0.2)
    site.parts.flat_upright(flats * [1, 0, 1, 0] + np.stack(
        [0 * z0, z0, 0 * z0, z0 + 1.2], 1), face - 0.1, glint, site.frame)  # fmt: skip


def _cheeks(site: Site) -> None:
    """Raised panels at the plate's sides: of the body, or black."""
    random, proud = site.random, site.random.uniform(5, 35)
    look = site.body if random.random() < 0.6 else plastic_of(random)
    low, high = random.uniform(-260, -80), random.uniform(80, 220)
    for side, where in ((-1, _LEFT), (1, _RIGHT)):
        if random.random() < 0.25:
            continue
        x = site.beyond(where, proud, 2, 70)
        wide = random.uniform(80, 260)
        box = (min(x, x + side * wide), low, max(x, x + side * wide), high)
        pad(site.parts, box, site.shape.face + 8, proud + 8, look, site.frame,
            random.uniform(3, 30))  # fmt: skip


def _sticker(site: Site) -> None:
    """A printed label: a patch with marks too small to read."""
    random = site.random
    wide, tall = random.uniform(25, 110), random.uniform(12, 45)
    where = random.integers(4)
    z = random.uniform(-60, 40)
    at = site.beyond(where, 1, 3, 45, tall, z)
    if where in (_LEFT, _RIGHT):
        x = at - wide if where == _LEFT else at
    else:
        x, z = random.uniform(-260, 180), (at - tall if where == _BELOW else at)
    face = site.depth(z, z + tall) - 0.3
    ground = colorsys.hsv_to_rgb(random.random(), random.uniform(0, 0.9), random.uniform(0.2, 0.8))
    site.parts.flat_upright(np.array([[x, z, x + wide, z + tall]]), face, Paint(ground, 0.35),
                            site.frame)  # fmt: skip
    rows = np.arange(z + 3, z + tall - 4, 7.0)
    marks = np.array([
        (x + wide * (0.08 + 0.12 * i), r, x + wide * (0.14 + 0.12 * i), r + 4)
        for r in rows for i in range(7) if random.random() < 0.75
    ])  # fmt: skip
    if len(marks):
        ink = grey(0.02 if sum(ground) > 0.6 else 0.6, 0.4)
        site.parts.flat_upright(marks, face - 0.2, ink, site.frame)


def _holder(site: Site) -> None:
    """A black holder behind the plate whose rim shows."""
    if site.shape.depth > 0 and site.shape.gap < 3:
        return
    left, bottom, right, top = site.shape.outer
    grow, foot = site.random.uniform(1.5, 9), max(site.random.uniform(-20, 14), 0.0)
    room = min(abs(a - b) for a, b in zip(site.shape.recess, site.shape.outer))
    if site.shape.depth > 0:
        grow, foot = min(grow, room / 2), 0.0
    box = (left - grow, bottom - grow - foot, right + grow, top + grow)
    pad(site.parts, box, site.shape.gap, max(site.shape.gap - 1.6, 0.5), plastic_of(site.random),
        site.frame, 2.0)  # fmt: skip
