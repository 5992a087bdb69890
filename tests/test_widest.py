# SPDX-License-Identifier: Apache-2.0
"""A design is checked with the widest registrations that it can draw."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anprgen.clusters import glyphs_of
from anprgen.design import parse_design
from anprgen.errors import DesignError
from anprgen.glyphs import load_face
from anprgen.lint import check_design
from anprgen.registration import Field
from anprgen.starter import write_starter
from anprgen.widest import _numbers, widest

#: A proportional face: I and 1 take 13 mm, other letters and digits 46 or 47.
RUN = {"kind": "run", "field": "letters", "face": "mandatory", "height_mm": 75, "spacing_mm": 9}
SLOTS = {"kind": "slots", "field": "letters", "face": "mandatory", "height_mm": 75, "y_mm": 17.5}


@pytest.fixture(scope="module")
def starter(tmp_path_factory):
    return write_starter("test_land", tmp_path_factory.mktemp("s")).read_text("utf-8")


def land(starter, *elements, **field):
    """A design of one field, written by these elements."""
    data = json.loads(starter)
    data["series"][0].update(
        fields=[{"name": "letters", **field}], text="{letters}", ocr=["letters"]
    )
    data["layouts"]["one_line"].update(elements=list(elements), lines=[["letters"]])
    return parse_design(data, "test_land.json")


def found(design):
    layout = design.layouts["one_line"]
    return [r.text for r in widest(design, layout, design.series[0], [0])]


@pytest.mark.parametrize("letters", ["IM", "MI"])
def test_the_order_in_which_characters_are_given_decides_nothing(starter, letters):
    run = {**RUN, "center_mm": [450, 55]}
    with pytest.raises(DesignError, match="outside the plate"):
        check_design(land(starter, run, characters=[letters] * 3))
    check_design(land(starter, run, characters=["I"] * 3))


@pytest.mark.parametrize(
    ("field", "wide"),
    [
        ({"number": {"first": 1, "last": 1111, "digits": 1}}, True),
        ({"number": {"first": 1111, "last": 1111, "digits": 1}}, False),
        ({"values": {"IIII": 1, "MMM": 1}}, True),
        ({"values": {"IIII": 1, "MMM": 0}}, False),
        ({"values": {"MM": 1, "M M": 1}}, True),
        ({"characters": [{"I": 1, "W": 0}] * 4}, False),
        ({"characters": [{"I": 5, "W": 1}] * 4}, True),
    ],
)
def test_a_run_is_measured_in_its_own_face(starter, field, wide):
    design = land(starter, {**RUN, "center_mm": [452, 55]}, **field)
    if not wide:
        check_design(design)
        return
    with pytest.raises(DesignError, match="outside the plate"):
        check_design(design)


def test_every_slot_has_its_widest_glyph(starter):
    slots = {**SLOTS, "x_mm": [200, 250, 300, 320]}
    with pytest.raises(DesignError, match=r"'M'.*overlap"):
        check_design(land(starter, slots, values={"MIII": 1, "IIMI": 1, "IIIM": 1}))
    check_design(land(starter, slots, values={"MIII": 1, "IIIM": 1}))
    slots["cell_mm"] = 47
    with pytest.raises(DesignError, match="overlap"):
        check_design(land(starter, slots, values={"MIII": 1}))


def test_a_field_is_measured_in_each_element_that_writes_it(starter):
    """In one face the first value is the wider, in the other the second."""
    mandatory, german = RUN, {**RUN, "face": "fe_eng"}
    values = {"MMM": 1, "IIII": 1}
    design = land(
        starter,
        {**mandatory, "center_mm": [100, 55], "height_mm": 40},
        {**german, "center_mm": [300, 55], "height_mm": 40},
        values=values,
    )
    assert found(design) == ["MMM", "IIII"]


def test_options_are_measured_in_their_own_faces(starter):
    run = {**RUN, "center_mm": [260, 55], "options": [
        {"weight": 1, "face": "mandatory"}, {"weight": 1, "face": "fe_eng"}]}  # fmt: skip
    design = land(starter, run, values={"MMM": 1, "IIII": 1})
    layout, series = design.layouts["one_line"], design.series[0]
    texts = [[r.text for r in widest(design, layout, series, [k])] for k in range(2)]
    assert texts == [["MMM"], ["IIII"]]


WIDTHS = st.lists(st.floats(1, 50), min_size=10, max_size=10)


@settings(deadline=None)
@given(data=st.data(), widths=WIDTHS, digits=st.integers(1, 5))
def test_no_number_is_wider_nor_has_a_wider_digit_at_any_place(data, widths, digits):
    first = data.draw(st.integers(0, 3000))
    last = data.draw(st.integers(first, first + 1500))
    width = {str(d): w for d, w in enumerate(widths)}
    made = _numbers(first, last, digits, max(width, key=width.__getitem__))
    field = Field("n", number=(first, last, digits))
    assert all(map(field.accepts, made))

    def most(numbers):
        numbers = list(numbers)
        places = [
            max(width[n[i]] for n in numbers if len(n) > i) for i in range(max(map(len, numbers)))
        ]
        return [max(sum(width[c] for c in n) for n in numbers), *places]

    every = most(str(n).zfill(digits) for n in range(first, last + 1))
    assert most(made) == pytest.approx(every)


@settings(max_examples=40, deadline=None)
@given(
    values=st.lists(st.text("IMW1-", min_size=1, max_size=5), min_size=1, max_size=6, unique=True),
    spacing=st.integers(0, 20),
)
def test_no_value_of_a_run_is_wider(starter, values, spacing):
    run = {**RUN, "center_mm": [260, 55], "height_mm": 30, "spacing_mm": spacing}
    face = load_face("mandatory")

    def length(value):
        return sum(face.glyph(g, 30).cell_mm + spacing for g in glyphs_of(value))

    (text,) = found(land(starter, run, values=dict.fromkeys(values, 1)))
    assert length(text) == pytest.approx(max(map(length, values)))
