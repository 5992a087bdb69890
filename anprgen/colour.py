# SPDX-License-Identifier: Apache-2.0
"""Colour: sRGB to linear light and small changes of a paint's colour."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: What red, green and blue add to the luminance of linear light (ITU-R BT.709).
LUMA = np.array([0.2126, 0.7152, 0.0722])


def srgb_to_linear(srgb: Sequence[float]) -> NDArray[np.float32]:
    """SRGB 0..255 -> linear reflectance 0..1, float32 [3] (IEC 61966-2-1); not to be written to."""
    return _linear(tuple(srgb))


@lru_cache(maxsize=1024)
def _linear(srgb: tuple[float, ...]) -> NDArray[np.float32]:
    out = pixels_to_linear(np.asarray(srgb, np.float64))
    out.setflags(write=False)
    return out


def pixels_to_linear(srgb: NDArray[Any]) -> NDArray[np.float32]:
    """SRGB 0..255 of any shape -> linear 0..1, float32 of the same shape."""
    c = np.asarray(srgb, np.float64) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4).astype(np.float32)


def linear_to_srgb(linear: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Linear 0..1 -> sRGB 0..255, clipped."""
    c = np.clip(linear, 0, 1)
    s = np.where(c <= 0.0031308, 12.92 * c, 1.055 * np.power(c, 1 / 2.4) - 0.055)
    return (s * 255 + 0.5).astype(np.uint8)


def adjust(
    linear: NDArray[np.float32], hue: float, saturation: float, lightness: float
) -> NDArray[np.float32]:
    """A paint with its hue turned by `hue` (of the circle), saturation and lightness scaled."""
    h, s, v = colorsys.rgb_to_hsv(*map(float, linear))
    rgb = colorsys.hsv_to_rgb((h + hue) % 1.0, min(1.0, s * saturation), min(1.0, v * lightness))
    return np.array(rgb, np.float32)


def hex_to_srgb(color: str) -> tuple[int, int, int]:
    """``#rrggbb`` -> sRGB 0..255."""
    return (int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16))
