# SPDX-License-Identifier: Apache-2.0
"""Balanced registrations: every character at every position has its share, not the road's.

A reader that rarely sees a Q reads none. Here the weights of a grammar are replaced by those that
come nearest to equal shares of all characters that it allows at a position.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

import numpy as np

from anprgen.clusters import glyphs_of
from anprgen.registration import Field, Series

_ROUNDS = 2000
#: Share of all values that is dealt out evenly.
_EVEN = 0.05


def balanced(series: Series) -> Series:
    """The same grammar with equal shares of characters; what has no weight stays out.

    Positions drawn one by one become uniform. Whole values (district codes) get the weights that
    come nearest to it, as far as the codes allow. Numbers are uniform already.
    """
    return replace(series, fields=tuple(map(_field, series.fields)))


def _field(field: Field) -> Field:
    if field.characters is not None:
        even = tuple({c: 1.0 for c, w in p.items() if w > 0} for p in field.characters)
        return replace(field, characters=even)
    if field.values is not None:
        return replace(field, values=_fitted(tuple(v for v, w in field.values.items() if w > 0)))
    return field


@lru_cache(maxsize=64)
def _fitted(values: tuple[str, ...]) -> Mapping[str, float]:
    """Weights that minimise the squared distance of characters' shares from equal ones.

    The distance is convex in the weights; exponentiated gradient steps (Kivinen & Warmuth 1997)
    keep them above 0 and adding up to 1.
    """
    glyphs = [glyphs_of(v) for v in values]
    places = sorted({(p, c) for g in glyphs for p, c in enumerate(g)})
    has = np.array([[p < len(g) and g[p] == c for g in glyphs] for p, c in places], np.float64)
    position = np.array([p for p, _ in places])
    same = (position[:, None] == position).astype(np.float64)
    same /= same.sum(1, keepdims=True)
    weights = np.full(len(values), 1.0 / len(values))
    step = 1.0 / (2 * max(map(len, glyphs)))
    for _ in range(_ROUNDS):
        shares = has @ weights
        weights *= np.exp(-2 * step * (has.T @ (shares - same @ shares)))
        weights /= weights.sum()
    # What cannot be balanced would starve some values.
    weights = (1 - _EVEN) * weights + _EVEN / len(values)
    return {v: float(w) for v, w in zip(values, weights)}
