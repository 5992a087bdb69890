# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands between a distant lamp and a plate, outside the picture: it only throws a shadow."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
from mesh_parts import Points, write_mesh

#: How far a shadow reaches beside the plate, mm: over the whole crop and more.
_REACH = 6000.0
_MOST_LEAVES = 2500
_CROWN = 560.0  # of a tree's leaves, only those whose shadow may fall near the plate


class Shade:
    """One object for all shots; camera and bounced light pass through it, the lamp's rays do not.

    So it can stand anywhere, and nothing of it shows but its shadow.
    """

    def __init__(self, scene: bpy.types.Scene) -> None:
        self._mesh = bpy.data.meshes.new("shade")
        self._thing = bpy.data.objects.new("shade", self._mesh)
        scene.collection.objects.link(self._thing)
        thing: Any = self._thing
        thing.visible_camera = thing.visible_diffuse = thing.visible_glossy = False
        thing.visible_transmission = thing.visible_volume_scatter = False
        thing.hide_render = True

    def cast(self, light: dict[str, Any], to_lamp: Any, width_mm: float, strong: bool) -> None:
        """Sets it up for a plate at the origin and a lamp that way; `strong`: there is a lamp."""
        self._thing.hide_render = not strong or light["shade"] == "none"
        if self._thing.hide_render:
            return
        corners = _ACROSS[light["shade"]](light)
        ray = np.array(to_lamp, np.float64)
        right = np.cross([0.0, 0.0, 1.0], ray)
        right = right / np.linalg.norm(right) if np.linalg.norm(right) > 1e-6 else _X
        up = np.cross(ray, right)
        # Seen from the lamp a plate that it lights from the side is narrow.
        narrow = max(abs(float(right @ _X)), 0.3)
        turn = np.radians(light["shade_turn_deg"])
        x = np.cos(turn) * corners[..., 0] - np.sin(turn) * corners[..., 1]
        y = np.sin(turn) * corners[..., 0] + np.cos(turn) * corners[..., 1]
        x = x + light["shade_offset"] * width_mm * narrow
        points = x[..., None] * right + y[..., None] * up + light["shade_distance_mm"] * ray
        count = len(corners)
        write_mesh(
            self._mesh, points.reshape(-1, 3) / 1000,
            np.arange(4 * count, dtype=np.int32).reshape(-1, 4), np.zeros(count, np.bool_),
        )  # fmt: skip


_X = np.array([1.0, 0.0, 0.0])


def _random(light: dict[str, Any]) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=int(abs(light["seed_w"]) * 1e6) & 0xFFFFFFFF))


def _upright(x0: Any, x1: Any) -> Points:
    """Quads [n, 4, 2] from x0 to x1, as long as the shadow reaches."""
    x0, x1 = np.atleast_1d(x0), np.atleast_1d(x1)
    y = np.full(len(x0), _REACH)
    return np.stack([np.stack(c, 1) for c in ((x0, -y), (x1, -y), (x1, y), (x0, y))], 1)


def _edge(light: dict[str, Any]) -> Points:
    """A roof's or a wall's edge: all is dark on one side."""
    side = 1 if _random(light).random() < 0.5 else -1
    return _upright(min(0, side * _REACH), max(0, side * _REACH))


def _post(light: dict[str, Any]) -> Points:
    return _upright(-light["shade_width_mm"] / 2, light["shade_width_mm"] / 2)


def _bars(light: dict[str, Any]) -> Points:
    """A fence: bars with gaps of once to three times their width."""
    wide = light["shade_width_mm"] / 2
    pitch = wide * _random(light).uniform(2, 4)
    at = np.arange(-int(1500 / pitch), int(1500 / pitch) + 1) * pitch
    return _upright(at - wide / 2, at + wide / 2)


def _leaves(light: dict[str, Any]) -> Points:
    """Leaves in clumps, each a turned diamond."""
    random, size = _random(light), max(light["shade_width_mm"] / 2, 34.0)
    area = 0.35 * size**2
    wanted = -np.log(1 - min(light["shade_cover"], 0.95)) * np.pi * _CROWN**2 / area
    count = int(min(wanted, _MOST_LEAVES))
    clumps = random.uniform(-_CROWN, _CROWN, (max(6, count // 12), 2))
    middle = clumps[random.integers(len(clumps), size=count)]
    middle = middle + random.normal(0, 2.2 * size, (count, 2))
    a = random.random(count) * 2 * np.pi
    long, wide = size * random.uniform(0.6, 1.2, count), size * random.uniform(0.2, 0.5, count)
    ways = ((1, 0), (0, 1), (-1, 0), (0, -1))
    return np.stack([
        middle + np.stack([
            u * long / 2 * np.cos(a) - v * wide / 2 * np.sin(a),
            u * long / 2 * np.sin(a) + v * wide / 2 * np.cos(a),
        ], 1)
        for u, v in ways
    ], 1)  # fmt: skip


_ACROSS = {"edge": _edge, "post": _post, "bars": _bars, "leaves": _leaves}
