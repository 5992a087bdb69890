# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands around a plate: the panel it hangs on, and a simple vehicle's rear beyond.

Vehicle frame (mm): origin at the plate's centre, x right, y into the vehicle, z up.
"""

from __future__ import annotations

import colorsys
from dataclasses import dataclass
from typing import Any

import numpy as np
from mesh_parts import Frame, Paint, Parts, Points, grey
from mount import outer_size, random_of

#: How high above the ground a plate's centre hangs, mm, and the vehicle's shape there.
_HEIGHT = {"bumper": 480.0, "tailgate": 830.0, "grille": 520.0, "dark": 560.0}
_HALF_WIDTH = 880.0
_GAP_MM = 5.0  # from the face to the panel behind it
_FLAT = 230.0  # the panel follows the plate's tilt this far up and down


@dataclass(frozen=True)
class Shape:
    """Numbers of one vehicle about one plate, mm and radians."""

    tilt: float
    curvature_per_mm: float
    panel_k: float  # the body's own curvature
    recess: tuple[float, float, float, float]  # left, bottom, right, top
    depth: float
    ground: float  # z of the ground
    overhang: float
    ledge: float  # z of the overhang's lower side


def shape_of(plate: dict[str, Any], vehicle: dict[str, Any], eye: Points) -> Shape:
    """Solves the shape; `eye` is the camera in the plate's frame (x right, y down, z into).

    Neither recess nor overhang may hide the plate from the camera: their margins grow with the
    slant of the view. What covers a plate in a picture is drawn (frame_cover_mm), never derived.
    """
    matrix = np.array(plate["plate_to_world"])
    left, top, right, bottom = outer_size(plate)
    depth = vehicle["recess_mm"]
    forward = max(-eye[2], 1.0)

    def margin(slant: float, proud: float) -> float:
        return max(vehicle["recess_margin_mm"], proud * max(slant, 0.0) / forward + 4.0)

    width, height = plate["size_mm"]
    slack_x, slack_y = abs(eye[0]) + width / 2, abs(eye[1]) + height / 2
    mx, my = margin(slack_x, depth), margin(slack_y, depth)
    overhang = vehicle["overhang_mm"]
    # A ledge above hides when the camera stands above.
    above = margin(-eye[1] + height / 2, overhang)
    return Shape(
        tilt=float(np.arcsin(np.clip(-matrix[2, 2], -0.7, 0.7))),
        curvature_per_mm=plate["curvature_per_m"] / 1000,
        panel_k=1.2e-4,
        recess=(left - mx, -bottom - my, right + mx, -top + max(my, above)),
        depth=depth,
        ground=-_HEIGHT[vehicle["surround"]],
        overhang=overhang,
        ledge=-top + above,
    )


def shade_y_mm(shape: Shape, lamp: Points, height_mm: float) -> float:
    """Height (from the plate's top edge, down) of the overhang's shadow; lamp in plate's frame."""
    if shape.overhang <= 0 or lamp[2] >= 0:
        return -1e4
    drop = (-lamp[1] - shape.ledge) / max(-lamp[2] - shape.overhang, 1.0) * shape.overhang
    return float(height_mm / 2 - (shape.ledge - drop))


def upright(plate: dict[str, Any]) -> Frame:
    """Vehicle frame -> world (mm): the plate's place and heading without its tilt and roll."""
    matrix = np.array(plate["plate_to_world"])
    right = matrix[:3, 0] * [1, 1, 0]
    right = right / max(np.linalg.norm(right), 1e-9)
    into = np.cross([0, 0, 1], right)
    turn, place = np.stack([right, into, [0, 0, 1]], 1), matrix[:3, 3]
    return lambda points: np.asarray(points @ turn.T + place)


def on_panel(shape: Shape, frame: Frame) -> Frame:
    """(x along, depth into, z along) of the panel -> world: tilted near the plate, bent with it."""
    k, c, s = shape.curvature_per_mm, np.cos(shape.tilt), np.sin(shape.tilt)

    def to_world(points: Points) -> Points:
        x, y, z = points.T
        if abs(k) > 1e-9:
            # Cylinder as far as a plate reaches, straight on from there.
            near = np.clip(x, -330, 330)
            x, y = (
                np.sin(k * near) / k + (x - near) * np.cos(k * near),
                y + (1 - np.cos(k * near)) / k + (x - near) * np.sin(k * near),
            )
        y = y + np.maximum(np.abs(x) - 260, 0) ** 2 * shape.panel_k
        flat = np.clip(z, -_FLAT, _FLAT)
        fade = np.clip(1.5 - np.abs(z) / (2 * _FLAT), 0, 1)
        return frame(np.stack([x, s * flat + c * y, c * flat + (z - flat) - s * fade * y], 1))

    return to_world


def _lines(start: float, stop: float, step: float, extra: list[float]) -> Points:
    """Grid lines from start to stop about `step` apart, through the extras."""
    inside = [e for e in extra if start < e < stop]
    knots = [start, *sorted(inside), stop]
    parts = [
        np.linspace(a, b, max(1, round((b - a) / step)) + 1)[:-1] for a, b in zip(knots, knots[1:])
    ]
    return np.concatenate([*parts, [stop]])


def _net(x: Points, z: Points, depth: Points | float) -> Points:
    net = np.empty((len(z), len(x), 3))
    net[..., 0], net[..., 1], net[..., 2] = x[None], depth, z[:, None]
    return net


def _panel(
    parts: Parts, shape: Shape, low: float, high: float, paint: Paint, floor: Paint, frame: Frame
) -> None:
    """The panel behind the plate between two heights, with its recess."""
    left, bottom, right, top = shape.recess
    z = _lines(low, high, 160, [bottom, top, -_FLAT, _FLAT])
    x = _lines(-_HALF_WIDTH, _HALF_WIDTH, 150, [left, right, -330, 330])
    face = _GAP_MM - shape.depth
    middle_x, middle_z = (x[1:] + x[:-1]) / 2, (z[1:] + z[:-1]) / 2
    hole = np.zeros((len(z) - 1, len(x) - 1), np.bool_)
    if shape.depth > 0:
        hole = ((middle_z > bottom) & (middle_z < top))[:, None] & (
            (middle_x > left) & (middle_x < right)
        )[None]
    parts.grid(_net(x, z, face), paint, frame, skip=hole)
    if shape.depth > 0:
        draft = min(0.35 * shape.depth, 12.0)
        columns = _lines(left, right, 60, [])
        rows = []
        for inset, depth in ((0.0, face), (draft, _GAP_MM)):
            across = np.clip(columns, left + inset, right - inset)
            ring = [(xx, bottom + inset) for xx in across]
            ring += [(xx, top - inset) for xx in across[::-1]]
            rows.append([(xx, depth, zz) for xx, zz in ring])
        parts.grid(np.array(rows), floor, frame, smooth=False, close=True)
        parts.grid(
            _net(_lines(left, right, 60, []), np.array([bottom, top]), _GAP_MM), floor, frame
        )


def add_vehicle(parts: Parts, plate: dict[str, Any], vehicle: dict[str, Any], shape: Shape) -> None:
    """Panel, ledge and a low-poly rear from bumper to roof."""
    kind, stand = vehicle["surround"], upright(plate)
    panel = on_panel(shape, stand)
    random = random_of(vehicle["seed_w"])
    paint = Paint(
        colorsys.hsv_to_rgb(*(vehicle[f"paint_{k}"] for k in ("hue", "saturation", "value"))),
        vehicle["paint_roughness"], dirt=0.35,
    )  # fmt: skip
    plastic = grey(0.012 + 0.02 * random.random(), 0.45, dirt=0.6)
    behind = {"bumper": paint, "tailgate": paint, "grille": plastic, "dark": plastic}[kind]
    floor = plastic if random.random() < 0.6 else behind
    left, bottom, right, top = shape.recess
    low = min(shape.ground + 260, bottom - 40)
    high = max(top + 60, 210.0)
    _panel(parts, shape, low, high, behind, floor, panel)
    if kind == "grille":
        for z in np.arange(low + 30, high, 34 + 20 * random.random()):
            if bottom - 12 < z < top + 4:
                for side in ((-620.0, left), (right, 620.0)):
                    _bar(parts, side, z, 10, 16, _GAP_MM - shape.depth, plastic, panel)
            else:
                _bar(parts, (-620.0, 620.0), z, 10, 16, _GAP_MM - shape.depth, plastic, panel)
    else:  # a crease or the split of two mouldings below and above
        split = grey(0.01, 0.6)
        for z in (bottom - 18 - 90 * random.random(), top + 12 + 50 * random.random()):
            _bar(parts, (-800.0, 800.0), z, 5, 0.6, _GAP_MM - shape.depth, split, panel)
    if shape.overhang > 0:
        chrome = Paint((0.55, 0.55, 0.56), 0.12, metal=1.0, dirt=0.2)
        ledge = chrome if random.random() < 0.2 else (behind if random.random() < 0.6 else plastic)
        span = (left * (1.0 + 0.3 * random.random()), right * (1.0 + 0.3 * random.random()))
        _bar(parts, span, shape.ledge + 14, 28, shape.overhang, _GAP_MM, ledge, panel)
    _add_rear(parts, shape, (low, high), paint, plastic, random, stand, panel)


def _bar(
    parts: Parts, span: tuple[float, float], z: float, tall: float, proud: float, face: float,
    paint: Paint, frame: Frame,
) -> None:  # fmt: skip
    """A horizontal bar with soft edges that stands out of the panel's face."""
    x = _lines(span[0], span[1], 120, [])
    soft = min(tall * 0.25, proud * 0.5)
    profile = [
        (face + 1, -tall / 2), (face - proud + soft, -tall / 2), (face - proud, -tall / 2 + soft),
        (face - proud, tall / 2 - soft), (face - proud + soft, tall / 2), (face + 1, tall / 2),
    ]  # fmt: skip
    net = np.array([[(xx, y, z + dz) for xx in x] for y, dz in profile])
    parts.grid(net, paint, frame, smooth=False)
    for end in (0, -1):
        cap = net[:, end]
        parts.grid(np.stack([cap[:3], cap[:2:-1]]), paint, frame, smooth=False)


def _add_rear(
    parts: Parts, shape: Shape, panel_rows: tuple[float, float], paint: Paint, plastic: Paint,
    random: np.random.Generator, stand: Frame, panel: Frame,
) -> None:  # fmt: skip
    """Sides, waist, lamps, window, roof and wheels: enough for a wide view."""
    low, high = panel_rows
    ground = shape.ground
    waist, roof = max(ground + 950, high + 60), max(ground + 1450, high + 480)
    face = _GAP_MM - shape.depth
    x = _lines(-_HALF_WIDTH, _HALF_WIDTH, 220, [])
    if waist > high:
        parts.grid(_net(x, np.array([high, (high + waist) / 2, waist]), face), paint, panel)
    parts.grid(_net(x, np.array([ground + 190, low]), face + 30), plastic, panel)
    # Window and roof lean into the vehicle.
    lean = np.array([0.0, 60.0, 330.0, 420.0])
    rows = np.array([waist, waist + 40, roof - 60, roof])
    edge = np.maximum(np.abs(x) - 260, 0) ** 2 * shape.panel_k
    back = face + np.sin(shape.tilt) * _FLAT
    net = _net(x * 0.9, rows, (edge[None] + lean[:, None] + back))
    parts.grid(net, paint, stand)
    glass = Paint((0.015, 0.017, 0.018), 0.05, dirt=0.1)
    parts.grid(net[1:3, 1:-1] + [0, -4, 0], glass, stand)
    deep = 2600.0
    tall, wide = 110 + 190 * random.random(), 150 + 170 * random.random()
    for side in (-1, 1):
        at = side * _HALF_WIDTH
        depth = edge[0] + face
        wall = np.array(
            [[(at, depth, z), (at * 1.01, deep, z)] for z in (ground + 190, waist)]
            + [[(at * 0.9, depth + back - face + 420, roof), (at * 0.9, deep, roof)]]
        )
        parts.grid(wall, paint, stand, smooth=False)
        lamp = Paint((0.32, 0.01, 0.012), 0.08, dirt=0.1)
        outer, inner = side * (_HALF_WIDTH - 12), side * (_HALF_WIDTH - 12 - wide)
        columns = np.linspace(min(outer, inner), max(outer, inner), 5)
        base = max(high - 40, waist - tall - 40)
        parts.grid(_net(columns, np.array([base, base + tall]), face - 8), lamp, panel)
        parts.box(
            [min(at, at - side * 210), 250, ground], [max(at, at - side * 210), 850, ground + 620],
            grey(0.012, 0.8), stand,
        )  # fmt: skip
    top = np.array(
        [
            [(-790.0, back + 420, roof), (790.0, back + 420, roof)],
            [(-790.0, deep, roof + 30), (790.0, deep, roof + 30)],
        ]
    )
    parts.grid(top, paint, stand)
    under = np.array(
        [
            [(-800.0, 60.0, ground + 200), (800.0, 60.0, ground + 200)],
            [(-800.0, deep, ground + 200), (800.0, deep, ground + 200)],
        ]
    )
    parts.grid(under, grey(0.01, 0.9), stand)
