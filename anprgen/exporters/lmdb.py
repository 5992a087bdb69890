# SPDX-License-Identifier: Apache-2.0
"""LMDB as deep-text-recognition-benchmark, PARSeq, MMOCR and PaddleOCR read it.

``<split>/data.mdb`` with ``image-%09d`` (the encoded file), ``label-%09d`` (UTF-8) and
``num-samples``, counted from 1. The map's size is fixed: the same samples give the same bytes.
charset.txt has the characters for the trainer's configuration.
"""

from __future__ import annotations

import unicodedata
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from anprgen.dataset import Dataset
from anprgen.errors import DatasetError
from anprgen.exporters.options import Options
from anprgen.exporters.recognition import crops, tell_empty, write_alphabet
from anprgen.exporters.staging import Staging, needed_library

#: Room for addresses, not for bytes: the file grows with what is written. The size is part of the
#: file's first page, so it is always the same.
_MAP_SIZE = 1 << 38
_TRANSACTION_BYTES = 8_000_000


def export(dataset: Dataset, staging: Staging, options: Options) -> None:
    """Writes one database a split.

    Raises:
        DatasetError: the library `lmdb` is not installed, or the disk refuses.
    """
    library = needed_library("lmdb", "the format lmdb needs the library lmdb")
    labels: dict[str, list[str]] = {split: [] for split in staging.splits}
    try:
        with ExitStack() as stack:
            writers: dict[str, _Writer] = {}
            for crop in crops(dataset, staging, options):
                if crop.split not in writers:
                    path = staging.file(f"{crop.split}/data.mdb")
                    writers[crop.split] = stack.enter_context(closing(_Writer(library, path)))
                labels[crop.split].append(crop.label)
                writers[crop.split].put(f"image-{len(labels[crop.split]):09d}", crop.data())
            for split, writer in writers.items():
                for n, label in enumerate(labels[split], 1):
                    writer.put(f"label-{n:09d}", label.encode())
                writer.put("num-samples", str(len(labels[split])).encode())
                writer.commit()
    except library.Error as e:
        raise DatasetError(
            f"the database cannot be written: {e}",
            where=str(staging.root),
            hint="make room on this disk, or name a folder on another one with -o",
        ) from None
    tell_empty(staging, {split: len(found) for split, found in labels.items()})
    write_alphabet(staging, "charset.txt", dataset, options)
    every = "".join(label for found in labels.values() for label in found)
    if unicodedata.normalize("NFKD", every).encode("ascii", "ignore").decode() != every:
        staging.note("PARSeq drops what is not ASCII: set normalize_unicode to false")


class _Writer:
    """A new database; what one transaction changes is in memory, so there are many."""

    def __init__(self, library: Any, path: Path) -> None:
        self._environment = library.open(
            str(path), map_size=_MAP_SIZE, subdir=False, lock=False, sync=False, metasync=False
        )
        self._transaction, self._bytes = self._environment.begin(write=True), 0

    def put(self, key: str, data: bytes) -> None:
        self._transaction.put(key.encode(), data, append=True)
        self._bytes += len(data)
        if self._bytes > _TRANSACTION_BYTES:
            self.commit()

    def commit(self) -> None:
        self._transaction.commit()
        self._transaction, self._bytes = self._environment.begin(write=True), 0

    def close(self) -> None:
        self._transaction.abort()
        self._environment.close()
