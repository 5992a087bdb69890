# SPDX-License-Identifier: Apache-2.0
"""Regions of one or two parameters with more mistakes than elsewhere, beyond chance.

Thousands of regions are looked at, so some look bad by luck. A parameter's worst region is compared
with the worst ones after mistakes were dealt out anew (`anprgen.mining.scan`), a pair's corner with
what lies in one of the two only, by Fisher's exact test. Of all that look bad then as many are told
as keep the share of lucky ones below a tenth (Benjamini and Hochberg 1995). Pictures of one
registration are alike: they are dealt out together, or count as one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anprgen.evaluation.numbers import wilson
from anprgen.matching.marginal import Marginal
from anprgen.mining.pictures import Column, Pictures
from anprgen.mining.scan import LARGEST, MISTAKES, SUPPORT, WORSE, luck, scaled, scan, shuffles

#: Of the regions that are told, the share that may be luck.
FALSE = 0.1
#: Parameters whose pairs are looked at, and parts that a parameter is cut into for them.
PAIRED, PARTS = 24, 3

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Region:
    """One or two parameters' cells, and how often plates in it are misread.

    `cells` are numbers of cells by path; `count` pictures of `registrations`, a share `rate` of
    which was misread, [`low`, `high`] its 95 % interval; `elsewhere` is the rate of all others
    (of a pair: the larger one of those that lie in one of the two only).
    """

    cells: dict[str, tuple[int, ...]]
    said: dict[str, str]
    count: int
    registrations: int
    rate: float
    low: float
    high: float
    elsewhere: float

    @property
    def excess(self) -> float:
        """Mistakes beyond what the rate elsewhere would make."""
        return (self.rate - self.elsewhere) * self.count

    def line(self) -> str:
        """The region in words."""
        where = " and ".join(f"{path} {self.said[path]}" for path in self.cells)
        return (
            f"{where}: {self.rate:.3f} [{self.low:.3f}-{self.high:.3f}] misread,"
            f" {self.elsewhere:.3f} elsewhere ({self.count} plates)"
        )

    def to_json(self) -> dict[str, Any]:
        """The region for the configuration's $about."""
        numbers = {k: round(getattr(self, k), 4) for k in ("rate", "low", "high", "elsewhere")}
        return {
            "where": dict(self.said),
            "plates": self.count,
            "registrations": self.registrations,
            **numbers,
        }


def find(pictures: Pictures) -> list[Region]:
    """Regions of single parameters, one each at most, then pairs; most excess mistakes first."""
    shuffled = shuffles(pictures)
    singles = [_best_run(pictures, c, shuffled) for c in pictures.columns.values()]
    order = sorted(pictures.columns, key=lambda p: -_spread(pictures, pictures.columns[p]))
    chosen = order[:PAIRED]
    parts = {p: _parts(pictures.columns[p].cells) for p in chosen}
    pairs = [
        _best_corner(pictures, a, b, parts) for k, a in enumerate(chosen) for b in chosen[k + 1 :]
    ]
    return [
        *sorted(_beyond_luck(singles), key=_excess),
        *sorted(_beyond_luck(pairs), key=_excess),
    ]


def _beyond_luck(found: list[tuple[float, Region | None]]) -> list[Region]:
    """The regions that Benjamini and Hochberg's procedure keeps; (how likely by luck, region)."""
    ordered = sorted(found, key=lambda pair: pair[0])
    kept = 0
    for k, (p, _) in enumerate(ordered, 1):
        if p <= FALSE * k / len(ordered):
            kept = k
    return [region for _, region in ordered[:kept] if region is not None]


def _excess(region: Region) -> float:
    return -region.excess


def _best_run(
    pictures: Pictures, column: Column, shuffled: NDArray[np.float32]
) -> tuple[float, Region | None]:
    """How likely luck makes a run of cells as bad as the worst one, and that one."""
    found = scan(pictures, column, list(_runs(column.cells)), shuffled)
    if found is None:
        return 1.0, None
    p, run = found
    inside = np.isin(column.place, run) & pictures.legible
    region = _region(pictures, {column.path: run}, inside, [pictures.legible & ~inside])
    return (p, region) if region.registrations >= SUPPORT else (1.0, None)


def _best_corner(
    pictures: Pictures, a: str, b: str, parts: dict[str, list[tuple[int, ...]]]
) -> tuple[float, Region | None]:
    """The corner that is surest to be worse than what lies in one of the parameters only."""
    at = [_part_of(pictures.columns[p], parts[p]) for p in (a, b)]
    shape = (len(parts[a]), len(parts[b]))
    counts, wrongs = (
        found.reshape(shape)
        for found in _counted(pictures, at[0] * shape[1] + at[1], shape[0] * shape[1])
    )
    best: tuple[float, Region | None] = (1.0, None)
    for i, j in np.ndindex(*shape):
        n, w = int(counts[i, j]), int(wrongs[i, j])
        others = [
            (int(counts[i].sum()) - n, int(wrongs[i].sum()) - w),
            (int(counts[:, j].sum()) - n, int(wrongs[:, j].sum()) - w),
        ]
        if not _worth(pictures, n, w, others):
            continue
        in_a, in_b = (at[0] == i) & pictures.legible, (at[1] == j) & pictures.legible
        inside, beside = in_a & in_b, [in_a & ~in_b, in_b & ~in_a]
        here = scaled(pictures, inside)
        p = max(luck(*here, *scaled(pictures, other)) for other in beside) * counts.size
        if here[1] >= SUPPORT and p < best[0]:
            best = p, _region(pictures, {a: parts[a][i], b: parts[b][j]}, inside, beside)
    return best


def _worth(pictures: Pictures, count: int, wrong: int, others: list[tuple[int, int]]) -> bool:
    """Whether a region is large and bad enough to be tested; `others` are (pictures, mistakes)."""
    if not SUPPORT <= count <= LARGEST * pictures.legible.sum() or wrong < MISTAKES:
        return False
    # Where nearly all pictures of one parameter's part lie in the other's, there is no pair.
    if min(n for n, _ in others) < SUPPORT:
        return False
    return wrong / count >= WORSE * max(w / n for n, w in others)


def _region(
    pictures: Pictures, cells: dict[str, tuple[int, ...]], inside: Mask, others: list[Mask]
) -> Region:
    rate, registrations = float(pictures.wrong[inside].mean()), scaled(pictures, inside)[1]
    low, high = wilson(rate * registrations, registrations)
    return Region(
        cells,
        {p: describe(pictures.columns[p].cells, run) for p, run in cells.items()},
        int(inside.sum()),
        registrations,
        rate,
        low,
        high,
        max(float(pictures.wrong[o].mean()) for o in others),
    )


def _counted(
    pictures: Pictures, place: NDArray[np.intp], size: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Legible pictures and mistakes of each cell."""
    return (
        np.bincount(place[pictures.legible], minlength=size),
        np.bincount(place[pictures.legible & pictures.wrong], minlength=size),
    )


def _part_of(column: Column, parts: list[tuple[int, ...]]) -> NDArray[np.intp]:
    """The part of every picture, from the cells that each part holds."""
    of_cell = np.zeros(column.cells.cells, np.intp)
    for k, cells in enumerate(parts):
        of_cell[list(cells)] = k
    return of_cell[column.place]


def _spread(pictures: Pictures, column: Column) -> float:
    """Chi-square of mistakes over a parameter's cells, less its degrees of freedom, scaled."""
    count, wrong = _counted(pictures, column.place, column.cells.cells)
    known, p = count > 0, pictures.rate
    expected = count[known] * max(p, 1e-9)
    chi2 = float(((wrong[known] - expected) ** 2 / (expected * max(1 - p, 1e-9))).sum())
    freedom = max(1, int(known.sum()) - 1)
    return (chi2 - freedom) / math.sqrt(2 * freedom)


def _runs(cells: Marginal) -> Iterator[tuple[int, ...]]:
    """Every atom, every run of neighbouring bins that is not all of them, and both ends together.

    Both ends, since much is as hard to the left as to the right.
    """
    first, last = len(cells.atoms), cells.cells
    for k in range(first):
        yield (k,)
    for a in range(first, last):
        for b in range(a + 1, last + 1):
            if b - a < cells.cells:
                yield tuple(range(a, b))
    for k in range(1, (last - first - 1) // 2 + 1):
        yield (*range(first, first + k), *range(last - k, last))


def _parts(cells: Marginal) -> list[tuple[int, ...]]:
    """Every atom, and the bins in a few parts of even mass."""
    first, last = len(cells.atoms), cells.cells
    bins = np.array_split(np.arange(first, last), min(PARTS, max(1, last - first)))
    runs = [tuple(int(v) for v in part) for part in bins if len(part)]
    return [*((k,) for k in range(first)), *runs]


def describe(cells: Marginal, run: tuple[int, ...]) -> str:
    """A run of cells in words: ``is fog``, ``from 25 to 60``, ``below -20 or above 20``."""
    first = len(cells.atoms)
    if run[0] < first:
        value = cells.atoms[run[0]]
        return f"is {value:g}" if isinstance(value, float) else f"is {value}"
    gaps = [k for k, (a, b) in enumerate(zip(run, run[1:])) if b != a + 1]
    if gaps:
        below, above = run[gaps[0]] + 1, run[gaps[0] + 1]
        return f"below {cells.edges[below - first]:.4g} or above {cells.edges[above - first]:.4g}"
    return f"from {cells.edges[run[0] - first]:.4g} to {cells.edges[run[-1] - first + 1]:.4g}"
