# SPDX-License-Identifier: Apache-2.0
"""Measures all pictures of a folder or of a dataset, on all cores."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anprgen.dataset import Dataset
from anprgen.errors import ConfigError, nearest
from anprgen.matching.measure import is_frame, measure, table
from anprgen.matching.pictures import PicturesError, find, read
from anprgen.samples import Record
from anprgen.workers import cpu_count

KINDS = ("auto", "crops", "frames")
#: Below that many pictures starting processes takes longer than they save.
_WORTH_A_POOL = 120
_FEW = 0.1

Table = dict[str, NDArray[np.float64]]
Say = Callable[[str], None]


@dataclass(frozen=True)
class Survey:
    """Measurements of a folder: quantity -> [n]; what kind its pictures are; what was left out."""

    table: Table
    count: int
    kind: str
    broken: tuple[tuple[str, str], ...] = ()
    others: int = 0

    def notes(self) -> list[str]:
        """What people should know of it."""
        other = "crops" if self.kind == "frames" else "frames"
        out = [f"{self.count} photographs, taken for {self.kind}"]
        if self.others:
            out.append(f"{self.others} left out: they look like {other} (--kind decides otherwise)")
        if self.kind == "frames":
            out.append(
                "frames: size, sharpness, noise, coding, tones and colours of the whole picture;"
                " nothing of the plate is measured (cut it out for that)"
            )
        out += [f"{name}: {why}, left out" for name, why in self.broken[:20]]
        if len(self.broken) > 20:
            out.append(f"and {len(self.broken) - 20} more that cannot be read")
        return out


def survey(place: Path, kind: str = "auto", workers: int | None = None) -> Survey:
    """Measures the photographs of a folder.

    Broken files are left out and named; `auto` takes all for what most of them are, crops or
    frames, and leaves the others out where they are more than a tenth.

    Raises:
        PicturesError: no folder, no picture, or none that can be read.
        ConfigError: no such kind.
    """
    if kind not in KINDS:
        raise ConfigError(f"unknown kind {kind!r}", hint=nearest(kind, list(KINDS)))
    paths = find(place)
    sizes = _each(_look, paths, workers)
    good = [(p, s) for p, s in zip(paths, sizes) if isinstance(s, bool)]
    broken = tuple((_name(place, p), s) for p, s in zip(paths, sizes) if isinstance(s, str))
    if not good:
        raise PicturesError(
            f"none of its {len(paths)} pictures can be read",
            where=str(place),
            hint=f"the first: {broken[0][0]}: {broken[0][1]}",
        )
    frames = sum(large for _, large in good)
    found = kind if kind != "auto" else "frames" if frames > len(good) / 2 else "crops"
    # A few large ones among crops are large crops.
    few = min(frames, len(good) - frames) <= _FEW * len(good)
    every = kind != "auto" or few
    chosen = [p for p, large in good if every or large == (found == "frames")]
    rows = _each(partial(_measure, frame=found == "frames"), chosen, workers)
    return Survey(table(rows), len(rows), found, broken, len(good) - len(chosen))


def survey_dataset(
    dataset: Dataset,
    kind: str,
    *,
    limit: int | None = None,
    illegible: bool = False,
    workers: int | None = None,
) -> tuple[Table, list[Record]]:
    """Measurements of a dataset's first pictures, and their records.

    Pictures on which nobody can read a plate are left out unless `illegible`.

    Raises:
        PicturesError: it holds none, or one cannot be read.
    """
    records = list(islice(_wanted(dataset.records(), illegible), limit))
    if not records:
        raise PicturesError(
            "there is no finished legible sample in it", where=str(dataset.root), hint="build more"
        )
    paths = [dataset.image_path(r) for r in records]
    try:
        rows = _each(partial(_measure, frame=kind == "frames"), paths, workers)
    except (OSError, ValueError) as e:
        raise PicturesError(
            f"a picture cannot be read: {e}",
            where=str(dataset.root),
            hint="`anprgen verify` tells what is damaged",
        ) from None
    return table(rows), records


def _wanted(records: Iterable[Record], illegible: bool) -> Iterable[Record]:
    for record in records:
        plates = record["plates"]
        if illegible or not plates or any(p["legibility"] != "illegible" for p in plates):
            yield record


def _name(place: Path, path: Path) -> str:
    return str(path.relative_to(place)) if path.is_relative_to(place) else path.name


def _look(path: Path) -> bool | str:
    """Whether a picture is a frame, or why it cannot be read."""
    try:
        return is_frame(read(path))
    except ValueError as e:
        return str(e)
    except OSError as e:
        return e.strerror or str(e)


def _measure(path: Path, frame: bool) -> dict[str, float]:
    return measure(read(path), frame)


def _each(work: Callable[[Path], Any], paths: list[Path], workers: int | None) -> list[Any]:
    """`work` on every path, in order, in processes where that pays."""
    count = min(workers or cpu_count(), 1 + len(paths) // _WORTH_A_POOL)
    if count < 2:
        return [work(path) for path in paths]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, context, initializer=_one_thread) as pool:
        return list(pool.map(work, paths, chunksize=16))


def _one_thread() -> None:
    import cv2

    cv2.setNumThreads(1)
