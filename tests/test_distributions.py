# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anprgen.distributions import (
    Choice,
    Constant,
    Integer,
    LogUniform,
    Normal,
    Quantiles,
    Uniform,
    from_json,
)
from anprgen.errors import ConfigError

unit = st.floats(0, 1, exclude_max=True)
EXAMPLES = [
    Uniform(-2, 5),
    LogUniform(0.1, 40),
    Integer(3, 9),
    Normal(2, 3, -1, 4),
    Quantiles(((0, 1), (0.5, 2), (1, 30)), log=True),
    Quantiles(((0, -1), (0.5, 2), (1, 30))),
]


@pytest.mark.parametrize("distribution", EXAMPLES, ids=str)
@given(a=unit, b=unit)
def test_quantile_functions_rise_and_stay_in_bounds(distribution, a, b):
    low, high = sorted((a, b))
    assert distribution.at(low) <= distribution.at(high)
    assert distribution.at(0) <= distribution.at(low)
    assert distribution.at(high) <= distribution.at(1 - 1e-12) + 1e-9


@pytest.mark.parametrize(
    "distribution", [*EXAMPLES, Constant("x"), Choice({"a": 1, "b": 3})], ids=str
)
@given(u=unit)
def test_json_round_trip_draws_the_same(distribution, u):
    assert from_json(distribution.to_json()).at(u) == distribution.at(u)


def test_integer_is_fair():
    counts = [0] * 7
    for i in range(7000):
        counts[Integer(0, 6).at(i / 7000)] += 1
    assert counts == [1000] * 7


def test_choice_follows_weights_and_skips_zero():
    choice = Choice({"never": 0, "a": 1, "b": 3, "neither": 0})
    values = [choice.at(i / 4000) for i in range(4000)]
    assert values.count("a") == 1000
    assert values.count("b") == 3000


def test_mixture_uses_the_left_over_of_u():
    mixture = Choice([(0.0, 0.5), (Uniform(1, 2), 0.5)])
    assert mixture.at(0.25) == 0.0
    assert mixture.at(0.75) == pytest.approx(1.5)


def test_normal_matches_its_moments():
    values = [Normal(5, 2).at((i + 0.5) / 4000) for i in range(4000)]
    mean = sum(values) / 4000
    assert mean == pytest.approx(5, abs=0.01)
    assert (sum((v - mean) ** 2 for v in values) / 4000) ** 0.5 == pytest.approx(2, rel=0.01)


@pytest.mark.parametrize(
    "value",
    [
        {"unifrom": [0, 1]},
        {"uniform": [2, 1]},
        {"uniform": [1]},
        {"log_uniform": [0, 1]},
        {"normal": [0, 0]},
        {"choice": {}},
        {"choice": {"a": -1}},
        {"quantiles": [[0, 1], [0.5, 2]]},
        {"uniform": [0, 1], "normal": [0, 1]},
        {"uniform": "ab"},
    ],
)
def test_wrong_distributions_are_refused_in_words(value):
    with pytest.raises(ConfigError) as error:
        from_json(value, "config: $['light.kind']")
    assert "config" in str(error.value)


def test_misspelt_kind_suggests_the_right_one():
    with pytest.raises(ConfigError, match="uniform"):
        from_json({"unifrom": [0, 1]})
