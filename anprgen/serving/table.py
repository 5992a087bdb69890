# SPDX-License-Identifier: Apache-2.0
"""What a gallery filters by, as columns: a few hundred bytes of memory a sample, no pictures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anprgen.evalset.factors import UNKNOWN, factors_of
from anprgen.wear import LAYERS

#: Kinds of wear that have an amount from 0 to 1.
WEAR = tuple(LAYERS)
#: Factors of a whole picture, and those of one plate in it, that are words.
PICTURE_WORDS = ("split", "light", "time", "camera")
PLATE_WORDS = ("design", "series", "legibility")

#: `offset`: of the record's line in its shard's records.jsonl, bytes.
SAMPLE = np.dtype(
    [("index", "i8"), ("offset", "i8"), ("shard", "i4"), ("plates", "i2")]
    + [(name, "i2") for name in PICTURE_WORDS]
)
#: `row`: of the picture among the samples. Wear has half precision: 0.001 of 1.
PLATE = np.dtype(
    [("row", "i4"), ("width_px", "f4"), ("yaw_deg", "f4"), ("wear", "f2", (len(WEAR),))]
    + [(name, "i2") for name in PLATE_WORDS]
)


class Words:
    """Words of each factor by their number, in the order they were met."""

    def __init__(self) -> None:
        self._codes: dict[str, dict[str, int]] = {n: {} for n in PICTURE_WORDS + PLATE_WORDS}

    def code(self, factor: str, word: str) -> int:
        """The number of a word, a new one for a new word."""
        codes = self._codes[factor]
        return codes.setdefault(word, len(codes))

    def known(self, factor: str, word: str) -> int:
        """The number of a word, or -1 where no sample has it."""
        return self._codes[factor].get(word, -1)

    def of(self, factor: str) -> list[str]:
        """All words of a factor, by their number."""
        return list(self._codes[factor])


@dataclass(frozen=True)
class Table:
    """Samples and their plates.

    Attributes:
        samples: of dtype `SAMPLE`, in the order of their indices.
        plates: of dtype `PLATE`, in the order of their samples.
        texts: of each sample, what a search looks into, `squashed`.
    """

    samples: NDArray[np.void]
    plates: NDArray[np.void]
    texts: Sequence[str]

    @property
    def nbytes(self) -> int:
        """Memory of the columns and, at a byte a character, of the texts."""
        return self.samples.nbytes + self.plates.nbytes + sum(map(len, self.texts))


def squashed(text: str) -> str:
    """A text as a search compares it: without case, blanks and hyphens."""
    return "".join(text.casefold().replace("-", "").split())


def light_of(shot: Mapping[str, Any]) -> str:
    """The condition of light; of older datasets the kind of light."""
    light = shot.get("light", {})
    return str(light.get("conditions") or light.get("kind") or UNKNOWN)


def time_of(record: Mapping[str, Any]) -> str:
    """`day` or `night`, as evaluation sets tell them apart."""
    # The factor is the picture's; frames without plates have it too.
    nothing = {"characters": (), "yaw_deg": 0, "pitch_deg": 0, "legibility": "", "text": ""}
    return factors_of(record, {**nothing, "design": ""})["night"]


def camera_of(shot: Mapping[str, Any]) -> str:
    """The name of the camera where one was asked for."""
    return str((shot.get("capture") or {}).get("camera") or "default")


def wear_of(record: Mapping[str, Any], number: int) -> Mapping[str, Any]:
    """The wear of the labelled plate `number`; empty where the record does not tell.

    Plates outside the picture have no label, so labels are matched in order by design and text.
    """
    mounted = iter(record["shot"].get("plates", ()))
    wear: Mapping[str, Any] = {}
    for plate in record["plates"][: number + 1]:
        key = (plate["design"], plate["text"])
        wear = next(
            (m["wear"] for m in mounted if (m["design"], m["registration"]["text"]) == key), {}
        )
    return wear


def table_of(lines: Iterable[tuple[int, Mapping[str, Any]]], shard: int, words: Words) -> Table:
    """The table of a shard from its records and where their lines begin.

    Raises:
        KeyError, TypeError: a record is not one.
    """
    samples, plates, texts = [], [], []
    for row, (offset, record) in enumerate(lines):
        shot = record["shot"]
        picture = (record.get("split", UNKNOWN), light_of(shot), time_of(record), camera_of(shot))
        codes = [words.code(name, word) for name, word in zip(PICTURE_WORDS, picture)]
        samples.append((record["index"], offset, shard, len(record["plates"]), *codes))
        found = [record["id"]]
        for number, plate in enumerate(record["plates"]):
            wear = wear_of(record, number)
            amounts = [wear.get(kind, 0.0) for kind in WEAR]
            codes = [words.code(name, plate[name]) for name in PLATE_WORDS]
            plates.append((row, plate["width_px"], plate["yaw_deg"], amounts, *codes))
            found += [squashed(plate["text"]), squashed(plate["ocr_text"])]
        texts.append("\n".join(found))
    return Table(np.array(samples, SAMPLE), np.array(plates, PLATE), texts)


def joined(tables: Iterable[Table]) -> Table:
    """Tables one after the other."""
    samples, plates = [np.empty(0, SAMPLE)], [np.empty(0, PLATE)]
    texts: list[str] = []
    rows = 0
    for table in tables:
        moved = table.plates.copy()
        moved["row"] += rows
        samples.append(table.samples)
        plates.append(moved)
        texts += table.texts
        rows += len(table.samples)
    return Table(np.concatenate(samples), np.concatenate(plates), texts)
