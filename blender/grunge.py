# SPDX-License-Identifier: GPL-3.0-or-later
"""Dirt and damage on a plate: amounts from 0 (exactly nothing) to 1, laid over its colours.

The noise is an atlas of four patterns, made once by numpy from a fixed key and looked up at an
offset of the plate's own. One look-up costs a tenth of a procedural noise of two octaves and
gives what noise nodes cannot: lines for scratches, drops for splashes.
"""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np
import pixels
from nodes import Color, Float, Socket, Vector, join, node, plug
from numpy.typing import NDArray

_SIZE = 512
#: Length of the atlas' side on the plate, mm; it tiles.
TILE_MM = 420.0


def _random(key: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=key))


def _value_noise(key: int, cells_x: int, cells_y: int) -> NDArray[np.float64]:
    """Tiling smooth noise, 0..1, with so many cells over the atlas."""
    grid = _random(key).random((cells_y, cells_x))

    def resample(a: NDArray[np.float64], n: int) -> NDArray[np.float64]:
        at = np.arange(_SIZE) / _SIZE * n
        low = at.astype(int)
        t = at - low
        t = t * t * (3 - 2 * t)
        return np.asarray(a[low % n] * (1 - t)[:, None] + a[(low + 1) % n] * t[:, None])

    return resample(resample(grid, cells_y).T, cells_x).T


def _cloud(key: int, cells: int, octaves: int) -> NDArray[np.float64]:
    """Fractal sum, stretched to an even 0..1."""
    total = sum(_value_noise(key + i, cells << i, cells << i) * 0.55**i for i in range(octaves))
    # Evenly distributed values make "covered share" follow a threshold.
    order = np.asarray(total).ravel().argsort(kind="stable")
    even = np.empty(_SIZE * _SIZE)
    even[order] = np.linspace(0, 1, _SIZE * _SIZE)
    return even.reshape(_SIZE, _SIZE)


def _scratches(key: int) -> NDArray[np.float64]:
    """Thin lines with a threshold each: a value v shows from an amount of 1 - v on."""
    random, canvas = _random(key), np.zeros((_SIZE, _SIZE))
    for i in range(260):
        x, y, angle, turn, length = random.random(5)
        steps = int(12 + 170 * length**3)
        heading = (angle - 0.5) * 1.3 + (np.pi / 2 if i % 5 == 0 else 0)
        heading = heading + (turn - 0.5) * 1.2 * np.linspace(0, 1, steps)
        px = (x * _SIZE + np.cumsum(np.cos(heading))).astype(int) % _SIZE
        py = (y * _SIZE + np.cumsum(np.sin(heading))).astype(int) % _SIZE
        value = 1 - i / 260
        wide = 2 if i % 8 == 0 else 1
        for dy in range(wide):
            canvas[(py + dy) % _SIZE, px] = np.maximum(canvas[(py + dy) % _SIZE, px], value)
    return canvas


def _drops(key: int) -> NDArray[np.float64]:
    """Splashes of mud: round spots, the larger the rarer; a value v shows from 1 - v on."""
    random, canvas = _random(key), np.zeros((_SIZE, _SIZE))
    grid_y, grid_x = np.mgrid[-20:21, -20:21]
    for i in range(1500):
        x, y, size, shape = random.random(4)
        radius = 0.9 + 8 * size**9
        spot = 1 - np.hypot(grid_x * (0.75 + 0.5 * shape), grid_y) / radius
        value = np.clip(spot * 2.5, 0, 1) * (1 - i / 1500)
        rows = (int(y * _SIZE) + np.arange(-20, 21)) % _SIZE
        columns = (int(x * _SIZE) + np.arange(-20, 21)) % _SIZE
        at = np.ix_(rows, columns)
        canvas[at] = np.maximum(canvas[at], value)
    return canvas


def atlas() -> pixels.Picture:
    """Red: clouds, green: fine grain, blue: scratches, alpha: drops."""
    planes = [_cloud(11, 5, 5), _cloud(23, 48, 3), _scratches(37), _drops(41)]
    made = pixels.Picture("grunge", precise=False)
    made.fill(np.stack(planes, 2).astype(np.float32))
    return made


@dataclass(frozen=True)
class Surface:
    """What the material reads from; `clean` is how much of the sheeting's light passes, 0..1."""

    base: Color
    roughness: Float
    coat: Float
    clean: Float


def look_up(tree: bpy.types.NodeTree, picture: pixels.Picture, at: Vector) -> tuple[Color, Float]:
    """Colour and alpha of the tiling atlas."""
    new = node(tree, "ShaderNodeTexImage", interpolation="Linear", extension="REPEAT")
    picture.show_in(new)
    plug(tree, at, new.inputs["Vector"])
    return Color(tree, new.outputs["Color"]), Float(tree, new.outputs["Alpha"])


def lay_over(
    tree: bpy.types.NodeTree,
    surface: Surface,
    given: dict[str, Socket],
    ink: Float,
    slope: Vector,
    noise: pixels.Picture,
) -> Surface:
    """Adds all wear to a plate's surface.

    `given`: the sockets x_mm, y_mm (from the top left), width_mm, height_mm, offset_x, offset_y
    (of the atlas), sheet (its colour) and the amounts by the names of the shot's Wear.
    """

    def of(name: str) -> Float:
        return Float(tree, given[name].out)

    x, y = of("x_mm"), of("y_mm")
    u, v = x / TILE_MM + of("offset_x"), of("offset_y") - y / TILE_MM
    near, drops = look_up(tree, noise, join(u, v, 0.0, tree))
    clouds, grain, scratched = near.rgb()
    # The same atlas, six times as tall as wide: rain that ran down.
    run_color, _ = look_up(tree, noise, join(u * 2.6 + 0.37, v * 0.22, 0.0, tree))
    runs, _, _ = run_color.rgb()
    rim = x.min(of("width_mm") - x).min(y.min(of("height_mm") - y))  # mm to the nearest edge
    near_rim = 1.0 - rim.step(0.0, 28.0)
    foot = slope.length().step(0.05, 0.9)  # on the glyphs' slopes, where dirt stays
    sheet = Color(tree, given["sheet"].out)

    base, rough, coat, clean = surface.base, surface.roughness, surface.coat, surface.clean

    # Sun: foil greys, sheeting pales, unevenly.
    amount = of("fading") * (0.6 + 0.4 * clouds)
    pale = base.mix((0.5, 0.48, 0.44), amount * (0.5 - 0.36 * ink))
    base, coat = pale, coat * (1.0 - of("fading"))

    # Foil rubs off where it stands high and near the rim, down to the sheet.
    threshold = of("edge_wear") * (0.1 + 0.55 * near_rim + 0.22 * foot)
    rubbed = (
        of("edge_wear").step(0.0, 0.02)
        * ink
        * (threshold - (0.65 * clouds + 0.35 * grain)).step(0.0, 0.08)
    )
    base = base.mix(sheet.mix((0.35, 0.35, 0.34), 0.35), rubbed)

    # Scratches down to bare metal.
    line = of("scratches").step(0.0, 0.02) * scratched.step(
        1.0 - of("scratches") * 0.8, 1.02 - of("scratches") * 0.8
    )
    base = base.mix((0.42, 0.42, 0.43), line * 0.8)
    clean = clean * (1.0 - line * 0.9)

    # Water leaves runs and rings.
    run = of("stains") * (runs.step(0.5, 0.95) * 0.75 + (clouds - 0.55).step(0.0, 0.06) * 0.12)
    base = base.mix((0.19, 0.165, 0.13), run * 0.62)
    clean = clean * (1.0 - run * 0.5)

    # Dust: a film, thicker at the rim and at the glyphs' feet.
    film = of("dust") * (0.25 + 0.5 * clouds + 0.2 * grain + 0.35 * near_rim + 0.3 * foot)
    film = (film * (1.0 - 0.4 * ink)).min(0.92)  # smooth foil holds less of it
    base = base.mix(Color(tree, given["dust_color"].out), film)
    rough = rough.mix(0.85, film)
    coat = coat * (1.0 - film)
    clean = clean * (1.0 - film)

    # Mud: from below, with an uneven edge, and splashes above it.
    low = (y - of("height_mm")) / of("height_mm") + of("mud_height") + (clouds - 0.6) * 0.5
    level = low.step(0.0, 0.35) * (0.55 + 0.45 * grain)
    few = 1.0 - of("mud") * (0.35 + 0.5 * (low + 0.5)).max(0.04)
    splash = drops.step(few, few + 0.05)
    mud = (of("mud") * (level * 1.25)).max(of("mud").step(0.0, 0.02) * splash * 0.9).min(0.96)
    base = base.mix(Color(tree, given["mud_color"].out), mud)
    rough = rough.mix(0.95, mud)
    coat = coat * (1.0 - mud)
    clean = clean * (1.0 - mud)
    return Surface(base, rough, coat, clean)
