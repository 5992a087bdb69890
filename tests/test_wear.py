# SPDX-License-Identifier: Apache-2.0
"""Wear in numbers: nothing at 0, more with more, and the contrast that the colours have."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from contrast import blank, new
from hypothesis import given, settings
from hypothesis import strategies as st

from anprgen.condition import Wear
from anprgen.config import Config
from anprgen.degradations.stage import luminance
from anprgen.pipeline import make_plan
from anprgen.surface import MISSING
from anprgen.textures import character_ids, rasterize
from anprgen.wear import LAYERS, wear_down

AMOUNTS = tuple(n for n in LAYERS if n != "dents")
#: What covers ink as a plain colour does; paint, and corners that are gone, do more.
PLAIN = tuple(n for n in AMOUNTS if n not in ("repaint", "cracks"))


@pytest.fixture(scope="module")
def parts():
    """A mounted plate, its artwork and its textures."""
    plan = make_plan(Config(renderer="flat"))
    shot = plan.shot(2)
    (artwork,) = plan.artworks(shot)
    plate = shot.plates[0]
    plate = replace(plate, make=replace(plate.make, grain=0.0))
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
def test_more_wear_changes_more(parts, name):
    plate, artwork, textures = parts
    glyphs = character_ids(artwork, textures.ink.shape[::-1]) > 0
    # Bolts rust, and the sticker and the snow shall lie on glyphs of this plate.
    bare = new(plate)
    bare = replace(bare, mount=replace(bare.mount, bolts=2), holes_mm=())
    wear = replace(bare.wear, sticker_x=0.5, sticker_y=0.5)
    left, changed = [], []
    for amount in (0.0, 0.01, 0.5, 1.0):
        worn = wear_down(replace(bare, wear=replace(wear, **{name: amount})), textures)
        assert worn.day.min() >= MISSING
        assert worn.day.max() <= 1
        for plane in (worn.color, worn.glow, worn.roughness, worn.slope):
            assert np.isfinite(plane).all()
        assert worn.color.min() >= 0
        assert worn.color.max() <= 1
        left.append(float(worn.day[glyphs].mean()))
        changed.append(float(np.abs(worn.color.transpose(1, 2, 0) - textures.base_color).mean()))
    assert changed[0] == 0
    assert changed[1] < 0.25 * changed[3]
    assert changed[1] < changed[2] < changed[3] * 1.02
    if name == "repaint":  # what is painted again can be read again
        assert left == pytest.approx([1] * 4, abs=0.01)
    else:
        assert left[3] < left[2] + 1e-6 < 1
        assert left[2] <= left[1] + 1e-6


@settings(max_examples=20, deadline=None)
@given(
    amounts=st.fixed_dictionaries({n: st.floats(0, 1) for n in PLAIN}), seed_w=st.floats(0, 1000)
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


def test_the_ink_of_strokes_thinner_than_a_texel_is_found(parts):
    plate, artwork, _ = parts
    large, small = (
        wear_down(
            new(plate),
            rasterize(artwork, plate.make, (width, round(width * _ratio(plate)))),
        ).contrast
        for width in (520, 64)
    )
    assert small == pytest.approx(large, rel=0.02)


def test_small_lettering_in_the_foil_is_part_of_the_ink(parts):
    """Dust and mud that cover ink and sheet unlike leave as much as in the mean of such ink."""
    plate, artwork, _ = parts
    make = replace(plate.make, foil_text=1.0, foil_weave="dense", foil_lightness=0.01)
    plate = replace(plate, make=make, wear=replace(new(plate).wear, dust=0.9, mud=0.4, stains=0.6))
    textures = rasterize(artwork, make, (520, round(520 * _ratio(plate))))
    empty = blank(artwork, plate, textures)
    worn, bare = wear_down(plate, textures), wear_down(plate, empty)
    now = luminance(bare.color.transpose(1, 2, 0)) - luminance(worn.color.transpose(1, 2, 0))
    before = luminance(empty.base_color) - luminance(textures.base_color)
    inked = textures.ink > 0.99
    assert before[inked].std() > 0.05  # it has lettering
    left = now[inked].mean() / before[inked].mean()
    assert worn.day[inked].mean() == pytest.approx(left, abs=0.015)


def test_dents_turn_normals_alone(parts):
    plate, _, textures = parts
    flat = wear_down(new(plate), textures)
    dented = wear_down(replace(new(plate), wear=replace(new(plate).wear, dents=0.8)), textures)
    assert np.array_equal(dented.color, flat.color)
    assert (dented.day == 1).all()
    assert 0.005 < np.abs(dented.slope - flat.slope).mean() < 0.5


def test_sheeting_shows_its_grain_in_flash_more_than_by_day(parts):
    plate, _, textures = parts
    for kind in ("beads", "prisms"):
        plain, grained = (
            wear_down(
                replace(new(plate), make=replace(plate.make, grain=g, grain_kind=kind)), textures
            )
            for g in (0.0, 1.0)
        )
        bare = textures.ink < 0.01
        flash, day = (
            (getattr(grained, n)[..., bare] / getattr(plain, n)[..., bare]).std()
            for n in ("glow", "color")
        )
        assert flash > 3 * day > 0.001
        assert (grained.day == 1).all()


def test_flash_sees_less_through_dirt_than_day(parts):
    plate, _, textures = parts
    dusty = replace(new(plate), wear=replace(new(plate).wear, dust=0.6))
    worn = wear_down(dusty, textures)
    assert worn.flash.mean() < worn.day.mean() - 0.05
    assert worn.glow.mean() < textures.retro.mean()


def test_every_field_of_wear_is_an_amount_or_describes_one_and_is_documented():
    table = (Path(__file__).parents[1] / "docs" / "wear.md").read_text("utf-8")
    for field in fields(Wear):
        assert f"`{field.name}`" in table, field.name
        name = field.name
        assert name in LAYERS or name == "seed_w" or name.rpartition("_")[0] in LAYERS, name
    assert set(LAYERS) <= {f.name for f in fields(Wear)}
