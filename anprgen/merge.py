# SPDX-License-Identifier: Apache-2.0
"""Joins the parts of a dataset that several machines made (``build --shard``) to one folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from anprgen import beside, kept_designs, shards
from anprgen import dataset as datasets
from anprgen import manifest as manifests
from anprgen.dataset import Dataset
from anprgen.errors import DatasetError
from anprgen.files import TEMPORARY, disk_errors, inside, sync_file
from anprgen.lock import FolderLock
from anprgen.manifest import Manifest
from anprgen.packed import tar_of
from anprgen.remote import Remote, is_remote
from anprgen.shards import Shard
from anprgen.share import Share


@dataclass(frozen=True)
class Merged:
    """The joined dataset, how many shards were taken over, and how many samples are missing."""

    dataset: Dataset
    taken: int
    missing: int


def merge(
    places: Sequence[str | Path], out: Path, *, link: bool = False, allow_mixed: bool = False
) -> Merged:
    """Puts the finished shards of datasets of one recipe into `out`, new or of that recipe.

    `places` are folders or URLs (`anprgen.remote`), whose shards are downloaded. The parts stay
    as they are; with `link` the files are hard links. A crash loses nothing: the same call goes
    on. Of a shard that several hold, the one with more samples is taken, so parts of a run that
    was started anew with a larger ``-n`` fit together too.

    Raises:
        DatasetError: a part is no dataset, or they are not of one recipe (with `allow_mixed` the
            devices may differ), or a build is writing in `out`.
    """
    with ExitStack() as folders:
        remotes: dict[Path, Remote] = {}
        parts = [_open(place, folders, remotes) for place in places]
        # Those that know what their designs are drawn from are what others are compared with.
        parts.sort(key=lambda part: manifests.DESIGN_FILES not in part.manifest.identity)
        return _checked(parts, remotes, out, link, allow_mixed)


def _open(place: str | Path, folders: ExitStack, remotes: dict[Path, Remote]) -> Dataset:
    """A part; of one in object storage the records, in a folder for the time being."""
    if not is_remote(str(place)):
        return Dataset.open(Path(place))
    remote = Remote(str(place))
    root = Path(folders.enter_context(TemporaryDirectory(prefix="anprgen-merge-")))
    remote.fetch_records(root)
    if not (root / manifests.NAME).exists():
        raise DatasetError(f"no dataset: there is no {manifests.NAME}", where=remote.url)
    remotes[root] = remote
    return Dataset.open(root)


def _checked(
    parts: Sequence[Dataset], remotes: Mapping[Path, Remote], out: Path, link: bool, mixed: bool
) -> Merged:
    first = parts[0].manifest
    for part in parts[1:]:
        _compare(parts[0], part, mixed)
    if any(part.root.resolve() == out.resolve() for part in parts):
        raise DatasetError(
            "this is one of the parts", where=str(out), hint="join them into another folder"
        )
    datasets.check_folder(out, first.identity)
    with disk_errors(out):
        out.mkdir(parents=True, exist_ok=True)
        with FolderLock(out):
            return _merge(parts, remotes, out, link, mixed)


def _merge(
    parts: Sequence[Dataset], remotes: Mapping[Path, Remote], out: Path, link: bool, mixed: bool
) -> Merged:
    have = _opened(out, parts, mixed)
    taken = 0
    for number, (part, folder) in sorted(_best(parts).items()):
        mine = have.shards.get(number)
        if mine is not None and _worth(shards.state(mine)) >= _worth(shards.state(folder)):
            continue
        if (remote := remotes.get(part.root)) is not None:
            remote.fetch_pictures(part.root, number)
            _take(have, part, number, folder, link=False)
            shutil.rmtree(folder)
            tar_of(folder).unlink(missing_ok=True)
        else:
            _take(have, part, number, folder, link)
        taken += 1
    for part in parts:
        _take_designs(part.root, out)
    have = Dataset.open(out)
    missing = have.count_missing(have.manifest.requested)
    if not missing:
        manifests.write(out, have.manifest.done(have.manifest.requested))
    have.gather_failures()
    return Merged(Dataset.open(out), taken, missing)


def _compare(a: Dataset, b: Dataset, allow_mixed: bool) -> None:
    lines = manifests.differences(a.manifest.identity, b.manifest.identity)
    if not allow_mixed and a.manifest.renderers != b.manifest.renderers:
        lines += [
            f"renderer.{line}"
            for line in manifests.differences(a.manifest.renderers, b.manifest.renderers)
        ]
    if a.manifest.shard_size != b.manifest.shard_size:
        lines.append("their shards have different sizes")
    if lines:
        listed = "".join(f"\n    {line}" for line in lines[:8])
        raise DatasetError(
            f"it is of another recipe than {a.root}:{listed}",
            where=str(b.root),
            hint="parts of one dataset are made by one command, but for --shard and -o"
            + ("" if allow_mixed else "; --allow-mixed takes parts of several devices"),
        )


def _opened(out: Path, parts: Sequence[Dataset], allow_mixed: bool) -> Dataset:
    """The folder that takes them, with a manifest that knows all of their devices."""
    first = parts[0].manifest
    renderers = {key: value for p in parts for key, value in p.manifest.renderers.items()}
    if (out / manifests.NAME).exists():
        made = manifests.read(out)
        here = Dataset(out, made)
        for part in parts:
            _compare(here, part, allow_mixed)
        made = replace(
            made,
            identity=manifests.completed(made.identity, first.identity),
            renderers={**made.renderers, **renderers},
        )
    else:
        info = {k: v for k, v in first.info.items() if k != "renderer"}
        made = Manifest(
            first.identity, renderers, shard_size=first.shard_size, share=Share(), info=info
        )
    (out / shards.FOLDER).mkdir(exist_ok=True)
    manifests.write(out, made.asked_for(max(p.manifest.requested for p in parts)))
    shards.recover(out)
    return Dataset.open(out)


def _worth(state: Shard) -> int:
    """How many samples a shard holds."""
    return state.records


def _best(parts: Sequence[Dataset]) -> dict[int, tuple[Dataset, Path]]:
    """Number -> part and folder of the shards of all parts, the fullest of each."""
    best: dict[int, tuple[Dataset, Path]] = {}
    for part in parts:
        for number, folder in part.shards.items():
            rival = best.get(number)
            if rival is None or _worth(shards.state(folder)) > _worth(shards.state(rival[1])):
                best[number] = part, folder
    return best


def _take(have: Dataset, part: Dataset, number: int, folder: Path, link: bool) -> None:
    """One shard and what is kept beside its samples."""
    for record in part.records_of(folder):
        for name in beside.names(record):
            target = inside(have.root, name)
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                _copy(inside(part.root, name), target, link)
    shards.take(have.root, number, folder, lambda a, b: _copy(a, b, link))


def _copy(source: Path, target: Path, link: bool) -> None:
    """A file that is whole under its name, or not there."""
    if link:
        with suppress(OSError):
            os.link(source, target)
            return
    temporary = target.with_name(f"{target.name}{TEMPORARY}")
    shutil.copyfile(source, temporary)
    sync_file(temporary)
    temporary.replace(target)


def _take_designs(source: Path, out: Path) -> None:
    (out / kept_designs.FOLDER).mkdir(exist_ok=True)
    for name, path in kept_designs.kept(source).items():
        target = inside(out / kept_designs.FOLDER, name)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            _copy(path, target, link=False)
