# SPDX-License-Identifier: GPL-3.0-or-later
"""The upright section of the panel behind a plate: what comes above and below it, and how deep.

A section is a list of strips, each swept along the vehicle's width. Away from the plate panels
curve back, end at a gap, step to a ledge, or open to a grille: what a crop shows of a vehicle.
Heights z up and depths y into the vehicle, mm; the plate's face is at y = 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from mesh_parts import Frame, Paint, Parts, Points
from solids import CHROME, VOID, lines, net, plastic_of


@dataclass(frozen=True)
class Strip:
    """A band of the section: points (n, 2) of z and y, outward from the plate, and its looks."""

    points: Points
    paint: Paint
    smooth: bool = True


@dataclass(frozen=True)
class Side:
    """Where a section begins above (sign 1) or below (-1) the plate, and how far it may stand out.

    `start` is z there, `face` the depth; `clear(proud)` is the least distance from the plate's
    outer edge `edge` at which a body that far out of the plate's face hides nothing of it.
    """

    sign: int
    start: float
    edge: float
    face: float
    limit: float
    clear: Callable[[float], float]


def outward(random: np.random.Generator, side: Side, paint: Paint, other: Paint) -> list[Strip]:
    """The strips from `side.start` to `side.limit`: two or three features, then plain panel."""
    strips: list[Strip] = []
    at, face = side.start, side.face
    reach = abs(side.limit - side.start)
    colours = (paint, other)
    which = 0
    for number in range(3):
        gone = abs(at - side.start)
        if gone > reach - 60:
            break
        # The first feature stands where a crop still sees it.
        until = gone + (random.uniform(0, 1) ** 2 * 70 if number == 0 else random.uniform(25, 200))
        until = min(until, reach - 40)
        if until > gone + 0.5:
            radius = float(np.exp(random.uniform(np.log(70), np.log(1500))))
            at, face = _curve(strips, side, at, until, face, radius, colours[which])
        kind = ("gap", "ledge", "back", "strip", "crease", "roll")[
            random.choice(6, p=(0.24, 0.17, 0.17, 0.12, 0.15, 0.15))
        ]
        if random.random() < 0.45:
            which = 1 - which
        at, face = _FEATURES[kind](strips, random, side, at, face, colours[which])
    _curve(strips, side, at, max(reach, abs(at - side.start) + 30), face, 3000.0, colours[which])
    return strips


def _curve(
    strips: list[Strip], side: Side, at: float, until: float, face: float, radius: float,
    paint: Paint,
) -> tuple[float, float]:  # fmt: skip
    """A panel from z = `at` that bends back with a radius, at most to 50 degrees."""
    start = abs(at - side.start)
    run = np.append(np.arange(0, until - start, 14.0), until - start)
    bent = np.minimum(run, 0.77 * radius)
    back = radius - np.sqrt(radius**2 - bent**2) + (run - bent) * 0.6
    z = at + side.sign * run
    strips.append(Strip(np.column_stack([z, face + back]), paint))
    return float(z[-1]), float(face + back[-1])


def _add(
    strips: list[Strip], side: Side, at: float, face: float,
    steps: list[tuple[float, float]], paint: Paint, smooth: bool = False,
) -> tuple[float, float]:  # fmt: skip
    """A polyline by steps of (outward, into) from (at, face)."""
    points = np.cumsum(np.array([(at, face), *((side.sign * u, y) for u, y in steps)]), axis=0)
    strips.append(Strip(points, paint, smooth))
    return float(points[-1, 0]), float(points[-1, 1])


def _gap(
    strips: list[Strip], random: np.random.Generator, side: Side, at: float, face: float,
    paint: Paint,
) -> tuple[float, float]:  # fmt: skip
    """Where two panels meet: rounded lips and darkness between."""
    lip, wide, deep = random.uniform(1, 4), 2 + 9 * random.random() ** 2, random.uniform(15, 40)
    at, face = _add(strips, side, at, face, [(lip, lip)], strips[-1].paint if strips else paint)
    at, face = _add(strips, side, at, face, [(0.1, deep), (wide, 0), (0.1, -deep)], VOID)
    return _add(strips, side, at, face, [(lip, -lip + random.uniform(0, 8))], paint)


def _ledge(
    strips: list[Strip], random: np.random.Generator, side: Side, at: float, face: float,
    paint: Paint,
) -> tuple[float, float]:  # fmt: skip
    """A step towards the camera, its shelf slanted: bright from above, dark from below."""
    proud = random.uniform(6, 45)
    room = side.clear(max(proud - face, 0.0)) - side.sign * (at - side.edge)
    if room > 0:
        at, face = _curve(
            strips, side, at, abs(at - side.start) + room, face, 2500.0,
            strips[-1].paint if strips else paint,
        )  # fmt: skip
    slant = random.uniform(0.05, 0.9) * proud
    soft = min(4.0, proud / 3)
    if random.random() < 0.4:  # a dark joint where the step begins
        at, face = _add(
            strips, side, at, face, [(0.1, 12), (random.uniform(2, 6), 0), (0.1, -12)], VOID
        )
    return _add(
        strips, side, at, face, [(slant, -proud + soft), (soft, -soft), (3.0, 0.0)], paint, True
    )


def _back(
    strips: list[Strip], random: np.random.Generator, side: Side, at: float, face: float,
    paint: Paint,
) -> tuple[float, float]:  # fmt: skip
    """The panel's rounded end: behind it plastic or nothing that light reaches."""
    radius, deep = random.uniform(3, 14), random.uniform(15, 90)
    a = np.linspace(0, np.pi / 2, 5)
    turn = np.diff(np.column_stack([np.sin(a), 1 - np.cos(a)]) * radius, axis=0)
    own = strips[-1].paint if strips else paint
    at, face = _add(strips, side, at, face, [tuple(t) for t in turn], own, True)
    dark = VOID if random.random() < 0.5 else plastic_of(random)
    at, face = _add(strips, side, at, face, [(0.5, deep), (random.uniform(15, 90), 0)], dark)
    return _add(strips, side, at, face, [(0.5, -deep * random.uniform(0.5, 1)), (6, -2)], paint)


def _strip(
    strips: list[Strip], random: np.random.Generator, side: Side, at: float, face: float,
    paint: Paint,
) -> tuple[float, float]:  # fmt: skip
    """A trim strip let into the panel: chrome, black or of a bright colour, with dark joints."""
    tall = random.uniform(5, 26)
    look = CHROME
    if random.random() < 0.55:
        look = plastic_of(random)
    elif random.random() < 0.25:
        look = Paint((0.45, 0.02, 0.02), 0.2)
    joint = [(0.1, 6.0), (random.uniform(1.0, 2.5), 0.0), (0.1, -6.0)]
    at, face = _add(strips, side, at, face, joint, VOID)
    round_ = [(tall * 0.15, -1.0), (tall * 0.35, -0.6), (tall * 0.35, 0.6), (tall * 0.15, 1.0)]
    if face - 1.6 < 0 and side.sign * (at - side.edge) < side.clear(1.6 - face):
        round_ = [(tall, 0.0)]
    at, face = _add(strips, side, at, face, round_, look, True)
    return _add(strips, side, at, face, joint, VOID)


def _crease(
    strips: list[Strip], random: np.random.Generator, side: Side, at: float, face: float,
    paint: Paint,
) -> tuple[float, float]:  # fmt: skip
    """The metal folds: a facet that leans back and takes other light."""
    tall, lean = random.uniform(8, 60), random.uniform(0.25, 1.6)
    return _add(strips, side, at, face, [(tall, tall * lean), (1.5, 0.2)], paint)


def _roll(
    strips: list[Strip], random: np.random.Generator, side: Side, at: float, face: float,
    paint: Paint,
) -> tuple[float, float]:  # fmt: skip
    """A bead: a rounded groove pressed into the panel."""
    tall, deep = random.uniform(8, 40), random.uniform(3, 14)
    t = np.linspace(0, 1, 9)
    steps = np.diff(np.column_stack([t * tall, deep * np.sin(np.pi * t) ** 2]), axis=0)
    return _add(strips, side, at, face, [tuple(s) for s in steps], paint, True)


_FEATURES = {
    "gap": _gap, "ledge": _ledge, "back": _back, "strip": _strip, "crease": _crease, "roll": _roll,
}  # fmt: skip


def planks(random: np.random.Generator, low: float, high: float, face: float) -> list[Strip]:
    """A tailboard's boards from z = low to high with dark joints: wood, painted or steel."""
    wood = random.random() < 0.55
    base = np.array(
        (0.22, 0.12, 0.055) if wood else _BOARDS[random.integers(len(_BOARDS))], np.float64
    )
    tall, strips, z = random.uniform(45, 130), [], low
    while z < high:
        top = z + tall * random.uniform(0.85, 1.1)
        tint = base * random.uniform(0.55 if wood else 0.85, 1.25)
        back = random.uniform(0, 4)
        paint = Paint(tuple(float(c) for c in tint), random.uniform(0.4, 0.85), dirt=0.8)
        ways = np.array([(z, 18), (z, 2), (z + 2, 0), (top - 2, 0), (top, 2), (top, 18)], float)
        strips.append(Strip(ways + [0, face + back], paint, False))
        joint = random.uniform(1.5, 9)
        strips.append(Strip(np.array([(top, face + 20), (top + joint, face + 20)]), VOID))
        z = top + joint
    return strips


_BOARDS = (
    (0.02, 0.06, 0.25), (0.4, 0.03, 0.02), (0.55, 0.3, 0.02), (0.05, 0.2, 0.08),
    (0.35, 0.36, 0.37), (0.6, 0.58, 0.5), (0.03, 0.2, 0.3),
)  # fmt: skip


def sweep(parts: Parts, strips: list[Strip], half_width: float, fine: float, frame: Frame) -> None:
    """Draws strips along x, finer within `fine` of the middle, where crops look."""
    x = np.concatenate(
        [
            lines(-half_width, -fine, 110, [])[:-1],
            lines(-fine, fine, 22, []),
            lines(fine, half_width, 110, [])[1:],
        ]
    )
    rough = np.concatenate(
        [
            lines(-half_width, -fine, 110, [])[:-1],
            lines(-fine, fine, 60, []),
            lines(fine, half_width, 110, [])[1:],
        ]
    )
    for strip in strips:
        columns = x if len(strip.points) > 3 and strip.paint is not VOID else rough
        parts.grid(
            net(columns, strip.points[:, 0], strip.points[:, 1:]),
            strip.paint, frame, smooth=strip.smooth,
        )  # fmt: skip


class Profile:
    """The depth of a section's foremost surface, millimetre by millimetre up."""

    def __init__(self, strips: list[Strip], low: float, high: float, bare: float) -> None:
        """`bare` is the depth where there is no strip."""
        self._low, self._bare = low, bare
        heights = low + np.arange(round(high - low) + 2)
        self._depth = np.full(len(heights), np.inf)
        for strip in strips:
            z, depth = strip.points.T
            if z[-1] < z[0]:
                z, depth = z[::-1], depth[::-1]
            # One more on either side, for what lies between two millimetres.
            a, b = max(int(z[0] - low), 0), int(z[-1] - low) + 2
            nearer = np.minimum(self._depth[a:b], np.interp(heights[a:b], z, depth))
            self._depth[a:b] = np.minimum(nearer, depth.min() if b - a < 6 else np.inf)
        self._depth[np.isinf(self._depth)] = bare

    def depth(self, z0: float, z1: float) -> float:
        """The least depth between two heights, in either order."""
        a, b = int(min(z0, z1) - self._low), int(max(z0, z1) - self._low) + 2
        return float(self._depth[max(a, 0) : max(b, 1)].min(initial=self._bare + 1e3))
