# SPDX-License-Identifier: Apache-2.0
"""Regions become distributions that draw more there, and what a dataset of them would be like.

A configuration draws each parameter by itself. So of a pair both parameters are widened, and the
pair's corner gains by both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anprgen.distributions import Distribution
from anprgen.matching.marginal import mixture
from anprgen.mining.pictures import Column, Pictures
from anprgen.mining.regions import Region

#: Pictures' worth of belief that a cell is as bad as all.
_PRIOR = 20.0


@dataclass(frozen=True)
class Widened:
    """New distributions by path, and what is to be expected of them.

    Shares are estimated from the pictures at hand, weighted by how much more often they would be
    drawn: `misread` of legible plates and `illegible` of all, each (before, after); `effective`
    pictures are what the weights leave of them.
    """

    distributions: dict[str, Distribution]
    misread: tuple[float, float]
    illegible: tuple[float, float]
    effective: float


def widen(
    pictures: Pictures, regions: Sequence[Region], *, strength: float, kept: float, most: int
) -> Widened:
    """Draws up to `strength` times as often from the cells of the `most` strongest regions.

    How much more depends on how much worse a cell is; a share `kept` of every parameter stays as
    it was, so nothing is ruled out.
    """
    lifts: dict[str, NDArray[np.float64]] = {}
    for region in regions[:most]:
        for path, cells in region.cells.items():
            column = pictures.columns[path]
            lift = _lift(pictures, column, cells, strength ** (1 / len(region.cells)))
            lifts[path] = np.maximum(lifts.get(path, np.ones_like(lift)), lift)
    made: dict[str, Distribution] = {}
    weights = np.ones(len(pictures.legible))
    for path, lift in lifts.items():
        column = pictures.columns[path]
        mass = column.cells.mass * lift
        fitted = column.cells.with_masses(mass / mass.sum(), column.low, column.high)
        made[path] = mixture(fitted, column.cells.distribution, kept)
        new = column.cells.masses_of(made[path])
        weights *= (new / np.maximum(column.cells.mass, 1e-12))[column.place]
    return Widened(made, *_expected(pictures, weights))


def _lift(
    pictures: Pictures, column: Column, cells: tuple[int, ...], strength: float
) -> NDArray[np.float64]:
    """How many times as often each cell is drawn, before all are scaled to one."""
    legible, size = pictures.legible, column.cells.cells
    count = np.bincount(column.place[legible], minlength=size)
    wrong = np.bincount(column.place[legible & pictures.wrong], minlength=size)
    rate = (wrong + _PRIOR * pictures.rate) / (count + _PRIOR)
    chosen = np.isin(np.arange(size), cells)
    excess = np.where(chosen, np.maximum(rate - pictures.rate, 0.0), 0.0)
    share = excess / max(float(excess.max()), 1e-12)
    # The worst cell is drawn most; all others of its region at least half as much more often.
    return np.where(chosen, 1 + (strength - 1) * np.maximum(share, 0.5), 1.0)


def _expected(
    pictures: Pictures, weights: NDArray[np.float64]
) -> tuple[tuple[float, float], tuple[float, float], float]:
    legible, wrong = pictures.legible, pictures.wrong
    inside = weights[legible]
    misread = float((inside * wrong[legible]).sum() / max(inside.sum(), 1e-12))
    illegible = float(weights[~legible].sum() / weights.sum())
    effective = float(weights.sum() ** 2 / (weights**2).sum())
    before = pictures.rate, float((~legible).mean())
    return (before[0], misread), (before[1], illegible), effective
