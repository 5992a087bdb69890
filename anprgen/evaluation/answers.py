# SPDX-License-Identifier: Apache-2.0
"""What models answer to labelled crops, each crop decoded once."""

from __future__ import annotations

import base64
import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from anprgen.labelled import Crop, plain
from anprgen.models.reader import Reader, Reading
from anprgen.scoring import is_exact, is_strict

#: Crops that are decoded and read at once.
CHUNK = 64
#: Pictures kept of each model, the surest mistakes, and their width in the report.
WORST, SHOWN_PX = 24, 240
_JPEG = (cv2.IMWRITE_JPEG_QUALITY, 85)


@dataclass(frozen=True)
class Answer:
    """One model's answer to one crop."""

    name: str
    want: str
    registration: str
    reading: Reading

    @property
    def exact(self) -> bool:
        """Right but for O, Q and 0."""
        return is_exact(self.reading.text, self.want)

    @property
    def strict(self) -> bool:
        """Right."""
        return is_strict(self.reading.text, self.want)

    def place(self) -> int | None:
        """Where the right text stands among the alternatives, from 1; None where it does not."""
        for k, (text, _) in enumerate(self.reading.alternatives, 1):
            if is_strict(text, self.want):
                return k
        return None


@dataclass
class Answers:
    """All answers of one model; it keeps pictures of its surest mistakes."""

    model: str
    answers: list[Answer] = field(default_factory=list)
    unsayable: int = 0
    _worst: list[tuple[float, int, str, str]] = field(default_factory=list)

    def add(self, crop: Crop, reading: Reading, pixels: NDArray[np.uint8]) -> None:
        """Takes an answer, and the picture if it belongs to the worst."""
        answer = Answer(crop.name, crop.text, crop.registration, reading)
        self.answers.append(answer)
        if answer.exact:
            return
        entry = (reading.confidence, -len(self.answers))
        if len(self._worst) < WORST or entry > self._worst[0][:2]:
            heapq.heappush(self._worst, (*entry, crop.name, picture_url(pixels)))
            if len(self._worst) > WORST:
                heapq.heappop(self._worst)

    def worst(self) -> list[tuple[Answer, str]]:
        """The surest mistakes with their pictures as data URLs, the surest first."""
        found = sorted(self._worst, reverse=True)
        return [(self.answers[-number - 1], url) for _, number, _, url in found]


def read_all(
    readers: Mapping[str, Reader],
    crops: Iterable[Crop],
    describe: Callable[[Crop], Any] | None = None,
    advance: Callable[[int], None] = lambda count: None,
) -> tuple[list[Answers], list[Any]]:
    """Every model's answers, in the order of the crops, and what `describe` says of each crop.

    Raises:
        AnprgenError: a picture cannot be read, or a model fails.
    """
    found = [Answers(name) for name in readers]
    known = [frozenset(plain(r.card.charset)) for r in readers.values()]
    described: list[Any] = []
    for part in _chunks(iter(crops)):
        pixels = [crop.pixels() for crop in part]
        for answers, reader, characters in zip(found, readers.values(), known):
            for crop, image, reading in zip(part, pixels, reader.read(pixels)):
                text = plain(crop.text)
                answers.unsayable += (
                    not characters.issuperset(text) or len(text) > reader.card.slots
                )
                answers.add(crop, reading, image)
        if describe is not None:
            described += [describe(crop) for crop in part]
        advance(len(part))
    return found, described


def picture_url(pixels: NDArray[np.uint8]) -> str:
    """A crop, BGR, as a JPEG of SHOWN_PX width in a data URL."""
    h, w = pixels.shape[:2]
    size = (SHOWN_PX, max(1, min(2 * SHOWN_PX, round(SHOWN_PX * h / w))))
    how = cv2.INTER_AREA if w > SHOWN_PX else cv2.INTER_NEAREST
    _, data = cv2.imencode(".jpg", cv2.resize(pixels, size, interpolation=how), _JPEG)
    return f"data:image/jpeg;base64,{base64.b64encode(data.tobytes()).decode()}"


def _chunks(crops: Iterator[Crop]) -> Iterator[list[Crop]]:
    while part := list(islice(crops, CHUNK)):
        yield part
