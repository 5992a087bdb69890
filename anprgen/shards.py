# SPDX-License-Identifier: Apache-2.0
"""Shards: folders of finished samples that appear at once and never change under a reader.

A shard is made in ``shards/.part-000003``: every sample there is a picture and then its record,
each renamed into place, so a crash loses only what was being made. When nothing is missing,
the records are gathered into records.jsonl, everything is flushed to the disk, and the folder is
renamed to ``shards/000003``. A shard that must grow (a larger ``-n``) is linked into a part folder
and replaced in the same way; between its two renames it is called ``.old-000003``, and readers look
there.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from anprgen import json_lines, samples
from anprgen.errors import DatasetError
from anprgen.files import (
    TEMPORARY,
    canonical,
    link_or_copy,
    sync_file,
    sync_folder,
    write_bytes,
    write_text,
)
from anprgen.packed import Pictures, pack

FOLDER, RECORDS, FAILURES, STATE = "shards", "records.jsonl", "failures.jsonl", "shard.json"
_FAILED = ".failed.json"
_NAME = re.compile(r"(\.old-)?(\d{6,})")


@dataclass(frozen=True)
class Shard:
    """What a finished shard holds: the indices from `first` to before `stop`, but `failed`."""

    first: int
    stop: int
    records: int
    failed: tuple[int, ...]
    sha256: str  # of records.jsonl


def folder_name(number: int) -> str:
    """Folder of a shard relative to the dataset: ``shards/000003``."""
    return f"{FOLDER}/{number:06d}"


def number_of(folder: Path) -> int:
    """The number of the finished shard in a folder, under either of its names.

    Raises:
        ValueError: it has no such name.
    """
    return int(folder.name.removeprefix(".old-"))


def part_folder(root: Path, number: int) -> Path:
    """Where a shard is being made."""
    return root / FOLDER / f".part-{number:06d}"


def finished(root: Path) -> dict[int, Path]:
    """Number -> folder of the finished shards, in order."""
    old: dict[int, Path] = {}
    found: dict[int, Path] = {}
    if not (root / FOLDER).is_dir():
        return {}
    with os.scandir(root / FOLDER) as entries:  # Tens of thousands: a Path for each that counts.
        for entry in entries:
            if (match := _NAME.fullmatch(entry.name)) and entry.is_dir():
                (old if match[1] else found)[int(match[2])] = Path(entry.path)
    return dict(sorted({**old, **found}.items()))  # By its own name it wins over an older one.


def state(folder: Path) -> Shard:
    """What the finished shard in `folder` holds.

    Raises:
        DatasetError: its shard.json is missing or damaged.
    """
    path = folder / STATE
    try:
        data = json.loads(path.read_text("utf-8"))
        return Shard(**{**data, "failed": tuple(data["failed"])})
    except (OSError, ValueError, TypeError, KeyError) as e:
        raise DatasetError(
            f"this shard is damaged: {e}",
            where=str(path),
            hint="delete the shard's folder and run the same build again: it is made anew",
        ) from None


def begin(root: Path, number: int, first: int, stop: int, *, retry: bool = False) -> list[int]:
    """Opens a shard for making; returns the indices in [first, stop) that are not made yet.

    With `retry` earlier failures count as not made.
    """
    part = part_folder(root, number)
    final = root / folder_name(number)
    if final.exists() and not part.exists():
        _unpack(final, part)
    part.mkdir(parents=True, exist_ok=True)
    for leftover in part.glob(f"*{TEMPORARY}"):
        leftover.unlink()
    if retry:
        for failure in part.glob(f"*{_FAILED}"):
            failure.unlink()
    return [i for i in range(first, stop) if not _made(part, i)]


def reached(root: Path, number: int) -> int:
    """The index after the last sample in a shard's part folder, made or failed; 0 without one."""
    try:
        names = os.listdir(part_folder(root, number))
    except OSError:
        return 0
    found = (name.removesuffix(_FAILED).removesuffix(".json") for name in names)
    return max((int(name) + 1 for name in found if name.isdigit()), default=0)


def fail(part: Path, index: int, error: str, kind: str) -> None:
    """Notes that a sample could not be made; nothing takes its place."""
    name = samples.name_of(index)
    line = canonical({"index": index, "id": name, "kind": kind, "error": error})
    write_text(part / f"{samples.name_of(index)}{_FAILED}", line)


def finish(root: Path, number: int, first: int, stop: int) -> None:
    """Gathers a shard's records, flushes everything to the disk, and gives the shard its name."""
    part = part_folder(root, number)
    lines, failures, keep = [], [], {RECORDS, STATE}
    for index in range(first, stop):
        name = samples.name_of(index)
        try:
            line = (part / f"{name}.json").read_text("utf-8")
        except FileNotFoundError:
            failures.append((index, (part / f"{name}{_FAILED}").read_text("utf-8")))
            continue
        lines.append(line)
        image = Path(json.loads(line)["image"]["file"]).name
        keep.add(image)
        sync_file(part / image)
    text = "".join(f"{line}\n" for line in lines)
    write_text(part / RECORDS, text, durable=True)
    if failures:
        keep.add(FAILURES)
        write_text(part / FAILURES, "".join(f"{line}\n" for _, line in failures), durable=True)
    failed = tuple(index for index, _ in failures)
    whole = Shard(first, stop, len(lines), failed, hashlib.sha256(text.encode()).hexdigest())
    for file in part.iterdir():
        if file.name not in keep and not file.name.endswith(".json"):
            file.unlink()
    # From here on the part is a whole shard; `recover` publishes it if we do not come to it.
    write_text(part / STATE, canonical(asdict(whole)) + "\n", durable=True)
    _publish(root, number)


def take(root: Path, number: int, folder: Path, copy: Callable[[Path, Path], None]) -> None:
    """Takes over a finished shard of another dataset of the same recipe.

    Raises:
        DatasetError: this dataset is making the same shard.
    """
    part = part_folder(root, number)
    if part.exists():
        raise DatasetError(
            f"shard {number} is half made here",
            where=str(part),
            hint="complete this dataset with its own `anprgen build`, or join into a new folder",
        )
    staging = part.with_name(f".new-{number:06d}")
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    pictures = Pictures(folder)
    for file in sorted(folder.iterdir()):
        copy(file, staging / file.name)
    for _, _, name in json_lines.pictures(folder / RECORDS):
        if not (staging / name).exists():
            write_bytes(staging / name, pictures.read(name), durable=True)
    os.rename(staging, part)
    _publish(root, number)


def pack_finished(root: Path, numbers: Iterable[int] | None = None) -> None:
    """Gives finished shards (all, or those named) the layout of tar files."""
    wanted = finished(root) if numbers is None else {n: root / folder_name(n) for n in numbers}
    for folder in wanted.values():
        pack(folder, RECORDS)


def recover(root: Path) -> None:
    """Completes what a crash interrupted between gathering a shard and naming it."""
    for path in (root / FOLDER).glob(f"*.tar{TEMPORARY}"):
        path.unlink()
    for path in (root / FOLDER).glob(".new-*"):
        shutil.rmtree(path)
    for path in sorted((root / FOLDER).glob(".part-*")):
        if (path / STATE).exists():
            _publish(root, int(path.name.removeprefix(".part-")))
    for path in sorted((root / FOLDER).glob(".old-*")):
        final = root / folder_name(number_of(path))
        if final.exists():
            shutil.rmtree(path)
        else:
            os.rename(path, final)


def failures(root: Path) -> Iterator[str]:
    """The lines of all failures, by index."""
    for folder in finished(root).values():
        if (folder / FAILURES).exists():
            yield from (folder / FAILURES).read_text("utf-8").splitlines()


def _made(part: Path, index: int) -> bool:
    name = samples.name_of(index)
    if (part / f"{name}{_FAILED}").exists():
        return True
    if samples.load(part, name):
        return True
    (part / f"{name}.json").unlink(missing_ok=True)
    return False


def _unpack(folder: Path, part: Path) -> None:
    """Links a finished shard's samples into a part folder, one record a file.

    Raises:
        DatasetError: its records are damaged.
    """
    staging = part.with_name(f".new-{part.name.removeprefix('.part-')}")
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    pictures = Pictures(folder)
    for line, record, image in json_lines.pictures(folder / RECORDS):
        if (folder / image).exists():
            link_or_copy(folder / image, staging / image)
        else:
            with suppress(DatasetError):  # A record without its picture is made again (`_made`).
                write_bytes(staging / image, pictures.read(image))
        write_text(staging / f"{record['id']}.json", line)
    if (folder / FAILURES).exists():
        for line, failure in json_lines.entries(folder / FAILURES):
            write_text(staging / f"{failure['id']}{_FAILED}", line)
    os.rename(staging, part)


def _publish(root: Path, number: int) -> None:
    part, final = part_folder(root, number), root / folder_name(number)
    for file in part.glob("*.json"):
        if file.name != STATE:
            file.unlink()
    sync_folder(part)
    if final.exists():
        old = final.with_name(f".old-{number:06d}")
        shutil.rmtree(old, ignore_errors=True)
        os.rename(final, old)
        os.rename(part, final)
        shutil.rmtree(old, ignore_errors=True)
    else:
        os.rename(part, final)
    sync_folder(root / FOLDER)
