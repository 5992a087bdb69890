# SPDX-License-Identifier: Apache-2.0
"""Fits the camera's distributions to a folder of photographs, in rounds of fresh samples."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anprgen.config import Config
from anprgen.distributions import Distribution
from anprgen.draw import overrides_of, parameters
from anprgen.errors import ConfigError, nearest
from anprgen.matching.fit import (
    BEFORE,
    KEPT,
    LAST,
    STRENGTH,
    Problem,
    fit,
    influence,
    reweigh,
    tables,
    ways,
)
from anprgen.matching.gap import Row, compare
from anprgen.matching.marginal import Marginal, marginal, mixture
from anprgen.matching.pictures import PicturesError
from anprgen.matching.probes import BESIDE, Maker, Probes, has
from anprgen.matching.survey import Say, Survey
from anprgen.parameters import Parameter

#: What is fitted unless the user names other parameters: what a camera and a detector decide.
FITTED = ("view.width_px", "view.roll_deg", "crop", "camera")
#: With fewer photographs nothing can be fitted; with fewer than FEW little.
LEAST, FEW = 10, 30
#: How sure a parameter's influence must be: a deviate that chance exceeds once in 100,000 times.
_SURE = 4.3
#: Confidence of the outline is no property of photographs; the rest is.
_LEFT_OUT = ("quad",)
_LEAST_STORED = 100
_CHECK_SEED = 1_000_003


@dataclass(frozen=True)
class Options:
    """How much to render and what to fit."""

    probes: int = 1200
    rounds: int = 3
    checks: int = 600
    fitted: tuple[str, ...] = FITTED
    strength: float = STRENGTH
    kept: float = KEPT
    seed: int = 0


@dataclass(frozen=True)
class Matched:
    """Fitted distributions by path, what each parameter drives, and the gap before and after."""

    overrides: dict[str, Distribution]
    default: dict[str, Distribution]
    drives: dict[str, list[str]]
    quantities: tuple[str, ...]
    before: list[Row]
    after: list[Row]
    tables: dict[str, Any]
    notes: list[str]


def match(real: Survey, config: Config, maker: Maker, options: Options, say: Say) -> Matched:
    """Renders, weighs, and renders again.

    Each round makes samples from the distributions so far, weighs them against the photographs
    (`fit`) and takes the weighted cells for the next round. `before` and `after` are measured on
    samples with a seed of their own.

    Raises:
        PicturesError: too few photographs.
        AnprgenError: the configuration is not usable, or nothing renders.
    """
    notes = enough(real)
    chosen = selected(options.fitted)
    default = defaults(config, chosen)
    current = dict(default)
    drives: dict[str, list[str]] = {}
    quantities: tuple[str, ...] = ()

    def made(seed: int, count: int) -> Probes:
        changed = {p: d.to_json() for p, d in current.items() if d is not default[p]}
        overrides = {**config.overrides, **changed}
        return maker.make(replace(config, seed=seed, overrides=overrides), count, say)

    check = options.seed + _CHECK_SEED
    say(f"measuring {options.checks} samples as they are")
    before = made(check, options.checks)
    for number in range(options.rounds):
        say(f"round {number + 1} of {options.rounds}: {options.probes} samples")
        probes = made(options.seed + 1 + number, options.probes)
        drives = {**driven(probes, current, real), **drives}
        least = LAST if number == options.rounds - 1 else BEFORE
        cells = {path: marginal(path, current[path]) for path in drives}
        new, names, effective = reweighed(real, probes, cells, default, chosen, options, least)
        quantities = names
        say(f"  {len(drives)} parameters fitted, as good as {effective:.0f} samples")
        current.update(new)
    say(f"measuring {options.checks} samples with the fitted camera")
    after = made(check, options.checks)
    rows = (
        compare(real.table, before.table, options.seed),
        compare(real.table, after.table, options.seed),
    )
    return Matched(
        {p: current[p] for p in drives if current[p] is not default[p]},
        default,
        drives,
        quantities,
        *rows,
        {"photographs": real.table, "before": before.table, "after": after.table},
        notes,
    )


def match_stored(real: Survey, config: Config, probes: Probes, options: Options) -> Matched:
    """The same from pictures that are there already, in one round, without rendering.

    The fit sees every second sample; `after` is measured on the others, resampled by the weights
    that the fitted distributions give them. That is an estimate: `anprgen gap` tells after a new
    dataset is made.

    Raises:
        PicturesError: too few photographs, or samples.
    """
    notes = enough(real)
    count = len(probes.records)
    if count < 2 * _LEAST_STORED:
        raise PicturesError(
            f"{count} samples are too few", hint=f"{2 * _LEAST_STORED} or more are needed"
        )
    stored = probes.records[0]["shot"]
    # A dataset of an earlier version lacks what was added since.
    chosen = [p for p in selected(options.fitted) if has(stored, p.path)]
    default = defaults(config, chosen)
    half = np.arange(count) % 2 == 0
    seen, held = probes.part(half), probes.part(~half)
    drives = driven(seen, default, real)
    cells = {path: marginal(path, default[path]) for path in drives}
    want = tables(real.table, seen.table, _LEFT_OUT)
    fitted = fit(problem(seen, cells, default, options.kept), want, options.strength)
    # Of what lies beside the camera nothing is written, so it has no say here.
    camera = problem(held, cells, default, options.kept, ())
    weights = reweigh(camera, fitted.masses[: len(cells)])
    rows = np.minimum(
        np.searchsorted(np.cumsum(weights), (np.arange(len(weights)) + 0.5) / len(weights)),
        len(weights) - 1,
    )
    after = held.part(rows)
    notes.append(
        f"after: an estimate from {1 / float((weights**2).sum()):.0f} effective samples of"
        f" {len(weights)}; make a dataset with the new configuration and run `anprgen gap`"
    )
    new = redrawn(cells, fitted.masses, default, chosen, options.kept)
    return Matched(
        new,
        default,
        drives,
        want.names,
        compare(real.table, held.table, options.seed),
        compare(real.table, after.table, options.seed),
        {"photographs": real.table, "before": held.table, "after": after.table},
        notes,
    )


def enough(real: Survey) -> list[str]:
    """A warning where there are few photographs.

    Raises:
        PicturesError: there are too few.
    """
    if real.count < LEAST:
        raise PicturesError(
            f"{real.count} photographs are too few to fit anything to",
            hint=f"{LEAST} are needed, {FEW} or more are of use; `anprgen gap` takes any number",
        )
    if real.count < FEW:
        return [
            f"only {real.count} photographs: the result stays near the default"
            f" ({FEW} or more are of use)"
        ]
    return []


def selected(words: Iterable[str]) -> list[Parameter]:
    """The parameters under the given paths.

    Raises:
        ConfigError: a path that names none.
    """
    every = list(parameters())
    out: dict[str, Parameter] = {}
    for word in words:
        found = [p for p in every if p.path == word or p.path.startswith(f"{word}.")]
        if not found:
            raise ConfigError(
                f"--fit {word}: there is no such parameter",
                hint=nearest(word, [p.path for p in every]),
            )
        out.update({p.path: p for p in found})
    return list(out.values())


def defaults(config: Config, chosen: Sequence[Parameter]) -> dict[str, Distribution]:
    """What each chosen parameter is drawn from before any fit: the user's, the task's, its own."""
    overrides = overrides_of(config)
    return {p.path: overrides.get(p.path, p.distribution) for p in chosen}


def driven(probes: Probes, current: dict[str, Distribution], real: Survey) -> dict[str, list[str]]:
    """The parameters that change a measured quantity for certain, and which, the surest first."""
    out = {}
    for path, distribution in current.items():
        cell = marginal(path, distribution).cell_of(probes.drawn(path))
        sure = {
            name: influence(cell, values)
            for name, values in probes.table.items()
            if name not in _LEFT_OUT and np.isfinite(real.table[name]).sum() >= LEAST
        }
        strong = sorted((n for n in sure if sure[n] > _SURE), key=lambda n: -sure[n])
        if strong:
            out[path] = strong
    return out


def reweighed(
    real: Survey,
    probes: Probes,
    cells: dict[str, Marginal],
    default: dict[str, Distribution],
    chosen: Sequence[Parameter],
    options: Options,
    least: float,
) -> tuple[dict[str, Distribution], tuple[str, ...], float]:
    """New distributions, the quantities that decided, and how many samples the weights leave."""
    want = tables(real.table, probes.table, _LEFT_OUT)
    fitted = fit(problem(probes, cells, default, options.kept), want, options.strength, least)
    new = redrawn(cells, fitted.masses, default, chosen, options.kept)
    return new, want.names, fitted.effective


def redrawn(
    cells: dict[str, Marginal],
    masses: Sequence[NDArray[np.float64]],
    default: dict[str, Distribution],
    chosen: Sequence[Parameter],
    kept: float,
) -> dict[str, Distribution]:
    """Fitted masses as distributions, with the default's share mixed in."""
    bounds = {p.path: (p.low, p.high) for p in chosen}
    return {
        path: mixture(m.with_masses(mass, *bounds[path]), default[path], kept)
        for (path, m), mass in zip(cells.items(), masses)
    }


def problem(
    probes: Probes,
    cells: dict[str, Marginal],
    default: dict[str, Distribution],
    kept: float,
    beside: Sequence[str] = BESIDE,
) -> Problem:
    """The samples in cells: of the parameters to fit, and of what lies beside the camera."""
    columns: list[NDArray[np.intp]] = []
    drawn, usual, floor, basis = [], [], [], []
    for path, m in cells.items():
        columns.append(m.cell_of(probes.drawn(path)))
        drawn.append(m.mass)
        usual.append(m.masses_of(default[path]))
        floor.append(kept)
        basis.append(ways(len(m.atoms), m.cells - len(m.atoms)))
    for path in beside:
        words, column = np.unique([str(v) for v in probes.drawn(path)], return_inverse=True)
        if path in cells or len(words) < 2:
            continue
        columns.append(column.astype(np.intp))
        share = np.bincount(column) / len(column)
        drawn.append(share)
        usual.append(share)
        floor.append(0.0)
        basis.append(ways(len(words), 0))
    return Problem(np.stack(columns, 1), tuple(drawn), tuple(usual), tuple(floor), tuple(basis))
