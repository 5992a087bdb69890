# SPDX-License-Identifier: Apache-2.0
"""A detector: whole pictures in, the four corners of every plate out, with how sure it is.

The network has one cell for every 4 x 4 px of its input. For each it says how likely the middle of
a plate is there, and where that plate's four corners lie, counted from the cell in cells (the
kind of network that Zhou, Wang and Kraehenbuehl describe in "Objects as Points", 2019).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anprgen.errors import ModelError
from anprgen.models.card import ModelCard
from anprgen.models.letterbox import letterbox
from anprgen.models.quads import Box, bounds, convex, overlap
from anprgen.models.session import Session, open_session

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]

#: Px of the input from one cell to the next.
STRIDE = 4
#: Where a card says nothing else, plates less likely than this are left out.
THRESHOLD = 0.4
#: Plates that lie on each other by more than this are one; at most so many are told of.
SAME, MOST = 0.3, 64
#: Cells that are looked at, the likeliest of a picture.
_CELLS = 256
#: Corners further away, px of the input, are none.
_FAR_PX = 1e5


@dataclass(frozen=True)
class Found:
    """A plate in a picture.

    `quad` are its corners [4, 2] in px (top left, top right, bottom right, bottom left as it
    reads; maybe outside the picture), `box` bounds them, clipped to the picture.
    """

    quad: F32
    box: Box
    confidence: float


@dataclass(frozen=True)
class Detector:
    """A network that finds plates; `Detector.open` makes one."""

    session: Session
    threshold: float

    @classmethod
    def open(cls, path: Path | str, *, threads: int | None = None, device: str = "cpu") -> Detector:
        """Opens a .onnx file, or a model's folder that holds detector.onnx.

        Raises:
            MissingLibrary: ONNX Runtime is not installed.
            ModelError: the file is not there, or is no detector of ours.
        """
        session = open_session(Path(path), "detector", threads=threads, device=device)
        card, shapes = session.card, [shape[1:] for shape in session.shapes]
        cells = (card.input.height // STRIDE, card.input.width // STRIDE)
        want = [(1, *cells), (8, *cells)]
        if len(shapes) != 2 or any(
            len(s) != 3 or any(d not in (None, v) for d, v in zip(s, w))
            for s, w in zip(shapes, want)
        ):
            raise ModelError(
                f"its outputs are {[list(s) for s in shapes]}, and of a detector with this input"
                f" {[list(s) for s in want]}",
                where=str(session.path),
                hint="the file was changed after anprgen wrote it",
            )
        session.wants_pictures("bgr", "letterbox", "unit")
        said = card.info.get("threshold", THRESHOLD)
        if isinstance(said, bool) or not isinstance(said, (int, float)) or not 0 < said < 1:
            raise ModelError("its threshold is no number between 0 and 1", where=str(session.path))
        return cls(session, float(said))

    @property
    def card(self) -> ModelCard:
        """What the model says about itself."""
        return self.session.card

    def find(self, bgr: U8, threshold: float | None = None) -> list[Found]:
        """The plates in a picture, uint8 BGR [h, w, 3] of any size, the surest first.

        `threshold` is the least confidence; None: the one that was best in validation.

        Raises:
            ModelError: it is no picture, or the network fails.
        """
        size = self.card.input
        image, place = letterbox(bgr, size.height, size.width)
        heat, corners = self.maps(image[None])
        h, w = bgr.shape[:2]
        out = []
        least = self.threshold if threshold is None else threshold
        for confidence, quad in peaks(heat[0, 0], corners[0], least):
            there = place.to_picture(quad)
            box = bounds(there, w, h)
            if box[2] > box[0] and box[3] > box[1]:
                out.append(Found(there, box, confidence))
        return out

    def maps(self, images: U8) -> tuple[F32, F32]:
        """Of inputs, uint8 BGR [n, h, w, 3]: heat [n, 1, h/4, w/4] and corners [n, 8, h/4, w/4].

        Raises:
            ModelError: the network fails, or gives what is no number.
        """
        heat, corners = self.session.run(as_input(images))[:2]
        if not (np.isfinite(heat).all() and np.isfinite(corners).all()):
            raise ModelError("its output is no number", where=str(self.session.path))
        return heat, corners


def as_input(images: U8) -> F32:
    """Uint8 [n, h, w, 3] -> float32 [n, 3, h, w] from 0 to 1."""
    return np.ascontiguousarray(images.transpose(0, 3, 1, 2), np.float32) / np.float32(255)


def peaks(heat: F32, corners: F32, least: float) -> list[tuple[float, F32]]:
    """Confidences and corners [4, 2] (px of the input) of the plates in a picture's maps.

    A plate is a cell of `heat` [h, w] that no neighbour exceeds, of at least `least`; `corners`
    [8, h, w] are x and y of each corner. Of plates on each other the surest is kept.
    """
    h, w = heat.shape
    around = np.pad(heat, 1, constant_values=-np.inf)
    highest = np.max([around[i : i + h, j : j + w] for i in range(3) for j in range(3)], axis=0)
    rows, columns = np.nonzero((heat >= highest) & (heat >= least))
    order = np.argsort(-heat[rows, columns], kind="stable")[:_CELLS]
    out: list[tuple[float, F32]] = []
    for row, column in zip(rows[order], columns[order]):
        offsets = corners[:, row, column].reshape(4, 2)
        quad = np.asarray((offsets + (column + 0.5, row + 0.5)) * STRIDE, np.float32)
        if np.abs(quad).max() > _FAR_PX or not convex(quad):
            continue
        if all(overlap(quad, other) <= SAME for _, other in out):
            out.append((float(heat[row, column]), quad))
            if len(out) == MOST:
                break
    return out
