# SPDX-License-Identifier: Apache-2.0
"""A reader: crops of plates in, texts out, with how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anprgen.errors import ModelError
from anprgen.models import beam
from anprgen.models.card import ModelCard
from anprgen.models.prepare import prepare
from anprgen.models.session import Session, open_session

#: Crops that are prepared and read at once.
BATCH = 64


@dataclass(frozen=True)
class Character:
    """A character that was read, and the probability of it at its place."""

    char: str
    probability: float


@dataclass(frozen=True)
class Reading:
    """What was read in one crop.

    `confidence` is the probability that the whole `text` is right, calibrated on pictures that the
    network did not learn from; `alternatives` are (text, probability), the likeliest first:
    `text` itself is the first. An empty text means that nothing was found to read.
    """

    text: str
    confidence: float
    characters: tuple[Character, ...]
    alternatives: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Reader:
    """A network that reads plates; `Reader.open` makes one."""

    session: Session

    @classmethod
    def open(cls, path: Path | str, *, threads: int | None = None, device: str = "cpu") -> Reader:
        """Opens a .onnx file, or a model's folder that holds reader.onnx.

        Raises:
            MissingLibrary: ONNX Runtime is not installed.
            ModelError: the file is not there, or is no reader of ours.
        """
        session = open_session(Path(path), "reader", threads=threads, device=device)
        card, shape = session.card, next(iter(session.outputs.values()), ())
        want = (card.slots, len(card.charset) + 1)
        if len(shape) != 3 or any(d not in (None, w) for d, w in zip(shape[1:], want)):
            raise ModelError(
                f"its output is {list(shape)}, and its card says {list(want)} for each picture",
                where=str(session.path),
                hint="the file was changed after anprgen wrote it",
            )
        session.wants_pictures("grey", "stretch", "standardised")
        return cls(session)

    @property
    def card(self) -> ModelCard:
        """What the model says about itself."""
        return self.session.card

    def read(self, images: Sequence[NDArray[np.uint8]], top: int = 5) -> list[Reading]:
        """Reads crops, each uint8 [h, w, 3] BGR (or [h, w] grey) of any size.

        `top` is the number of alternatives of each.

        Raises:
            ModelError: a picture is no picture, or the network fails.
        """
        size, out = self.card.input, []
        for first in range(0, len(images), BATCH):
            part = prepare(images[first : first + BATCH], size.height, size.width)
            out += [self._reading(row, top) for row in self.logits(part)]
        return out

    def logits(self, prepared: NDArray[np.float32]) -> NDArray[np.float32]:
        """Logits [n, slots, classes] of what `prepare` made.

        Raises:
            ModelError: the network fails, or gives what is no number.
        """
        found = self.session.run(prepared)[0]
        want = (len(prepared), self.card.slots, len(self.card.charset) + 1)
        if found.shape != want:
            raise ModelError(
                f"its output is {list(found.shape)}, not {list(want)}", where=str(self.session.path)
            )
        if not np.isfinite(found).all():
            raise ModelError("its output is no number", where=str(self.session.path))
        return found

    def _reading(self, logits: NDArray[np.float32], top: int) -> Reading:
        probabilities = beam.softmax(logits, self.card.temperature)
        found = beam.texts(probabilities, self.card.charset, max(1, top))
        best = found[0]
        characters = tuple(
            Character(self.card.charset[k - 1], float(probabilities[slot, k]))
            for slot, k in best.places
        )
        return Reading(
            best.text, best.probability, characters, tuple((h.text, h.probability) for h in found)
        )
