# SPDX-License-Identifier: GPL-3.0-or-later
"""The plate's material: sheeting, foil, embossing, wear, and light thrown back to a lamp.

One node group is built once; each plate of the pool has its own small material with its own two
pictures and the numbers of its shot in the group's inputs.
"""

from __future__ import annotations

from typing import Any

import bpy
import grunge
import numpy as np
import pixels
from nodes import Color, Float, Socket, Vector, join, node, plug, still

#: Scalars of the group and what they are when nobody says.
SCALARS = {
    "width_mm": 520.0, "height_mm": 110.0, "roughness": 0.3, "foil_roughness": 0.25,
    "coat": 0.3, "retro_lux": 0.0, "shade_y_mm": -1e4,
    "offset_x": 0.0, "offset_y": 0.0, "dust": 0.0, "mud": 0.0, "mud_height": 0.4,
    "scratches": 0.0, "edge_wear": 0.0, "fading": 0.0, "stains": 0.0,
}  # fmt: skip
_COLORS = ("base", "relief", "sheet", "dust_color", "mud_color")
#: Observation angle at which retro-reflection has halved, and the fall with the entrance angle.
HALF_ANGLE_DEG = 0.7
ENTRANCE_POWER = 5.0


def retro_factor(observation_deg: float, entrance_cos: float) -> float:
    """R_A at these angles over R_A straight on: the same law as in the node tree."""
    s = np.sin(np.radians(observation_deg)) / np.sin(np.radians(HALF_ANGLE_DEG))
    return float(max(entrance_cos, 0.0) ** ENTRANCE_POWER / (1.0 + s * s))


def build_group(noise: pixels.Picture) -> bpy.types.NodeTree:
    """The node group behind every plate."""
    tree = bpy.data.node_groups.new("plate", "ShaderNodeTree")
    sockets: Any = tree.interface
    for name, value in SCALARS.items():
        sockets.new_socket(
            name, in_out="INPUT", socket_type="NodeSocketFloat"
        ).default_value = value
    sockets.new_socket("ink", in_out="INPUT", socket_type="NodeSocketFloat")
    for name in _COLORS:
        sockets.new_socket(name, in_out="INPUT", socket_type="NodeSocketColor")
    for name in ("uv", "lamp"):
        sockets.new_socket(name, in_out="INPUT", socket_type="NodeSocketVector")
    sockets.new_socket("surface", in_out="OUTPUT", socket_type="NodeSocketShader")
    inside = node(tree, "NodeGroupInput")
    given = {out.name: Socket(tree, out) for out in inside.outputs if out.name}

    def of(name: str) -> Float:
        return Float(tree, given[name].out)

    u, v, _ = Vector(tree, given["uv"].out).xyz()
    given["x_mm"] = u * of("width_mm")
    given["y_mm"] = (1.0 - v) * of("height_mm")
    slope_x, slope_y, retro = Color(tree, given["relief"].out).rgb()
    slope = join(slope_x, slope_y, 0.0, tree)
    ink = of("ink")
    geometry = node(tree, "ShaderNodeNewGeometry")
    normal = Vector(tree, geometry.outputs["Normal"])

    start = grunge.Surface(
        base=Color(tree, given["base"].out),
        roughness=of("roughness").mix(of("foil_roughness"), ink),
        coat=of("coat"),
        clean=Float(tree, (ink * 0.0 + 1.0).out),
    )
    worn = grunge.lay_over(tree, start, given, ink, slope, noise)

    shader = node(tree, "ShaderNodeBsdfPrincipled", distribution="GGX")
    plug(tree, worn.base, shader.inputs["Base Color"])
    plug(tree, worn.roughness, shader.inputs["Roughness"])
    plug(tree, worn.coat * 0.6, shader.inputs["Coat Weight"])
    shader.inputs["Specular IOR Level"].default_value = 0.38  # acrylic and vinyl, a little rough
    shader.inputs["Coat Roughness"].default_value = 0.08
    plug(tree, _embossed(tree, normal, slope_x, slope_y), shader.inputs["Normal"])
    plug(tree, _thrown_back(tree, given, worn, retro, normal), shader.inputs["Emission Color"])
    shader.inputs["Emission Strength"].default_value = 1.0
    still(shader)
    out = node(tree, "NodeGroupOutput")
    tree.links.new(shader.outputs[0], out.inputs[0])
    return tree


def _embossed(tree: bpy.types.NodeTree, normal: Vector, slope_x: Float, slope_y: Float) -> Vector:
    """The normal of the embossed sheet.

    The plate's down is the same everywhere on it, bent or not; right follows from it and the
    face's normal. A surface that rises by s per mm to the right turns its normal left by s.
    """
    turn = node(
        tree, "ShaderNodeVectorTransform", vector_type="VECTOR", convert_from="OBJECT",
        convert_to="WORLD",
    )  # fmt: skip
    turn.inputs[0].default_value = (0.0, 1.0, 0.0)
    down = Vector(tree, turn.outputs[0])
    right = down.cross(normal).scale(-1.0)  # x = y cross z, and the normal is -z
    return (normal - right.scale(slope_x) - down.scale(slope_y)).normalized()


def _thrown_back(
    tree: bpy.types.NodeTree,
    given: dict[str, Socket],
    worn: grunge.Surface,
    retro: Float,
    normal: Vector,
) -> Color:
    """Retro-reflection as emitted light, seen by the camera only.

    R_A (cd/lx/m2) is luminous intensity per illuminance perpendicular to the lamp's rays and per
    area of the sheet: I = R_A(alpha, beta) E A. The luminance seen at the angle nu to the normal
    is I / (A cos nu); viewer and lamp are close, so cos nu = cos beta:

        L = R_A / cos beta * E * f(alpha) * cos(beta)^p

    `retro_lux` is R_A times E at the plate's middle; E's fall over one plate is neglected. Light
    passes dirt twice: its transmission squared.
    """
    geometry = node(tree, "ShaderNodeNewGeometry")
    to_lamp = (
        Vector(tree, given["lamp"].out) - Vector(tree, geometry.outputs["Position"])
    ).normalized()
    view = Vector(tree, geometry.outputs["Incoming"])
    # The sine from the cross product: near 0 degrees the cosine has no digits left.
    sine = view.cross(to_lamp).length() / float(np.sin(np.radians(HALF_ANGLE_DEG)))
    spread = 1.0 / (1.0 + sine * sine)
    entrance = normal.dot(to_lamp).max(0.0) ** (ENTRANCE_POWER - 1.0)
    lit = (Float(tree, given["y_mm"].out) - Float(tree, given["shade_y_mm"].out)).step(-2.0, 2.0)
    path = node(tree, "ShaderNodeLightPath")
    camera = Float(tree, path.outputs["Is Camera Ray"])
    amount = camera * retro * spread * entrance * lit * worn.clean * worn.clean
    return Color(tree, given["base"].out).scale(amount * Float(tree, given["retro_lux"].out))


class PlateMaterial:
    """One plate's material and its two pictures, kept for the worker's life."""

    def __init__(self, name: str, group: bpy.types.NodeTree) -> None:
        self.base, self.relief = pixels.Picture(f"{name} base"), pixels.Picture(f"{name} relief")
        self.material = bpy.data.materials.new(name)
        self.material.use_nodes = True
        # Never a lamp for other surfaces: the emission is for the camera alone.
        self.material.cycles.emission_sampling = "NONE"
        tree = self.material.node_tree
        tree.nodes.clear()
        self.group = node(tree, "ShaderNodeGroup", node_tree=group)
        uv = node(tree, "ShaderNodeUVMap", uv_map="plate")
        for socket, picture in (("base", self.base), ("relief", self.relief)):
            texture = node(tree, "ShaderNodeTexImage", interpolation="Linear", extension="EXTEND")
            picture.show_in(texture)
            tree.links.new(uv.outputs[0], texture.inputs[0])
            tree.links.new(texture.outputs["Color"], self.group.inputs[socket])
            if socket == "base":
                tree.links.new(texture.outputs["Alpha"], self.group.inputs["ink"])
        tree.links.new(uv.outputs[0], self.group.inputs["uv"])
        out = node(tree, "ShaderNodeOutputMaterial")
        tree.links.new(self.group.outputs[0], out.inputs[0])

    def apply(self, plate: dict[str, Any], lamp: dict[str, Any]) -> None:
        """Everything of a plate of a job; `lamp`: place (m), retro_lux, shade_y_mm."""
        base, relief, sheet = pixels.plate_images(
            plate["texture"], plate["texture_shape"], plate["size_mm"]
        )
        self.base.fill(base)
        self.relief.fill(relief)
        make, wear = plate["make"], plate["wear"]
        seed, dust = wear["seed_w"], wear["dust_lightness"]
        values: dict[str, Any] = {
            "width_mm": plate["size_mm"][0],
            "height_mm": plate["size_mm"][1],
            "roughness": make["roughness"],
            # Foil is a smooth film, glossier than the beaded sheet.
            "foil_roughness": 0.12 + 0.5 * make["roughness"],
            "coat": make["clear_coat"],
            "retro_lux": lamp["retro_lux"],
            "shade_y_mm": lamp["shade_y_mm"],
            "lamp": lamp["place"],
            "offset_x": seed * 0.7548776662 % 1.0,
            "offset_y": seed * 0.5698402910 % 1.0,
            "sheet": (*sheet.tolist(), 1.0),
            "dust_color": (dust * 1.12, dust, dust * 0.84, 1.0),
            "mud_color": (dust * 0.62, dust * 0.47, dust * 0.33, 1.0),
        }
        for name in ("dust", "mud", "mud_height", "scratches", "edge_wear", "fading", "stains"):
            values[name] = wear[name]
        for name, value in values.items():
            self.group.inputs[name].default_value = value
