# SPDX-License-Identifier: Apache-2.0
"""Brightness, contrast and colour of a picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anprgen.colour import pixels_to_linear

F64 = NDArray[np.float64]

_GREY = 2.0  # mean difference of the channels below which a picture has no colour


def tone(rgb: NDArray[np.uint8], grey: F64) -> dict[str, float]:
    """Tones and colours.

    Args:
        rgb: [h, w, 3].
        grey: its luma [h, w], 0 to 255.

    Returns:
        ``brightness`` (median luma), ``dark`` and ``bright`` (5 and 95 %), ``contrast`` (their
        difference), ``clipped`` (share of white pixels), ``warmth`` (red over blue) and ``tint``
        (green over both) of the brightest neutral area, in stops of linear light, ``saturation``
        (median chroma over brightness) and ``is_grey`` (1: a picture without colour).
    """
    dark, middle, bright = (float(v) for v in np.percentile(grey, (5, 50, 95)))
    values = rgb.astype(np.float64)
    chroma = values.max(2) - values.min(2)
    colourless = float(chroma.mean()) < _GREY
    warmth, tint = (0.0, 0.0) if colourless else _cast(values, grey, chroma)
    return {
        "brightness": middle,
        "dark": dark,
        "bright": bright,
        "contrast": bright - dark,
        "clipped": float((grey >= 253).mean()),
        "warmth": warmth,
        "tint": tint,
        "saturation": float(np.median(chroma / np.maximum(values.max(2), 16))),
        "is_grey": float(colourless),
    }


def _cast(values: F64, grey: F64, chroma: F64) -> tuple[float, float]:
    """Cast of the brightest area that has little colour of its own, in stops."""
    whole = values.max(2) < 253
    if whole.sum() < 16:
        return float("nan"), float("nan")
    bright = whole & (grey >= np.quantile(grey[whole], 0.6))
    plain = bright & (chroma <= np.quantile(chroma[bright], 0.5))
    r, g, b = np.maximum(pixels_to_linear(values[plain]).mean(0), 1e-4)
    return float(np.log2(r / b)), float(np.log2(g / np.sqrt(r * b)))
