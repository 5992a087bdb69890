# SPDX-License-Identifier: GPL-3.0-or-later
"""The plate's material: a worn surface, its embossing, and light thrown back to a lamp.

One node group is built once; each plate of the pool has its own small material with its own two
pictures and the numbers of its shot in the group's inputs. Wear comes with the pictures.
"""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
import pixels
from catcher import covers
from nodes import Color, Float, Socket, Vector, node, plug, still

#: Scalars of the group and what they are when nobody says.
SCALARS = {
    "height_mm": 110.0, "coat": 0.3, "glossy": 0.3, "dull": 0.85, "retro_lux": 0.0,
    "shade_y_mm": -1e4, "width_mm": 520.0, "own_w": 0.0, "own_half_mm": 0.0, "own_rise_mm": 20.0,
    "own_out_mm": 30.0,
}  # fmt: skip
_COLORS = ("base", "relief", "lamp_rgb", "own_rgb")
#: The pass that says what of a plate's face is seen, see `PlateMaterial`.
FACE = "face"
#: What the face counts in it where dirt has taken all contrast, against a clean one's 1. A third
#: makes one threshold, a half, of two: half a pixel of clean face, a quarter of the contrast.
DIRTY_FACE = 1.0 / 3.0
#: Roughness from which dirt has taken all of a clear coat's gloss.
_DULL = 0.85
#: Share of the light on a white plate that it scatters; gloss and clear coat take the rest.
SCATTERED = 0.82
#: Observation angle at which retro-reflection has halved, and the fall with the entrance angle.
HALF_ANGLE_DEG = 0.7
ENTRANCE_POWER = 5.0


def retro_factor(observation_deg: float, entrance_cos: float) -> float:
    """R_A at these angles over R_A straight on: the same law as in the node tree."""
    s = np.sin(np.radians(observation_deg)) / np.sin(np.radians(HALF_ANGLE_DEG))
    return float(max(entrance_cos, 0.0) ** ENTRANCE_POWER / (1.0 + s * s))


def build_group() -> bpy.types.NodeTree:
    """The node group behind every plate."""
    tree = bpy.data.node_groups.new("plate", "ShaderNodeTree")
    sockets: Any = tree.interface
    for name, value in SCALARS.items():
        sockets.new_socket(
            name, in_out="INPUT", socket_type="NodeSocketFloat"
        ).default_value = value
    for name in ("roughness", "glow"):
        sockets.new_socket(name, in_out="INPUT", socket_type="NodeSocketFloat")
    for name in _COLORS:
        sockets.new_socket(name, in_out="INPUT", socket_type="NodeSocketColor")
    for name in ("uv", "lamp"):
        sockets.new_socket(name, in_out="INPUT", socket_type="NodeSocketVector")
    sockets.new_socket("surface", in_out="OUTPUT", socket_type="NodeSocketShader")
    inside = node(tree, "NodeGroupInput")
    given = {out.name: Socket(tree, out) for out in inside.outputs if out.name}

    def of(name: str) -> Float:
        return Float(tree, given[name].out)

    base = Color(tree, given["base"].out)
    slope_x, slope_y, glow = Color(tree, given["relief"].out).rgb()
    geometry = node(tree, "ShaderNodeNewGeometry")
    normal = Vector(tree, geometry.outputs["Normal"])

    shader = node(tree, "ShaderNodeBsdfPrincipled", distribution="GGX")
    plug(tree, base, shader.inputs["Base Color"])
    plug(tree, of("roughness"), shader.inputs["Roughness"])
    dull = of("roughness").step(of("glossy"), of("dull"))
    wet = 1.0 - of("roughness").step(0.05, 0.1)  # a film of water is a coat of its own
    plug(tree, of("coat") * (1.0 - dull) * 0.6 + wet * 0.4, shader.inputs["Coat Weight"])
    shader.inputs["Specular IOR Level"].default_value = 0.38  # acrylic and vinyl, a little rough
    shader.inputs["Coat Roughness"].default_value = 0.08
    plug(tree, _embossed(tree, normal, slope_x, slope_y), shader.inputs["Normal"])
    thrown = _thrown_back(tree, given, base, glow, normal)
    own = _own_lamps(tree, given, base, (slope_x, slope_y))
    plug(tree, thrown.mix(own, 1.0, "ADD"), shader.inputs["Emission Color"])
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
    base: Color,
    glow: Float,
    normal: Vector,
) -> Color:
    """Retro-reflection as emitted light, seen by the camera only.

    R_A (cd/lx/m2) is luminous intensity per illuminance perpendicular to the lamp's rays and per
    area of the sheet: I = R_A(alpha, beta) E A. The luminance seen at the angle nu to the normal
    is I / (A cos nu); viewer and lamp are close, so cos nu = cos beta:

        L = R_A / cos beta * E * f(alpha) * cos(beta)^p

    `retro_lux` is R_A times E at the plate's middle; E's fall over one plate is neglected. `glow`
    is what dirt, which light passes twice, leaves of it.
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
    _, v, _ = Vector(tree, given["uv"].out).xyz()
    y_mm = (1.0 - v) * Float(tree, given["height_mm"].out)
    lit = (y_mm - Float(tree, given["shade_y_mm"].out)).step(-2.0, 2.0)
    path = node(tree, "ShaderNodeLightPath")
    camera = Float(tree, path.outputs["Is Camera Ray"])
    amount = camera * glow * spread * entrance * lit
    back = base.mix(Color(tree, given["lamp_rgb"].out), 1.0, "MULTIPLY")
    return back.scale(amount * Float(tree, given["retro_lux"].out))


def _own_lamps(
    tree: bpy.types.NodeTree, given: dict[str, Socket], base: Color, slopes: tuple[Float, Float]
) -> Color:
    """What the lamps of a plate light of it, as emitted light for the camera (`plate_lamps`).

    In the plate's own frame, mm: each lamp of the intensity `own_w` (of metres) at the way w to it
    gives w . n / |w|^3; the embossed normal n is (-slope_x, -slope_y, 1) to the right, down, out.
    """

    def of(name: str) -> Float:
        return Float(tree, given[name].out)

    u, v, _ = Vector(tree, given["uv"].out).xyz()
    x, y = (u - 0.5) * of("width_mm"), (1.0 - v) * of("height_mm")
    down, out = (y + of("own_rise_mm")) * -1.0, of("own_out_mm")
    total: Any = 0.0
    for side in (-1.0, 1.0):
        right = of("own_half_mm") * side - x
        facing = out - right * slopes[0] - down * slopes[1]
        square = right * right + down * down + out * out
        total = facing.max(0.0) / square**1.5 + total
    path = node(tree, "ShaderNodeLightPath")
    # A single lamp stands in the middle, counted twice.
    amount = total * Float(tree, path.outputs["Is Camera Ray"]) * (1e6 * SCATTERED / np.pi)
    lit = base.mix(Color(tree, given["own_rgb"].out), 1.0, "MULTIPLY")
    return lit.scale(amount * of("own_w"))


class PlateMaterial:
    """One plate's material and its two pictures, kept for the worker's life.

    The picture `base` holds the worn colour and its roughness, `relief` the slopes, what is thrown
    back, and the face's value in the pass `FACE`: 0 to a camera ray that meets no plate, else
    `DIRTY_FACE` to 1 by the contrast that wear leaves. Nothing denoises that pass.
    """

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
        face = node(tree, "ShaderNodeOutputAOV", aov_name=FACE)
        alphas = {"base": self.group.inputs["roughness"], "relief": face.inputs["Value"]}
        for socket, picture in (("base", self.base), ("relief", self.relief)):
            texture = node(tree, "ShaderNodeTexImage", interpolation="Linear", extension="EXTEND")
            picture.show_in(texture)
            tree.links.new(uv.outputs[0], texture.inputs[0])
            tree.links.new(texture.outputs["Color"], self.group.inputs[socket])
            tree.links.new(texture.outputs["Alpha"], alphas[socket])
        tree.links.new(uv.outputs[0], self.group.inputs["uv"])
        covers(tree)
        out = node(tree, "ShaderNodeOutputMaterial")
        tree.links.new(self.group.outputs[0], out.inputs[0])

    def apply(self, plate: dict[str, Any], lamp: dict[str, Any]) -> None:
        """Everything of a plate of a job; `lamp` is what `Lights.apply` says of it."""
        planes = pixels.load_planes(plate["texture"], plate["texture_shape"], 9)
        day, flash = planes[7], planes[8]
        # The contrast is partly of diffuse light, partly of what is thrown back.
        reflected, returned = (abs(c) for c in plate["contrast"])
        returned *= lamp["against"]
        part = returned / max(reflected + returned, 1e-9)
        planes[7] = DIRTY_FACE + (1.0 - DIRTY_FACE) * (day + (flash - day) * np.float32(part))
        # A pane before it takes rays from the pass, but hides nothing.
        planes[7] /= np.float32(plate.get("through", 1.0))
        self.base.fill(planes[:4].transpose(1, 2, 0))
        self.relief.fill(planes[4:8].transpose(1, 2, 0))
        make = plate["make"]
        glossy = max(make["roughness"], plate["foil_roughness"])
        values: dict[str, Any] = {
            "height_mm": plate["size_mm"][1],
            "coat": make["clear_coat"],
            "glossy": glossy,
            "dull": max(_DULL, glossy + 0.01),
            "retro_lux": lamp["retro_lux"],
            "shade_y_mm": lamp["shade_y_mm"],
            "lamp": lamp["place"],
            "lamp_rgb": (*lamp["rgb"], 1.0),
            "width_mm": plate["size_mm"][0],
            "own_w": 0.0,
            "own_rgb": (*lamp["own_rgb"], 1.0),
        }
        if own := plate.get("own_lamps"):
            values["own_w"] = own.intensity * own.count / 2
            values |= {f"own_{k}_mm": getattr(own, f"{k}_mm") for k in ("half", "rise", "out")}
        for name, value in values.items():
            self.group.inputs[name].default_value = value
