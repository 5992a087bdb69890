# SPDX-License-Identifier: GPL-3.0-or-later
"""How a plate is fixed: frame, advert, bolts, holes. All in the plate's own frame, bent with it."""

from __future__ import annotations

import colorsys
from typing import Any

import numpy as np
from mesh_parts import Frame, Paint, Parts, Points, grey


def random_of(seed: float) -> np.random.Generator:
    """The generator that belongs to a drawn noise coordinate."""
    return np.random.Generator(np.random.Philox(key=int(abs(seed) * 1e6) & 0xFFFFFFFF))


def rounded(width: float, height: float, radius: float, dx: float = 0, dy: float = 0) -> Points:
    """A rounded rectangle (n, 2) about (dx, dy), straight sides cut so that it can bend."""
    radius = max(min(radius, width / 2, height / 2), 0.1)
    corner = np.linspace(0, np.pi / 2, 4)
    points = []
    for quarter, (sx, sy) in enumerate([(1, 1), (-1, 1), (-1, -1), (1, -1)]):
        a = corner + quarter * np.pi / 2
        points.append(
            np.stack(
                [
                    sx * (width / 2 - radius) + radius * np.cos(a),
                    sy * (height / 2 - radius) + radius * np.sin(a),
                ],
                1,
            )
        )
        if quarter in (0, 2):  # along the horizontal sides
            x = np.linspace(sx, -sx, 14)[1:-1] * (width / 2 - radius)
            points.append(np.stack([x, np.full(12, sy * height / 2)], 1))
    return np.concatenate(points) + [dx, dy]


def outer_size(plate: dict[str, Any]) -> tuple[float, float, float, float]:
    """Plate with its frame: left, top, right, bottom in mm about the plate's centre."""
    w, h = plate["size_mm"]
    x0, y0, x1, y1 = plate["frame"]["outer_mm"] if plate["frame"] else (0.0, 0.0, w, h)
    return x0 - w / 2, y0 - h / 2, x1 - w / 2, y1 - h / 2


def add_frame(parts: Parts, plate: dict[str, Any], frame: Frame) -> None:
    """A bar around the plate; a dealer's has a footer with an advert."""
    if not plate["frame"]:
        return
    mount, depth = plate["mount"], plate["frame"]["depth_mm"]
    width, height = plate["size_mm"]
    left, top, right, bottom = outer_size(plate)
    x0, y0, x1, y1 = plate["frame"]["opening_mm"]
    inner_at = ((x0 + x1 - width) / 2, (y0 + y1 - height) / 2)
    outer_at = ((left + right) / 2, (top + bottom) / 2)
    value = mount["frame_lightness"]
    plastic = grey(value, 0.32 if value < 0.2 else 0.25, dirt=0.5)
    radius = plate["corner_mm"]
    bevel = min(1.6, depth * 0.4)
    rings = []
    for grow, z in ((-0.2, 0.4), (0.0, -depth + bevel), (bevel, -depth)):
        ring = rounded(x1 - x0 + 2 * grow, y1 - y0 + 2 * grow, radius, *inner_at)
        rings.append(np.column_stack([ring, np.full(len(ring), z)]))
    for grow, z in ((-bevel, -depth), (0.0, -depth + bevel), (0.0, 6.0)):
        ring = rounded(right - left + 2 * grow, bottom - top + 2 * grow, radius + 3, *outer_at)
        rings.append(np.column_stack([ring, np.full(len(ring), z)]))
    parts.grid(np.stack(rings), plastic, frame, smooth=False, close=True)
    if plate["advert"]:
        rows = (y1 - height / 2 + bevel, bottom - bevel)
        _add_advert(parts, plate, rows, -depth, frame)


def _add_advert(
    parts: Parts,
    plate: dict[str, Any],
    rows: tuple[float, float],
    z: float,
    frame: Frame,
) -> None:
    """A line of letters on the footer; `plate["advert"]` is quads (x right, y up) at cap height 1.

    A cheap one is not straight: it leans and stands off the middle.
    """
    mount, width = plate["mount"], plate["size_mm"][0]
    random = random_of(mount["seed_w"])
    room = rows[1] - rows[0]
    word = plate["advert"]
    size = min(room * random.uniform(0.4, 0.72), 0.94 * width / word["width"])
    # Short lines stand wide or are spread; long ones fill the bar.
    stretch = min(random.uniform(0.8, 1.5), 0.96 * width / (size * word["width"]))
    x0 = -stretch * size * word["width"] / 2 + (0.0 if random.random() < 0.8 else -0.1 * width)
    x0 = max(x0, -0.48 * width)
    base = rows[0] + (room + size) / 2
    ink = (0.75, 0.75, 0.73)
    if mount["frame_text"] == "colour":
        ink = colorsys.hsv_to_rgb(random.random(), 0.85, 0.6)
    if mount["frame_lightness"] > 0.2:
        ink = tuple(0.12 * c for c in ink)
    quads = np.array(word["quads"], np.float64) * size
    quads[..., 0] = x0 + stretch * (quads[..., 0] + 0.15 * (random.random() < 0.3) * quads[..., 1])
    quads[..., 1] = base - quads[..., 1]
    parts.facets(np.insert(quads, 2, z - 0.15, axis=2), Paint(ink, 0.4, dirt=0.4), frame)


_HEADS = {
    "steel": Paint((0.48, 0.48, 0.49), 0.32, metal=0.9, dirt=0.5),
    "cap_white": Paint((0.7, 0.7, 0.68), 0.35, dirt=0.4),
    "cap_black": Paint((0.02, 0.02, 0.02), 0.35, dirt=0.4),
    "rust": Paint((0.16, 0.07, 0.035), 0.85, dirt=0.9),
}


def add_bolts(parts: Parts, plate: dict[str, Any], frame: Frame) -> None:
    """Heads of bolts through the plate: domes, or hexagons of steel on a washer."""
    mount = plate["mount"]
    paint = _HEADS[mount["bolt_kind"]]
    random = random_of(mount["seed_w"] + 0.5)
    # (radius, height) from the sheet up, against the head's own; labels rely on both limits.
    profile = [(1.0, -0.4), (1.0, 0.45), (0.9, 0.75), (0.6, 0.94), (0.0, 1.0)]
    dome = mount["bolt_kind"].startswith("cap")
    if not dome:
        profile = [(0.8, -0.4), (0.8, 0.85), (0.68, 1.0), (0.0, 1.0)]
    for bolt in plate["bolts"]:
        turn = random.random() * 2 * np.pi
        if not dome:
            washer = _lathe([(1.0, -0.4), (1.0, 0.2), (0.5, 0.2)], plate, bolt, 12, 0.0)
            parts.grid(washer, paint, frame, close=True, smooth=False)
        head = _lathe(profile, plate, bolt, 12 if dome else 6, turn)
        parts.grid(head, paint, frame, smooth=dome, close=True)


_TAPES = ((0.42, 0.27, 0.12), (0.62, 0.58, 0.45), (0.02, 0.02, 0.02), (0.6, 0.6, 0.6))


def add_tape(parts: Parts, plate: dict[str, Any], frame: Frame) -> None:
    """Strips of tape over the corners or the ends of paper, a hair before it."""
    mount, (width, height) = plate["mount"], plate["size_mm"]
    if mount["paper"] != "yes" or mount["tape"] == "none":
        return
    random = random_of(mount["seed_w"] + 17.0)
    tape = Paint(_TAPES[random.choice(4, p=(0.35, 0.3, 0.1, 0.25))], 0.35, dirt=0.1)
    wide = random.uniform(14, 32)
    for sx in (-1, 1):
        for sy in (-1, 1) if mount["tape"] == "corners" else (0,):
            long = random.uniform(38, 75)
            turn = np.arctan2(-sx, sy) if sy else np.pi / 2
            turn += random.normal(0, 0.2)
            middle = np.array([sx * (width / 2 - 6), sy * (height / 2 - 6)])
            along, across = (
                np.array([np.cos(turn), np.sin(turn)]),
                np.array([-np.sin(turn), np.cos(turn)]),
            )
            middle = middle + random.normal(0, 3, 2)
            t = np.linspace(-0.5, 0.5, 9)[:, None] * long
            sides = [middle + t * along + s * wide / 2 * across for s in (-1, 1)]
            parts.grid(
                np.stack([np.column_stack([p, np.full(9, -0.5)]) for p in sides]), tape, frame
            )


_BEHIND = grey(0.012, 0.9, dirt=0.2)


def add_holes(parts: Parts, plate: dict[str, Any], frame: Frame) -> None:
    """Holes that no bolt fills: one looks through them into the dark."""
    for hole in plate["holes"]:
        disc = _lathe([(1.0, 1.0), (0.0, 1.0)], plate, hole, 12, 0.0)
        parts.grid(disc, _BEHIND, frame, smooth=False, close=True)


def _lathe(
    profile: list[tuple[float, float]],
    plate: dict[str, Any],
    thing: dict[str, float],
    sides: int,
    turn: float,
) -> Points:
    """Rings of a turned body, a bolt or a hole, that stands out of the plate at its place."""
    width, height = plate["size_mm"]
    x, y = thing["x_mm"] - width / 2, thing["y_mm"] - height / 2
    radius, rise = thing["diameter_mm"] / 2, thing["height_mm"]
    a = np.arange(sides) * 2 * np.pi / sides + turn
    return np.stack(
        [
            np.column_stack(
                [x + r * radius * np.cos(a), y + r * radius * np.sin(a), 0 * a - z * rise]
            )
            for r, z in profile
        ]
    )
