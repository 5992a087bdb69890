# SPDX-License-Identifier: Apache-2.0
"""Pictures of ours to look at: what was drawn for each, and what is measured of it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anprgen.build import build
from anprgen.config import Config
from anprgen.dataset import Dataset
from anprgen.errors import RenderError
from anprgen.matching.survey import Say, Table, survey_dataset
from anprgen.samples import Record
from anprgen.tasks import Spec

#: Drawn with each sample and known to change what is measured, but no part of the camera. They
#: are given weights of their own, so that the camera need not make up for them.
BESIDE = ("plates.variant", "plates.sheet", "light.kind", "vehicle.surround")


@dataclass(frozen=True)
class Probes:
    """Measurements of pictures of ours, quantity -> [n], and their records."""

    table: Table
    records: list[Record]

    def part(self, rows: NDArray[Any]) -> Probes:
        """Some of them, by index or mask."""
        at = np.arange(len(self.records))[rows]
        return Probes(
            {k: v[at] for k, v in self.table.items()}, [self.records[i] for i in at.tolist()]
        )

    def drawn(self, path: str) -> list[Any]:
        """The value of a parameter in every sample."""
        return [value_at(r["shot"], path) for r in self.records]


def value_at(shot: Mapping[str, Any], path: str) -> Any:
    """A parameter's value in a stored shot; of several plates the first's."""
    value: Any = shot
    for part in path.split("."):
        if isinstance(value, Sequence) and not isinstance(value, str):
            value = value[0]
        value = value[part]
    return value


def has(shot: Mapping[str, Any], path: str) -> bool:
    """Whether a stored shot knows a parameter."""
    try:
        value_at(shot, path)
    except (KeyError, IndexError, TypeError):
        return False
    return True


@dataclass(frozen=True)
class Maker:
    """Makes datasets in a folder that is removed afterwards, and measures them."""

    kind: str
    device: str = "auto"
    executable: Path | None = None
    workers: int | None = None
    illegible: bool = False

    def make(self, config: Config, count: int, say: Say) -> Probes:
        """Samples 0 to `count` - 1 of a configuration.

        Raises:
            AnprgenError: the configuration is not usable, nothing renders, the disk refuses.
        """
        with tempfile.TemporaryDirectory(prefix="anprgen-match-") as folder:
            root = Path(folder) / "probes"
            spec = Spec(config, root, self.device, 1, self.executable)
            done = build(spec, count, _Quiet(say), workers=self.workers)
            if done.failed > count // 10:
                raise RenderError(
                    f"{done.failed} of {count} samples could not be made",
                    hint="try the same configuration with `anprgen preview`",
                )
            table, records = survey_dataset(
                Dataset.open(root), self.kind, illegible=self.illegible, workers=self.workers
            )
        return Probes(table, records)


class _Quiet:
    """A report that passes on failures only: the folder is of no interest to anybody."""

    def __init__(self, say: Say) -> None:
        self._say = say

    def note(self, text: str) -> None:
        if "failed" in text:
            self._say(text)

    def begin(self, done: int, total: int) -> None:
        pass

    def advance(self, count: int = 1) -> None:
        pass
