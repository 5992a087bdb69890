# SPDX-License-Identifier: Apache-2.0
"""Rows: elements set side by side, whatever the length of a field."""

import json

import pytest

from anprgen.artwork import lay_out
from anprgen.design import parse_design
from anprgen.errors import DesignError
from anprgen.lint import check_design
from anprgen.starter import write_starter

RED = [200, 20, 20]


@pytest.fixture
def data(tmp_path):
    """The starter's plate without border and change; tests put their elements in a row."""
    made = json.loads(write_starter("test_land", tmp_path).read_text("utf-8"))
    del made["layouts"]["one_line"]["border"], made["layouts"]["one_line"]["vary"]
    return made


def _row(data, text, row, *elements):
    """Artwork of a plate whose elements all stand in one row."""
    layout = data["layouts"]["one_line"]
    layout["rows"] = {"main": {"x_mm": 260, **row}}
    layout["elements"] = [
        {"kind": "run", "field": "district", "face": "fe_eng", "height_mm": 75, "row": "main",
         "center_mm": [0, 55], "spacing_mm": 9},
        *elements,
        {"kind": "run", "field": "letters", "face": "fe_eng", "height_mm": 75, "row": "main",
         "gap_mm": 10, "center_mm": [0, 55], "spacing_mm": 9},
    ]  # fmt: skip
    data["lists"]["districts"] = {"A": 1, "AB": 1}
    data["series"][0].update(text="{district}-{letters}", ocr=["district", "letters"])
    design = parse_design(data, "test_land.json")
    check_design(design)
    series, registration = design.match(text)
    return lay_out(design, design.layouts["one_line"], series, registration, sheet="white")


def _disc(size, **keys):
    box = [0, 55 - size / 2, size, 55 + size / 2]
    return {"kind": "area", "box_mm": box, "color_srgb": RED, "row": "main", **keys}


@pytest.mark.parametrize(("align", "share"), [("left", 0), ("center", 0.5), ("right", 1)])
@pytest.mark.parametrize("text", ["A-CD", "AB-CD"])
def test_a_row_sets_fields_of_any_length_side_by_side(data, text, align, share):
    artwork = _row(data, text, {"align": align}, _disc(40, gap_mm=5), _disc(30))
    district, letters = (
        [c.cell_mm for c in artwork.characters if c.field == f] for f in ("district", "letters")
    )
    large, small = (p.contours[0][:, 0] for p in artwork.prints)
    assert large.min() - district[-1][2] == pytest.approx(5)
    assert large.max() - large.min() == pytest.approx(40)
    assert small.mean() == pytest.approx(large.mean())  # no gap: on what is before it
    assert letters[0][0] - large.max() == pytest.approx(10)
    ends = district[0][0], letters[-1][2]
    assert ends[0] + share * (ends[1] - ends[0]) == pytest.approx(260)


def test_what_is_not_drawn_takes_no_place_in_a_row(data):
    artwork = _row(data, "AB-CD", {}, _disc(40, gap_mm=5, absent=True))
    cells = {
        f: [c.cell_mm for c in artwork.characters if c.field == f] for f in ("district", "letters")
    }
    assert cells["letters"][0][0] - cells["district"][-1][2] == pytest.approx(10)


def test_a_row_that_there_is_none_of_is_named(data):
    with pytest.raises(DesignError, match="no row 'mian'"):
        _row(data, "AB-CD", {}, _disc(40, gap_mm=5) | {"row": "mian"})


def test_a_line_of_several_fields_takes_its_whole_width_in_a_row(data):
    layout = data["layouts"]["one_line"]
    layout["rows"] = {"main": {"x_mm": 260}}
    line = {"kind": "run", "line": "{district}-{number}{letters}", "face": "fe_eng",
            "height_mm": 60, "row": "main", "gap_mm": 12, "center_mm": [0, 55],
            "spacing_mm": 6}  # fmt: skip
    layout["elements"] = [_disc(40), line]
    design = parse_design(data, "test_land.json")
    check_design(design)
    series, registration = design.match("AB-123CD")
    made = lay_out(design, design.layouts["one_line"], series, registration, sheet="white")
    disc = made.prints[0].contours[0][:, 0]
    cells = [c.cell_mm for c in made.characters]
    assert [c.char for c in made.characters] == list("AB123CD")
    assert cells[0][0] - disc.max() == pytest.approx(12)
    assert (disc.min() + cells[-1][2]) / 2 == pytest.approx(260)
