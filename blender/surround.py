# SPDX-License-Identifier: GPL-3.0-or-later
"""All that is not a plate's face, as one mesh with one material: mounts, vehicles, ground."""

from __future__ import annotations

from typing import Any

import bpy
import front
import mount
import numpy as np
import stance
import traffic
import vehicle
from camera import eye_and_lamp, inverse
from lit import lit_of
from mesh_parts import Parts, Soil, grey
from nodes import Color, Float, glow, node, plug, still
from plate_mesh import add_edge, plate_frame

#: Plates nearer together than this hang on one vehicle, mm.
_APART = 1400.0


def material() -> bpy.types.Material:
    """Paint, plastic, metal and ground, told apart by the mesh's colours."""
    made = bpy.data.materials.new("surround")
    made.use_nodes = True
    tree = made.node_tree
    tree.nodes.clear()
    paint = node(tree, "ShaderNodeAttribute", attribute_name="paint")
    finish = node(tree, "ShaderNodeAttribute", attribute_name="finish")
    metal, _, strength = Color(tree, finish.outputs["Color"]).rgb()
    shader = node(tree, "ShaderNodeBsdfPrincipled", distribution="GGX")
    plug(tree, Color(tree, paint.outputs["Color"]), shader.inputs["Base Color"])
    plug(tree, Float(tree, paint.outputs["Alpha"]), shader.inputs["Roughness"])
    plug(tree, metal, shader.inputs["Metallic"])
    glow(made, shader, Color(tree, paint.outputs["Color"]), strength)
    still(shader)
    out = node(tree, "ShaderNodeOutputMaterial")
    tree.links.new(shader.outputs[0], out.inputs[0])
    return made


def build(job: dict[str, Any]) -> Parts:
    """The surroundings of a job's plates; notes the overhang's shadow in each plate."""
    looks = job["vehicle"]
    parts = Parts(Soil(looks["grime"], looks["seed_w"]))
    light = job["light"]
    eye, lamp = eye_and_lamp(job)
    homes: list[np.ndarray] = []
    lowest = 0.0
    for number, plate in enumerate(job["plates"]):
        matrix = np.array(plate["plate_to_world"])
        hang(parts, plate, matrix)
        if any(np.linalg.norm(matrix[:3, 3] - home) < _APART for home in homes):
            continue
        homes.append(matrix[:3, 3])
        looks = job["vehicle"] if number == 0 else _another(job["vehicle"], plate)
        looks = {**looks, "lit": lit_of(looks, light, number == 0)}
        plate["lamps_lit"] = float(light["plate_lamps"] > 0)
        back = inverse(matrix)
        shape = stance.shape_of(plate, _outer(plate, job["plates"]), looks, (back @ eye)[:3])
        plate["shade_y_mm"] = stance.shade_y_mm(shape, (back @ lamp)[:3], plate["size_mm"][1])
        vehicle.add_vehicle(parts, plate, looks, shape)
        lowest = min(lowest, matrix[2, 3] + shape.ground)
        plate["room_above_mm"] = room_above_mm(shape, plate["size_mm"][1])
        front.add_lamps(parts, plate, light, matrix, plate["room_above_mm"])
    traffic.add_oncoming(parts, light, lowest)
    # A camera that looks up at a plate must not stand in the ground.
    lowest = min(lowest, eye[2] - 250.0)
    far = 60_000.0
    floor = np.array([[(x, y, lowest) for x in (-far, far)] for y in (-far, far)])
    parts.grid(floor, grey(job["vehicle"]["ground"], 0.9, dirt=0.6), _same)
    return parts


def hang(parts: Parts, plate: dict[str, Any], matrix: np.ndarray) -> None:
    """A plate's edge, what fixes it, and what is before it."""
    straight = plate_frame(matrix, plate["curvature_per_m"])
    damage = plate["damage"]
    own = straight if damage is None else plate_frame(matrix, plate["curvature_per_m"], damage)
    add_edge(parts, plate["size_mm"], plate["corner_mm"], own, damage is not None)
    mount.add_frame(parts, plate, straight)
    mount.add_holes(parts, plate, own)
    mount.add_bolts(parts, plate, own)
    mount.add_tape(parts, plate, own)
    front.add_front(parts, plate, matrix)


def _outer(home: dict[str, Any], plates: list[dict[str, Any]]) -> stance.Box:
    """Left, bottom, right, top of a vehicle's plates with their frames about the first, mm."""
    middle = np.array(home["plate_to_world"])[:3, 3]
    back = inverse(np.array(home["plate_to_world"]))
    corners = []
    for plate in plates:
        matrix = np.array(plate["plate_to_world"])
        if np.linalg.norm(matrix[:3, 3] - middle) >= _APART:
            continue
        left, top, right, bottom = mount.outer_size(plate)
        for x, y in ((left, top), (right, bottom)):
            corners.append((back @ matrix @ [x, y, 0.0, 1.0])[:2] * [1, -1])
    low, high = np.min(corners, 0), np.max(corners, 0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def room_above_mm(shape: stance.Shape, height_mm: float) -> float:
    """From the plate's upper edge to what is above it: a recess's rim or a ledge."""
    limits = [1e4]
    limits += [shape.recess[3]] if shape.depth > 0 else []
    limits += [shape.ledge] if shape.overhang > 0 else []
    return min(limits) - height_mm / 2


def _same(points: np.ndarray) -> np.ndarray:
    return points


def _another(looks: dict[str, Any], plate: dict[str, Any]) -> dict[str, Any]:
    """A further vehicle: other paint and kind, from the plate's own noise coordinate."""
    random = mount.random_of(plate["mount"]["seed_w"] + 7.0)
    # Four fifths white, black, grey or silver; colours absorb most light, blues the most.
    hue, bright = ((0.62, 0.3), (0.0, 0.42), (0.38, 0.2), (0.11, 0.65))[random.integers(4)]
    coloured = random.random() < 0.2
    plain = (0.01, 0.1, 0.36, 0.72)[random.choice(4, p=(0.23, 0.21, 0.11, 0.45))]
    return {
        **looks,
        "surround": tuple(stance.HEIGHT)[random.integers(len(stance.HEIGHT))],
        "paint_hue": (hue + random.uniform(-0.03, 0.03)) % 1.0,
        "paint_saturation": random.uniform(0.8, 0.95) if coloured else 0.04,
        "paint_value": (bright if coloured else plain) * random.uniform(0.6, 1.15),
        "seed_w": looks["seed_w"] + 31.0 * random.random(),
    }
