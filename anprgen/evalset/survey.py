# SPDX-License-Identifier: Apache-2.0
"""The first look at the records: what will be in the set, before any pixel is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from anprgen.dataset import Dataset
from anprgen.errors import DatasetError
from anprgen.evalset.calibration import Candidate
from anprgen.evalset.items import Item


@dataclass
class Survey:
    """What the evaluation will hold.

    `pixels` counts px of all its pictures, `characters` those of all texts; `too_long` texts do
    not fit into the network's usual configuration.
    """

    count: int = 0
    pixels: int = 0
    longest: int = 0
    too_long: int = 0
    characters: Counter[str] = field(default_factory=Counter)
    registrations: set[str] = field(default_factory=set)
    addresses: set[tuple[int, int]] = field(default_factory=set)

    def add(self, item: Item, seed: int, max_length: int) -> None:
        """Takes an item into the evaluation."""
        width, height = item.size_px
        self.count += 1
        self.pixels += width * height
        self.longest = max(self.longest, len(item.text))
        self.too_long += bool(max_length) and len(item.text) > max_length
        self.characters.update(item.text)
        self.registrations |= item.registrations
        self.addresses.add((seed, item.key[0]))


def survey(part: Dataset, items: Iterator[Item], max_length: int) -> Survey:
    """Counts what the evaluation holds.

    Raises:
        DatasetError: there is nothing.
    """
    found = Survey()
    for item in items:
        found.add(item, part.manifest.seed, max_length)
    if not found.count:
        raise DatasetError(
            "there is nothing to evaluate in this split",
            where=str(part.root),
            hint="make more samples, or take another one with --split",
        )
    return found


def collect_candidates(found: Survey, part: Dataset, items: Iterator[Item]) -> list[Candidate]:
    """What may calibrate: no registration and no address (seed, index) of the evaluation."""
    seed = part.manifest.seed
    return [
        Candidate(item.stratum(), seed, item.key)
        for item in items
        if not item.registrations & found.registrations
        and (seed, item.key[0]) not in found.addresses
    ]
