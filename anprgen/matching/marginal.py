# SPDX-License-Identifier: Apache-2.0
"""One parameter's distribution cut into cells, and put together again with other masses.

Cells are single values of some mass (words, numbers like 0 in "none or some") and bins of what is
continuous. A distribution is read through its quantile function alone, so any kind will do.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anprgen.distributions import Choice, Constant, Distribution, Quantiles

F64 = NDArray[np.float64]

_GRID = 4096
_ATOM = 0.012  # a value with more mass than that is a cell of its own
_BIN = 0.1  # mass of a bin
_FURTHER = 0.25  # of the range, by which an end reaches out
_AT_MOST = 1.5  # times the end, in the logarithm
_WITHIN = (0.25, 0.5, 0.75)  # where a bin's own shape is kept
_TAILS = (0.01, 0.04, 0.12, 0.25, 0.5, 0.75, 0.88, 0.96, 0.99)  # the same in the outermost bins


@dataclass(frozen=True)
class Marginal:
    """A distribution in cells: `atoms`, then bins between `edges`; `mass` of each cell.

    `values` are the sorted values of the continuous part at even quantiles; `log` says that they
    span so much that it is interpolated in the logarithm.
    """

    path: str
    distribution: Distribution
    atoms: tuple[Any, ...]
    edges: F64
    mass: F64
    values: F64
    log: bool

    @property
    def cells(self) -> int:
        """How many."""
        return len(self.mass)

    def cell_of(self, values: list[Any]) -> NDArray[np.intp]:
        """The cell of each value; what lies beyond the ends belongs to the outermost."""
        places = {atom: k for k, atom in enumerate(self.atoms)}
        out = np.zeros(len(values), np.intp)
        for i, value in enumerate(values):
            known = places.get(value)
            if known is not None:
                out[i] = known
            elif len(self.edges) > 1 and isinstance(value, (int, float)):
                k = int(np.searchsorted(self.edges, value, "right")) - 1
                out[i] = len(self.atoms) + min(max(k, 0), len(self.edges) - 2)
            elif self.atoms and all(isinstance(a, (int, float)) for a in self.atoms):
                out[i] = int(np.argmin([abs(float(a) - value) for a in self.atoms]))
        return out

    def masses_of(self, other: Distribution) -> F64:
        """How much of `other` lies in each cell."""
        found = np.bincount(self.cell_of(_sampled(other)), minlength=self.cells)
        return np.asarray(found / found.sum())

    def with_masses(self, mass: F64, low: float, high: float) -> Distribution:
        """The same cells with other masses, as a distribution.

        A bin at an end whose mass became more than twice what it was reaches further out, by a
        quarter of the range, as far as `low` and `high` allow: the best value may lie beyond.
        """
        first = len(self.atoms)
        continuous = float(mass[first:].sum())
        options: list[tuple[Any, float]] = [
            (a, round(float(m), 5)) for a, m in zip(self.atoms, mass) if m > 1e-4
        ]
        if continuous > 1e-4:
            options.append((self._quantiles(mass[first:], low, high), round(continuous, 5)))
        if len(options) == 1:
            only = options[0][0]
            return only if isinstance(only, Distribution) else Constant(only)
        return Choice(options)

    def _quantiles(self, mass: F64, low: float, high: float) -> Distribution:
        was = self.mass[len(self.atoms) :]
        edges = self._reaching(mass, was, low, high)
        share = mass / mass.sum()
        ends = np.concatenate([[0.0], np.cumsum(share)])
        points: list[tuple[float, float]] = []
        for k in range(len(share)):
            inside = self.values[(self.values >= self.edges[k]) & (self.values < self.edges[k + 1])]
            at = _TAILS if k in (0, len(share) - 1) else _WITHIN
            shape = [float(np.quantile(inside, q)) for q in at] if len(inside) else []
            moved = edges[k] != self.edges[k] or edges[k + 1] != self.edges[k + 1]
            points.append((ends[k], edges[k]))
            if not moved:
                points += [(ends[k] + q * share[k], v) for q, v in zip(at, shape)]
        points.append((1.0, edges[-1]))
        tidy = _rising(points)
        if tidy[0][1] == tidy[-1][1]:
            return Constant(tidy[0][1])
        return Quantiles(tidy, log=self.log and all(v > 0 for _, v in tidy))

    def _reaching(self, mass: F64, was: F64, low: float, high: float) -> F64:
        edges = self.edges.copy()
        a, b = (np.log(edges[[0, -1]]) if self.log else edges[[0, -1]]) * 1.0
        more = _FURTHER * (b - a)
        if self.log:  # a range that begins near 0 is endless in the logarithm
            more = min(more, np.log(_AT_MOST))
        share, before = mass / mass.sum(), was / was.sum()
        if share[0] > 2 * before[0]:
            edges[0] = max(low, float(np.exp(a - more) if self.log else a - more))
        if share[-1] > 2 * before[-1]:
            edges[-1] = min(high, float(np.exp(b + more) if self.log else b + more))
        return edges


def marginal(path: str, distribution: Distribution) -> Marginal:
    """A parameter's distribution in cells."""
    drawn = _sampled(distribution)
    counts = Counter(drawn)
    words = [v for v in counts if not _number(v)]
    atoms = tuple(v for v, n in counts.items() if n > _ATOM * _GRID or v in words)
    rest = np.sort(np.array([v for v in drawn if v not in set(atoms)], np.float64))
    share = len(rest) / _GRID
    edges = np.zeros(0)
    if len(rest):
        bins = max(2, round(share / _BIN))
        edges = np.unique(np.quantile(rest, np.linspace(0, 1, bins + 1)))
        if len(edges) < 2:
            edges = np.array([edges[0], edges[0] + 1e-9])
        inside = np.histogram(rest, edges)[0] / _GRID
    else:
        inside = np.zeros(0)
    mass = np.concatenate([[counts[a] / _GRID for a in atoms], inside])
    return Marginal(path, distribution, atoms, edges, mass / mass.sum(), rest, _is_log(rest))


def _is_log(values: F64) -> bool:
    """Whether sorted values span much and lie more evenly in the logarithm."""
    if not len(values) or values[0] <= 0:
        return False
    low, middle, high = np.percentile(values, (2, 50, 98))
    if high < 8 * low:
        return False
    ends, at = np.array([low, high]), (low + high) / 2 - middle
    lean, lean_log = (
        at / np.ptp(ends),
        (np.log(ends).mean() - np.log(middle)) / np.ptp(np.log(ends)),
    )
    return bool(abs(lean_log) < abs(lean))


def mixture(fitted: Distribution, default: Distribution, share: float) -> Distribution:
    """`fitted` with a `share` of the default kept, so that nothing is ever ruled out."""
    if fitted.to_json() == default.to_json():
        return default
    words = _words(fitted), _words(default)
    if words[0] is not None and words[1] is not None:
        keys = list(dict.fromkeys([*words[1], *words[0]]))
        options = [
            (k, round((1 - share) * words[0].get(k, 0.0) + share * words[1].get(k, 0.0), 5))
            for k in keys
        ]
        return Choice(options)
    return Choice([(fitted, round(1 - share, 5)), (default, share)])


def _words(distribution: Distribution) -> dict[Any, float] | None:
    """Value -> share of a distribution over single values, else None."""
    if isinstance(distribution, Constant):
        return {distribution.value: 1.0}
    if not isinstance(distribution, Choice):
        return None
    if any(isinstance(v, Distribution) for v, _ in distribution.options):
        return None
    total = sum(w for _, w in distribution.options)
    return {v: w / total for v, w in distribution.options}


def _sampled(distribution: Distribution) -> list[Any]:
    return [distribution.at((k + 0.5) / _GRID) for k in range(_GRID)]


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _rising(points: list[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Points with positions that rise by at least 1e-4, values to five digits, ends at 0 and 1."""
    out: list[tuple[float, float]] = []
    for u, v in points[:-1]:
        if not out or u >= out[-1][0] + 1e-4:
            out.append((round(float(u), 5), float(f"{v:.5g}")))
    while len(out) > 1 and out[-1][0] > 1 - 1e-4:
        out.pop()
    return (*out, (1.0, float(f"{points[-1][1]:.5g}")))
