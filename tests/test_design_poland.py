# SPDX-License-Identifier: Apache-2.0
"""Polish plates: what they say, and how both groups and the hologram stand."""

import re

import pytest
from drawing import check_reading_back, registrations

from anprgen.artwork import lay_out
from anprgen.design import load_design
from anprgen.distributions import Choice
from anprgen.elements import Picture

# Independent of the grammar: the patterns as they are described in public.
L = "[ACEFGHJKLMNPRSTUVWXY]"
PATTERNS = {
    "d2": rf"[A-PR-Z]{{2}} (\d{{5}}|\d{{4}}{L}|\d{{3}}{L}{L}|[1-9]{L}\d{{3}}|[1-9]{L}{L}\d\d)",
    "d3": rf"[A-PR-Z]{{3}} ({L}\d{{3}}|\d\d{L}{L}|[1-9]{L}\d\d|\d\d{L}[1-9]|[1-9]{L}{L}[1-9]"
    rf"|{L}{L}\d\d|\d{{5}}|\d{{4}}{L}|\d{{3}}{L}{L})",
    "black": r"[A-PR-UW-Z]{3} (\d{4}|\d{3}[A-Z])",
}


@pytest.fixture(scope="module")
def pl():
    return load_design("poland")


def test_drawn_registrations_have_an_official_pattern(pl):
    for series in pl.series:
        form = PATTERNS[series.id.split("_")[0]]
        for registration in registrations(series, 400):
            assert re.fullmatch(form, registration.text), (series.id, registration.text)
            assert registration.ocr_text == registration.text.replace(" ", "")
            assert not re.search(r"(?<!\d)0+(?!\d)", registration.text.split()[1])


def test_every_pattern_is_drawn_and_reads_back(pl):
    check_reading_back(pl, 100)
    assert len([s for s in pl.series if s.id.startswith("d2")]) == 5
    assert len([s for s in pl.series if s.id.startswith("d3")]) == 9


def test_every_allowed_letter_can_be_drawn_at_each_position(pl):
    for series in pl.series:
        for field in series.fields:
            for position, weights in enumerate(field.characters or ()):
                live = {c for c, w in weights.items() if w > 0}
                drawn = {Choice(weights).at((i + 0.5) / 20000) for i in range(20000)}
                assert drawn == live, (series.id, position)
                if series.id.startswith("d"):
                    assert live == set(L.strip("[]"))


def test_districts_are_real_and_many(pl):
    codes = {
        c for s in pl.series for f in s.fields if f.name == "district" for c in f.values
        if s.id.startswith("d")
    }  # fmt: skip
    assert len(codes) >= 300
    assert all(re.fullmatch("[BCDEFGKLNOPRSTWZ][A-PR-Z]{1,2}", c) for c in codes)
    assert {"WA", "KR", "PO", "DW", "GD", "EL", "LU", "SK", "BI", "WPR", "ZPL", "RZE"} <= codes


def test_characters_and_hologram_keep_apart_and_inside(pl):
    for series in pl.series:
        for key in series.layouts:
            layout = pl.layouts[key]
            for registration in registrations(series, 40):
                sheet = next(iter(layout.sheets))
                made = lay_out(pl, layout, series, registration, sheet=sheet)
                pictures = [p.box_mm for p in made.prints if isinstance(p, Picture)][1:]
                cells = [c.cell_mm for c in made.characters]
                assert "".join(c.char for c in made.characters) == registration.ocr_text
                assert len(pictures) == (0 if sheet == "black" else 1)
                for x0, y0, x1, _ in [*cells, *pictures]:
                    band = 42 if pictures and y0 < 100 else 4
                    assert x0 >= band + 3, (key, registration.text)
                    assert x1 <= layout.size_mm[0] - 7, (key, registration.text)
                for p in pictures:
                    for c in cells:
                        apart = p[0] > c[2] or c[0] > p[2] or p[1] > c[3] or c[1] > p[3]
                        assert apart, (key, registration.text)


def test_the_measured_plate_stands_as_in_the_photograph(pl):
    series, registration = pl.match("WA 56660")
    made = lay_out(pl, pl.layouts["one_line"], series, registration, sheet="white")
    cells = [c.cell_mm for c in made.characters]
    assert [round(c[2] - c[0]) for c in cells] == [54, 47, 43, 43, 43, 43, 43]
    assert cells[0][0] == pytest.approx(63, abs=3)
    assert cells[-1][2] == pytest.approx(502, abs=5)
    assert cells[3][0] - cells[2][0] == pytest.approx(58, abs=1)
