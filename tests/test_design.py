# SPDX-License-Identifier: Apache-2.0
import copy
import json
import re

import pytest
from drawing import check_reading_back, registrations

from anprgen.design import find_design, load_design, parse_design, shipped_designs
from anprgen.distributions import Choice
from anprgen.errors import AnprgenError, DesignError
from anprgen.lint import check_design
from anprgen.resources import designs_dir

# Independent of the grammar: the forms as the authorities describe them.
PROVINCE = "(?:(?:WP|CP|SP|NP|EP|NW|NC|UP|SG) )?"
FORMS = {
    "three_letter": PROVINCE + r"[A-Z]{3} [0-9]{4}",
    "three_letter_motorcycle": PROVINCE + r"[A-Z]{3} [0-9]{4}",
    "two_letter": PROVINCE + r"[A-Z]{2}-[0-9]{4}",
    "two_letter_motorcycle": PROVINCE + r"[A-Z]{2}-[0-9]{4}",
    "dash_numeric": r"[0-9]{2,3}-[0-9]{4}",
    "dash_numeric_reissued": PROVINCE + r"[0-9]{2,3}-[0-9]{4}",
    "sri": "[0-9]{1,2} ශ්\u200dරී [0-9]{1,4}",
    "forces": "(?:යුහ|නාහ|ගුවන්) [1-9][0-9]{3,4}",
    "diplomatic": "(?:DPL|CD|DP) [0-9]{2,4}",
    "temporary": "[A-Z]{3} [0-9]{4}",
}


@pytest.fixture(scope="module")
def lk():
    return load_design("sri_lanka")


@pytest.fixture
def lk_json():
    return json.loads((designs_dir() / "sri_lanka.json").read_text("utf-8"))


def test_every_shipped_design_passes_all_checks():
    assert "sri_lanka" in shipped_designs()
    for name in shipped_designs():
        check_design(load_design(name))


def test_schema_is_itself_valid_and_describes_every_property():
    import jsonschema

    schema = json.loads((designs_dir() / "schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)

    def walk(node, path):
        if isinstance(node, dict):
            for name, child in node.get("properties", {}).items():
                if isinstance(child, dict) and "const" not in child:
                    assert "description" in child, f"{path}.{name}"
            for key, child in node.items():
                if key not in ("if",):
                    walk(child, f"{path}.{key}")
        elif isinstance(node, list):
            for i, child in enumerate(node):
                walk(child, f"{path}[{i}]")

    walk(schema, "$")


@pytest.mark.parametrize("series_id", FORMS)
def test_drawn_registrations_have_the_official_form(lk, series_id):
    series = next(s for s in lk.series if s.id == series_id)
    for registration in registrations(series, 400):
        assert re.fullmatch(FORMS[series_id], registration.text), registration.text
        assert registration.ocr_text == re.sub(
            r"^(?:WP|CP|SP|NP|EP|NW|NC|UP|SG) |[^A-Z0-9]", "", registration.text
        )


def test_all_series_of_the_design_have_a_form(lk):
    assert {s.id for s in lk.series} == set(FORMS)


def test_what_is_drawn_matches_and_reads_back(lk):
    check_reading_back(lk, 200)


def test_every_allowed_letter_can_be_drawn_at_each_position(lk):
    letters = set("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    for series in lk.series:
        field = next((f for f in series.fields if f.characters), None)
        if field is None:
            continue
        for position, weights in enumerate(field.characters):
            live = {c for c, w in weights.items() if w > 0}
            drawn = {Choice(weights).at((i + 0.5) / 20000) for i in range(20000)}
            assert drawn == live, (series.id, position)
            if not series.id.startswith("two_letter_moto"):
                assert live == letters


def test_numeric_prefixes_cover_the_whole_range(lk):
    series = next(s for s in lk.series if s.id == "dash_numeric")
    seen = {int(r.field("prefix")) for r in registrations(series, 6000)}
    assert seen == set(range(1, 326))


@pytest.mark.parametrize(
    ("text", "series", "ocr"),
    [
        ("WP CBA 8215", "three_letter", "CBA8215"),
        ("CBA 8215", "three_letter", "CBA8215"),
        ("WP KB-5445", "two_letter", "KB5445"),
        ("19 ශ්\u200dරී 2002", "sri", "192002"),
    ],
)
def test_match(lk, text, series, ocr):
    found_series, registration = lk.match(text)
    assert (found_series.id, registration.ocr_text, registration.text) == (series, ocr, text)


def test_match_refuses_what_no_series_writes(lk):
    with pytest.raises(DesignError, match="three_letter"):
        lk.match("HELLO")


def test_paths_and_names_find_the_same_design(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("sri_lanka", "sri_lanka.json", "designs/sri_lanka.json"):
        path, shipped = find_design(name)
        assert shipped
        assert path.name == "sri_lanka.json"
    own = tmp_path / "sri_lanka.json"
    own.write_text((designs_dir() / "sri_lanka.json").read_text("utf-8"), "utf-8")
    assert find_design("sri_lanka.json") == (own.relative_to(tmp_path), False)
    with pytest.raises(DesignError, match="did you mean sri_lanka"):
        find_design("srilanka")
    with pytest.raises(DesignError):
        find_design("schema")


def _set(data, path, value):
    *parents, last = path
    for key in parents:
        data = data[key]
    if value is None:
        del data[last]
    else:
        data[last] = value


FAULTS = [
    (("name",), None, "name"),
    (("layouts", "one_line_2letter", "size_mm"), [100_000, 110], "size_mm"),
    (("layouts", "one_line_2letter", "elements", 4, "x_mm"), [94], "slots"),
    (("layouts", "one_line_2letter", "elements", 4, "x_mm"), [94, 600], "outside"),
    (("layouts", "one_line_2letter", "elements", 4, "x_mm"), [94, 100], "overlap"),
    (("layouts", "one_line_2letter", "elements", 4, "face"), "nonesuch", "nonesuch"),
    (("layouts", "one_line_2letter", "elements", 4, "face"), "sinhala", "no glyph"),
    (("layouts", "one_line_2letter", "elements", 4, "kind"), "slot", "kind"),
    (("layouts", "one_line_2letter", "sheets"), {"pink": 1}, "pink"),
    (("layouts", "one_line_2letter", "sheets"), {"white": 0}, "sheet"),
    (("series", 0, "weight"), -1, "weight"),
    (("series", 0, "layouts"), {"nonesuch": 1}, "nonesuch"),
    (("series", 0, "fields", 0, "values"), "nonesuch", "nonesuch"),
    (("series", 0, "fields", 2, "number"), {"first": 9, "last": 1, "digits": 4}, "number"),
    (("series", 0, "text"), "{provnce} {series}", "provnce"),
    (("series", 0, "ocr"), ["serie"], "serie"),
    (("series",), [], "series"),
    (("series", 0, "text"), "{province", "series"),
    (("series", 0, "text"), "{series:>99} {number}", "series"),
    (("series", 0, "text"), "CONST", "series"),
    (("surprise",), 1, "surprise"),
]


@pytest.mark.parametrize(("path", "value", "word"), FAULTS, ids=lambda v: str(v)[:40])
def test_faults_are_named_with_file_and_place(lk_json, path, value, word):
    broken = copy.deepcopy(lk_json)
    _set(broken, path, value)
    with pytest.raises(AnprgenError) as error:
        check_design(parse_design(broken, "mine.json"))
    text = str(error.value)
    assert text.startswith("mine.json: $")
    assert word in text


def test_broken_json_is_named(tmp_path):
    path = tmp_path / "broken.json"
    path.write_text('{"name": ')
    with pytest.raises(DesignError, match="not JSON"):
        load_design(str(path))
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DesignError, match="not UTF-8|not JSON"):
        load_design(str(path))


def test_a_byte_order_mark_is_no_part_of_a_design_and_a_key_stands_once(tmp_path, lk):
    path = tmp_path / "marked.json"
    text = (designs_dir() / "sri_lanka.json").read_text("utf-8")
    path.write_text(text, "utf-8-sig")
    assert load_design(str(path)).digest == lk.digest
    double = tmp_path / "double.json"
    double.write_text(text.replace('"title":', '"title": "x", "title":', 1), "utf-8")
    with pytest.raises(DesignError, match=r"double\.json: \$\.title: .*twice"):
        load_design(str(double))
