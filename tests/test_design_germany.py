# SPDX-License-Identifier: Apache-2.0
"""German plates: what they say, and how they are set for every length."""

import re

import numpy as np
import pytest
from drawing import check_reading_back, registrations

from anprgen.artwork import lay_out
from anprgen.design import load_design
from anprgen.distributions import Choice
from anprgen.elements import Picture
from anprgen.glyphs import load_face

# Independent of the grammar: the form as the law describes it.
FORM = r"[A-ZÄÖÜ]{1,3}-(?!(?:HJ|KZ|NS|SA|SS) )[A-Z]{1,2} [1-9][0-9]{0,3}[EH]?"
LETTERS = set("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


@pytest.fixture(scope="module")
def de():
    return load_design("germany")


def test_drawn_registrations_have_the_official_form(de):
    for series in de.series:
        for registration in registrations(series, 400):
            assert re.fullmatch(FORM, registration.text), (series.id, registration.text)
            assert registration.ocr_text == re.sub("[- ]", "", registration.text)
            assert len(registration.ocr_text) <= 8


def test_what_is_drawn_matches_and_reads_back(de):
    check_reading_back(de, 100)


def test_every_letter_can_be_drawn_at_each_position(de):
    seen = {}
    for series in de.series:
        for field in series.fields:
            if field.name in ("letters", "suffix"):
                choice = Choice(field.values)
                drawn = {choice.at((i + 0.5) / 20000) for i in range(20000)}
                assert drawn == set(field.values)
                for value in drawn:
                    for position, char in enumerate(value):
                        seen.setdefault((field.name, len(value), position), set()).add(char)
    assert seen.pop(("suffix", 1, 0)) == {"E", "H"}
    assert len(seen) == 3
    assert all(letters == LETTERS for letters in seen.values())


def test_districts_are_many_and_of_every_length_and_have_umlauts(de):
    codes = {c for s in de.series for f in s.fields if f.name == "district" for c in f.values}
    assert len(codes) >= 250
    assert all(re.fullmatch("[A-ZÄÖÜ]{1,3}", c) for c in codes)
    assert set("ÄÖÜ") <= set("".join(codes))
    # one of each state, and those with most vehicles
    assert set("BMFKSDHLNEW") <= codes
    assert {"HH", "HB", "KI", "MZ", "SB", "SN", "MD", "EF", "DD", "PM", "KA", "NE", "RE"} <= codes


def every_length(design):
    """(series, layout, registration): the shortest and the longest of each series and layout."""
    for series in design.series:
        drawn = sorted(registrations(series, 60), key=lambda r: len(r.ocr_text))
        for key in series.layouts:
            for registration in (drawn[0], drawn[-1]):
                yield series, design.layouts[key], registration


def test_the_wide_face_up_to_seven_characters_and_the_narrow_one_for_eight(de):
    for series, layout, registration in every_length(de):
        if layout.size_mm[1] != 110:
            continue
        made = lay_out(de, layout, series, registration, sheet="white")
        letters = [c for c in made.characters if not c.char.isdigit() and c.char != "I"]
        wide = 47.5 if len(registration.ocr_text) < 8 else 40.5
        assert [c.cell_mm[2] - c.cell_mm[0] for c in letters] == pytest.approx(
            [wide] * len(letters)
        )


def test_characters_and_seals_keep_apart_and_inside(de):
    for series, layout, registration in every_length(de):
        made = lay_out(de, layout, series, registration, sheet="white")
        stars, *seals = (p.box_mm for p in made.prints if isinstance(p, Picture))
        cells = [c.cell_mm for c in made.characters]
        band = next(e.spec["box_mm"] for e in layout.elements if e.kind == "area")
        assert len(seals) == 2
        for x0, y0, x1, y1 in [*cells, *seals]:
            at = (series.id, layout.id, registration.text)
            least = 8 if layout.size_mm[1] == 110 else 5.5
            left = band[2] if y0 < band[3] else 5
            assert x0 >= left + least, at
            assert x1 <= layout.size_mm[0] - 5 - least, at
            assert min(y0, layout.size_mm[1] - y1) > 5, at
        for a in seals:
            for b in [*cells, *(s for s in seals if s is not a)]:
                apart = a[0] > b[2] or b[0] > a[2] or a[1] > b[3] or b[1] > a[3]
                assert apart, (series.id, layout.id, registration.text)


@pytest.mark.parametrize("text", ["B-E 1", "M-AB 1234", "HH-KL 907", "TÖL-MZ 12"])
def test_what_stands_on_a_one_line_plate_is_centred_between_band_and_border(de, text):
    series, registration = de.match(text)
    made = lay_out(de, de.layouts["one_line_mittel"], series, registration, sheet="white")
    cells = [c.cell_mm for c in made.characters]
    assert cells[0][0] + cells[-1][2] == pytest.approx(45 + 515)


def test_front_plates_have_no_inspection_seal(de):
    series, registration = de.match("M-AB 1234")
    layout = de.layouts["one_line_mittel"]
    last = [len(e.options) - 1 for e in layout.elements if e.options]
    made = lay_out(de, layout, series, registration, sheet="white", options=last)
    names = [p.art.name for p in made.prints if isinstance(p, Picture)]
    assert len(names) == 2
    assert names[1].startswith("de_seal")


@pytest.mark.parametrize("name", ["fe_mittel", "fe_eng", "fe_small"])
@pytest.mark.parametrize(("char", "plain"), ["ÄA", "ÖO", "ÜU"])
def test_umlauts_stand_below_their_dots_within_the_cap_height(name, char, plain):
    face = load_face(name)
    glyph = face.glyph(char, 75)
    x0, y0, x1, y1 = glyph.ink_box_mm
    assert (y0, y1) == pytest.approx((0, 75), abs=0.5)
    assert x0 >= -0.06
    assert x1 <= glyph.cell_mm + 0.06
    assert glyph.cell_mm == pytest.approx(face.glyph(plain, 75).cell_mm)
    dots = [c for c in glyph.contours if c[:, 1].max() < 12]
    assert len(dots) == 2
    letter = np.concatenate([c for c in glyph.contours if c[:, 1].max() >= 12])
    assert 3 < letter[:, 1].min() - max(d[:, 1].max() for d in dots) < 6
