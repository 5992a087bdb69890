# SPDX-License-Identifier: Apache-2.0
"""A frame becomes what a detector sees, and what it should say to that."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from anprgen.models.detector import STRIDE
from anprgen.models.letterbox import PADDING, letterbox
from anprgen.models.quads import width_px
from anprgen.parameters import generator
from anprgen.training.frames import Frame

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]

#: Plates narrower than this in the input may be found or not, px.
LEAST_PX = 5.0
#: Standard deviation of the bell around a plate's middle: of the plate's sides; at least, cells.
_BELL, _LEAST_BELL = 0.1, 0.7
#: Cells of the bell at least this high learn the corners.
_CORNERS_FROM = 0.3
#: Heat of the one cell that a plate's middle is in; neighbours of the largest plates stay below.
MIDDLE = 0.9999


@dataclass(frozen=True)
class Seen:
    """An input, uint8 BGR [h, w, 3], and its plates' corners [n, 4, 2] in its px."""

    image: U8
    quads: F32
    wanted: NDArray[np.bool_]

    @property
    def asked(self) -> NDArray[np.bool_]:
        """Which plates must be found: those wanted that are `LEAST_PX` wide here."""
        wide = [width_px(quad) >= LEAST_PX for quad in self.quads]
        return self.wanted & np.array(wide, np.bool_).reshape(-1)


@dataclass(frozen=True)
class Target:
    """What a detector should say, for cells [h, w].

    `heat` is 1 in the middle of a plate and falls off around it; where `counted` is 0 anything
    may be said; `corners` [8, h, w] hold where `weight` is above 0, which is the bell's height by
    the plate's width in cells: corners are as good as they are a share of the plate.
    """

    heat: F32
    counted: F32
    corners: F32
    weight: F32


def plain(frame: Frame, height: int, width: int) -> Seen:
    """A frame as it is found in later: in its letterbox."""
    image, place = letterbox(frame.pixels(), height, width)
    return Seen(image, place.to_input(frame.quads), frame.wanted)


def varied(frame: Frame, height: int, width: int, seed: int, step: int, number: int) -> Seen:
    """A part or the whole of a frame in another place, size, brightness and colour.

    A function of the address (seed, step, number) alone.
    """
    rng = generator(seed, step, f"train.detector.{number}")
    bgr = frame.pixels()
    h, w = bgr.shape[:2]
    scale = min(width / w, height / h) * math.exp(rng.uniform(math.log(0.7), math.log(1.9)))
    room = np.array((width - scale * w, height - scale * h))
    # Smaller than the input: anywhere in it. Larger: any part of the frame.
    left, top = rng.uniform(np.minimum(room, 0), np.maximum(room, 0))
    to = np.array([[scale, 0, left], [0, scale, top]])
    if scale < 0.5:  # a linear filter looks at four px
        bgr = cv2.blur(bgr, (max(1, round(0.5 / scale)),) * 2)
    centres = to.copy()
    centres[:, 2] += 0.5 * scale - 0.5
    image = cv2.warpAffine(
        bgr, centres, (width, height), flags=cv2.INTER_LINEAR, borderValue=(PADDING,) * 3
    )
    quads = (frame.quads * np.float32(scale) + np.array((left, top), np.float32)).astype(np.float32)
    return Seen(_recoloured(np.asarray(image, np.uint8), rng), quads, frame.wanted)


def _recoloured(image: U8, rng: np.random.Generator) -> U8:
    x = image.astype(np.float32) / 255
    x = x ** math.exp(rng.normal(0, 0.25)) * math.exp(rng.normal(0, 0.15))
    x = x * np.exp(rng.normal(0, 0.06, 3)).astype(np.float32)
    if rng.random() < 0.15:
        x = np.repeat(x.mean(2, keepdims=True), 3, 2)
    if rng.random() < 0.2:
        x = cv2.GaussianBlur(x, (0, 0), float(rng.uniform(0.4, 1.2)))
    x = x + rng.normal(0, rng.uniform(0, 0.03), x.shape).astype(np.float32)
    return np.asarray(np.clip(x * 255 + 0.5, 0, 255), np.uint8)


def target_of(seen: Seen) -> Target:
    """What a detector should say to an input."""
    h, w = seen.image.shape[0] // STRIDE, seen.image.shape[1] // STRIDE
    heat, counted = np.zeros((h, w), np.float32), np.ones((h, w), np.float32)
    corners, weight = np.zeros((8, h, w), np.float32), np.zeros((h, w), np.float32)
    y, x = np.mgrid[0:h, 0:w].astype(np.float32) + 0.5
    free: list[F32] = []
    for quad, asked in zip(seen.quads / STRIDE, seen.asked):
        middle = quad.mean(0)
        inside = bool((middle > 0).all() and middle[0] < w and middle[1] < h)
        if not asked or not inside:
            free.append(quad)
            continue
        high = float(np.hypot(*(quad[3] - quad[0])) + np.hypot(*(quad[2] - quad[1]))) / 2
        sigma = [max(_LEAST_BELL, _BELL * side) for side in (width_px(quad), high)]
        row, column = int(middle[1]), int(middle[0])
        # Round the middle of a cell, so that it is 1 in exactly one.
        across, down = (x - column - 0.5) / sigma[0], (y - row - 0.5) / sigma[1]
        bell = np.exp(-(across**2 + down**2) / 2)
        own = (bell >= _CORNERS_FROM) & (bell > heat)
        heat = np.maximum(heat, bell)
        offsets = quad.reshape(8, 1, 1) - np.stack([x, y] * 4)
        corners[:, own] = offsets[:, own]
        weight[own] = bell[own] / max(width_px(quad), 1.0)
    for quad in free:
        (x0, y0), (x1, y1) = quad.min(0) - 1, quad.max(0) + 1
        counted[(x > x0) & (x < x1) & (y > y0) & (y < y1)] = 0
    counted[heat >= MIDDLE] = 1
    return Target(heat, counted, corners, weight)
