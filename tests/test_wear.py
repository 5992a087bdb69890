# SPDX-License-Identifier: Apache-2.0
"""Wear in numbers: nothing at 0, more with more, and the contrast that the colours have."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from contrast import blank, new
from hypothesis import given, settings
from hypothesis import strategies as st

from anprgen.config import Config
from anprgen.degradations.stage import luminance
from anprgen.pipeline import make_plan
from anprgen.textures import character_ids, rasterize
from anprgen.wear import wear_down

AMOUNTS = ("dust", "mud", "scratches", "edge_wear", "fading", "stains")


@pytest.fixture(scope="module")
def parts():
    """A mounted plate, its artwork and its textures."""
    plan = make_plan(Config(renderer="flat"))
    shot = plan.shot(2)
    (artwork,) = plan.artworks(shot)
    plate = shot.plates[0]
    return plate, artwork, rasterize(artwork, plate.make, (520, round(520 * _ratio(plate))))


def _ratio(plate) -> float:
    return plate.size_mm[1] / plate.size_mm[0]


def test_a_new_plate_keeps_its_textures(parts):
    plate, _, textures = parts
    worn = wear_down(new(plate), textures)
    assert np.array_equal(worn.color.transpose(1, 2, 0), textures.base_color)
    assert np.array_equal(worn.glow, textures.retro)
    assert (worn.day == 1).all()
    assert (worn.flash == 1).all()


@pytest.mark.parametrize("name", AMOUNTS)
def test_more_wear_leaves_less(parts, name):
    plate, artwork, textures = parts
    glyphs = character_ids(artwork, textures.ink.shape[::-1]) > 0
    bare = new(plate)
    left, changed = [], []
    for amount in (0.0, 0.01, 0.3, 0.6, 1.0):
        worn = wear_down(replace(bare, wear=replace(bare.wear, **{name: amount})), textures)
        assert worn.day.min() >= 0
        assert worn.day.max() <= 1
        assert np.isfinite(worn.glow).all()
        left.append(float(worn.day[glyphs].mean()))
        changed.append(float(np.abs(worn.color.transpose(1, 2, 0) - textures.base_color).mean()))
    assert all(b <= a + 1e-6 for a, b in zip(left, left[1:]))
    assert left[-1] < 0.998
    assert all(b >= a for a, b in zip(changed, changed[1:]))
    assert changed[1] < 0.1 * changed[-1] + 1e-4


@settings(max_examples=20, deadline=None)
@given(
    amounts=st.fixed_dictionaries({n: st.floats(0, 1) for n in AMOUNTS}), seed_w=st.floats(0, 1000)
)
def test_the_contrast_left_is_that_of_the_colours(parts, amounts, seed_w):
    """`day` against a plate without ink under the same wear, where the ink is plain."""
    plate, artwork, textures = parts
    plate = replace(plate, wear=replace(plate.wear, **amounts, seed_w=seed_w))
    empty = blank(artwork, plate, textures)
    worn, bare = wear_down(plate, textures), wear_down(plate, empty)
    now = luminance(bare.color.transpose(1, 2, 0)) - luminance(worn.color.transpose(1, 2, 0))
    before = luminance(empty.base_color) - luminance(textures.base_color)
    inked = (textures.ink > 0.99) & (before > 0.9 * np.median(before[textures.ink > 0.99]))
    share = np.abs(now[inked]) / before[inked]
    off = np.abs(worn.day[inked] - share)
    assert np.median(off) < 0.02
    assert np.percentile(off, 98) < 0.08


def test_flash_sees_less_through_dirt_than_day(parts):
    plate, _, textures = parts
    dusty = replace(new(plate), wear=replace(new(plate).wear, dust=0.6))
    worn = wear_down(dusty, textures)
    assert worn.flash.mean() < worn.day.mean() - 0.05
    assert worn.glow.mean() < textures.retro.mean()
