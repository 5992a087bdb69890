# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures that repeat over surfaces, made once by numpy and kept in one image: asphalt, brick ...

A tile multiplies its surface's colour; its mean is 1 in linear light.
"""

from __future__ import annotations

import bpy
import numpy as np
import pixels
from catcher import covers
from nodes import Color, Float, Vector, glow, join, node, plug, still
from numpy.typing import NDArray

PLAIN, ASPHALT, CONCRETE, BRICK, GRASS, PAVING, PLASTER, LEAVES = range(8)
_SIDE, _RIM = 256, 8
_COLUMNS = 4
Grid = NDArray[np.float64]


def _noise(random: np.random.Generator, cells: int, octaves: int, fall: float = 0.55) -> Grid:
    """Smooth noise that repeats, mean 0, about -1..1."""
    out, weight = np.zeros((_SIDE, _SIDE)), 1.0
    for _ in range(octaves):
        grid = random.normal(0, 1, (cells, cells))
        at = np.arange(_SIDE) * cells / _SIDE
        i, f = at.astype(int), at % 1.0
        f = f * f * (3 - 2 * f)
        j = (i + 1) % cells
        rows = grid[i] * (1 - f)[:, None] + grid[j] * f[:, None]
        out += weight * (rows[:, i] * (1 - f) + rows[:, j] * f)
        weight *= fall
        cells = min(cells * 2, _SIDE)
    return out / max(np.abs(out).max(), 1e-9)


def _joints(rows: int, columns: int, wide: float, shifted: bool) -> tuple[Grid, Grid]:
    """1 on the joints of bricks or slabs, and the number of the brick."""
    v, u = np.mgrid[0:_SIDE, 0:_SIDE] / _SIDE
    row = np.floor(v * rows)
    across = u * columns + (0.5 * (row % 2) if shifted else 0.0)
    column = np.floor(across) % columns
    dv, du = np.abs(v * rows % 1 - 0.5) * 2, np.abs(across % 1 - 0.5) * 2
    joint = np.maximum(dv > 1 - wide * rows, du > 1 - wide * columns).astype(float)
    return joint, row * columns + column


def _tile(number: int, random: np.random.Generator) -> Grid:
    """Colours [side, side, 3], mean 1."""
    grey = np.ones((_SIDE, _SIDE))
    tint = np.ones((_SIDE, _SIDE, 3))
    if number == ASPHALT:
        stones = random.random((_SIDE, _SIDE))
        grey = 0.86 + 0.5 * stones**3 + 0.1 * _noise(random, 4, 5) - 0.35 * (stones < 0.12)
    elif number == CONCRETE:
        grey = 1 + 0.16 * _noise(random, 3, 6) + 0.08 * random.normal(0, 1, (_SIDE, _SIDE))
    elif number == BRICK:
        joint, brick = _joints(16, 5, 0.011, True)
        shade = random.uniform(0.65, 1.3, 16 * 5)[brick.astype(int)]
        grey = shade * (1 + 0.18 * _noise(random, 16, 4))
        tint = np.where(joint[..., None] > 0, [1.25, 1.5, 1.6], 1.0)
    elif number == GRASS:
        blade = _noise(random, 64, 3, 0.9)
        grey = 0.9 + 0.55 * blade + 0.25 * _noise(random, 4, 4)
        dry = np.clip(_noise(random, 8, 3) + 0.1, 0, 1)[..., None]
        tint = 1 + dry * np.array([0.9, 0.25, 0.1])
    elif number == PAVING:
        joint, slab = _joints(6, 6, 0.012, False)
        shade = random.uniform(0.8, 1.15, 36)[slab.astype(int)]
        grey = shade * (1 + 0.12 * _noise(random, 8, 5)) * (1 - 0.6 * joint)
    elif number == PLASTER:
        grey = 1 + 0.12 * _noise(random, 3, 6) + 0.05 * random.normal(0, 1, (_SIDE, _SIDE))
        streak = np.clip(_noise(random, 16, 2), 0, 1).mean(0)
        grey = grey * (1 - 0.35 * streak[None])
    elif number == LEAVES:
        grey = 0.8 + 0.9 * _noise(random, 24, 3, 0.8)
    picture = np.clip(grey, 0.1, 2.2)[..., None] * tint
    return np.asarray(picture / picture.mean((0, 1)) if number else np.ones_like(picture))


def atlas() -> NDArray[np.float32]:
    """All tiles side by side with rims that repeat, halved to fit 0..1: [h, w, 4]."""
    random = np.random.Generator(np.random.Philox(key=20))
    full = _SIDE + 2 * _RIM
    out = np.ones((2 * full, _COLUMNS * full, 4), np.float32)
    for n in range(8):
        tile = np.pad(_tile(n, random), ((_RIM, _RIM), (_RIM, _RIM), (0, 0)), mode="wrap")
        row, column = divmod(n, _COLUMNS)
        out[row * full : (row + 1) * full, column * full : (column + 1) * full, :3] = tile / 3.0
    return out


def material() -> bpy.types.Material:
    """Paint, metal, glass and textured ground, told apart by the mesh's colours and tiles."""
    made = bpy.data.materials.new("street")
    made.use_nodes = True
    tree = made.node_tree
    tree.nodes.clear()
    paint = node(tree, "ShaderNodeAttribute", attribute_name="paint")
    finish = node(tree, "ShaderNodeAttribute", attribute_name="finish")
    place = node(tree, "ShaderNodeAttribute", attribute_name="tile")
    u, v, tile = Vector(tree, place.outputs["Vector"]).xyz()
    tile = (tile + 0.5)._math("FLOOR", tile + 0.5)
    row = (tile / float(_COLUMNS))._math("FLOOR", tile / float(_COLUMNS))
    column = tile - row * float(_COLUMNS)
    full = float(_SIDE + 2 * _RIM)

    def inside(at: Float, slot: Float, count: float) -> Float:
        part = at._math("FRACT", at)
        return (slot + (part * float(_SIDE) + float(_RIM)) / full) / count

    # Blender's picture begins below: rows are counted from there.
    where = join(inside(u, column, float(_COLUMNS)), 1.0 - inside(v, row, 2.0), 0.0, tree)
    texture = node(tree, "ShaderNodeTexImage", interpolation="Linear", extension="EXTEND")
    picture = pixels.Picture("tiles", precise=False)
    picture.show_in(texture)
    picture.fill(atlas())
    plug(tree, where, texture.inputs[0])
    colour = Color(tree, paint.outputs["Color"]).mix(
        Color(tree, texture.outputs["Color"]).scale(3.0), 1.0, "MULTIPLY"
    )
    metal, _, strength = Color(tree, finish.outputs["Color"]).rgb()
    shader = node(tree, "ShaderNodeBsdfPrincipled", distribution="GGX")
    plug(tree, colour, shader.inputs["Base Color"])
    plug(tree, Float(tree, paint.outputs["Alpha"]), shader.inputs["Roughness"])
    plug(tree, metal, shader.inputs["Metallic"])
    plug(tree, Float(tree, finish.outputs["Alpha"]), shader.inputs["Coat Weight"])
    glow(made, shader, colour, strength)
    shader.inputs["Coat Roughness"].default_value = 0.04
    still(shader)
    covers(tree)
    out = node(tree, "ShaderNodeOutputMaterial")
    tree.links.new(shader.outputs[0], out.inputs[0])
    return made
