# SPDX-License-Identifier: Apache-2.0
"""What was found, drawn over pictures: box, corners, text and confidence."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from anprgen.files import write_bytes
from anprgen.reading.sources import ReadError

U8 = NDArray[np.uint8]
_SURE, _FAIR, _UNSURE, _BOX = (52, 224, 90), (255, 192, 46), (255, 90, 79), (255, 77, 255)


def draw(bgr: U8, line: Mapping[str, Any]) -> U8:
    """A copy of a picture, uint8 BGR [h, w, 3], with the plates of its line drawn."""
    plates = line.get("plates", ())
    if not plates:
        return bgr.copy()
    h, w = bgr.shape[:2]
    image = Image.fromarray(np.ascontiguousarray(bgr[:, :, ::-1]))
    pen = ImageDraw.Draw(image)
    stroke, size = max(1, round(max(w, h) / 500)), max(11, round(max(w, h) / 45))
    font = ImageFont.load_default(size)
    for plate in plates:
        found, read = plate["confidence"], plate.get("text_confidence")
        colour = _colour(found if read is None else read)
        if found is not None:
            x0, y0, x1, y1 = plate["box"]
            pen.rectangle((x0, y0, x1, y1), outline=_BOX, width=1)
            corners = [(float(x), float(y)) for x, y in plate["quad"]]
            pen.line([*corners, corners[0]], fill=colour, width=stroke)
            for x, y in corners:
                pen.ellipse(
                    (x - 2 * stroke, y - 2 * stroke, x + 2 * stroke, y + 2 * stroke), colour
                )
        _write(pen, plate, font, colour, (w, h))
    return np.ascontiguousarray(np.asarray(image, np.uint8)[:, :, ::-1])


def _write(
    pen: ImageDraw.ImageDraw,
    plate: Mapping[str, Any],
    font: Any,
    colour: tuple[int, int, int],
    size: tuple[int, int],
) -> None:
    share = plate.get("text_confidence", plate["confidence"])
    text = f"{plate.get('text', 'plate') or '?'} {share:.2f}"
    left, top, right, bottom = pen.textbbox((0, 0), text, font)
    wide, high = right - left + 6, bottom - top + 6
    x0, y0, _, y1 = plate["box"]
    x = min(max(0, x0), max(0, size[0] - wide))
    # Above the plate, below where there is no room, and inside where there is none either.
    y = y0 - high - 2
    y = y if y >= 0 else y1 + 2
    y = y if y + high <= size[1] else 0
    pen.rectangle((x, y, x + wide, y + high), fill=(20, 20, 20))
    pen.text((x + 3 - left, y + 3 - top), text, colour, font)


def _colour(share: float) -> tuple[int, int, int]:
    return _SURE if share >= 0.9 else _FAIR if share >= 0.6 else _UNSURE


def picture_path(folder: Path, file: str) -> Path:
    """Where an annotated picture goes: inside the folder, by its own name, as JPEG."""
    name = Path(file)
    if name.is_absolute() or ".." in name.parts:
        name = Path(name.name)  # a list may name pictures elsewhere
    if name.suffix.lower() not in (".jpg", ".jpeg"):
        name = name.with_name(f"{name.name}.jpg")
    return folder / name


def write_picture(path: Path, bgr: U8) -> None:
    """Writes a JPEG, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, 92])
    write_bytes(path, data.tobytes())


class Clip:
    """An annotated film: it gets its name when it is whole."""

    def __init__(self, path: Path, rate: float) -> None:
        self.path, self._rate = path, rate
        self._part = path.with_name(f".{path.name}")
        self._writer: cv2.VideoWriter | None = None
        self._size = (0, 0)

    def add(self, bgr: U8) -> None:
        """The next picture.

        Raises:
            ReadError: OpenCV cannot write films here.
        """
        h, w = bgr.shape[:2]
        if self._writer is None:
            self._size = (w + w % 2, h + h % 2)  # the codec wants whole pairs
            code = cv2.VideoWriter.fourcc(*"mp4v")
            self._writer = cv2.VideoWriter(str(self._part), code, self._rate, self._size)
            if not self._writer.isOpened():
                raise ReadError("this OpenCV cannot write films", where=str(self.path))
        right, below = max(0, self._size[0] - w), max(0, self._size[1] - h)
        whole = cv2.copyMakeBorder(bgr, 0, below, 0, right, cv2.BORDER_REPLICATE)
        self._writer.write(whole[: self._size[1], : self._size[0]])

    def finish(self) -> None:
        """Gives the film its name."""
        if self._writer is not None:
            self._writer.release()
            os.replace(self._part, self.path)

    def drop(self) -> None:
        """Removes what was written of it."""
        if self._writer is not None:
            self._writer.release()
        self._part.unlink(missing_ok=True)
