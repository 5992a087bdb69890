# SPDX-License-Identifier: Apache-2.0
"""Distances, distributions in cells, and the fit of their masses, on made-up numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anprgen.config import Config
from anprgen.distributions import Choice, Constant, LogUniform, Quantiles, Uniform, from_json
from anprgen.draw import overrides_of, parameters
from anprgen.errors import ConfigError
from anprgen.matching.distances import distance, kolmogorov_smirnov, wasserstein
from anprgen.matching.fit import Problem, fit, influence, tables, ways
from anprgen.matching.marginal import marginal, mixture
from anprgen.matching.match import enough, selected
from anprgen.matching.pictures import PicturesError
from anprgen.matching.survey import Survey
from anprgen.parameters import Parameter

samples = st.lists(st.floats(-50, 50), min_size=2, max_size=30).map(np.array)


@given(a=samples, b=samples, by=st.floats(-20, 20))
def test_distances(a: np.ndarray, b: np.ndarray, by: float) -> None:
    """KS by its definition; a shift moves Wasserstein by just that; both are symmetric."""
    brute = max(abs((a <= t).mean() - (b <= t).mean()) for t in np.concatenate([a, b]))
    assert kolmogorov_smirnov(a, b) == pytest.approx(brute)
    assert wasserstein(a, a + by) == pytest.approx(abs(by), abs=1e-6)
    assert wasserstein(a, b) == pytest.approx(wasserstein(b, a))
    if len(a) == len(b):
        assert wasserstein(a, b) == pytest.approx(np.abs(np.sort(a) - np.sort(b)).mean())


def test_chance_and_interval() -> None:
    """Two samples of one kind are within chance; shifted ones are beyond, inside the interval."""
    random = np.random.default_rng(0)
    a, b = random.normal(0, 1, 80), random.normal(0, 1, 300)
    same = distance(a, b, np.random.default_rng(1))
    apart = distance(a, b + 1, np.random.default_rng(1))
    assert same.ks < same.chance < apart.ks
    assert apart.low < apart.ks < apart.high
    assert 0.1 < same.chance < 0.22  # 1.36 sqrt(1/80 + 1/300) = 0.17


every = pytest.mark.parametrize("parameter", list(parameters()), ids=lambda p: p.path)


@every
def test_cells_put_together_again(parameter: Parameter) -> None:
    """With the masses they had, cells of any parameter give its distribution again."""
    cells = marginal(parameter.path, parameter.distribution)
    assert cells.mass.sum() == pytest.approx(1)
    again = cells.with_masses(cells.mass, parameter.low, parameter.high)
    assert again.to_json() == from_json(again.to_json()).to_json()
    u = (np.arange(400) + 0.5) / 400
    was = [parameter.distribution.at(float(v)) for v in u]
    now = [again.at(float(v)) for v in u]
    if isinstance(was[0], (str, bool)):
        assert {w: was.count(w) for w in was} == pytest.approx(
            {w: now.count(w) for w in was}, abs=3
        )
        return
    span = max(np.ptp(was), 1e-9)
    # A bin that spans a gap between two ranges has a few values in the gap.
    off = np.abs(np.sort(was) - np.sort(now)) / span
    assert off.mean() < 0.015
    assert (off > 0.05).mean() < 0.06


def test_every_fitted_distribution_is_a_configuration() -> None:
    """Masses pushed to either end, ends reaching out: `build --config` takes all of it."""
    random = np.random.default_rng(0)
    for parameter in selected(("view", "crop", "camera")):
        cells = marginal(parameter.path, parameter.distribution)
        for end in (0, -1):
            mass = random.dirichlet(np.ones(cells.cells)) * 0.2
            mass[end] += 0.8
            made = mixture(
                cells.with_masses(mass, parameter.low, parameter.high),
                parameter.distribution,
                0.2,
            )
            overrides_of(Config(overrides={parameter.path: made.to_json()}))


def test_an_end_reaches_out_as_far_as_it_may() -> None:
    cells = marginal("x", Uniform(0, 10))
    mass = np.full(10, 0.02)
    mass[-1] = 0.82
    assert cells.with_masses(mass, -100, 100).at(1 - 1e-12) == pytest.approx(12.5, abs=0.05)
    assert cells.with_masses(mass, -100, 11).at(1 - 1e-12) == pytest.approx(11, abs=0.01)
    assert cells.with_masses(mass, -100, 100).at(0) == pytest.approx(0, abs=0.01)
    near_none = marginal("x", Quantiles(((0, 0), (0.5, 0.2), (0.9, 0.8), (1, 1.7))))
    assert near_none.with_masses(mass, 0, 1e9).at(1 - 1e-12) < 2.6


@given(share=st.floats(0.05, 0.6))
@settings(max_examples=10)
def test_the_default_is_never_ruled_out(share: float) -> None:
    default = Choice([(0.0, 0.5), (LogUniform(1, 100), 0.5)])
    mixed = mixture(Quantiles(((0, 3.0), (1, 4.0))), default, share)
    drawn = np.array([mixed.at((k + 0.5) / 2000) for k in range(2000)])
    outside = ((drawn < 3) | (drawn > 4)).mean()
    assert outside == pytest.approx(
        share * (0.5 + 0.5 * (1 - np.log(4 / 3) / np.log(100))), abs=0.01
    )
    words = mixture(Choice({"a": 1}), Choice({"a": 1, "b": 3}), share)
    assert dict(words.options)["b"] == pytest.approx(0.75 * share, abs=1e-4)
    assert mixture(Constant("a"), Choice({"a": 1, "b": 3}), share).to_json() == words.to_json()


def made_up(seed: int, n: int, low: float, high: float) -> tuple[dict, list[np.ndarray]]:
    """Two parameters in 0..1; the first drives `blur`, both drive `noise`, none `other`."""
    random = np.random.default_rng(seed)
    a, b = random.uniform(low, high, n), random.uniform(0, 1, n)
    return {
        "blur": 2 * a + random.normal(0, 0.15, n),
        "noise": a + b + random.normal(0, 0.15, n),
        "other": random.normal(0, 1, n),
    }, [a, b]


def fitted_mean(count: int, low: float, high: float, strength: float = 20.0) -> list[float]:
    """Means of the two parameters after a fit to `count` made-up photographs."""
    real, _ = made_up(1, count, low, high)
    ours, drawn = made_up(2, 900, 0, 1)
    cells = [marginal(n, Uniform(0, 1)) for n in "ab"]
    problem = Problem(
        np.stack([c.cell_of(list(v)) for c, v in zip(cells, drawn)], 1),
        tuple(c.mass for c in cells),
        tuple(c.mass for c in cells),
        (0.2, 0.2),
        (ways(0, 10), ways(0, 10)),
    )
    found = fit(problem, tables(real, ours), strength)
    assert found.effective > 0.15 * 900
    middle = (np.arange(10) + 0.5) / 10
    return [float((0.8 * m + 0.2 * 0.1) @ middle) for m in found.masses]


def test_the_right_parameter_moves() -> None:
    """Photographs with the first parameter in its upper half: it moves, the other stays."""
    a, b = fitted_mean(300, 0.55, 0.95)
    assert 0.66 < a < 0.8  # 0.75 without the default's fifth, 0.70 with it
    assert b == pytest.approx(0.5, abs=0.06)
    a, b = fitted_mean(300, 0.05, 0.45)
    assert 0.2 < a < 0.34
    assert b == pytest.approx(0.5, abs=0.06)


def test_few_photographs_move_little() -> None:
    """The fewer there are, the nearer it stays to the default; `strength` does the same."""
    far = [fitted_mean(n, 0.55, 0.95)[0] - 0.5 for n in (22, 80, 600)]
    assert 0 < far[0] < far[1] < far[2]
    assert fitted_mean(80, 0.55, 0.95, strength=400)[0] - 0.5 < 0.6 * far[1]


def test_same_photographs_change_nothing() -> None:
    assert fitted_mean(300, 0, 1) == pytest.approx([0.5, 0.5], abs=0.04)


def test_influence() -> None:
    ours, (a, b) = made_up(3, 800, 0, 1)
    cell = [marginal("x", Uniform(0, 1)).cell_of(list(v)) for v in (a, b)]
    assert influence(cell[0], ours["blur"]) > 4.3
    assert influence(cell[1], ours["noise"]) > 4.3
    assert influence(cell[1], ours["blur"]) < 4.3
    assert influence(cell[0], ours["other"]) < 4.3
    assert influence(cell[0], np.full(800, 3.0)) < 4.3
    assert influence(cell[0], np.full(800, np.nan)) == 0


def test_a_value_that_all_share() -> None:
    """Photographs of one JPEG quality: ours crowd around it from both sides."""
    random = np.random.default_rng(0)
    quality = np.round(random.uniform(60, 100, 1500))
    cells = marginal("q", Uniform(60, 100))
    problem = Problem(
        cells.cell_of(list(quality))[:, None], (cells.mass,), (cells.mass,), (0.2,), (ways(0, 10),)
    )
    found = fit(problem, tables({"jpeg_quality": np.full(60, 86.0)}, {"jpeg_quality": quality}))
    assert found.masses[0].argmax() == 6  # 84 to 88
    assert found.masses[0][5:8].sum() > 0.6


def test_refusals() -> None:
    with pytest.raises(PicturesError, match="too few"):
        enough(Survey({}, 9, "crops"))
    assert "near the default" in enough(Survey({}, 20, "crops"))[0]
    assert enough(Survey({}, 31, "crops")) == []
    with pytest.raises(ConfigError, match="camera.defocuss"):
        selected(("camera.defocuss",))
