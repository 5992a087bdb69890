# SPDX-License-Identifier: Apache-2.0
"""Regions of one or two parameters with more mistakes than elsewhere, beyond chance.

Thousands of regions are looked at, so some look bad by luck. A region counts when Fisher's exact
test of its mistakes against those elsewhere rejects luck at a level that is 5 % for all regions of
single parameters together, and 5 % for all of pairs (Bonferroni). Pictures of one registration are
alike, so counts are scaled to as many as there are registrations.
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

_LEVEL = 0.05
#: Registrations and mistakes that a region has at least.
SUPPORT, MISTAKES = 25, 8
#: A region's rate over the rate elsewhere, and the most that it holds of all pictures.
WORSE, LARGEST = 1.25, 0.6
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
    runs = {p: list(_runs(c.cells)) for p, c in pictures.columns.items()}
    tests = max(1, sum(map(len, runs.values())))
    found = [_best_run(pictures, c, runs[p], tests) for p, c in pictures.columns.items()]
    order = sorted(pictures.columns, key=lambda p: -_spread(pictures, pictures.columns[p]))
    singles = [r for r in found if r is not None]
    pairs = _pairs(pictures, order[:PAIRED])
    return [*sorted(singles, key=_excess), *sorted(pairs, key=_excess)]


def _excess(region: Region) -> float:
    return -region.excess


def _best_run(
    pictures: Pictures, column: Column, runs: list[tuple[int, ...]], tests: int
) -> Region | None:
    """The run of cells that parts mistakes best, if it is worse than elsewhere for sure.

    The best is that of the largest likelihood ratio (Kulldorff 1997, the scan statistic), so that
    it neither stops short of the fault nor reaches far beyond it.
    """
    counts, wrongs = _counted(pictures, column.place, column.cells.cells)
    legible, best, most = pictures.legible, None, 0.0
    for run in runs:
        n, w = int(counts[list(run)].sum()), int(wrongs[list(run)].sum())
        rest = (int(counts.sum()) - n, int(wrongs.sum()) - w)
        ratio = _likelihood(n, w) + _likelihood(*rest)
        if not _worth(pictures, n, w, [rest]) or (best is not None and ratio <= most):
            continue
        inside = np.isin(column.place, run) & legible
        region = _region(pictures, {column.path: run}, inside, [legible & ~inside], tests)
        if region is not None:
            best, most = region, ratio
    return best


def _pairs(pictures: Pictures, paths: list[str]) -> list[Region]:
    parts = {p: _parts(pictures.columns[p].cells) for p in paths}
    both = [(a, b) for k, a in enumerate(paths) for b in paths[k + 1 :]]
    tests = max(1, sum(len(parts[a]) * len(parts[b]) for a, b in both))
    found = [_best_corner(pictures, a, b, parts, tests) for a, b in both]
    return [region for region in found if region is not None]


def _best_corner(
    pictures: Pictures, a: str, b: str, parts: dict[str, list[tuple[int, ...]]], tests: int
) -> Region | None:
    """The corner of two parameters that is worse for sure than what lies in one of them only."""
    at = [_part_of(pictures.columns[p], parts[p]) for p in (a, b)]
    shape = (len(parts[a]), len(parts[b]))
    counts, wrongs = (
        found.reshape(shape)
        for found in _counted(pictures, at[0] * shape[1] + at[1], shape[0] * shape[1])
    )
    best = None
    for i, j in np.ndindex(*shape):
        n, w = int(counts[i, j]), int(wrongs[i, j])
        others = [
            (int(counts[i].sum()) - n, int(wrongs[i].sum()) - w),
            (int(counts[:, j].sum()) - n, int(wrongs[:, j].sum()) - w),
        ]
        if not _worth(pictures, n, w, others):
            continue
        in_a, in_b = (at[0] == i) & pictures.legible, (at[1] == j) & pictures.legible
        cells = {a: parts[a][i], b: parts[b][j]}
        region = _region(pictures, cells, in_a & in_b, [in_a & ~in_b, in_b & ~in_a], tests)
        if region is not None and (best is None or region.excess > best.excess):
            best = region
    return best


def _likelihood(count: int, wrong: int) -> float:
    """Logarithm of the likelihood of so many mistakes at their own rate."""
    right = count - wrong
    return sum(n * math.log(n / count) for n in (wrong, right) if n)


def _worth(pictures: Pictures, count: int, wrong: int, others: list[tuple[int, int]]) -> bool:
    """Whether a region is large and bad enough to be tested; `others` are (pictures, mistakes)."""
    if not SUPPORT <= count <= LARGEST * pictures.legible.sum() or wrong < MISTAKES:
        return False
    # Where nearly all pictures of one parameter's part lie in the other's, there is no pair.
    if min(n for n, _ in others) < SUPPORT:
        return False
    return wrong / count >= WORSE * max(w / n for n, w in others)


def _region(
    pictures: Pictures,
    cells: dict[str, tuple[int, ...]],
    inside: Mask,
    others: list[Mask],
    tests: int,
) -> Region | None:
    """The region, if it is worse than all `others` beyond luck."""
    here = _scaled(pictures, inside)
    if here[1] < SUPPORT:
        return None
    if max(luck(*here, *_scaled(pictures, other)) for other in others) > _LEVEL / tests:
        return None
    rate, registrations = float(pictures.wrong[inside].mean()), here[1]
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


def luck(wrong: int, count: int, wrong_elsewhere: int, count_elsewhere: int) -> float:
    """Fisher's exact test, one-sided: how likely as many mistakes fall into `count` by luck.

    The upper tail of the hypergeometric distribution.
    """
    every, mistakes = count + count_elsewhere, wrong + wrong_elsewhere
    x = np.arange(wrong, min(count, mistakes) + 1)
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, every + 1)))])

    def choose(n: Any, k: Any) -> Any:
        return logs[n] - logs[k] - logs[n - k]

    terms = choose(mistakes, x) + choose(every - mistakes, count - x) - choose(every, count)
    return min(1.0, float(np.exp(terms).sum()))


def _scaled(pictures: Pictures, inside: Mask) -> tuple[int, int]:
    """(mistakes, pictures) of a region as if each registration had one picture; rounded down."""
    count, registrations = int(inside.sum()), len(np.unique(pictures.registration[inside]))
    return int(pictures.wrong[inside].sum() * registrations / count), registrations


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
    """Every atom, and every run of neighbouring bins that is not all of them."""
    first, last = len(cells.atoms), cells.cells
    for k in range(first):
        yield (k,)
    for a in range(first, last):
        for b in range(a + 1, last + 1):
            if b - a < cells.cells:
                yield tuple(range(a, b))


def _parts(cells: Marginal) -> list[tuple[int, ...]]:
    """Every atom, and the bins in a few parts of even mass."""
    first, last = len(cells.atoms), cells.cells
    bins = np.array_split(np.arange(first, last), min(PARTS, max(1, last - first)))
    runs = [tuple(int(v) for v in part) for part in bins if len(part)]
    return [*((k,) for k in range(first)), *runs]


def describe(cells: Marginal, run: tuple[int, ...]) -> str:
    """A run of cells in words: ``is fog``, ``from 25 to 60``."""
    first = len(cells.atoms)
    if run[0] < first:
        value = cells.atoms[run[0]]
        return f"is {value:g}" if isinstance(value, float) else f"is {value}"
    return f"from {cells.edges[run[0] - first]:.4g} to {cells.edges[run[-1] - first + 1]:.4g}"
