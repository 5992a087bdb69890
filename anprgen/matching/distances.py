# SPDX-License-Identifier: Apache-2.0
"""How far two samples of one quantity lie apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

RESAMPLES = 200


@dataclass(frozen=True)
class Distance:
    """Kolmogorov-Smirnov's (0 to 1) with its 95 % bootstrap interval, and Wasserstein's.

    `chance` is what KS stays under in 95 % of the cases when both samples are of one kind;
    `wasserstein` is in the quantity's unit.
    """

    ks: float
    low: float
    high: float
    chance: float
    wasserstein: float


def kolmogorov_smirnov(a: F64, b: F64) -> float:
    """Largest difference of the two empirical distribution functions."""
    a, b = np.sort(a), np.sort(b)
    at = np.concatenate([a, b])
    fa = np.searchsorted(a, at, "right") / len(a)
    fb = np.searchsorted(b, at, "right") / len(b)
    return float(np.abs(fa - fb).max())


def wasserstein(a: F64, b: F64) -> float:
    """Area between the two empirical distribution functions (1-Wasserstein)."""
    a, b = np.sort(a), np.sort(b)
    at = np.sort(np.concatenate([a, b]))
    fa = np.searchsorted(a, at[:-1], "right") / len(a)
    fb = np.searchsorted(b, at[:-1], "right") / len(b)
    return float((np.abs(fa - fb) * np.diff(at)).sum())


def distance(a: F64, b: F64, random: np.random.Generator) -> Distance:
    """All of it for two samples without NaN; `random` resamples."""
    both = np.concatenate([a, b])
    again, mixed = np.zeros(RESAMPLES), np.zeros(RESAMPLES)
    for k in range(RESAMPLES):
        again[k] = kolmogorov_smirnov(
            a[random.integers(len(a), size=len(a))], b[random.integers(len(b), size=len(b))]
        )
        order = random.permutation(len(both))
        mixed[k] = kolmogorov_smirnov(both[order[: len(a)]], both[order[len(a) :]])
    low, high = np.percentile(again, (2.5, 97.5))
    return Distance(
        kolmogorov_smirnov(a, b),
        float(low),
        float(high),
        float(np.percentile(mixed, 95)),
        wasserstein(a, b),
    )
