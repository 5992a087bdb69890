# SPDX-License-Identifier: Apache-2.0
"""A dataset as a table: which cell of each parameter a picture lies in, and whether it was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anprgen.conditions import CONDITIONS
from anprgen.config import Config
from anprgen.dataset import Dataset
from anprgen.distributions import Distribution
from anprgen.draw import overrides_of, parameters
from anprgen.errors import DatasetError
from anprgen.evaluation.answers import read_all
from anprgen.exporters.options import Options
from anprgen.labelled import Crop, open_labelled
from anprgen.linking import LINKED
from anprgen.matching.marginal import Marginal, marginal
from anprgen.matching.probes import has, value_at
from anprgen.models.reader import Reader
from anprgen.run_summary import Report

#: Numbers that only tell one picture's noise from another's.
_NOISE = ("seed_w", "serial", "micro_phase_mm")
#: What is around a whole frame, and not in a crop.
_AROUND = ("scene.", "stand.", "signs.")


@dataclass(frozen=True)
class Column:
    """One parameter: its distribution in cells, its bounds, and the cell of every picture."""

    path: str
    cells: Marginal
    low: float
    high: float
    place: NDArray[np.intp]


@dataclass(frozen=True)
class Pictures:
    """Pictures [n]: legible or not, read or not, their registration, and a column a parameter.

    `wrong` is False where a picture is illegible: it was not asked.
    """

    columns: dict[str, Column]
    legible: NDArray[np.bool_]
    wrong: NDArray[np.bool_]
    registration: NDArray[np.intp]
    digest: str

    @property
    def rate(self) -> float:
        """Share of legible pictures that were misread."""
        return float(self.wrong[self.legible].mean())


def look(
    reader: Reader,
    dataset: Dataset,
    base: Config,
    splits: tuple[str, ...],
    report: Report,
) -> Pictures:
    """Reads the legible pictures of some splits; cells are those of `base`'s distributions.

    Raises:
        DatasetError: the dataset holds whole frames, or nothing that can be read.
    """
    if dataset.manifest.config().task != "ocr":
        raise DatasetError(
            "whole frames cannot be mined for a reader",
            where=str(dataset.root),
            hint="take a dataset of --task ocr",
        )
    found = open_labelled(dataset.root, Options(splits=splits, illegible=True))
    crops = list(found)
    readable = [c for c in crops if c.plate is not None and c.plate["legibility"] != "illegible"]
    if not readable:
        raise DatasetError(
            f"there is no legible plate in the split {'+'.join(splits)}", where=str(dataset.root)
        )
    report.begin(0, len(readable))
    (answers,), _ = read_all({"reader": reader}, readable, advance=report.advance)
    misread = {a.name for a in answers.answers if not a.exact}
    legible = {c.name for c in readable}
    _, groups = np.unique([c.registration for c in crops], return_inverse=True)
    return Pictures(
        columns_of(crops, base),
        np.array([c.name in legible for c in crops]),
        np.array([c.name in misread for c in crops]),
        np.asarray(groups, np.intp),
        found.digest,
    )


def columns_of(crops: list[Crop], base: Config) -> dict[str, Column]:
    """The parameters that a configuration can change by themselves, and that differ.

    Left out is what follows from others: what times of day and weather set (their own choice can
    be changed), and what a linked camera works out.
    """
    overrides = overrides_of(base)
    shots = [c.record["shot"] for c in crops if c.record is not None]
    follows = _following(overrides)
    out = {}
    for p in parameters(base.hdris):
        if p.path in follows or p.path.rpartition(".")[2] in _NOISE:
            continue
        if p.path.startswith(_AROUND):
            continue
        distribution = overrides.get(p.path, p.distribution)
        drawn = [_value(shot, p.path) for shot in shots]
        if len({str(v) for v in drawn}) < 2 or any(v is None for v in drawn):
            continue
        cells = marginal(p.path, distribution)
        if cells.cells > 1:
            out[p.path] = Column(p.path, cells, p.low, p.high, cells.cell_of(drawn))
    return out


def _following(overrides: Mapping[str, Distribution]) -> set[str]:
    out = {path for c in CONDITIONS.values() for path in c.overrides()}
    if "capture.camera" in overrides:
        out |= {f"camera.{stage}.{name}" for stage, names in LINKED.items() for name in names}
    return out - set(overrides) - {"light.conditions"}


def _value(shot: Mapping[str, Any], path: str) -> Any:
    value = value_at(shot, path) if has(shot, path) else None
    return value if isinstance(value, (int, float, str)) else None
