# SPDX-License-Identifier: Apache-2.0
"""Everything that is measured of a picture, by name."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anprgen.matching.coding import coding
from anprgen.matching.noise import noise
from anprgen.matching.pictures import Picture
from anprgen.matching.quad import find_quad, shape
from anprgen.matching.sharpness import edges
from anprgen.matching.tone import tone

#: From this size on, both sides, a picture is a frame: the plate is a small part of it.
FRAME_PX = (560, 320)


@dataclass(frozen=True)
class Quantity:
    """One thing that is measured: its name, unit, and what it is.

    `crops` marks what needs the plate to fill most of the picture.
    """

    name: str
    unit: str
    doc: str
    crops: bool = False


QUANTITIES: tuple[Quantity, ...] = (
    Quantity("width_px", "px", "picture's width"),
    Quantity("height_px", "px", "picture's height"),
    Quantity("aspect", "", "width over height"),
    Quantity("edge_px", "px", "10 to 90 % rise of the strongest edges"),
    Quantity("edge_share", "%", "the same, of the picture's height", crops=True),
    Quantity("edge_px_x", "px", "the same of upright edges"),
    Quantity("edge_px_y", "px", "the same of level edges"),
    Quantity("edge_ratio", "log2", "upright over level edges: motion, resampling"),
    Quantity("fine_detail", "log2", "diagonal detail at 1 px over 2 px"),
    Quantity("noise", "levels", "luma noise where it is flat"),
    Quantity("noise_colour", "levels", "colour noise where it is flat"),
    Quantity("noise_dark", "log2", "noise of darker over brighter flat parts"),
    Quantity("jpeg_quality", "", "libjpeg quality of the file"),
    Quantity("chroma_share", "", "colour samples a pixel of the file"),
    Quantity("block", "log2", "steps at the file's 8 px grid"),
    Quantity("block_any", "log2", "steps at the strongest 8 px grid"),
    Quantity("brightness", "levels", "median luma"),
    Quantity("dark", "levels", "5 % of luma"),
    Quantity("bright", "levels", "95 % of luma"),
    Quantity("contrast", "levels", "95 % less 5 % of luma"),
    Quantity("clipped", "", "share of white pixels"),
    Quantity("warmth", "stops", "red over blue of the brightest neutral area"),
    Quantity("tint", "stops", "green over red and blue there"),
    Quantity("saturation", "", "median chroma over brightness"),
    Quantity("is_grey", "", "pictures without colour"),
    Quantity("tilt_deg", "deg", "the plate's level sides, clockwise", crops=True),
    Quantity("plate_px", "px", "width of the plate's box", crops=True),
    Quantity("margin_left", "", "crop beyond the plate's box, of its width", crops=True),
    Quantity("margin_right", "", "the same, right", crops=True),
    Quantity("margin_top", "", "the same, of its height", crops=True),
    Quantity("margin_bottom", "", "the same, bottom", crops=True),
    Quantity("loose", "", "root of the crop's area over the box's, less 1", crops=True),
    Quantity("quad", "", "confidence of the plate's outline; 0: not found", crops=True),
)
NAMES = tuple(q.name for q in QUANTITIES)


def is_frame(picture: Picture) -> bool:
    """Whether a picture is too large to be a plate's crop."""
    height, width = picture.pixels.shape[:2]
    return width >= FRAME_PX[0] and height >= FRAME_PX[1]


def measure(picture: Picture, frame: bool = False) -> dict[str, float]:
    """Every quantity of `QUANTITIES`; NaN where it cannot be measured.

    In a `frame` nothing is measured that needs the plate: size, sharpness, noise, coding, tones and
    colours of the whole picture remain.
    """
    rgb = picture.pixels
    height, width = rgb.shape[:2]
    grey, chroma = _luma(rgb)
    out = {
        "width_px": float(width),
        "height_px": float(height),
        "aspect": width / height,
        **edges(grey),
        **noise(grey, chroma),
        **coding(picture, grey),
        **tone(rgb, grey),
    }
    out["edge_share"] = 100 * out["edge_px"] / height
    out.update(shape(None if frame else find_quad(rgb), width, height))
    if frame:
        out.update({q.name: math.nan for q in QUANTITIES if q.crops})
    return {name: out[name] for name in NAMES}


def table(rows: list[dict[str, float]]) -> dict[str, NDArray[np.float64]]:
    """Name -> [n] of many measurements."""
    return {name: np.array([row[name] for row in rows], np.float64) for name in NAMES}


def _luma(rgb: NDArray[np.uint8]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Luma [h, w] and red and blue difference [h, w, 2] of ITU-R BT.601, 0 to 255."""
    values = rgb.astype(np.float64)
    grey = values @ np.array([0.299, 0.587, 0.114])
    chroma = np.stack([0.713 * (values[..., 0] - grey), 0.564 * (values[..., 2] - grey)], 2)
    return grey, chroma
