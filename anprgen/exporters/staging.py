# SPDX-License-Identifier: Apache-2.0
"""An export is written beside its folder and moved in when it is whole.

``export.json`` in the folder lists the files that are ours: only they are replaced or removed by
the next export, so what a user or a trainer puts there (caches, runs) stays.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from anprgen.dataset import Dataset
from anprgen.errors import DatasetError, MissingLibrary
from anprgen.exporters.options import Options
from anprgen.exporters.texts import Texts, survey
from anprgen.files import canonical, disk_errors, inside, link_or_copy, write_text
from anprgen.manifest import recipe
from anprgen.samples import Record
from anprgen.splits import SPLITS

MARKER, FORMAT = "export.json", "anprgen-export/1"


@dataclass(frozen=True)
class Target:
    """Where an export goes, what it is, and which files an earlier one left there."""

    out: Path
    to: str
    source: str
    earlier: frozenset[str]


def target_of(dataset: Dataset, to: str, out: Path) -> Target:
    """Checks the folder of an export.

    Raises:
        DatasetError: it is in or around the dataset, or holds something else, such as an export of
            another dataset.
    """
    check_apart(dataset, out)
    source = _source(dataset)
    return Target(out, to, source, frozenset(_earlier(out, to, source)))


def check_apart(dataset: Dataset, out: Path) -> None:
    """Raises DatasetError where a folder is in or around a dataset."""
    ours, theirs = dataset.root.resolve(), out.resolve()
    if ours.is_relative_to(theirs) or theirs.is_relative_to(ours):
        raise DatasetError(
            "an export needs a folder of its own, not one in or around its dataset",
            where=str(out),
        )


def _source(dataset: Dataset) -> str:
    """SHA-256 of what stays as it is while a dataset grows or moves: its recipe and its part."""
    said, share = recipe(dataset.manifest.identity), dataset.manifest.share
    whole = said if share.whole else {**said, "share": str(share)}
    return hashlib.sha256(canonical(whole).encode()).hexdigest()


def _earlier(out: Path, to: str, source: str) -> list[str]:
    if not out.exists():
        return []
    if not out.is_dir():
        raise DatasetError("this is a file, not a folder", where=str(out))
    try:
        marker = json.loads((out / MARKER).read_text("utf-8"))
        if (marker["format"], marker["to"], marker["source"]) == (FORMAT, to, source):
            return [str(inside(out, name).relative_to(out)) for name in marker["files"]]
        of = " of another dataset" if marker["source"] != source else ""
        what = f"an export to {marker['to']}{of}"
    except FileNotFoundError:
        if not any(out.iterdir()):
            return []
        what = "not empty and no export of ours"
    except (OSError, ValueError, KeyError, TypeError):
        what = f"not one of ours ({MARKER} cannot be read)"
    raise DatasetError(
        f"the folder is {what}", where=str(out), hint="name an empty or new folder with -o"
    )


def suffix_of(record: Record) -> str:
    """The suffix of a picture's file, with its full stop."""
    return "." + str(record["image"]["file"]).rpartition(".")[2]


def read_picture(path: Path) -> bytes:
    """A picture's file as it is.

    Raises:
        DatasetError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as e:
        raise DatasetError(
            f"cannot read it: {e.strerror}",
            where=str(path),
            hint="`anprgen verify` tells what is damaged",
        ) from None


def needed_library(name: str, told: str) -> Any:
    """A library that only some formats need.

    Raises:
        MissingLibrary: it is not installed; `told` says what for.
    """
    try:
        return importlib.import_module(name)
    except ImportError:
        raise MissingLibrary(told) from None


class Selection:
    """The records of some splits, and a count of what of them is left out."""

    def __init__(self, splits: tuple[str, ...] = SPLITS) -> None:
        # In their usual order, whatever order the user names them in.
        self.splits = tuple(split for split in SPLITS if split in splits)
        self._left_out: Counter[str] = Counter()
        self._notes: list[str] = []

    def pictures(self, dataset: Dataset) -> Iterator[Record]:
        """The records to export, by index; those whose registrations disagree are left out."""
        for record in dataset.records():
            if record["split"] in self.splits:
                yield record
            elif record["split"] not in SPLITS:
                self.leave_out("pictures that show registrations of two splits")

    def leave_out(self, what: str) -> None:
        """Counts something that is left out; the user is told."""
        self._left_out[what] += 1

    def note(self, text: str) -> None:
        self._notes.append(text)

    def notes(self) -> list[str]:
        left = [f"left out: {n} {what}" for what, n in sorted(self._left_out.items())]
        return left + self._notes


class Staging(Selection):
    """Collects the files of an export in a folder beside its target; a context manager."""

    def __init__(
        self, target: Target, *, link: bool = False, splits: tuple[str, ...] = SPLITS
    ) -> None:
        super().__init__(splits)
        self.target, self.link = target, link
        resolved = target.out.resolve()
        self.root = resolved.with_name(f".{resolved.name}.exporting")
        self.files: set[str] = set()
        self._texts: dict[Options, Texts] = {}

    def __enter__(self) -> Staging:
        with disk_errors(self.root):
            shutil.rmtree(self.root, ignore_errors=True)
            self.root.mkdir(parents=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        shutil.rmtree(self.root, ignore_errors=True)

    def texts(self, dataset: Dataset, options: Options) -> Texts:
        """What the dataset's texts hold; its records are read for it once in an export.

        Raises:
            DatasetError: texts have characters that `options.charset` lacks.
        """
        if options not in self._texts:
            self._texts[options] = survey(dataset, options)
        return self._texts[options]

    def text(self, name: str, text: str) -> None:
        """A text file, UTF-8 without a byte order mark."""
        self.data(name, text.encode("utf-8"))

    def data(self, name: str, data: bytes) -> None:
        """A file; `name` is relative to the export, with forward slashes."""
        with disk_errors(self.root):
            self._place(name).write_bytes(data)

    def picture(self, name: str, source: Path) -> None:
        """A picture of the dataset as it is.

        Raises:
            DatasetError: it is not there any more, or the disk refuses.
        """
        if not source.is_file():
            raise DatasetError(
                "a picture of the dataset is gone",
                where=str(source),
                hint="anprgen verify lists what is damaged; anprgen show makes a sample again",
            )
        with disk_errors(self.root):
            path = self._place(name)
            if self.link:
                link_or_copy(source, path)
            else:
                shutil.copyfile(source, path)

    def file(self, name: str) -> Path:
        """The path of a file that the exporter writes by itself."""
        with disk_errors(self.root):
            return self._place(name)

    def sum_of(self, name: str) -> tuple[int, str]:
        """Bytes and SHA-256 of a file that is written."""
        path = self.root / name
        with path.open("rb") as file:
            return path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()

    def rename(self, old: str, new: str) -> str:
        """Gives a file another name in the same folder, and returns that."""
        with disk_errors(self.root):
            os.replace(self.root / old, self.root / new)
        self.files = self.files - {old} | {new}
        return new

    def folder(self, name: str) -> None:
        """A folder that tools expect even when it is empty."""
        with disk_errors(self.root):
            (self.root / name).mkdir(parents=True, exist_ok=True)

    def tell_empty(self, counts: Mapping[str, int]) -> None:
        """Notes the splits without pictures."""
        for split in self.splits:
            if not counts.get(split):
                self.note(f"no pictures in {split}: make more samples before training")

    def _place(self, name: str) -> Path:
        path = inside(self.root, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        self.files.add(name)
        return path


def publish(staging: Staging) -> None:
    """Moves a whole export into its folder; an interruption leaves a folder the next run repairs.

    Raises:
        DatasetError: a file is in the way, or the disk refuses.
    """
    target, out = staging.target, staging.target.out
    with disk_errors(out):
        out.mkdir(parents=True, exist_ok=True)
        for name in sorted(staging.files - target.earlier):
            if (out / name).exists():
                raise DatasetError("a file that is not ours is in the way", where=str(out / name))
        _mark(target, staging.files | target.earlier, complete=False)
        for name in sorted(target.earlier - staging.files):
            (out / name).unlink(missing_ok=True)
        for folder, _, files in os.walk(staging.root):
            relative = Path(folder).relative_to(staging.root)
            (out / relative).mkdir(parents=True, exist_ok=True)
            for file in files:
                os.replace(Path(folder) / file, out / relative / file)
        _mark(target, staging.files, complete=True)


def _mark(target: Target, files: set[str] | frozenset[str], *, complete: bool) -> None:
    marker: dict[str, Any] = {
        "format": FORMAT,
        "to": target.to,
        "source": target.source,
        "complete": complete,
        "files": sorted(files),
    }
    write_text(target.out / MARKER, json.dumps(marker, indent=0, ensure_ascii=False) + "\n")
