# SPDX-License-Identifier: Apache-2.0
"""European plates and their faces: what regulations say, beyond the forms; tell-tale glyphs."""

import pytest
from test_glyphs import PX, raster, runs

from anprgen.artwork import lay_out
from anprgen.design import load_design
from anprgen.glyphs import load_face

CENTRAL = ["sk_plate", "sk_plate_1997", "cz_plate"]


def laid_out(name, text, variant):
    design = load_design(name)
    series, registration = design.match(text)
    layout = design.layouts[variant]
    sheet = next(iter(layout.sheets))
    return lay_out(design, layout, series, registration, sheet=sheet)


@pytest.mark.parametrize(
    ("name", "height", "cell"),
    [("charles_wright", 79, 50), ("charles_wright_1973", 79, 57), ("charles_wright_small", 64, 44)],
)
def test_british_characters_are_as_wide_as_the_regulations_say(name, height, cell):
    face = load_face(name)
    cells = {c: face.glyph(c, height).cell_mm for c in "ABMQSWZ0234567891I"}
    stroke = 10 if height == 64 else 14
    assert [cells.pop(c) for c in "1I"] == pytest.approx([stroke, stroke], abs=0.1)
    assert list(cells.values()) == pytest.approx([cell] * len(cells), abs=0.1)


@pytest.mark.parametrize(
    ("variant", "gap", "between", "apart"),
    [("one_line", 11, 33, None), ("two_line", 11, None, 19), ("motorcycle", 10, None, 13)],
)
def test_british_gaps_and_margins_are_the_regulations(variant, gap, between, apart):
    artwork = laid_out("united_kingdom", "WM11 KRS", variant)
    cells = [c.cell_mm for c in artwork.characters]
    gaps = [b[0] - a[2] for a, b in zip(cells, cells[1:], strict=False) if a[1] == b[1]]
    if between:
        assert gaps.pop(3) == pytest.approx(between, abs=0.1)
    assert gaps == pytest.approx([gap] * len(gaps), abs=0.1)
    if apart:
        assert cells[4][1] - cells[0][3] == pytest.approx(apart, abs=0.1)
    w, h = artwork.size_mm
    assert min(min(c[0], c[1], w - c[2], h - c[3]) for c in cells) >= 11


def test_tell_tales_of_the_slovak_and_czech_forms():
    rings = {n: [len(load_face(n).glyph(c, 75).contours) for c in "0469"] for n in CENTRAL}
    assert rings == {
        "sk_plate": [1, 1, 2, 2],  # a slotted zero, an open four
        "sk_plate_1997": [2, 1, 2, 2],
        "cz_plate": [2, 1, 2, 2],
    }
    serif = [runs(raster(load_face(n).glyph("7", 75))[int(18 * PX)]) for n in CENTRAL]
    assert [len(s) for s in serif] == [2, 2, 1]


def test_french_characters_that_are_closed_have_no_opening():
    face = load_face("fr_batons")
    rings = {c: len(face.glyph(c, 75).contours) for c in "0469ABDPQR8"}
    assert rings == dict(zip("0469ABDPQR8", [2, 2, 2, 2, 2, 3, 2, 2, 2, 2, 3], strict=True))


def test_the_department_is_read_on_old_french_plates_only():
    new = laid_out("france", "AB-123-CD", "one_line_metal")
    old = laid_out("france", "1234 AB 2A", "old_band")
    assert "".join(c.char for c in new.characters if c.large) == "AB123CD"
    assert "".join(c.char for c in old.characters if c.large) == "1234AB2A"


def test_romanian_plates_of_bucharest_have_one_letter_before_two_or_three_digits():
    for text in ("B 12 ABC", "B 123 ABC", "CJ 12 ABC"):
        artwork = laid_out("romania", text, "one_line")
        assert "".join(c.char for c in artwork.characters) == text.replace(" ", "")
