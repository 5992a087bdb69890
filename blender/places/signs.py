# SPDX-License-Identifier: GPL-3.0-or-later
"""Lettered things that are no plates: road signs, boards, walls, stickers, taxi signs."""

from __future__ import annotations

import colorsys
from typing import Any

import numpy as np
from bodies.site import rod, rounded_box
from mesh_parts import Frame, Paint, Parts, Points, grey

from places.ground import same
from places.houses import upright

_POST = grey(0.3, 0.45, metal=0.7, dirt=0.0)


def add_signs(parts: Parts, scene: dict[str, Any], stood: list[Any], eye: Points) -> None:
    """Each sign of the scene in a place of its kind."""
    for number, sign in enumerate(scene["signs"]):
        random = np.random.Generator(np.random.Philox(key=int(sign["seed_w"] * 1e6) & 0xFFFFFFFF))
        kind = sign["kind"]
        if kind in ("sticker", "taxi") and not stood:
            kind = "board"
        if kind in ("sticker", "taxi"):
            _on_vehicle(parts, sign, stood[random.integers(len(stood))], kind, random)
        else:
            _standing(parts, scene, sign, kind, number, random, eye)


def _colours(sign: dict[str, Any]) -> tuple[Paint, Paint]:
    """Ground and letters."""
    if sign["light"] == "light":
        saturation = 0.0 if sign["hue"] < 0.55 else 0.7
        back = colorsys.hsv_to_rgb(sign["hue"], saturation, 0.7)
        ink = ((0.01, 0.01, 0.01), (0.4, 0.01, 0.01), (0.01, 0.03, 0.25))[int(sign["hue"] * 97) % 3]
        return Paint(back, 0.4, dirt=0.1), Paint(ink, 0.4, dirt=0.1)
    back = colorsys.hsv_to_rgb(sign["hue"], 0.85, 0.16)
    return Paint(back, 0.4, dirt=0.1), grey(0.72, 0.4, dirt=0.1)


def lettered(
    parts: Parts, sign: dict[str, Any], wide: float, tall: float, frame: Frame, out: float = 8.0
) -> None:
    """The word set large in a rectangle about the frame's origin (x along, y out, z up)."""
    back, ink = _colours(sign)
    word = sign["word"]
    cap = min(0.62 * tall, 0.86 * wide / max(word["width"], 0.1))
    box = np.array(
        [
            [
                (-wide / 2, out, -tall / 2),
                (wide / 2, out, -tall / 2),
                (wide / 2, out, tall / 2),
                (-wide / 2, out, tall / 2),
            ]
        ]
    )
    parts.facets(box, back, frame)
    flat = np.array(word["quads"], float) * cap
    flat[..., 0] -= word["width"] * cap / 2
    flat[..., 1] -= cap / 2
    parts.facets(np.insert(flat, 1, out + 3.0, axis=2), ink, frame)
    rim = 0.045 * tall
    if sign["seed_w"] % 1 < 0.5:
        edge = [
            (-wide / 2 + rim, -tall / 2 + rim, wide / 2 - rim, -tall / 2 + 1.6 * rim),
            (-wide / 2 + rim, tall / 2 - 1.6 * rim, wide / 2 - rim, tall / 2 - rim),
            (-wide / 2 + rim, -tall / 2 + rim, -wide / 2 + 1.6 * rim, tall / 2 - rim),
            (wide / 2 - 1.6 * rim, -tall / 2 + rim, wide / 2 - rim, tall / 2 - rim),
        ]
        quads = [
            [(a, out + 3, b), (c, out + 3, b), (c, out + 3, d), (a, out + 3, d)]
            for a, b, c, d in edge
        ]
        parts.facets(np.array(quads), ink, frame)


def _standing(
    parts: Parts,
    scene: dict[str, Any],
    sign: dict[str, Any],
    kind: str,
    number: int,
    random: np.random.Generator,
    eye: Points,
) -> None:
    """On a post or boards beside the road, or fixed to a wall, turned towards the camera."""
    side = 1.0 if random.random() < 0.5 else -1.0
    z = scene["ground_mm"]
    lane = scene["lane_mm"]
    away = {"highway": 2.5 * lane + 3000, "car_park": 3 * lane, "yard": 4200.0}.get(
        scene["place"], 1.6 * lane + 1500
    )
    y = random.uniform(3500, 24_000) + 1500 * number
    x = side * (away + random.uniform(0, 1800))
    width = sign["word"]["width"]
    turn = float(np.degrees(np.arctan2(x - eye[0], max(y - eye[1], 1.0)))) * -0.6
    turn += random.normal(0, 8)
    if kind == "road":
        tall = random.uniform(280, 620)
        wide = max(min(tall * (0.5 + 0.8 * width), 2600), 380)
        high = z + random.uniform(2000, 3000)
        frame = upright((x, y, high), turn)
        rod(parts, np.array([[x, y + 40, z], [x, y + 40, high + tall / 2]]), 38, _POST, same)
        rounded_box(
            parts,
            [-wide / 2 - 12, -18, -tall / 2 - 12],
            [wide / 2 + 12, 2, tall / 2 + 12],
            8,
            grey(0.4, 0.5, dirt=0),
            frame,
        )
        lettered(parts, sign, wide, tall, frame)
        return
    tall = random.uniform(700, 1500)
    wide = min(max(tall * (0.6 + 0.75 * width), 1500), 7000)
    high = (
        z + (random.uniform(900, 1700) if kind == "wall" else random.uniform(2300, 4200)) + tall / 2
    )
    frame = upright((x * 1.25, y, high), turn)
    if kind == "wall":
        parts.box(
            [-wide / 2 - 400, -260, -high + z],
            [wide / 2 + 400, 0, tall / 2 + 350],
            grey(0.4, 0.9, dirt=0.0, tile=6),
            frame,
        )
    else:
        for at in (-0.35 * wide, 0.35 * wide):
            rod(parts, np.array([[at, -90, z - high], [at, -90, tall / 2]]), 60, _POST, frame)
        rounded_box(
            parts,
            [-wide / 2, -70, -tall / 2],
            [wide / 2, 2, tall / 2],
            12,
            grey(0.3, 0.5, dirt=0),
            frame,
        )
    lettered(parts, sign, wide, tall, frame)


def _on_vehicle(
    parts: Parts, sign: dict[str, Any], own: Any, kind: str, random: np.random.Generator
) -> None:
    """A sign on the roof, or a sticker on the end that carries the plate."""
    looks, shape = own.looks, own.shape
    roof = {"saloon": 1450, "hatchback": 1500, "suv": 1730, "van": 1960, "three_wheeler": 1720}.get(
        looks["kind"]
    )
    if kind == "taxi" and roof:
        y = 2350.0 if looks["kind"] != "three_wheeler" else 1500.0
        place = np.array([0.0, y, shape.ground + roof * 0.98 + 120])

        def on_roof(points: Points) -> Points:
            return np.asarray(own.frame(points * [1, -1, 1] + place))

        half = random.uniform(240, 420)
        rounded_box(parts, [-half, -110, -130], [half, 110, 90], 45, _colours(sign)[0], on_roof)
        lettered(parts, sign, 1.7 * half, 150, on_roof, 112.0)
        return
    if looks["kind"] == "motorcycle" or shape.rows is None:
        return
    word = sign["word"]["width"]
    cap = random.uniform(35, 75)
    wide, tall = cap * (word + 0.8), cap * 1.7
    top = shape.rows[1] + 40 + tall / 2
    limit = {"bus": 900.0, "lorry": 700.0}.get(looks["kind"], 70.0)
    high = top + random.uniform(0, limit)
    x = random.uniform(-0.4, 0.4) * (shape.corner[0] if shape.corner else 500)
    depth = shape.face - 30.0
    scale = 1.0 if looks["kind"] not in ("bus", "lorry") else random.uniform(1.2, 3.0)

    def on_end(points: Points) -> Points:
        return np.asarray(own.frame(points * [1, -1, 1] + [x, depth, high]))

    lettered(parts, sign, wide * scale, tall * scale, on_end, 0.0)
