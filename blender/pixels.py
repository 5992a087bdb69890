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


def plate_images(
    path: str, shape: list[int], size_mm: list[float]
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Base colour + ink, slopes + retro (both [h, w, 4]) and the sheet's colour (3).

    The file holds the planes red, green, blue, ink, height (mm), retro. Embossing becomes its
    slope, mm per mm towards the reader, so that the material needs one look-up for it.
    """
    planes = load_planes(path, shape, 6)
    base = np.ascontiguousarray(planes[:4].transpose(1, 2, 0))
    height = planes[4]
    relief = np.empty_like(base)
    relief[..., 0] = _slope(height, 1, size_mm[0] / shape[1])
    relief[..., 1] = _slope(height, 0, size_mm[1] / shape[0])
    relief[..., 2] = planes[5]
    relief[..., 3] = 1.0
    few = base[::3, ::3].reshape(-1, 4)
    bare = few[few[:, 3] < 0.1]
    sheet = np.median(bare if len(bare) else few, 0)[:3].astype(np.float32)
    return base, relief, sheet


def _slope(height: NDArray[np.float32], axis: int, pitch_mm: float) -> NDArray[np.float32]:
    """Central difference along an axis, mm per mm; the rim repeats."""
    pad = np.pad(height, [(1, 1) if a == axis else (0, 0) for a in (0, 1)], mode="edge")
    after = pad[2:] if axis == 0 else pad[:, 2:]
    before = pad[:-2] if axis == 0 else pad[:, :-2]
    return np.asarray((after - before) / (2 * pitch_mm), np.float32)


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
