# SPDX-License-Identifier: Apache-2.0
"""LMDB as deep-text-recognition-benchmark, PARSeq, MMOCR and PaddleOCR read it.

``<split>/data.mdb`` with ``image-%09d`` (the encoded file), ``label-%09d`` (UTF-8) and
``num-samples``, counted from 1. The map's size is fixed: the same samples give the same bytes.
charset.txt has the characters for the trainer's configuration.
"""

from __future__ import annotations

import importlib
import unicodedata
from contextlib import ExitStack
from typing import Any

from anprgen.dataset import Dataset
from anprgen.errors import DatasetError
from anprgen.exporters.options import Options
from anprgen.exporters.recognition import crops, tell_empty, write_alphabet
from anprgen.exporters.staging import Staging

#: Room for addresses, not for bytes: the file grows with what is written. The size is part of the
#: file's first page, so it is always the same.
_MAP_SIZE = 1 << 38


def export(dataset: Dataset, staging: Staging, options: Options) -> None:
    """Writes one database a split.

    Raises:
        DatasetError: the library `lmdb` is not installed, or the disk refuses.
    """
    library = _library()
    labels: dict[str, list[str]] = {split: [] for split in staging.splits}
    try:
        with ExitStack() as stack:
            open_ones: dict[str, Any] = {}
            for crop in crops(dataset, staging, options):
                if crop.split not in open_ones:
                    open_ones[crop.split] = _begin(library, staging, crop.split, stack)
                labels[crop.split].append(crop.label)
                key = f"image-{len(labels[crop.split]):09d}"
                open_ones[crop.split].put(key.encode(), crop.data())
            for split, transaction in open_ones.items():
                for n, label in enumerate(labels[split], 1):
                    transaction.put(f"label-{n:09d}".encode(), label.encode())
                transaction.put(b"num-samples", str(len(labels[split])).encode())
    except library.Error as e:
        raise DatasetError(
            f"the database cannot be written: {e}", where=str(staging.root)
        ) from None
    tell_empty(staging, {split: len(found) for split, found in labels.items()})
    write_alphabet(staging, "charset.txt", dataset, options)
    every = "".join(label for found in labels.values() for label in found)
    if unicodedata.normalize("NFKD", every).encode("ascii", "ignore").decode() != every:
        staging.note("PARSeq drops what is not ASCII: set normalize_unicode to false")


def _begin(library: Any, staging: Staging, split: str, stack: ExitStack) -> Any:
    """A write transaction on the split's new database; the stack commits and closes it."""
    path = staging.file(f"{split}/data.mdb")
    environment = library.open(
        str(path), map_size=_MAP_SIZE, subdir=False, lock=False, sync=False, metasync=False
    )
    stack.enter_context(environment)
    return stack.enter_context(environment.begin(write=True))


def _library() -> Any:
    try:
        return importlib.import_module("lmdb")
    except ImportError:
        raise DatasetError(
            "the format lmdb needs the library lmdb", hint="pip install 'anprgen[export]'"
        ) from None
