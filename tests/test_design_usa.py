# SPDX-License-Identifier: Apache-2.0
"""Plates of the United States: what they say, where it stands, and what surrounds it."""

import numpy as np
import pytest

from anprgen.artwork import lay_out
from anprgen.config import Config
from anprgen.design import load_design
from anprgen.glyphs import load_face
from anprgen.mounting import bolts
from anprgen.pipeline import make_plan

SAMPLES = {"usa_missouri": "AB1 C2D", "usa_california": "1ABC234", "usa_texas": "BCD-1234"}


@pytest.mark.parametrize(
    "text", ["IB1 C2D", "AB1 C20", "1IBC234", "1ABQ234", "BAD-1234", "QBC-1234"]
)
def test_what_is_not_issued_is_not_written(text):
    for name in SAMPLES:
        assert all(s.match(text) is None for s in load_design(name).series), name


@pytest.mark.parametrize("name", SAMPLES)
def test_glyphs_have_the_height_of_american_dies_and_read_left_to_right(name):
    design = load_design(name)
    series, registration = design.match(SAMPLES[name])
    layout = design.layouts["standard"]
    for sheet in layout.sheets:
        artwork = lay_out(design, layout, series, registration, sheet=sheet)
        assert "".join(c.char for c in artwork.characters) == registration.ocr_text
        lefts = [c.cell_mm[0] for c in artwork.characters]
        assert lefts == sorted(lefts)
        for c in artwork.characters:
            assert 63.5 <= c.cell_mm[3] - c.cell_mm[1] <= 70
            assert 14 <= c.cell_mm[0] < c.cell_mm[2] <= 290.8
        centre = (lefts[0] + artwork.characters[-1].cell_mm[2]) / 2
        assert centre == pytest.approx(152.4, abs=0.5)


@pytest.mark.parametrize("name", ["us_die_a", "us_die_a_slashed", "us_die_b"])
def test_dies_have_one_width_and_tell_1_from_i_and_0_from_o(name):
    face = load_face(name)
    glyphs = {c: face.glyph(c, 75) for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"}
    cells = [g.cell_mm for g in glyphs.values()]
    assert max(cells) - min(cells) < 0.01
    rings = [len(glyphs[c].contours) for c in "O0469"]
    assert rings == [2, 3 if name.endswith("slashed") else 2, 2, 2, 2]
    foot = {}
    for c in "1I":
        points = np.concatenate(glyphs[c].contours)
        foot[c] = np.ptp(points[points[:, 1] > 60][:, 0])
    assert foot["1"] < 10 < 20 < foot["I"]


def test_texan_characters_are_an_inch_wide_and_flat():
    design = load_design("usa_texas")
    series, registration = design.match("HHH-0088")
    artwork = lay_out(design, design.layouts["standard"], series, registration, sheet="white")
    for c in artwork.characters:
        xs = np.concatenate(c.contours)[:, 0]
        if c.char == "H":
            assert np.ptp(xs) == pytest.approx(25.4, abs=0.1)
    assert all(m.ink == "blind" for m in artwork.marks)


def test_missourian_zeros_of_one_plate_are_slashed_or_plain_together():
    plan = make_plan(Config(designs=(("usa_missouri", 1.0),), renderer="flat"))
    design = load_design("usa_missouri")
    series, registration = design.match("AB0 C0D")
    layout = design.layouts["standard"]
    seen = set()
    for i in range(40):
        options = plan.shot(i).plates[0].options
        made = lay_out(design, layout, series, registration, sheet="front", options=options)
        seen.add(tuple(len(c.contours) for c in made.characters if c.char == "0"))
    assert seen == {(2, 2), (3, 3)}


@pytest.mark.parametrize("name", ["usa_missouri", "usa_california"])
def test_only_rear_plates_bear_stickers(name):
    design = load_design(name)
    series, registration = design.match(SAMPLES[name])
    counts = [
        len(lay_out(design, design.layouts["standard"], series, registration, sheet=sheet).prints)
        for sheet in ("rear", "front")
    ]
    assert counts[0] >= counts[1] + 2 + len("JAN") + len("23")


@pytest.mark.parametrize("name", SAMPLES)
def test_holes_are_7_by_4_75_in_apart_and_two_at_the_top_are_bolted_most(name):
    holes = np.array(load_design(name).layouts["standard"].holes_mm)
    assert np.ptp(holes[:, 0]) == pytest.approx(177.8, abs=0.1)
    assert np.ptp(holes[:, 1]) == pytest.approx(120.65, abs=0.1)
    plan = make_plan(Config(designs=((name, 1.0),), renderer="flat"))
    plates = [plan.shot(i).plates[0] for i in range(150)]
    counts = [len(bolts(p)) for p in plates]
    assert max(set(counts), key=counts.count) == 2
    assert all(b.y_mm < 20 for p in plates for b in bolts(p)[:2])
