# SPDX-License-Identifier: Apache-2.0
"""Pictures in files that others made: turned upright, and 8 bits of RGB without transparency."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from PIL import Image

#: Formats of photographs. Pillow knows dozens more, and starts other programs for some.
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF")

_ORIENTATION = 0x0112  # of EXIF
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def upright(image: Image.Image) -> Image.Image:
    """The picture turned as its EXIF says; as it is where that is damaged."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            said = image.getexif().get(_ORIENTATION)
        turn = _TURNS.get(int(said)) if said is not None else None
    except Exception:  # Pillow's reader fails in many ways; a picture is more than its EXIF
        turn = None
    return image if turn is None else image.transpose(turn)


def opaque(image: Image.Image) -> Image.Image:
    """RGB; what is transparent becomes white, 16 bits become 8."""
    if image.mode.startswith(("I", "F")):
        values: Any = np.asarray(image, np.float64)
        top = 65535.0 if values.max(initial=0) > 255 else 255.0
        return Image.fromarray(np.uint8(np.clip(values / top, 0, 1) * 255)).convert("RGB")
    if "A" in image.getbands() or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, (255, 255, 255, 255))
        image = Image.alpha_composite(white, image)
    return image.convert("RGB")
