# SPDX-License-Identifier: GPL-3.0-or-later
"""Node trees written as expressions: arithmetic on sockets instead of links by hand.

`(amount * noise).clamp()` builds the Math nodes it names. Cycles folds constants before it
renders, so a factor that is a product with a constant 0 removes everything that led to it:
parts of a material that are switched off cost nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy


class Socket:
    """An output socket of a node in a tree."""

    def __init__(self, tree: bpy.types.NodeTree, out: bpy.types.NodeSocket) -> None:
        self.tree, self.out = tree, out


def node(tree: bpy.types.NodeTree, kind: str, **settings: Any) -> bpy.types.Node:
    """A new node with its properties set."""
    new = tree.nodes.new(kind)
    for name, value in settings.items():
        setattr(new, name, value)
    return new


def plug(tree: bpy.types.NodeTree, value: Any, target: bpy.types.NodeSocket) -> None:
    """Links a socket or sets a constant."""
    if isinstance(value, Socket):
        tree.links.new(value.out, target)
    elif isinstance(value, Sequence) and target.type == "RGBA":
        target.default_value = (*value, 1.0)[:4]
    else:
        target.default_value = value


class Float(Socket):
    """A scalar expression."""

    def _math(self, operation: str, *operands: Any, clamp: bool = False) -> Float:
        new = node(self.tree, "ShaderNodeMath", operation=operation, use_clamp=clamp)
        for value, target in zip(operands, new.inputs):
            plug(self.tree, value, target)
        return Float(self.tree, new.outputs[0])

    def __add__(self, other: Any) -> Float:
        return self._math("ADD", self, other)

    def __radd__(self, other: Any) -> Float:
        return self._math("ADD", other, self)

    def __sub__(self, other: Any) -> Float:
        return self._math("SUBTRACT", self, other)

    def __rsub__(self, other: Any) -> Float:
        return self._math("SUBTRACT", other, self)

    def __mul__(self, other: Any) -> Float:
        return self._math("MULTIPLY", self, other)

    def __rmul__(self, other: Any) -> Float:
        return self._math("MULTIPLY", other, self)

    def __truediv__(self, other: Any) -> Float:
        return self._math("DIVIDE", self, other)

    def __rtruediv__(self, other: Any) -> Float:
        return self._math("DIVIDE", other, self)

    def __pow__(self, other: float) -> Float:
        return self._math("POWER", self, other)

    def min(self, other: Any) -> Float:
        return self._math("MINIMUM", self, other)

    def max(self, other: Any) -> Float:
        return self._math("MAXIMUM", self, other)

    def clamp(self) -> Float:
        """Limited to 0..1."""
        return self._math("ADD", self, 0.0, clamp=True)

    def step(self, low: Any, high: Any) -> Float:
        """0 below `low`, 1 above `high`, linear between (clamped)."""
        new = node(self.tree, "ShaderNodeMapRange", interpolation_type="LINEAR", clamp=True)
        for value, name in ((self, "Value"), (low, "From Min"), (high, "From Max")):
            plug(self.tree, value, new.inputs[name])
        return Float(self.tree, new.outputs[0])

    def mix(self, other: Any, factor: Any) -> Float:
        """Self at factor 0, `other` at 1."""
        new = node(self.tree, "ShaderNodeMix", data_type="FLOAT", clamp_factor=False)
        for value, index in ((factor, 0), (self, 2), (other, 3)):
            plug(self.tree, value, new.inputs[index])
        return Float(self.tree, new.outputs[0])


class Vector(Socket):
    """A vector expression."""

    def _math(self, operation: str, *operands: Any) -> bpy.types.Node:
        new = node(self.tree, "ShaderNodeVectorMath", operation=operation)
        for value, target in zip(operands, new.inputs):
            plug(self.tree, value, target)
        return new

    def __add__(self, other: Any) -> Vector:
        return Vector(self.tree, self._math("ADD", self, other).outputs[0])

    def __sub__(self, other: Any) -> Vector:
        return Vector(self.tree, self._math("SUBTRACT", self, other).outputs[0])

    def __mul__(self, other: Any) -> Vector:
        return Vector(self.tree, self._math("MULTIPLY", self, other).outputs[0])

    def scale(self, factor: Any) -> Vector:
        new = self._math("SCALE", self)
        plug(self.tree, factor, new.inputs["Scale"])
        return Vector(self.tree, new.outputs[0])

    def cross(self, other: Vector) -> Vector:
        return Vector(self.tree, self._math("CROSS_PRODUCT", self, other).outputs[0])

    def dot(self, other: Any) -> Float:
        return Float(self.tree, self._math("DOT_PRODUCT", self, other).outputs["Value"])

    def length(self) -> Float:
        return Float(self.tree, self._math("LENGTH", self).outputs["Value"])

    def normalized(self) -> Vector:
        return Vector(self.tree, self._math("NORMALIZE", self).outputs[0])

    def xyz(self) -> tuple[Float, Float, Float]:
        new = node(self.tree, "ShaderNodeSeparateXYZ")
        plug(self.tree, self, new.inputs[0])
        x, y, z = (Float(self.tree, out) for out in new.outputs)
        return x, y, z


class Color(Socket):
    """A colour expression."""

    def mix(self, other: Any, factor: Any, blend: str = "MIX") -> Color:
        """Self at factor 0, blended with `other` at 1."""
        new = node(
            self.tree, "ShaderNodeMix", data_type="RGBA", blend_type=blend, clamp_factor=False
        )
        for value, index in ((factor, 0), (self, 6), (other, 7)):
            plug(self.tree, value, new.inputs[index])
        return Color(self.tree, new.outputs[2])

    def scale(self, factor: Any) -> Color:
        return Color(self.tree, Vector(self.tree, self.out).scale(factor).out)

    def rgb(self) -> tuple[Float, Float, Float]:
        new = node(self.tree, "ShaderNodeSeparateColor")
        plug(self.tree, self, new.inputs[0])
        r, g, b = (Float(self.tree, out) for out in new.outputs)
        return r, g, b


def join(x: Any, y: Any, z: Any, tree: bpy.types.NodeTree) -> Vector:
    """A vector from three scalars."""
    new = node(tree, "ShaderNodeCombineXYZ")
    for value, target in zip((x, y, z), new.inputs):
        plug(tree, value, target)
    return Vector(tree, new.outputs[0])


def still(shader: bpy.types.Node) -> None:
    """Gives a principled shader without anisotropy a constant tangent, or Cycles computes one."""
    plug(shader.id_data, join(1.0, 0.0, 0.0, shader.id_data), shader.inputs["Tangent"])


def glow(made: bpy.types.Material, shader: bpy.types.Node, color: Color, strength: Float) -> None:
    """Lets a surface glow for the camera alone: as a source of light it would be noise."""
    made.cycles.emission_sampling = "NONE"
    path = node(color.tree, "ShaderNodeLightPath")
    seen = Float(color.tree, path.outputs["Is Camera Ray"])
    plug(color.tree, color, shader.inputs["Emission Color"])
    plug(color.tree, strength * seen, shader.inputs["Emission Strength"])
