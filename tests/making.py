# SPDX-License-Identifier: Apache-2.0
"""Builds small datasets for the tests, with the fake plan or with the flat renderer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import fakes

from anprgen.build import Summary, build
from anprgen.config import Config
from anprgen.dataset import Dataset
from anprgen.verify import verify
from anprgen.worker_process import Spec


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
    **spec: Any,
) -> Summary:
    return build(
        spec_of(root, **spec),
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
