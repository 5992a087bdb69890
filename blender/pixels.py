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


def alpha_from_pass(scene: bpy.types.Scene, name: str) -> None:
    """Adds a pass of materials' own values to the scene and brings it out as the picture's alpha.

    The compositor does it at no measurable cost, and changes no colour; a file with layers costs
    some ms a picture.
    """
    layer: Any = scene.view_layers[0]
    own = layer.aovs.add()
    own.name, own.type = name, "VALUE"
    scene.use_nodes = True
    scene.render.use_compositing = True
    tree = scene.node_tree
    tree.nodes.clear()
    layers, out = tree.nodes.new("CompositorNodeRLayers"), tree.nodes.new("CompositorNodeComposite")
    layers.scene = scene
    alpha: Any = tree.nodes.new("CompositorNodeSetAlpha")
    alpha.mode = "REPLACE_ALPHA"
    tree.links.new(layers.outputs["Image"], alpha.inputs["Image"])
    tree.links.new(layers.outputs[name], alpha.inputs["Alpha"])
    tree.links.new(alpha.outputs[0], out.inputs["Image"])
    settings: Any = scene.render.image_settings
    settings.color_mode = "RGBA"
