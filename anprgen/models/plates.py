# SPDX-License-Identifier: Apache-2.0
"""Plates in a picture, found by a detector, made upright by their corners, and read by a reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from anprgen.errors import ModelError
from anprgen.models.detector import Detector
from anprgen.models.quads import Box, convex
from anprgen.models.reader import Reader, Reading

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]

#: Kept around a plate that is cut out, of its width and height: readers learn from crops that do.
MARGIN = 0.06
_LARGEST_PX, _LEAST_PX = 1024, 4


@dataclass(frozen=True)
class Plate:
    """A plate of a picture.

    `quad` are its corners [4, 2] in px, top left, top right, bottom right, bottom left as it
    reads; `box` bounds them, clipped to the picture; `confidence` is the detector's, None where
    the whole picture was taken as a plate. `crop` (uint8 BGR) is what was read, and `reading` what
    it says; None without a reader.
    """

    quad: F32
    box: Box
    confidence: float | None
    crop: U8
    reading: Reading | None

    def to_json(self) -> dict[str, Any]:
        """Everything but the crop; px rounded to a tenth, probabilities to a ten-thousandth."""
        read = self.reading
        out: dict[str, Any] = {
            "quad": [[round(float(x), 1), round(float(y), 1)] for x, y in self.quad],
            "box": [round(float(v), 1) for v in self.box],
            "confidence": None if self.confidence is None else round(float(self.confidence), 4),
        }
        if read is not None:
            out["text"] = read.text
            out["text_confidence"] = round(read.confidence, 4)
            out["characters"] = [[c.char, round(c.probability, 4)] for c in read.characters]
            out["alternatives"] = [[t, round(p, 4)] for t, p in read.alternatives]
        return out


@dataclass(frozen=True)
class PlateReader:
    """A detector, a reader, or both.

    Without a detector a whole picture is taken as the crop of one plate; without a reader plates
    are found and not read. `margin` is kept around a plate that was found, of its width and height.
    """

    reader: Reader | None = None
    detector: Detector | None = None
    margin: float = MARGIN

    def __post_init__(self) -> None:
        if self.reader is None and self.detector is None:
            raise ModelError("neither a reader nor a detector is named")

    def read(self, bgr: U8) -> list[Plate]:
        """The plates of a picture, uint8 BGR [h, w, 3], the surest first.

        Raises:
            ModelError: a network fails.
        """
        h, w = bgr.shape[:2]
        places: list[tuple[F32, Box, float | None, U8]]
        if self.detector is None:
            whole = np.array([(0, 0), (w, 0), (w, h), (0, h)], np.float32)
            places = [(whole, (0.0, 0.0, float(w), float(h)), None, bgr)]
        else:
            places = [
                (f.quad, f.box, f.confidence, rectified(bgr, f.quad, f.box, self.margin))
                for f in self.detector.find(bgr)
            ]
        readings: Sequence[Reading | None] = (
            self.reader.read([crop for *_, crop in places])
            if self.reader is not None
            else [None] * len(places)
        )
        return [Plate(*place, reading) for place, reading in zip(places, readings)]


def rectified(bgr: U8, quad: F32, box: Box, margin: float = MARGIN) -> U8:
    """The plate with corners `quad` seen from the front, with a margin around it.

    As large as its mean sides in px, at most 1024. Where the corners make no convex
    quadrilateral, it is the part inside `box`. What is outside the picture repeats its border.
    """
    corners = np.asarray(quad, np.float64)
    if not convex(quad):
        return cut(bgr, box)
    sides = np.hypot(*(np.roll(corners, -1, 0) - corners).T)
    w, h = (sides[0] + sides[2]) / 2, (sides[1] + sides[3]) / 2
    scale = min(1.0, _LARGEST_PX / max(w, h))
    w, h = w * scale, h * scale
    left, top = margin * w, margin * h
    size = max(_LEAST_PX, round(w + 2 * left)), max(_LEAST_PX, round(h + 2 * top))
    target = np.array([(left, top), (left + w, top), (left + w, top + h), (left, top + h)])
    # OpenCV's (0, 0) is the middle of the first pixel, ours its outer corner.
    to = cv2.getPerspectiveTransform(
        np.float32(corners - 0.5),  # type: ignore[arg-type]
        np.float32(target - 0.5),  # type: ignore[arg-type]
    )
    flat = cv2.warpPerspective(
        bgr, to, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(flat, np.uint8)


def cut(bgr: U8, box: Box) -> U8:
    """The part of a picture inside a box, at least one pixel of it."""
    h, w = bgr.shape[:2]
    x0, y0 = min(max(int(box[0]), 0), w - 1), min(max(int(box[1]), 0), h - 1)
    x1, y1 = max(x0 + 1, min(round(box[2]), w)), max(y0 + 1, min(round(box[3]), h))
    return bgr[y0:y1, x0:x1]
