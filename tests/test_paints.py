# SPDX-License-Identifier: Apache-2.0
"""Paints: as common as is counted, as dark as saturated paints are, each part set by its path."""

from __future__ import annotations

import colorsys
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anprgen.distributions import Constant
from anprgen.paints import FAMILIES, marginal, shares
from anprgen.parameters import Draw
from anprgen.vehicle import Vehicle
from anprgen.vehicle_kinds import KINDS, draw_vehicle

ACHROMATIC = ("white", "black", "grey", "silver")


def vehicles(count: int, layout: str = "", **overrides: object) -> list[Vehicle]:
    own = {f"vehicle.{k}": Constant(v) for k, v in overrides.items()}
    return [draw_vehicle(Draw(5, i, own), "vehicle", layout) for i in range(count)]


def rgb(vehicle: Vehicle) -> np.ndarray:
    return np.array(
        colorsys.hsv_to_rgb(vehicle.paint_hue, vehicle.paint_saturation, vehicle.paint_value)
    )


def test_cars_are_of_the_colours_that_reports_count() -> None:
    found = Counter(v.paint for v in vehicles(4000, kind="hatchback"))
    share = {word: n / 4000 for word, n in found.items()}
    # Least and most of Axalta 2019 to 2021 and BASF 2021, and three standard errors.
    for word, low, high in (
        ("white", 0.35, 0.38), ("black", 0.17, 0.19), ("grey", 0.13, 0.19), ("silver", 0.08, 0.10),
        ("blue", 0.07, 0.09), ("red", 0.05, 0.06),
    ):  # fmt: skip
        assert low - 0.023 < share[word] < high + 0.023, word
    assert 0.77 < sum(share[w] for w in ACHROMATIC) < 0.85


@pytest.mark.parametrize("kind", ["plain", *KINDS])
def test_every_kind_has_whole_shares_of_known_families(kind: str) -> None:
    assert sum(shares(kind).values()) == pytest.approx(1, abs=0.002)
    assert set(shares(kind)) <= set(FAMILIES)


def test_there_is_more_colour_on_what_is_no_car() -> None:
    def colour(kind: str) -> float:
        return sum(n for w, n in shares(kind).items() if w not in ACHROMATIC)

    assert colour("saloon") < colour("plain") < colour("lorry") < colour("three_wheeler")


@given(word=st.sampled_from(sorted(FAMILIES)), u=st.tuples(*[st.floats(0, 0.999999)] * 3))
def test_a_saturated_paint_is_never_near_white(word: str, u: tuple[float, float, float]) -> None:
    family = FAMILIES[word]
    made = np.array(colorsys.hsv_to_rgb(*(d.at(x) for d, x in zip(family, u))))
    least, most = made.min(), made.max()
    assert 0 < least
    assert most <= 0.85
    if word in ACHROMATIC:
        assert most - least <= 0.06
    if most - least > 0.2 * most and word != "beige":
        assert least < 0.13
        assert made @ (0.2126, 0.7152, 0.0722) < 0.6
    if word == "red":
        assert 0.08 <= made[0] <= 0.45
        assert made[1:].max() < 0.09
    if word == "blue":
        assert made[2] == most <= 0.32
        assert made @ (0.2126, 0.7152, 0.0722) < 0.2


def test_parts_are_set_by_their_paths_and_move_no_other() -> None:
    plain = vehicles(60)
    reds = vehicles(60, paint="red")
    assert {v.paint for v in reds} == {"red"}
    assert all(rgb(v)[0] > 5 * rgb(v)[1:].max() for v in reds)
    grey = vehicles(60, paint_saturation=0.0, paint_value=0.5)
    for a, b in zip(plain, grey):
        assert (b.paint, b.paint_hue) == (a.paint, a.paint_hue)
        assert rgb(b) == pytest.approx((0.5, 0.5, 0.5))
    for a, b in zip(plain, reds):
        assert (a.paint_roughness, a.seed_w, a.tilt_deg) == (
            b.paint_roughness,
            b.seed_w,
            b.tilt_deg,
        )


def test_a_plate_for_motorcycles_hangs_on_a_motorcycle_s_paint() -> None:
    found = Counter(v.paint for v in vehicles(1500, "moto_two_line"))
    assert found["black"] / 1500 == pytest.approx(0.36, abs=0.04)
    assert found["red"] / 1500 == pytest.approx(0.22, abs=0.04)


def test_what_is_declared_is_what_is_drawn() -> None:
    """`anprgen params` shows the distribution of each part over all families."""
    found = vehicles(3000)
    u = (np.arange(3000) + 0.5) / 3000
    for of in ("saturation", "value"):
        drawn = np.sort([getattr(v, f"paint_{of}") for v in found])
        declared = np.sort([marginal(of).at(x) for x in u])
        assert np.abs(drawn - declared).mean() < 0.02
