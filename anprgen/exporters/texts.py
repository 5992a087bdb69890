# SPDX-License-Identifier: Apache-2.0
"""The texts of a whole dataset: which characters a reader needs classes for, and how much room."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from anprgen.dataset import Dataset
from anprgen.errors import DatasetError
from anprgen.exporters.options import Options, is_readable, label_of, large_lines, line_text
from anprgen.splits import SPLITS


@dataclass(frozen=True)
class Texts:
    """What the texts to learn hold.

    `characters` are in the order of their classes; `longest` counts those of the longest text, 0
    where there is none.
    """

    characters: tuple[str, ...]
    longest: int


def survey(dataset: Dataset, options: Options) -> Texts:
    """Reads all records once; the same whichever splits are exported.

    So characters have the same classes, and texts the same room, in exports of single splits.

    Raises:
        DatasetError: texts have characters that `options.charset` lacks; all are listed.
    """
    counts: Counter[str] = Counter()
    longest = 0
    for text in _texts(dataset, options):
        counts.update(text)
        longest = max(longest, len(text))
    if options.charset is None:
        return Texts(tuple(sorted(counts)), longest)
    if outside := {c: n for c, n in sorted(counts.items()) if c not in options.charset}:
        listed = ", ".join(f"{c} (U+{ord(c):04X}) {n}" for c, n in outside.items())
        raise DatasetError(
            f"characters outside the charset, and how often: {listed}",
            where=str(dataset.root),
            hint="add them to the file of --charset; nothing is dropped in silence",
        )
    return Texts(options.charset, longest)


def _texts(dataset: Dataset, options: Options) -> Iterator[str]:
    for record in dataset.records():
        if record["split"] in SPLITS:
            for plate in record["plates"]:
                if is_readable(plate, options):
                    if options.lines == "separate":
                        yield from map(line_text, large_lines(plate))
                    else:
                        yield label_of(plate)
