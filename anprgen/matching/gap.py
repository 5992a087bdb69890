# SPDX-License-Identifier: Apache-2.0
"""The gap between photographs and pictures of ours, quantity by quantity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from anprgen.matching.distances import Distance, distance
from anprgen.matching.measure import QUANTITIES
from anprgen.matching.survey import Table

#: Fewer measured pictures on a side say nothing of a quantity.
LEAST = 8


@dataclass(frozen=True)
class Row:
    """One quantity: 5, 50 and 95 % and number of either side, and how far they lie apart."""

    name: str
    unit: str
    doc: str
    real: tuple[float, float, float]
    ours: tuple[float, float, float]
    real_count: int
    ours_count: int
    distance: Distance

    @property
    def beyond_chance(self) -> bool:
        """Whether the two sides differ by more than chance makes of equal ones."""
        return self.distance.ks > self.distance.chance


def compare(real: Table, ours: Table, seed: int = 0) -> list[Row]:
    """Every quantity that both sides have, the largest difference first."""
    rows = []
    for n, q in enumerate(QUANTITIES):
        a, b = (t[q.name][np.isfinite(t[q.name])] for t in (real, ours))
        if min(len(a), len(b)) < LEAST:
            continue
        random = np.random.Generator(np.random.Philox(key=seed * 1000 + n))
        rows.append(
            Row(
                q.name,
                q.unit,
                q.doc,
                _spread(a),
                _spread(b),
                len(a),
                len(b),
                distance(a, b, random),
            )
        )
    return sorted(rows, key=lambda r: (-r.distance.ks, r.name))


def unmeasured(real: Table, ours: Table) -> list[str]:
    """Quantities that too few pictures of a side have, and which side."""
    out = []
    for q in QUANTITIES:
        sides = [
            f"{np.isfinite(t[q.name]).sum()} {who}"
            for t, who in ((real, "photographs"), (ours, "of ours"))
            if np.isfinite(t[q.name]).sum() < LEAST
        ]
        if sides:
            out.append(f"{q.name}: only {' and '.join(sides)} have it")
    return out


def mean_distance(rows: Sequence[Row]) -> float:
    """Mean Kolmogorov-Smirnov distance: one number for all."""
    return float(np.mean([r.distance.ks for r in rows])) if rows else float("nan")


def _spread(values: Any) -> tuple[float, float, float]:
    low, middle, high = np.percentile(values, (5, 50, 95))
    return float(low), float(middle), float(high)


def lines(rows: Sequence[Row]) -> list[str]:
    """The table for people; `*` marks differences beyond chance."""
    head = (
        f"{'quantity':15}{'photographs 5/50/95 %':>26} {'n':>5}{'ours 5/50/95 %':>27} {'n':>5}"
        f"  {'KS':>5} {'95 %':<11} {'Wasserstein':>11}"
    )
    out = [head]
    for r in rows:
        d = r.distance
        out.append(
            f"{r.name:15}{_three(r.real):>26} {r.real_count:5}{_three(r.ours):>27}"
            f" {r.ours_count:5}  {d.ks:5.2f} {d.low:.2f}-{d.high:.2f}"
            f"{' *' if r.beyond_chance else '  '} {d.wasserstein:11.3g} {r.unit}".rstrip()
        )
    return out


def _three(values: tuple[float, float, float]) -> str:
    return " ".join(f"{_short(v):>8}" for v in values)


def _short(value: float) -> str:
    size = abs(value)
    return f"{value:.0f}" if size >= 100 else f"{value:.1f}" if size >= 10 else f"{value:.2f}"


def to_json(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The rows as JSON values, rounded."""
    return [
        {
            "quantity": r.name,
            "unit": r.unit,
            "what": r.doc,
            "real": {"count": r.real_count, **_named(r.real)},
            "ours": {"count": r.ours_count, **_named(r.ours)},
            "distance": {k: round(v, 5) for k, v in asdict(r.distance).items()},
            "beyond_chance": r.beyond_chance,
        }
        for r in rows
    ]


def _named(values: tuple[float, float, float]) -> dict[str, float]:
    return {k: round(v, 5) for k, v in zip(("p5", "median", "p95"), values)}
