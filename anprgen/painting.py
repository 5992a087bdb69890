# SPDX-License-Identifier: Apache-2.0
"""Colour laid over a plate's sheet: by coverage, and whole drawings of an artwork."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from anprgen.colour import hex_to_srgb, srgb_to_linear
from anprgen.elements import Picture
from anprgen.polygons import fill

if TYPE_CHECKING:
    from anprgen.art import Art

F32 = NDArray[np.float32]
_ART_PX_PER_MM = 20


def blend(
    color: F32,
    retro: F32,
    box: tuple[int, int, int, int],
    cover: F32,
    paint: F32,
    dims: float,
) -> None:
    """Lays `paint` over a box (texels x0, y0, x1, y1) by its coverage, which dims retro.

    `color` is float32 [3, h, w], `cover` [h, w] of the box.
    """
    x0, y0, x1, y1 = box
    target = color[:, y0:y1, x0:x1]
    target += (paint[:, None, None] - target) * cover
    retro[y0:y1, x0:x1] *= 1 - np.float32(dims) * cover


@lru_cache(maxsize=64)
def _art_masks(art: Art) -> tuple[tuple[str, float, NDArray[np.uint8]], ...]:
    """(colour, opacity, coverage) of a drawing's layers, drawn once and then scaled into place.

    Neighbouring shapes of one colour and opacity share a layer.
    """
    w, h = (max(8, round(v * _ART_PX_PER_MM)) for v in art.size_mm)
    layers: list[tuple[str, float, NDArray[np.uint8]]] = []
    for shape in art.shapes:
        if not layers or layers[-1][:2] != (shape.color, shape.opacity):
            layers.append((shape.color, shape.opacity, np.zeros((h, w), np.uint8)))
        own = shape.contours
        for group in [own] if shape.even_odd else [[c] for c in own]:
            fill(layers[-1][2], group, _ART_PX_PER_MM)
    return tuple(layers)


@lru_cache(maxsize=256)
def _art_masks_at(art: Art, halvings: int) -> tuple[tuple[str, float, NDArray[np.uint8]], ...]:
    """The layers of `_art_masks`, halved so many times: averages of averages are quick to take."""
    if halvings == 0:
        return _art_masks(art)
    return tuple(
        (color, opacity, cv2.resize(mask, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
        for color, opacity, mask in _art_masks_at(art, halvings - 1)
    )


def paint_picture(color: F32, retro: F32, t: float, picture: Picture, ink: F32) -> None:
    """Lays a drawing over a plate's sheet of `t` texels a mm; `ink` is what has no colour.

    `color` is float32 [3, h, w], `retro` [h, w]; both are changed in place.
    """
    height, width = retro.shape
    x0, y0, x1, y1 = (round(v * t) for v in picture.box_mm)
    left, top = max(0, x0), max(0, y0)  # what reaches beyond the plate is cut at its edge
    right, bottom = min(width, x1), min(height, y1)
    if right - left < 2 or bottom - top < 2:
        return
    # Three times the texels at least, so that the last average is as good as one over all.
    finer = _ART_PX_PER_MM * min(v / n for v, n in zip(picture.art.size_mm, (x1 - x0, y1 - y0)))
    for named, opacity, mask in _art_masks_at(picture.art, max(0, int(math.log2(finer / 3)))):
        own = picture.color_srgb if named == "fg" else hex_to_srgb(named)
        cover = cv2.resize(mask, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA)
        cover = cover[top - y0 : bottom - y0, left - x0 : right - x0].astype(np.float32)
        cover *= np.float32(opacity * picture.opacity / 255)
        paint = srgb_to_linear(own) if own else ink
        blend(color, retro, (left, top, right, bottom), cover, paint, 1 - picture.retro)
