# SPDX-License-Identifier: Apache-2.0
"""The index of one dataset: made once, in the background, and kept up with a growing dataset."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from anprgen import shards
from anprgen.dataset import Dataset
from anprgen.errors import DatasetError
from anprgen.files import inside
from anprgen.packed import Pictures, tar_of
from anprgen.samples import Record
from anprgen.serving.table import PICTURE_WORDS, PLATE_WORDS, Table, Words, joined, table_of

#: How long a look at the folder is taken as true.
FRESH_S = 5.0
#: Tar files whose lists of pictures are kept.
_TARS = 256
_Stamp = tuple[int, int]


class Index:
    """Finds samples of a dataset by what is in them.

    Nothing is written. Shards are indexed one after the other by a thread, and whatever is ready
    can be asked for at once; shards that a running build adds or replaces are noticed within
    `FRESH_S` of being asked. Records stay on the disk: the index knows where each begins.
    """

    def __init__(self, root: Path) -> None:
        """Raises DatasetError where `root` is no dataset."""
        self.root = root
        self.words = Words()
        self.problems: dict[int, str] = {}
        self._dataset = Dataset.open(root)
        self._tables: dict[int, tuple[_Stamp, Table]] = {}
        self._joined: tuple[int, Table] = (0, joined(()))
        self._changes = 0
        self._tars: dict[tuple[Path, int, int], Pictures] = {}
        self._lock = threading.Lock()
        self._asked = threading.Event()
        self._looked = threading.Event()
        self._looked_at = 0.0
        self.total = 0  # shards in the folder, indexed or not

    @property
    def dataset(self) -> Dataset:
        """The dataset as it was at the last look at its folder."""
        return self._dataset

    def start(self) -> None:
        """Begins to index in the background."""
        threading.Thread(target=self._run, name=f"index {self.root.name}", daemon=True).start()

    def wait(self, timeout_s: float = 60.0) -> None:
        """Waits for the end of the first look (tests and benchmarks do)."""
        if not self._looked.wait(timeout_s):
            raise TimeoutError(str(self.root))

    @property
    def busy(self) -> bool:
        """Whether the first look is still going on."""
        return not self._looked.is_set()

    @property
    def done(self) -> int:
        """How many shards are indexed."""
        return len(self._tables)

    def table(self) -> Table:
        """Everything that is indexed now; asks for a new look where the last one is old."""
        if time.monotonic() - self._looked_at > FRESH_S:
            self._asked.set()
        with self._lock:
            changes, table = self._joined
            if changes != self._changes:
                table = joined(self._tables[number][1] for number in sorted(self._tables))
                self._joined = (self._changes, table)
            return table

    def counts(self, factor: str) -> list[tuple[str, int]]:
        """The words of a factor and how many plates (or pictures) have each, most first."""
        table = self.table()
        column = (table.samples if factor in PICTURE_WORDS else table.plates)[factor]
        assert factor in PICTURE_WORDS + PLATE_WORDS
        found = np.bincount(column, minlength=len(words := self.words.of(factor)))
        return sorted(zip(words, map(int, found)), key=lambda pair: (-pair[1], pair[0]))

    def row_of(self, table: Table, index: int) -> int:
        """The row of a sample.

        Raises:
            DatasetError: it is not there.
        """
        indices = table.samples["index"]
        row = int(np.searchsorted(indices, min(index, 2**62)))  # an address may say anything
        if row == len(indices) or indices[row] != index:
            hint = "the shards are still being read: load it again in a moment"
            raise DatasetError(
                f"there is no finished sample {index}",
                where=self.root.name,
                hint=hint if self.busy else None,
            )
        return row

    def record(self, sample: np.void) -> Record:
        """The record of a row of `Table.samples`.

        Raises:
            DatasetError: it is gone.
        """
        index = int(sample["index"])
        folder = self._dataset.shards.get(int(sample["shard"]))
        try:
            if folder is not None:
                with open(folder / shards.RECORDS, "rb") as lines:
                    lines.seek(int(sample["offset"]))
                    record: Record = json.loads(lines.readline())
                if record["index"] == index:
                    return record
        except (OSError, ValueError, KeyError, TypeError):
            pass  # the shard was replaced a moment ago
        return Dataset.open(self.root).record(str(index))

    def picture(self, record: Mapping[str, Any]) -> bytes:
        """The file of a record's picture, out of its folder or its tar file.

        Raises:
            DatasetError: it is missing, or outside the dataset.
        """
        path = inside(self.root, record["image"]["file"])
        dataset = self._dataset
        folder = dataset.shards.get(record["index"] // dataset.manifest.shard_size, path.parent)
        try:
            # The name is one of the dataset; a link of that name may still lead elsewhere.
            if not (folder / path.name).resolve().is_relative_to(self.root.resolve()):
                raise DatasetError(f"{path.name} leads out of the dataset", where=self.root.name)
            return self._pictures(folder).read(path.name)
        except OSError as e:
            raise DatasetError(
                f"{path.name} cannot be read: {e.strerror}",
                where=self.root.name,
                hint="`anprgen verify` tells what is damaged",
            ) from None

    def _pictures(self, folder: Path) -> Pictures:
        """A shard's pictures; of a tar file that was replaced, those of the new one."""
        tar = tar_of(folder)
        if not tar.exists():
            return Pictures(folder)
        key = (folder, *_stamp(tar))
        with self._lock:
            if key not in self._tars:
                while len(self._tars) >= _TARS:
                    del self._tars[next(iter(self._tars))]
                self._tars[key] = Pictures(folder)
            return self._tars[key]

    def _run(self) -> None:
        while True:
            self._asked.clear()
            self._look()
            self._looked.set()
            self._looked_at = time.monotonic()
            self._asked.wait()

    def _look(self) -> None:
        """Indexes what is new in the folder and forgets what is gone."""
        try:
            dataset = Dataset.open(self.root)
            found = dataset.shards
        except (DatasetError, OSError) as e:
            self.problems = {-1: str(e)}
            return
        if found != self._dataset.shards or dataset.manifest != self._dataset.manifest:
            self._dataset = dataset
        self.total = len(found)
        self.problems.pop(-1, None)
        for number in set(self._tables) - set(found):
            with self._lock:
                del self._tables[number]
                self._changes += 1
        for number, folder in found.items():
            try:
                stamp = _stamp(folder / shards.RECORDS)
                if self._tables.get(number, (None,))[0] == stamp:
                    continue
                table = table_of(_lines(folder / shards.RECORDS), number, self.words)
            except (OSError, ValueError, KeyError, TypeError) as e:
                self.problems[number] = f"{folder.name}: cannot read the records: {e}"
                continue
            with self._lock:
                self._tables[number] = (stamp, table)
                self._changes += 1
                self.problems.pop(number, None)


def _stamp(path: Path) -> _Stamp:
    found = path.stat()
    return found.st_mtime_ns, found.st_size


def _lines(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Where each record's line begins, and the record."""
    offset = 0
    with open(path, "rb") as lines:
        for line in lines:
            yield offset, json.loads(line)
            offset += len(line)
