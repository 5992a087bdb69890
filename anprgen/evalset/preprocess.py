# SPDX-License-Identifier: Apache-2.0
"""Pixels -> a network's tensor, step by step as the network's own code does it.

The order of rounding matters: a picture is resized in 8 bits and normalised in float32 (LPRNet
divides in float64), so tensors equal those of the original loaders bit by bit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from anprgen.evalset.presets import Preset
from anprgen.models.prepare import prepare
from anprgen.samples import Pixels


@dataclass(frozen=True)
class Placement:
    """Where the picture lies in the tensor, px: size of the resized picture, its left and top."""

    width: int
    height: int
    left: int = 0
    top: int = 0


def placement(preset: Preset, width: int, height: int) -> Placement:
    """Where a picture of width x height px lies in the preset's tensor."""
    if preset.resize == "stretch":
        return Placement(preset.width, preset.height)
    if preset.resize == "right_pad":
        wide = min(preset.width, math.ceil(preset.height * (width / float(height))))
        return Placement(wide, preset.height)
    ratio = min(preset.height / height, preset.width / width)
    w, h = max(1, round(width * ratio)), max(1, round(height * ratio))
    # An odd rest goes to the right and to the bottom.
    left, top = round((preset.width - w) / 2 - 0.1), round((preset.height - h) / 2 - 0.1)
    return Placement(w, h, left, top)


def to_tensor(preset: Preset, pixels: Pixels) -> NDArray[Any]:
    """Uint8 [h, w, 3] RGB -> uint8 or float32 of `preset.shape`: the preset's first variant."""
    if preset.floor:
        made: NDArray[np.float32] = prepare([pixels[:, :, ::-1]], preset.height, preset.width)[0]
        return made
    place = placement(preset, pixels.shape[1], pixels.shape[0])
    small = _resized(preset, pixels, place)
    if preset.resize == "letterbox":
        full = np.full((preset.height, preset.width, small.shape[2]), preset.pad_value, np.uint8)
        full[place.top : place.top + place.height, place.left : place.left + place.width] = small
        small = full
    if preset.dtypes[0] == "uint8":
        return np.ascontiguousarray(small if preset.layout == "NHWC" else small.transpose(2, 0, 1))
    out = np.zeros(preset.shape, np.float32)
    values = _normalised(preset, small)
    out[:, :, : values.shape[1]] = values.transpose(2, 0, 1)
    return out


def _resized(preset: Preset, pixels: Pixels, place: Placement) -> Pixels:
    """Uint8 [h, w, channels] in the preset's order of colours."""
    size = (place.width, place.height)
    if preset.interpolation == "pillow-bicubic":
        image = Image.fromarray(pixels)
        image = image.convert("L") if preset.colour == "GRAY" else image
        small = np.asarray(image.resize(size, Image.Resampling.BICUBIC))
    else:
        ordered = pixels[:, :, ::-1] if preset.colour == "BGR" else pixels
        small = cv2.resize(np.ascontiguousarray(ordered), size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(small, np.uint8).reshape(place.height, place.width, preset.channels)


def _normalised(preset: Preset, small: Pixels) -> NDArray[np.float32]:
    if preset.mean == 0 and preset.std == 1:
        # In float64 and then rounded once, as LPRNet does; for YOLO the result is the same.
        return (small / preset.divisor).astype(np.float32)
    values = small.astype(np.float32) / np.float32(preset.divisor)
    return (values - np.float32(preset.mean)) / np.float32(preset.std)
