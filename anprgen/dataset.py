# SPDX-License-Identifier: Apache-2.0
"""A dataset on disk: who reads it, and who may continue it.

``OUT/manifest.json``, ``OUT/shards/000000/{00000000.jpg ..., records.jsonl, shard.json}``,
``OUT/designs`` as they were (`anprgen.kept_designs`), and ``OUT/failures.jsonl`` where samples
could not be made.
`Dataset` reads finished shards only.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from anprgen import manifest as manifests
from anprgen import shards
from anprgen.errors import DatasetError
from anprgen.files import inside, write_text
from anprgen.manifest import Manifest
from anprgen.packed import Unpacked
from anprgen.samples import Pixels, Record, decode, name_of
from anprgen.share import Share

#: Where an identity names its camera; how many differences are told of one with another.
_CAMERA, _TOLD = "overrides.capture.camera:", 6
#: What a folder may hold and still count as new.
_IGNORED = {".lock", ".DS_Store", ".gitignore", ".gitkeep"}


@dataclass(frozen=True)
class Range:
    """Indices of one shard, from `first` to before `stop`, at least one of them not made."""

    shard: int
    first: int
    stop: int


@dataclass(frozen=True)
class Dataset:
    """The finished part of a dataset."""

    root: Path
    manifest: Manifest

    @classmethod
    def open(cls, root: Path) -> Dataset:
        """Raises DatasetError where `root` is no dataset."""
        return cls(root, manifests.read(root))

    @cached_property
    def shards(self) -> dict[int, Path]:
        """Number -> folder of the finished shards."""
        return shards.finished(self.root)

    @cached_property
    def _unpacked(self) -> Unpacked:
        return Unpacked()

    def records(self) -> Iterator[Record]:
        """Every record, by index.

        Raises:
            DatasetError: a record cannot be read, or names a file outside the dataset.
        """
        for folder in self.shards.values():
            yield from self.records_of(folder)

    def records_of(self, folder: Path) -> Iterator[Record]:
        """The records of one shard's folder, as `records`."""
        path, size = folder / shards.RECORDS, self.manifest.shard_size
        try:
            number = shards.number_of(folder)
            with open(path, encoding="utf-8") as lines:
                for line in lines:
                    record: Record = json.loads(line)
                    inside(self.root, record["image"]["file"])
                    if record["index"] // size != number:  # A copied folder: read twice, else.
                        raise ValueError(f"sample {record['index']} belongs into another shard")
                    yield record
        except (OSError, ValueError, KeyError, TypeError) as e:
            raise DatasetError(
                f"cannot read the records: {e}",
                where=str(path),
                hint="`anprgen verify` tells what is damaged",
            ) from None

    def record(self, sample: str) -> Record:
        """The record of one sample, by its id or index.

        Raises:
            DatasetError: it is not there.
        """
        index = int(sample) if sample.isascii() and sample.isdigit() else -1
        folder = self.shards.get(index // self.manifest.shard_size)
        if folder is not None and index >= 0:
            for record in self.records_of(folder):
                if record["index"] == index:
                    return record
        raise DatasetError(
            f"there is no finished sample {sample!r}",
            where=str(self.root),
            hint=f"samples are named like {name_of(0)}",
        )

    def image_path(self, record: Mapping[str, Any]) -> Path:
        """The picture of a record; its shard may be under its older name for a moment.

        Of a tar file it is a copy in a temporary folder.

        Raises:
            DatasetError: the name leads out of the dataset, or the tar file has no such picture.
        """
        path = inside(self.root, record["image"]["file"])
        folder = self.shards.get(record["index"] // self.manifest.shard_size)
        if folder is None:
            return path
        if self.manifest.layout == "tar" and not (folder / path.name).exists():
            return self._unpacked.path(folder, path.name)
        return folder / path.name

    def pixels(self, record: Mapping[str, Any]) -> Pixels:
        """The picture of a record as uint8 [h, w, 3] RGB.

        Raises:
            DatasetError: it cannot be read.
        """
        try:
            return decode(self.image_path(record).read_bytes())
        except (OSError, ValueError) as e:
            raise DatasetError(
                f"{record['image']['file']}: {e}", hint="`anprgen verify` tells what is damaged"
            ) from None

    def missing(self, n: int, *, retry_failed: bool = False) -> Iterator[Range]:
        """What of the samples 0 to n - 1 is neither made nor noted as failed, shard by shard.

        Of a part (`Manifest.share`) only its own shards are looked at.
        """
        size = self.manifest.shard_size
        for number in self.manifest.share.shards(-(-n // size)):
            first, stop = number * size, min(n, (number + 1) * size)
            if (folder := self.shards.get(number)) is not None:
                have = shards.state(folder)
                failed = retry_failed and any(index < stop for index in have.failed)
                if have.stop >= stop and not failed:
                    continue
                stop = max(stop, have.stop)
            # An interrupted run that wanted more may have made samples beyond n: they are kept.
            stop = max(stop, shards.reached(self.root, number))
            yield Range(number, first, stop)

    def count_missing(self, n: int, *, retry_failed: bool = False) -> int:
        """How many of the samples 0 to n - 1 that belong here no finished shard holds."""
        total = 0
        for part in self.missing(n, retry_failed=retry_failed):
            total += min(part.stop, n) - part.first
            if (folder := self.shards.get(part.shard)) is not None:
                have = shards.state(folder)
                total -= have.stop - have.first - (len(have.failed) if retry_failed else 0)
        return total

    def count_own(self, n: int) -> int:
        """How many of the samples 0 to n - 1 belong here."""
        size = self.manifest.shard_size
        return count_own(n, size, self.manifest.share)

    def failures(self) -> list[dict[str, Any]]:
        """Samples that could not be made: index, id, error."""
        return [json.loads(line) for line in shards.failures(self.root)]

    def gather_failures(self) -> None:
        """Writes failures.jsonl from the shards' own, or removes it where there are none."""
        lines = list(shards.failures(self.root))
        path = self.root / shards.FAILURES
        if lines:
            write_text(path, "".join(f"{line}\n" for line in lines))
        else:
            path.unlink(missing_ok=True)


def count_own(n: int, shard_size: int, share: Share) -> int:
    """How many of the samples 0 to n - 1 belong to a share."""
    numbers = share.shards(-(-n // shard_size))
    cut = shard_size * numbers[-1] + shard_size - n if numbers else 0
    return shard_size * len(numbers) - max(0, cut)


def check_folder(root: Path, identity: Mapping[str, Any], share: Share | None = None) -> None:
    """Raises DatasetError where `root` is something else, of another recipe, or another part."""
    if (root / manifests.NAME).exists():
        have = manifests.read(root)
        _refuse(root, have.identity, identity, "", None)
        if have.share != (share or Share()):
            raise DatasetError(
                f"this folder holds part {have.share} of a dataset, not {share or Share()}"
                if not have.share.whole
                else f"this folder holds a whole dataset, not part {share} of one",
                where=str(root),
                hint="give every part a folder of its own with -o; `anprgen merge` joins them",
            )
    elif root.exists() and not root.is_dir():
        raise DatasetError("this is a file, not a folder", where=str(root))
    elif root.exists() and (other := sorted({p.name for p in root.iterdir()} - _IGNORED)):
        raise DatasetError(
            f"this folder is not empty and no dataset (it holds {', '.join(other[:3])})",
            where=str(root),
            hint="name an empty or new folder with -o",
        )


def start(
    root: Path,
    identity: Mapping[str, Any],
    renderer: Mapping[str, str],
    info: Mapping[str, Any],
    *,
    allow_mixed: bool = False,
    share: Share | None = None,
    layout: str | None = None,
) -> Dataset:
    """Begins a dataset in a new folder or opens one to continue it; the caller holds its lock.

    Raises:
        DatasetError: the recipe differs; with `allow_mixed` the renderer and device may.
    """
    check_folder(root, identity, share)
    key = manifests.device_key(renderer)
    (root / shards.FOLDER).mkdir(parents=True, exist_ok=True)
    if not (root / manifests.NAME).exists():
        made = Manifest(
            dict(identity),
            {key: dict(renderer)},
            share=share or Share(),
            layout=layout or "files",
            info=dict(info),
        )
    else:
        made = manifests.read(root)
        made = replace(made, identity=manifests.completed(made.identity, identity))
        if layout not in (None, made.layout):
            raise DatasetError(
                f"its shards are {made.layout}, not {layout}",
                where=str(root),
                hint="leave --layout out, or build into another folder",
            )
        if key not in made.renderers:
            if not allow_mixed:
                have = next(iter(made.renderers.values()))
                hint = "or --allow-mixed, and every record says where it was made"
                _refuse(root, have, renderer, "renderer.", hint)
            made = replace(made, renderers={**made.renderers, key: dict(renderer)})
    manifests.write(root, made)
    shards.recover(root)
    return Dataset(root, made)


def _refuse(
    root: Path, have: Mapping[str, Any], want: Mapping[str, Any], prefix: str, also: str | None
) -> None:
    lines = manifests.differences(have, want)
    if lines:
        # Another camera differs in dozens of distributions: its name says it all.
        lines.sort(key=lambda line: _CAMERA not in line)
        if len(lines) > _TOLD and _CAMERA in lines[0]:
            lines = [*lines[:_TOLD], f"and {len(lines) - _TOLD} more"]
        listed = "".join(f"\n    {prefix}{line}" for line in lines)
        raise DatasetError(
            f"this dataset was made by another recipe:{listed}",
            where=str(root),
            hint="build into another folder with -o" + (f", {also}" if also else ""),
        )
