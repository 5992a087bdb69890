# SPDX-License-Identifier: Apache-2.0
"""New masses for the cells of parameters, so that measured distributions come near to others.

Our samples were drawn with known parameters, each on its own. A sample weighs the product, over
its parameters, of the new mass of its cell over the old one: exactly what drawing each parameter
on its own from the new masses would give. The masses are found by descending on

    sum over quantities of   n/2 * mean over thresholds of (F_ours - F_real)^2 / (F (1 - F))
  + strength * sum over parameters of   KL(new || default)

with F the (weighted) share of pictures under a threshold: many thresholds and quantities tell the
same thing, so each quantity counts as one. The default counts as much as `strength` photographs:
of 30 the fit believes little, of 300 much. What changes is a slope and a bend of the logarithm of
the density over the bins, and the mass of each single value: enough to move, narrow and widen,
too little to follow single photographs. On top, a share of the default is kept in every
distribution, and the weights may not concentrate on few samples.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

#: Share of the default that every fitted distribution keeps.
KEPT = 0.2
#: Photographs that the default counts as.
STRENGTH = 20.0
#: Share of the samples that the weights must leave, in a last round and in those before it:
#: far steps first, a sure one at the end.
LAST, BEFORE = 0.25, 0.12
#: Fewer measured photographs do not decide on a quantity.
LEAST = 20
_THRESHOLDS = np.arange(0.05, 0.96, 0.1)
_STEPS, _RATE = 500, 0.04
_CONCENTRATION = 200.0


@dataclass(frozen=True)
class Tables:
    """What photographs want of our samples.

    `under` [n, t] says whether a sample is under a threshold, `seen` [n, t] whether its quantity
    could be measured, `wanted` [t] the share of photographs under it and `weight` [t] how much
    that counts.
    """

    under: F64
    seen: F64
    wanted: F64
    weight: F64
    names: tuple[str, ...]


def tables(
    real: Mapping[str, F64], ours: Mapping[str, F64], left_out: Sequence[str] = ()
) -> Tables:
    """Thresholds of each quantity that enough pictures have."""
    under, seen, wanted, weight, names = [], [], [], [], []
    for name, values in ours.items():
        a, known = real[name][np.isfinite(real[name])], np.isfinite(values)
        if len(a) < LEAST or known.sum() < LEAST or name in left_out:
            continue
        tests = []
        for at in np.unique(np.quantile(a, _THRESHOLDS)):
            # A value that many photographs share is met from both sides.
            tests += [values <= at, values < at] if (a == at).mean() > 0.05 else [values <= at]
        goals = []
        for at in np.unique(np.quantile(a, _THRESHOLDS)):
            both = [(a <= at).mean(), (a < at).mean()]
            goals += both if (a == at).mean() > 0.05 else both[:1]
        names.append(name)
        for test, goal in zip(tests, goals):
            under.append(np.where(known, test, 0.0))
            seen.append(known.astype(np.float64))
            wanted.append(goal)
            weight.append(0.5 * len(a) / len(goals) / (goal * (1 - goal) + 0.05))
    if not names:
        return Tables(np.zeros((0, 0)), np.zeros((0, 0)), np.zeros(0), np.zeros(0), ())
    return Tables(
        np.array(under).T.copy(),
        np.array(seen).T.copy(),
        np.array(wanted),
        np.array(weight),
        tuple(names),
    )


@dataclass(frozen=True)
class Problem:
    """Cells of our samples: `cell` [n, p], and for each parameter masses by cell.

    `drawn` are the masses that the samples were drawn from, `default` those to stay near,
    `floor` the share of the default that is kept (0 for what is not written anywhere), `basis`
    [cells, k] in what ways the logarithms of the masses may change.
    """

    cell: NDArray[np.intp]
    drawn: tuple[F64, ...]
    default: tuple[F64, ...]
    floor: tuple[float, ...]
    basis: tuple[F64, ...]


def ways(atoms: int, bins: int) -> F64:
    """A basis [atoms + bins, k]: each atom on its own; slope and bend over the bins."""
    out = np.zeros((atoms + bins, atoms + min(2, max(0, bins - 1))))
    out[:atoms, :atoms] = np.eye(atoms)
    if bins > 1:
        x = np.linspace(-1, 1, bins)
        out[atoms:, atoms] = x
    if bins > 2:
        out[atoms:, atoms + 1] = x**2 - (x**2).mean()
    return out


@dataclass(frozen=True)
class Fitted:
    """Masses for each parameter before the default's share is mixed in; samples' weights."""

    masses: tuple[F64, ...]
    weights: F64
    effective: float


def fit(problem: Problem, want: Tables, strength: float = STRENGTH, least: float = LAST) -> Fitted:
    """The masses that bring our samples' quantities nearest to the photographs'.

    The weights leave about `least` of the samples or more.

    Adam on the logarithms of the masses, a fixed number of steps: the same on every run.
    """
    # Where a fitted distribution already has cells beyond the default, a little is allowed there.
    base = [0.95 * d + 0.05 / len(d) for d in problem.default]
    keep = problem.floor
    start = [np.maximum(m, 1e-4) for m in problem.drawn]
    from_here = [
        np.log(np.maximum((m - k * d) / (1 - k), 1e-3))
        for m, d, k in zip(start, problem.default, keep)
    ]
    turns = [np.zeros(b.shape[1]) for b in problem.basis]
    first = [np.zeros_like(v) for v in turns]
    second = [np.zeros_like(v) for v in turns]
    best: tuple[float, list[F64]] | None = None
    for step in range(1, _STEPS + 1):
        logits = [a + b @ t for a, b, t in zip(from_here, problem.basis, turns)]
        loss, slopes = _descent(problem, want, base, logits, strength, least)
        if best is None or loss < best[0]:
            best = loss, [v.copy() for v in logits]
        rate = _RATE * (1 if step < 0.7 * _STEPS else 0.25)
        for k, (slope_cells, b) in enumerate(zip(slopes, problem.basis)):
            slope = slope_cells @ b
            first[k] = 0.9 * first[k] + 0.1 * slope
            second[k] = 0.99 * second[k] + 0.01 * slope**2
            m, v = first[k] / (1 - 0.9**step), second[k] / (1 - 0.99**step)
            turns[k] = turns[k] - rate * m / (np.sqrt(v) + 1e-6)
    assert best is not None
    masses = [_softmax(v) for v in best[1]]
    weights = reweigh(problem, masses)
    return Fitted(tuple(masses), weights, float(weights.sum() ** 2 / (weights**2).sum()))


def reweigh(problem: Problem, masses: Sequence[F64]) -> F64:
    """Weights [n], sum 1, of samples under fitted masses; they may be others than were fitted."""
    mixed = [(1 - k) * m + k * d for m, d, k in zip(masses, problem.default, problem.floor)]
    return _weights(problem, mixed)


def _softmax(values: F64) -> F64:
    e = np.exp(values - values.max())
    return np.asarray(e / e.sum())


def _weights(problem: Problem, mixed: Sequence[F64]) -> F64:
    log = np.zeros(len(problem.cell))
    for p, (new, old) in enumerate(zip(mixed, problem.drawn)):
        log += np.log(np.maximum(new, 1e-9) / np.maximum(old, 1e-9))[problem.cell[:, p]]
    w = np.exp(log - log.max())
    return np.asarray(w / w.sum())


def _descent(
    problem: Problem,
    want: Tables,
    base: Sequence[F64],
    logits: Sequence[F64],
    strength: float,
    least: float,
) -> tuple[float, list[F64]]:
    """The loss and its slope for each parameter's logarithms."""
    fitted = [_softmax(v) for v in logits]
    mixed = [(1 - k) * m + k * d for m, d, k in zip(fitted, problem.default, problem.floor)]
    w = _weights(problem, mixed)
    # einsum, not @: threads of a BLAS wait for each other longer than this takes.
    total = np.einsum("n,nt->t", w, want.seen)
    share = np.einsum("n,nt->t", w, want.under) / np.maximum(total, 1e-12)
    off = share - want.wanted
    loss = float((want.weight * off**2).sum())
    # d loss / d w of each sample
    pull = 2 * want.weight * off / np.maximum(total, 1e-12)
    slope_w = np.einsum("nt,t->n", want.under, pull)
    slope_w -= np.einsum("nt,t->n", want.seen, pull * share)
    squares = float((w**2).sum())
    lack = np.log(least * len(w) * squares)
    if lack > 0:
        loss += _CONCENTRATION * lack**2
        slope_w = slope_w + _CONCENTRATION * 2 * lack * 2 * w / squares
    # through log w, of which a common factor is no matter
    slope_log = w * (slope_w - float(w @ slope_w))
    out = []
    for p, (s, m, b, k) in enumerate(zip(fitted, mixed, base, problem.floor)):
        per_cell = np.bincount(problem.cell[:, p], slope_log, len(m)) / np.maximum(m, 1e-9)
        ratio = np.log(np.maximum(m, 1e-9) / b)
        loss += strength * float((m * ratio).sum())
        slope_m = (per_cell + strength * (ratio + 1)) * (1 - k)
        out.append(s * (slope_m - float(s @ slope_m)))
    return loss, out


def influence(cell: NDArray[np.intp], values: F64) -> float:
    """How surely a parameter's cells differ in a quantity: a normal deviate.

    One-way analysis of variance on ranks; F is turned into a deviate by Wilson and Hilferty's
    cube root.
    """
    known = np.isfinite(values)
    groups, rank = cell[known], np.argsort(np.argsort(values[known])).astype(np.float64)
    counts = np.bincount(groups)
    used = counts >= 3
    classes, n = int(used.sum()), int(counts[used].sum())
    if classes < 2 or n < 10 * classes:
        return 0.0
    inside = used[groups]
    groups, rank = groups[inside], rank[inside]
    means = np.bincount(groups, rank) / np.maximum(np.bincount(groups), 1)
    mean = rank.mean()
    between = float((np.bincount(groups) * (means - mean) ** 2)[np.unique(groups)].sum())
    within = float(((rank - means[groups]) ** 2).sum())
    if within <= 0:
        return 0.0
    ratio = (between / (classes - 1)) / (within / (n - classes))
    c = 2 / (9 * (classes - 1))
    return float((ratio ** (1 / 3) - (1 - c)) / np.sqrt(c))
