# SPDX-License-Identifier: Apache-2.0
"""What a reader learns from, in memory: grey pictures of 8 KiB each, and their classes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anprgen.errors import DatasetError
from anprgen.exporters.options import Options
from anprgen.labelled import Labelled, open_labelled, open_photographs
from anprgen.models.card import Source
from anprgen.models.prepare import shrink
from anprgen.parameters import generator

Say = Callable[[str], None]
U8 = NDArray[np.uint8]

#: Of a folder of the user's own.
LEAST_REAL = 10
_LEAST = 16


@dataclass(frozen=True)
class Part:
    """Pictures uint8 [n, h, w] and what they say."""

    greys: U8
    texts: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True)
class Crops:
    """Training and validation pictures by kind: `ours`, and `real` where the user gave some."""

    train: dict[str, Part]
    val: dict[str, Part]
    sources: tuple[Source, ...]
    notes: tuple[str, ...]

    @property
    def characters(self) -> str:
        """All characters of our texts, by code point."""
        seen = set("".join(t for p in (self.train["ours"], self.val["ours"]) for t in p.texts))
        return "".join(sorted(seen))

    @property
    def longest(self) -> int:
        """Characters of the longest text."""
        return max(len(t) for part in self.train.values() for t in part.texts)


def load(
    datasets: Sequence[Path],
    real: Path | None,
    size: tuple[int, int],
    say: Say,
    *,
    illegible: bool = False,
    real_share: float = 0.3,
) -> Crops:
    """Reads datasets of ours and the user's labelled crops; the split `test` of all is left alone.

    Raises:
        DatasetError: one is not usable, or there is too little to learn from.
    """
    options = Options(splits=("train", "val"), illegible=illegible)
    gathered = {"train": _Gathering(size), "val": _Gathering(size)}
    sources, notes = [], []
    for path in datasets:
        found = open_labelled(path, options)
        if not found.ours:
            raise DatasetError(
                "this is no dataset of ours", where=str(path), hint="photographs go to --real"
            )
        counts = _fill(gathered, found)
        sources.append(_source(found, counts["train"], 1.0 if real is None else 1 - real_share))
        say(f"{found.name}: {counts['train']} crops to learn from, {counts['val']} to validate")
        notes += found.notes()
    train, val = {"ours": gathered["train"].part()}, {"ours": gathered["val"].part()}
    for split, part in (("train", train["ours"]), ("val", val["ours"])):
        if len(part) < (_LEAST if split == "train" else 1):
            raise DatasetError(
                f"only {len(part)} legible crops in the split {split}",
                where=", ".join(map(str, datasets)),
                hint="make more samples",
            )
    if real is not None:
        mine = {"train": _Gathering(size), "val": _Gathering(size)}
        found = open_photographs(real)
        counts = _fill(mine, found)
        if counts["train"] < LEAST_REAL:
            raise DatasetError(
                f"only {counts['train']} labelled crops to learn from",
                where=str(real),
                hint=f"{LEAST_REAL} or more are needed; registrations of the splits val and test"
                " are kept apart",
            )
        train["real"], val["real"] = mine["train"].part(), mine["val"].part()
        sources.append(_source(found, counts["train"], real_share))
        say(
            f"{found.name}: {counts['train']} of your crops to learn from, {counts['val']} to"
            f" validate, {counts['test']} left alone as its split test"
        )
        notes += found.notes()
    return Crops(train, val, tuple(sources), tuple(notes))


class _Gathering:
    def __init__(self, size: tuple[int, int]) -> None:
        self.size = size
        self._greys: list[U8] = []
        self._texts: list[str] = []

    def add(self, pixels: U8, text: str) -> None:
        self._greys.append(shrink(pixels, *self.size))
        self._texts.append(text)

    def part(self) -> Part:
        greys = np.stack(self._greys) if self._greys else np.zeros((0, *self.size), np.uint8)
        self._greys = []
        return Part(greys, tuple(self._texts))


def _fill(into: dict[str, _Gathering], found: Labelled) -> Counter[str]:
    counts: Counter[str] = Counter()
    for crop in found:
        counts[crop.split] += 1
        if crop.split in into:
            into[crop.split].add(crop.pixels(), crop.text)
    return counts


def _source(found: Labelled, count: int, share: float) -> Source:
    return Source(found.name, found.digest, count, share, found.made_by)


def fitting(part: Part, charset: str, slots: int) -> tuple[Part, int]:
    """The pictures whose text a reader can say, and how many others there were."""
    known = set(charset)
    keep = [i for i, t in enumerate(part.texts) if len(t) <= slots and known.issuperset(t)]
    kept = Part(part.greys[keep], tuple(part.texts[i] for i in keep))
    return kept, len(part) - len(keep)


def targets(texts: Sequence[str], charset: str, slots: int) -> NDArray[np.int64]:
    """Classes [n, slots]: character k of the charset is class k + 1, the rest 0."""
    index = {c: k + 1 for k, c in enumerate(charset)}
    out = np.zeros((len(texts), slots), np.int64)
    for row, text in zip(out, texts):
        row[: len(text)] = [index[c] for c in text]
    return out


class Order:
    """Which pictures each step learns from: a function of seed and step alone.

    Each kind of pictures goes round in permutations of its own; `take` of a step are as many as
    its share of the batch.
    """

    def __init__(self, count: int, take: int, seed: int, name: str) -> None:
        self.count, self.take, self.seed, self.name = count, take, seed, name
        self._round, self._permuted = -1, np.zeros(0, np.int64)

    def of_step(self, step: int) -> NDArray[np.int64]:
        """Indices of the pictures of a step, counted from 0."""
        at = np.arange(step * self.take, (step + 1) * self.take)
        return np.array([self._of(int(a)) for a in at], np.int64)

    def _of(self, place: int) -> int:
        turn, within = divmod(place, self.count)
        if turn != self._round:
            rng = generator(self.seed, turn, f"train.order.{self.name}")
            self._round, self._permuted = turn, rng.permutation(self.count)
        return int(self._permuted[within])
