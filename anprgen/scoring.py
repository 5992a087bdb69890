# SPDX-License-Identifier: Apache-2.0
"""How well texts were read: exact and strict accuracy, edits, and intervals over registrations.

Texts are compared in capital letters without blanks, hyphens and full stops. `strict` wants them
equal; `exact` counts O, Q and 0 as one character, since labels of real plates often mix them up.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from anprgen.labelled import plain

F64 = NDArray[np.float64]
_FOLD = str.maketrans({"O": "0", "Q": "0"})
RESAMPLES = 1000


def fold(text: str) -> str:
    """The text with O and Q written as 0."""
    return text.translate(_FOLD)


def is_strict(got: str, want: str) -> bool:
    """Whether a text was read as it is."""
    return plain(got) == plain(want)


def is_exact(got: str, want: str) -> bool:
    """Whether a text was read but for O, Q and 0."""
    return fold(plain(got)) == fold(plain(want))


def edits(a: str, b: str) -> int:
    """Levenshtein's distance: insertions, deletions and substitutions from `a` to `b`."""
    d = list(range(len(b) + 1))
    for i, c in enumerate(a, 1):
        above, d[0] = d[0], i
        for j, e in enumerate(b, 1):
            above, d[j] = d[j], min(d[j] + 1, d[j - 1] + 1, above + (c != e))
    return d[-1]


def alignment(got: str, want: str) -> list[tuple[str, str]]:
    """Pairs (wanted, read) along one shortest way of edits; "" where a character has no partner.

    Of equal ways the one with the fewest gaps at the front, so that pairs stand where they are
    read.
    """
    n, m = len(want), len(got)
    d = np.zeros((n + 1, m + 1), int)
    d[:, 0], d[0] = np.arange(n + 1), np.arange(m + 1)
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            change = d[i - 1, j - 1] + (want[i - 1] != got[j - 1])
            d[i, j] = min(change, d[i - 1, j] + 1, d[i, j - 1] + 1)
    pairs, i, j = [], n, m
    while i or j:
        if i and j and d[i, j] == d[i - 1, j - 1] + (want[i - 1] != got[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((want[i], got[j]))
        elif i and d[i, j] == d[i - 1, j] + 1:
            i -= 1
            pairs.append((want[i], ""))
        else:
            j -= 1
            pairs.append(("", got[j]))
    return pairs[::-1]


def interval(top: F64, bottom: F64, groups: Sequence[str], seed: int = 0) -> tuple[float, float]:
    """95 % bootstrap interval of sum(top) / sum(bottom), resampling groups, not pictures.

    Pictures of one registration are alike, so a registration is drawn as a whole. A share has
    ones as `bottom`; the character error rate has lengths.
    """
    return tuple(np.percentile(resampled(top, bottom, groups, seed), (2.5, 97.5)).tolist())  # type: ignore[return-value]


def resampled(top: F64, bottom: F64, groups: Sequence[str], seed: int = 0) -> F64:
    """The ratio in each of 1,000 resamples; equal seeds and groups give equal resamples.

    So differences of two models on the same pictures are paired.
    """
    if not len(groups):
        return np.zeros(RESAMPLES)
    _, code = np.unique(np.asarray(groups), return_inverse=True)
    tops, bottoms = np.bincount(code, top), np.bincount(code, bottom)
    rng, count, out = np.random.default_rng(seed), len(tops), np.zeros(RESAMPLES)
    for k in range(RESAMPLES):
        drawn = rng.integers(0, count, count)
        out[k] = tops[drawn].sum() / max(bottoms[drawn].sum(), 1e-12)
    return out
