# SPDX-License-Identifier: Apache-2.0
"""Crops with their texts, from a dataset of ours or from a folder of labelled photographs.

What a reader learns from and what it is measured on is found in one way: of a dataset the same
plates with the same texts as its exports for readers, of a folder the rows of its lists.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from anprgen import manifest
from anprgen.dataset import Dataset
from anprgen.errors import DatasetError
from anprgen.exporters import unfinished
from anprgen.exporters.options import Options
from anprgen.exporters.recognition import Reading, pixels_of, readings
from anprgen.exporters.staging import Selection
from anprgen.samples import Record
from anprgen.splits import normal_form, split_of_text

#: Lists of a folder, in the order they are looked for: ours and PaddleOCR's.
LISTS = ("labels.tsv", "rec_gt*.txt", "*/rec_gt*.txt")
#: Signs that many labels leave out and others write, and joiners, which only shape letters.
_SIGNS = re.compile(r"[\s.·\-\u200c\u200d]")


@dataclass(frozen=True)
class Crop:
    """One plate to read.

    `text` is what it says, `registration` the same as compared between splits, `split` the one it
    belongs to; `pixels()` gives uint8 [h, w, 3] BGR. Of a dataset of ours, `record` and `plate`
    are its labels, else None.
    """

    name: str
    text: str
    split: str
    pixels: Callable[[], NDArray[np.uint8]]
    record: Record | None = None
    plate: Mapping[str, Any] | None = None

    @property
    def registration(self) -> str:
        """The text as compared between splits."""
        return normal_form(self.text)


@dataclass
class Labelled:
    """Crops to go through once; afterwards it knows their digest.

    `ours` says whether they are of a dataset of ours; `made_by` is the version of anprgen that
    made it, or empty. `digest` is that of `anprgen verify` for a dataset of ours, and over names
    and texts for a folder.
    """

    root: Path
    ours: bool
    made_by: str
    _crops: Callable[[Labelled], Iterator[Crop]]
    digest: str = ""
    left_out: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.root.resolve().name

    def __iter__(self) -> Iterator[Crop]:
        return self._crops(self)

    def notes(self) -> list[str]:
        """What is missing and what was left out, after all crops were gone through."""
        return [f"{self.name}: {text}" for text in self.left_out]


def open_labelled(path: Path, options: Options | None = None) -> Labelled:
    """A dataset of ours (a folder with manifest.json), or photographs (`open_photographs`).

    `options` say which splits, and whether plates that nobody can read are kept.

    Raises:
        DatasetError: it is neither.
    """
    if not (path / manifest.NAME).exists():
        return open_photographs(path)
    dataset = Dataset.open(path)
    asked = options or Options()

    def crops(into: Labelled) -> Iterator[Crop]:
        counting = _Counting(dataset.root, dataset.manifest)
        chosen = Selection(asked.splits)
        for r in readings(counting, chosen, asked):
            yield Crop(
                r.record["id"] if r.window is None else f"{r.record['id']}_{r.number}",
                r.label,
                r.record["split"],
                partial(_bgr, dataset, r),
                r.record,
                r.plate,
            )
        into.digest = counting.digest.hexdigest()
        into.left_out = [*unfinished(dataset, partial=True), *chosen.notes()]

    made_by = str(dataset.manifest.info.get("anprgen") or "")
    return Labelled(path, True, made_by, crops)


def open_photographs(path: Path) -> Labelled:
    """Labelled crops: a folder with labels.tsv or PaddleOCR's lists, or one such list.

    A row is ``path<TAB>text``, the path relative to the list. Texts are compared in capital
    letters without blanks, hyphens and full stops; rows without a text, and pictures that cannot
    be read, are left out and told of. A line that begins with ``# `` is a comment; of other rows
    that begin with ``#`` those are left out and told of that name no file. The split of a crop
    follows from its text, as everywhere.

    Raises:
        DatasetError: there is no such folder, no list, no row in it, or it cannot be read.
    """
    lists = _lists(path)

    def crops(into: Labelled) -> Iterator[Crop]:
        digest = hashlib.blake2b(digest_size=16)
        empty = 0
        broken: list[str] = []
        hidden: list[str] = []
        for name, file, written in _rows(lists, hidden):
            text = plain(written)
            if not text or not text.isprintable():
                empty += 1
                continue
            try:
                pixels = _decoded(file)
            except (OSError, ValueError, cv2.error):
                broken.append(name)
                continue
            digest.update(f"{name}\t{text}\n".encode())
            yield Crop(name, text, split_of_text(text), partial(_same, pixels))
        into.digest = digest.hexdigest()
        into.left_out = [
            *([f"left out: {empty} rows without a text"] if empty else []),
            *(
                [f"left out: {len(broken)} pictures that cannot be read, {broken[0]} first"]
                if broken
                else []
            ),
            *([f"left out: {len(hidden)} rows that begin with #"] if hidden else []),
        ]

    root = path if path.is_dir() else path.parent
    return Labelled(root, False, "", crops)


def plain(text: str) -> str:
    """A text in capital letters, without blanks, hyphens, dots and letters' joiners."""
    return _SIGNS.sub("", unicodedata.normalize("NFC", text).upper())


@dataclass(frozen=True)
class _Counting(Dataset):
    """A dataset that takes the digest of its records as they go by: that of `verify`."""

    digest: Any = field(default_factory=lambda: hashlib.blake2b(digest_size=16))

    def records(self) -> Iterator[Record]:
        for record in super().records():
            self.digest.update(f"{record['index']} {record['digest']}\n".encode())
            yield record


def _lists(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise DatasetError("there is no such folder", where=str(path))
    for pattern in LISTS:
        if found := sorted(path.glob(pattern)):
            return found
    raise DatasetError(
        f"neither a dataset nor labelled crops: there is no {manifest.NAME}, and no labels.tsv",
        where=str(path),
        hint="labels.tsv has a row `picture<TAB>text` for each crop",
    )


def _rows(lists: list[Path], hidden: list[str]) -> Iterator[tuple[str, Path, str]]:
    """(name, file, text as written) of every row; `hidden` takes the names with # of no file."""
    count = 0
    for path in lists:
        try:
            text = path.read_bytes().decode("utf-8-sig")
        except OSError as e:
            raise DatasetError(f"cannot read it: {e.strerror}", where=str(path)) from None
        except UnicodeDecodeError:
            raise DatasetError("not UTF-8 text", where=str(path)) from None
        for line in text.splitlines():
            name, tab, written = line.partition("\t")
            if not tab or not name or name.startswith("# "):
                continue
            # Pictures may be called so; a row that somebody took out names none.
            if name.startswith("#") and not os.path.isfile(path.parent / name):
                hidden.append(name)
                continue
            count += 1
            yield name, path.parent / name, written.split("\t")[0]
    if not count:
        raise DatasetError(
            "there is no row `picture<TAB>text` in it", where=", ".join(map(str, lists[:3]))
        )


def _bgr(dataset: Dataset, reading: Reading) -> NDArray[np.uint8]:
    return pixels_of(dataset, reading.record, reading.window)[:, :, ::-1]


def _same(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return pixels


def _decoded(path: Path) -> NDArray[np.uint8]:
    data = np.frombuffer(path.read_bytes(), np.uint8)
    image = cv2.imdecode(data, cv2.IMREAD_COLOR) if len(data) else None
    if image is None:
        raise ValueError("not a picture")
    return np.asarray(image, np.uint8)
