# SPDX-License-Identifier: Apache-2.0
"""Signs and blanks inside a registration, and scripts other than Latin: drawn, read, or refused."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anprgen.artwork import lay_out
from anprgen.clusters import CLUSTERS, glyphs_of, is_read
from anprgen.config import Config
from anprgen.design import parse_design
from anprgen.errors import DesignError
from anprgen.exporters.options import label_of, large_lines, line_text
from anprgen.lint import check_design
from anprgen.pipeline import make_plan
from anprgen.renderers.opening import open_renderer
from anprgen.starter import write_starter
from anprgen.verify import _plate_faults

RUN = {"kind": "run", "face": "fe_eng", "height_mm": 75, "center_mm": [410, 55], "spacing_mm": 9,
       "max_width_mm": 150}  # fmt: skip
SLOTS = {"kind": "slots", "face": "fe_eng", "height_mm": 30, "x_mm": [350, 380, 410, 440],
         "y_mm": 40, "cell_mm": 20}  # fmt: skip


@pytest.fixture(scope="module")
def starter(tmp_path_factory):
    return write_starter("test_land", tmp_path_factory.mktemp("s")).read_text("utf-8")


def land(starter, element, **field):
    """A design whose last field is made of this and written by the element."""
    data = json.loads(starter)
    data["series"][0]["fields"][2] = {"name": "letters", **field}
    layout = data["layouts"]["one_line"]
    layout["elements"] = [e for e in layout["elements"] if e.get("field") != "letters"]
    layout["elements"].append({**element, "field": "letters"})
    return data


def checked(data):
    design = parse_design(data, "test_land.json")
    check_design(design)
    return design


def written(design, letters):
    """The registration with these letters, and its artwork."""
    series = design.series[0]
    registration = series.write({"district": "AB", "number": "123", "letters": letters})
    layout = design.layouts["one_line"]
    return registration, lay_out(design, layout, series, registration, sheet="white")


@pytest.mark.parametrize("element", [RUN, SLOTS], ids=["run", "slots"])
@settings(max_examples=25, deadline=None)
@given(letters=st.text("ABW1- ", min_size=1, max_size=4))
def test_what_is_read_is_what_the_large_characters_say(starter, element, letters):
    registration, artwork = written(
        checked(land(starter, element, values={letters: 1, "A-B ": 1})), letters
    )
    assert registration.ocr_text == "".join(c.char for c in artwork.characters if c.large)
    assert registration.ocr_text == "AB123" + "".join(c for c in letters if c.isalnum())
    assert registration.field("letters") == letters


@pytest.mark.parametrize("element", [RUN, SLOTS], ids=["run", "slots"])
@pytest.mark.parametrize("letters", ["A-B", "A B", "A -B"])
def test_a_sample_with_signs_is_whole_and_exports_learn_no_sign(
    starter, tmp_path, element, letters
):
    path = tmp_path / "test_land.json"
    path.write_text(json.dumps(land(starter, element, values={letters: 1})), "utf-8")
    plan = make_plan(Config(designs=((str(path), 1.0),), renderer="flat"))
    record = plan.sample(0, open_renderer("flat")).record
    (plate,) = record["plates"]
    assert not [*_plate_faults(plate, record["image"]["width"], record["image"]["height"])]
    assert plate["text"].endswith(letters)
    assert plate["ocr_text"].endswith("AB")
    assert label_of(plate) == "".join(map(line_text, large_lines(plate)))


def test_a_sign_in_a_slot_is_drawn_and_a_blank_leaves_its_slot_empty(starter):
    design = checked(land(starter, SLOTS, values={"A-B": 1, "A B": 1}))
    (_, signed), (_, empty) = written(design, "A-B"), written(design, "A B")
    places = [[c.cell_mm for c in a.characters if c.field == "letters"] for a in (signed, empty)]
    assert places[0] == places[1]
    assert [round(x0) for x0, *_ in places[0]] == [350, 410]
    (sign,) = signed.marks[len(empty.marks) :]
    assert sign.contours[0][:, 0].mean() == pytest.approx(390, abs=0.5)


def test_scripts_without_marks_are_written_letter_by_letter(starter):
    element = {**SLOTS, "face": "cn_provinces"}
    _, artwork = written(checked(land(starter, element, values={"京津": 1})), "京津")
    assert [c.char for c in artwork.characters if c.field == "letters"] == ["京", "津"]
    data = land(starter, {**element, "x_mm": [350]}, values={"京津": 1})
    with pytest.raises(DesignError, match="1 slots for a field of up to 2"):
        checked(data)
    _, artwork = written(checked(land(starter, element, characters=["京津", "沪"])), "津沪")
    assert "".join(c.char for c in artwork.characters).endswith("津沪")


@given(
    st.text(["A", "O", "\u0308", "ක", "\u0dca", "\u200d", "ෂ", *next(iter(CLUSTERS)), "京", "-"])
)
def test_glyphs_are_all_of_a_text(text):
    assert "".join(glyphs_of(text)) == text
    assert all(glyphs_of(text))


@given(st.lists(st.sampled_from([*CLUSTERS, "京", "서", "ක", "A", "Ö", "-", " ", "E\u0301", "कि"])))
def test_known_clusters_and_letters_with_marks_are_one_glyph(glyphs):
    assert glyphs_of("".join(glyphs)) == glyphs
    assert [g for g in glyphs if not is_read(g)] == [g for g in glyphs if g in "- "]


def test_letters_that_a_face_cannot_draw_are_refused_with_a_way_out(starter):
    with pytest.raises(DesignError, match="no glyph for ක\u0dca\u200dෂ") as error:
        checked(land(starter, RUN, values={"ABක\u0dca\u200dෂ": 1}))
    assert "leave these characters out" in error.value.hint
    with pytest.raises(DesignError, match="no glyph for O\u0308") as error:
        checked(land(starter, RUN, values={"GO\u0308": 1}))
    assert "NFC" in error.value.hint
    with pytest.raises(DesignError, match=r"\\u0308.*no place") as error:
        checked(land(starter, RUN, characters=["A-Z", "A\u0308"]))
    assert "fields[2].characters[1]" in error.value.where


def test_what_a_face_has_but_does_not_draw_is_refused(starter, tmp_path):
    from fontTools.ttLib import TTFont

    from anprgen.resources import fonts_dir

    font = TTFont(fonts_dir() / "fe_eng.ttf")
    for table in font["cmap"].tables:
        table.cmap[0x3000] = table.cmap[ord(" ")]
    font.save(tmp_path / "mine.ttf")
    data = land(starter, {**RUN, "face": "mine.ttf"}, values={"A\u3000B": 1})
    with pytest.raises(DesignError, match=r"draws nothing for '\\u3000'") as error:
        check_design(parse_design(data, str(tmp_path / "test_land.json")))
    assert "plain blank" in error.value.hint
