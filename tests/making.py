# SPDX-License-Identifier: Apache-2.0
"""Builds small datasets for the tests, with the fake plan or with the flat renderer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import fakes

from anprgen import manifest, samples, shards
from anprgen.build import Summary, build
from anprgen.config import Config
from anprgen.dataset import Dataset
from anprgen.tasks import Spec
from anprgen.verify import verify


class Notes:
    """A report that remembers."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.first = self.done = self.total = 0

    def note(self, text: str) -> None:
        self.texts.append(text)

    def begin(self, done: int, total: int) -> None:
        self.first = self.done = done
        self.total = total

    def advance(self, count: int = 1) -> None:
        self.done += count


class Killed(Notes):
    """A report that stops a training when it has told of `after` checks."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.after = after

    def note(self, text: str) -> None:
        super().note(text)
        self.after -= text.startswith("step ")
        if self.after == 0:
            raise KeyboardInterrupt


def spec_of(root: Path, *, real: bool = False, device: str = "auto", **config: Any) -> Spec:
    """A specification; `real` uses the shipped design and the flat renderer."""
    if real:
        return Spec(Config(renderer="flat", **config), root, device)
    config = {"renderer": "flat", "designs": (("fake", 1.0),), **config}
    return Spec(Config(**config), root, device, plan=fakes.PLAN, renderer=fakes.RENDERER)


def make(
    root: Path,
    n: int,
    *,
    workers: int = 1,
    notes: Notes | None = None,
    allow_mixed: bool = False,
    retry_failed: bool = False,
    layout: str | None = None,
    **spec: Any,
) -> Summary:
    return build(
        replace(spec_of(root, **spec), layout=layout),
        n,
        notes or Notes(),
        workers=workers,
        allow_mixed=allow_mixed,
        retry_failed=retry_failed,
    )


def digest(root: Path) -> str:
    """The digest of a dataset that must be whole."""
    verdict = verify(Dataset.open(root))
    assert not verdict.damage
    return verdict.digest


def folder_bytes(root: Path) -> dict[str, bytes]:
    """Every file below the shards, by relative path."""
    found = (root / "shards").rglob("*")
    return {str(p.relative_to(root)): p.read_bytes() for p in found if p.is_file()}


def write_by_hand(root: Path, n: int, *, size: int = 10, seed: int = 0) -> Dataset:
    """A dataset without worker processes; quick."""
    spec = spec_of(root, seed=seed)
    plan = fakes.make_plan(spec.config)
    identity, info = manifest.split_identity(plan.identity())
    root.mkdir(parents=True, exist_ok=True)
    if not (root / manifest.NAME).exists():
        renderer = {"name": "flat", "device": "cpu"}
        made = manifest.Manifest(identity, {"flat/cpu": renderer}, shard_size=size, info=info)
        manifest.write(root, made)
    shards.recover(root)
    have = Dataset.open(root)
    for part in have.missing(n):
        for index in shards.begin(root, part.shard, part.first, part.stop):
            made_one(have, part.shard, index)
        shards.finish(root, part.shard, part.first, part.stop)
    manifest.write(root, have.manifest.asked_for(n).done(n))
    return Dataset.open(root)


def made_one(have: Dataset, shard: int, index: int) -> None:
    sample = fakes.make_plan(have.manifest.config()).sample(index, None)
    folder = shards.folder_name(shard)
    record, text = samples.completed(
        sample.record, sample.image, folder, have.manifest.seed, "flat/cpu"
    )
    samples.store(shards.part_folder(have.root, shard), record, text, sample.image)
