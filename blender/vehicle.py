# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands around a plate: the panel it hangs on and what is fixed to it, by kind."""

from __future__ import annotations

import colorsys
from collections.abc import Callable
from typing import Any

import numpy as np
from bodies.kinds import Planned, add_body
from fender import add_fender
from grille import add_opening
from lettering import add_words
from lit import OFF, Lit
from mesh_parts import Frame, Paint, Parts
from mount import random_of
from rear import add_rear
from section import Profile, Side, Strip, outward, planks, sweep
from solids import CHROME, VOID, bar, lines, net, plastic_of
from stance import BENT_MM, Shape, draft_mm, on_panel, upright
from trim import Site, add_fittings


def add_vehicle(
    parts: Parts, plate: dict[str, Any], vehicle: dict[str, Any], shape: Shape,
    planned: Planned | None = None,
) -> None:  # fmt: skip
    """The panel near the plate, its fittings and words, and the `planned` body or a plain rear."""
    kind, stand = vehicle["surround"], upright(plate)
    lit: Lit = vehicle.get("lit", OFF)
    panel = on_panel(shape, stand)
    random = random_of(vehicle["seed_w"])
    body = Paint(
        colorsys.hsv_to_rgb(*(vehicle[f"paint_{k}"] for k in ("hue", "saturation", "value"))),
        vehicle["paint_roughness"], dirt=0.35, coat=0.0 if planned is None else 1.0,
    )  # fmt: skip
    plastic = plastic_of(random)
    low = min(shape.ground + 260, shape.recess[1] - 40)
    high = max(shape.recess[3] + 60, 210.0)
    rows = shape.rows or (low, high)
    low, high = rows
    strips: list[Strip] = []
    profile = None
    if kind == "tailboard":
        strips = planks(random, low, high, shape.gap)
        sweep(parts, strips, shape.half, shape.outer[2] + 60, panel)
    elif kind == "mudguard":
        rear = planned is None or vehicle["end"] == "rear"
        add_fender(parts, shape, rows, body, random, panel, lit, rear)
    else:
        strips = _panel(parts, shape, kind, rows, (body, plastic), random, panel)
    if strips:
        profile = Profile(strips, low, high, shape.face)
        window = 4.0 * lit.tail if plate.get("lamps_lit") else 0.0
        site = Site(parts, shape, strips, profile, body, panel, random, lit, window)
        add_fittings(site, vehicle["fittings"])
        add_words(site, vehicle)
    if shape.overhang > 0:
        ledge = (CHROME, body, plastic)[random.choice(3, p=(0.2, 0.5, 0.3))]
        left, _, right, _ = shape.recess
        span = (left * (1.0 + 0.3 * random.random()), right * (1.0 + 0.3 * random.random()))
        bar(parts, span, shape.ledge + 14, 28, shape.overhang, shape.gap, ledge, panel)
    if planned is None:
        add_rear(parts, shape, rows, body, plastic, random, stand, panel, lit)
    else:
        add_body(parts, planned, vehicle, (stand, panel), (body, plastic), profile)


def _panel(
    parts: Parts, shape: Shape, kind: str, rows: tuple[float, float], paints: tuple[Paint, Paint],
    random: np.random.Generator, frame: Frame,
) -> list[Strip]:  # fmt: skip
    """A bumper's, door's or grille's panel; its strips from below upwards."""
    body, plastic = paints
    _, bottom, _, top = shape.outer
    behind = plastic if kind == "dark" else body
    other = body if kind == "dark" and random.random() < 0.5 else plastic
    if kind in ("bumper", "tailgate"):
        if random.random() < 0.12:
            behind, other = plastic, body
        elif random.random() < 0.4:  # pressed of one piece
            other = body
    opening = kind in ("grille", "intake")
    if opening:
        # An opening as tall as the plate or more; its lips are of the body.
        start = bottom - random.uniform(-0.3 * (top - bottom), 110)
        stop = top + random.uniform(-0.3 * (top - bottom), 110)
    elif shape.depth > 0:
        start, stop = (
            shape.recess[1] - random.uniform(1, 15),
            shape.recess[3] + random.uniform(1, 15),
        )
    else:
        # Where the flat ends, often behind the plate: then its ends show left and right of it.
        tall = top - bottom
        start = bottom + random.uniform(-30, 0.45 * tall) * random.random()
        stop = top - random.uniform(-30, 0.45 * tall) * random.random()

    def clear(side: int) -> Callable[[float], float]:
        return lambda proud: shape.clear(side, proud)

    below = Side(-1, start, bottom, shape.face, rows[0], clear(1))
    above = Side(1, stop, top, shape.face, rows[1], clear(3))
    strips = outward(random, below, behind, other)[::-1]
    strips += outward(random, above, behind, other)
    sweep(parts, strips, shape.half, shape.outer[2] + 60, frame)
    if opening:
        add_opening(parts, shape, (start, stop), kind == "intake", body, random, frame)
        return strips
    if stop > start:
        strips.append(Strip(np.array([(start, shape.face), (stop, shape.face)]), behind))
        floor = VOID if random.random() < 0.15 else plastic if random.random() < 0.6 else behind
        _middle(parts, shape, (start, stop), behind, floor, frame)
    return strips


def _middle(
    parts: Parts, shape: Shape, rows: tuple[float, float], paint: Paint, floor: Paint, frame: Frame
) -> None:
    """The panel behind the plate between two heights, with its recess."""
    left, bottom, right, top = shape.recess
    near = shape.outer[2] + 60
    far = lines(-shape.half, shape.half, 150, [left, right, -BENT_MM, BENT_MM])
    x = np.unique(np.concatenate([far, lines(-near, near, 22, [])]))
    z = lines(*rows, 22, [bottom, top])
    middle_x, middle_z = (x[1:] + x[:-1]) / 2, (z[1:] + z[:-1]) / 2
    hole = np.zeros((len(z) - 1, len(x) - 1), np.bool_)
    if shape.depth > 0:
        hole = ((middle_z > bottom) & (middle_z < top))[:, None] & (
            (middle_x > left) & (middle_x < right)
        )[None]
    parts.grid(net(x, z, shape.face), paint, frame, skip=hole)
    if shape.depth <= 0:
        return
    draft = draft_mm(shape.depth)
    columns = lines(left, right, 60, [])
    rings = []
    for inset, depth in ((0.0, shape.face), (draft, shape.gap)):
        across = np.clip(columns, left + inset, right - inset)
        ring = [(xx, bottom + inset) for xx in across]
        ring += [(xx, top - inset) for xx in across[::-1]]
        rings.append([(xx, depth, zz) for xx, zz in ring])
    parts.grid(np.array(rings), floor, frame, smooth=False, close=True)
    parts.grid(net(columns, np.array([bottom, top]), shape.gap), floor, frame)
