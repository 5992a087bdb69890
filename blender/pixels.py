# SPDX-License-Identifier: GPL-3.0-or-later
"""Pixels into Blender's images without making new ones, and out of it as a plain file."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray


class Picture:
    """An RGBA picture of raw data (alpha is a fourth channel) that changes with every job.

    Cycles keeps a picture that it has loaded for as long as its datablock is in use, whatever
    becomes of its pixels. So there are two datablocks, and each filling changes over to the other.
    `precise`: 32 bit floats instead of bytes, which need less of the processor's caches.
    """

    def __init__(self, name: str, precise: bool = True) -> None:
        self._images = [_image(f"{name} {n}", precise) for n in (0, 1)]
        self._nodes: list[Any] = []

    def show_in(self, texture: bpy.types.Node) -> None:
        """Makes a texture node follow this picture."""
        self._nodes.append(texture)
        self._assign(texture)

    def fill(self, rgba: NDArray[np.float32]) -> None:
        """Sets the picture from [h, w, 4], top row first."""
        self._images.reverse()
        target = self._images[0]
        height, width = rgba.shape[:2]
        if tuple(target.size) != (width, height):
            target.scale(width, height)
        # Blender's first row is the bottom one.
        target.pixels.foreach_set(np.ascontiguousarray(rgba[::-1], np.float32).ravel())
        target.update()
        for texture in self._nodes:
            self._assign(texture)

    def _assign(self, texture: Any) -> None:
        texture.image = self._images[0]


def _image(name: str, precise: bool) -> bpy.types.Image:
    new = bpy.data.images.new(name, 8, 8, alpha=True, float_buffer=precise, is_data=True)
    new.colorspace_settings.name = "Non-Color"
    new.alpha_mode = "CHANNEL_PACKED"
    return new


def load_planes(path: str, shape: list[int], count: int) -> NDArray[np.float32]:
    """`count` float32 planes [count, h, w] from a raw file."""
    return np.fromfile(path, np.float32).reshape(count, shape[0], shape[1])


def output(scene: bpy.types.Scene) -> None:
    """Results go to a float EXR, uncompressed: linear, exact, and cheap to read."""
    settings: Any = scene.render.image_settings
    settings.file_format = "OPEN_EXR"
    settings.color_mode = "RGB"
    settings.color_depth = "32"
    settings.exr_codec = "NONE"
    scene.render.use_file_extension = False
    scene.render.dither_intensity = 0.0
    scene.render.use_stamp = False


class PassesInAlpha:
    """Passes of materials' own values, brought out as the picture's alpha.

    The compositor does it at no measurable cost, and changes no colour; a file with layers costs
    some ms a picture. With a second pass the alpha is the first (0 to 1) and twice the second in
    255ths, rounded: whoever reads it takes them apart.
    """

    def __init__(self, scene: bpy.types.Scene, first: str, second: str) -> None:
        self._layer: Any = scene.view_layers[0]
        # A dark pane, too, is looked through, not taken for the surface.
        self._layer.pass_alpha_threshold = 0.98
        self._names = (first, second)
        self._add(first)
        scene.use_nodes = True
        scene.render.use_compositing = True
        self._tree = scene.node_tree
        self._tree.nodes.clear()
        self._layers: Any = self._tree.nodes.new("CompositorNodeRLayers")
        self._layers.scene = scene
        self._alpha: Any = self._tree.nodes.new("CompositorNodeSetAlpha")
        self._alpha.mode = "REPLACE_ALPHA"
        out = self._tree.nodes.new("CompositorNodeComposite")
        self._tree.links.new(self._layers.outputs["Image"], self._alpha.inputs["Image"])
        self._tree.links.new(self._alpha.outputs[0], out.inputs["Image"])
        self._math: list[Any] = []
        self._both = True
        self.take(False)
        settings: Any = scene.render.image_settings
        settings.color_mode = "RGBA"

    def _add(self, name: str) -> None:
        own = self._layer.aovs.add()
        own.name, own.type = name, "VALUE"

    def take(self, both: bool) -> None:
        """Brings out both passes or the first alone; the second is not rendered then."""
        if both == self._both:
            return
        self._both = both
        first, second = self._names
        links = self._tree.links
        if not both:
            for own in [a for a in self._layer.aovs if a.name == second]:
                self._layer.aovs.remove(own)
            for made in self._math:
                self._tree.nodes.remove(made)
            self._math = []
            links.new(self._layers.outputs[first], self._alpha.inputs["Alpha"])
            return
        self._add(second)
        at = self._layers.outputs[second]
        for operation, value in (("MULTIPLY", 255.0), ("ROUND", 0.0), ("MULTIPLY", 2.0)):
            math: Any = self._tree.nodes.new("CompositorNodeMath")
            math.operation = operation
            math.inputs[1].default_value = value
            links.new(at, math.inputs[0])
            self._math.append(math)
            at = math.outputs[0]
        total: Any = self._tree.nodes.new("CompositorNodeMath")
        total.operation = "ADD"
        links.new(at, total.inputs[0])
        links.new(self._layers.outputs[first], total.inputs[1])
        self._math.append(total)
        links.new(total.outputs[0], self._alpha.inputs["Alpha"])
