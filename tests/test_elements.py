# SPDX-License-Identifier: Apache-2.0
"""What a design can compose without code, seen in its artwork and textures."""

import json

import numpy as np
import pytest

from anprgen.artwork import lay_out
from anprgen.condition import Make
from anprgen.config import Config
from anprgen.design import parse_design
from anprgen.errors import AnprgenError, DesignError
from anprgen.lint import check_design
from anprgen.mounting import bolts, holes
from anprgen.pipeline import make_plan
from anprgen.starter import write_starter
from anprgen.textures import rasterize

MAKE = Make(foil_spread_mm=0, foil_shift_x_mm=0, foil_shift_y_mm=0, foil_text=1.0)
SIZE = (1040, 220)  # 2 texels a mm
RED, BLUE = [200, 20, 20], [0, 60, 160]


@pytest.fixture
def data(tmp_path):
    """A plate with nothing but two large characters; tests add elements."""
    made = json.loads(write_starter("test_land", tmp_path).read_text("utf-8"))
    layout = made["layouts"]["one_line"]
    del layout["border"], layout["vary"]
    layout["elements"] = [e for e in layout["elements"] if e.get("field")]
    return made


def textures(data, *elements, make=MAKE, options=(), sheet="white", **layout):
    data["layouts"]["one_line"]["elements"] += elements
    data["layouts"]["one_line"].update(layout)
    design = parse_design(data, "test_land.json")
    check_design(design)
    series, registration = design.match("AB-123CD")
    artwork = lay_out(
        design, design.layouts["one_line"], series, registration, sheet=sheet, options=options
    )
    return artwork, rasterize(artwork, make, SIZE)


def at(picture, x_mm, y_mm):
    return picture[round(y_mm * 2), round(x_mm * 2)]


def test_starter_is_a_valid_design_and_is_never_overwritten(tmp_path):
    path = write_starter("test_land", tmp_path)
    check_design(parse_design(json.loads(path.read_text("utf-8")), str(path)))
    with pytest.raises(DesignError, match="already"):
        write_starter("test_land", tmp_path)
    with pytest.raises(DesignError, match="no name"):
        write_starter("../elsewhere", tmp_path)


def test_area_is_flat_printed_in_its_colour_and_under_what_follows(data):
    area = {"kind": "area", "box_mm": [0, 0, 40, 110], "color_srgb": BLUE, "retro": 0.5}
    art = {"kind": "text", "text": "I", "face": "fe_mittel", "height_mm": 60,
           "center_mm": [20, 55], "spacing_mm": 2, "color_srgb": [255, 255, 255]}  # fmt: skip
    _, made = textures(data, area, art)
    plain = at(made.base_color, 3, 10)
    assert plain[2] > 5 * plain[0]
    assert at(made.base_color, 20, 55).min() > 0.9  # the I's stem, white on the band
    assert at(made.height_mm, 3, 10) == 0
    assert at(made.retro, 3, 10) == pytest.approx(0.5, abs=0.01)
    assert at(made.retro, 170, 10) == 1


def test_a_drawing_is_cut_at_the_plate_s_edge_and_dims_retro_by_its_share(
    data, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)  # the design's folder
    (tmp_path / "band.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 30 10">'
        '<path d="M 0 0 L 30 0 L 30 10 L 0 10 Z" fill="#c81414"/></svg>'
    )
    box = [-20, -5, 540, 20]
    band = {"kind": "art", "name": "band.svg", "box_mm": box, "retro": 0.6}
    _, made = textures(data, band)
    for x_mm in (0, 170, 519):
        color = at(made.base_color, x_mm, 0)
        assert color[0] > 5 * color[1]
        assert at(made.retro, x_mm, 19) == pytest.approx(0.6, abs=0.01)
        assert at(made.retro, x_mm, 21) == 1


def test_outlined_area_leaves_its_middle(data):
    _, made = textures(
        data, {"kind": "area", "box_mm": [4, 4, 44, 44], "line_mm": 4, "color_srgb": RED}
    )
    sheet = at(made.base_color, 170, 10)
    assert np.allclose(at(made.base_color, 24, 24), sheet)
    assert not np.allclose(at(made.base_color, 6, 24), sheet, atol=0.1)


def test_blind_embossing_rises_and_keeps_the_sheet_s_colour(data):
    _, made = textures(
        data, border={"width_mm": 6, "inset_mm": 4, "ink": "blind"}, sheets={"white": 1}
    )
    assert at(made.height_mm, 170, 7) == pytest.approx(MAKE.emboss_height_mm, abs=1e-3)
    assert np.allclose(at(made.base_color, 170, 7), at(made.base_color, 170, 20), atol=1e-6)
    assert at(made.ink, 170, 7) == 0
    assert at(made.ink, 200, 55) > 0.9 or made.ink.max() == 1  # glyphs still have theirs


def test_ink_of_an_element_has_its_own_colour_and_others_keep_theirs(data):
    data["layouts"]["one_line"]["elements"][-1]["color_srgb"] = RED
    artwork, made = textures(data)
    for c in artwork.characters:
        x0, y0, x1, y1 = (round(v * 2) for v in c.cell_mm)
        inside = made.ink[y0:y1, x0:x1] > 0.99
        color = np.median(made.base_color[y0:y1, x0:x1][inside], axis=0)
        if c.field == "letters":
            assert color[0] > 5 * color[1]
        else:
            assert color.max() < 0.1


@pytest.mark.parametrize(
    ("text", "ink", "written"),
    [("ABC", "foil", True), ("ABC", "paint", False), ("", "foil", False)],
)
def test_only_foil_of_a_design_that_says_so_has_micro_text(data, text, ink, written):
    if text:
        data["micro_text"] = text
    for e in data["layouts"]["one_line"]["elements"]:
        e["ink"] = ink
    _, made = textures(data)
    inner = made.base_color[made.ink > 0.99]
    assert (inner.max() > 0.3) == written


def test_run_squeezes_long_lines_and_reads_only_letters_and_digits(data):
    data["lists"]["places"] = {"AB-LONG TOWN": 1}
    data["series"][0]["fields"].append({"name": "place", "values": "places"})
    data["series"][0]["text"] += " {place}"
    data["layouts"]["one_line"]["lines"].append(["place"])
    place = {"kind": "run", "field": "place", "face": "micro", "height_mm": 8, "ink": "paint",
             "center_mm": [260, 9], "spacing_mm": 2, "max_width_mm": 60}  # fmt: skip
    data["layouts"]["one_line"]["elements"].append(place)
    design = parse_design(data, "test_land.json")
    check_design(design)
    series, registration = design.match("AB-123CD AB-LONG TOWN")
    artwork = lay_out(design, design.layouts["one_line"], series, registration, sheet="white")
    small = [c for c in artwork.characters if c.field == "place"]
    assert "".join(c.char for c in small) == "ABLONGTOWN"
    assert not any(c.large for c in small)
    assert small[0].cell_mm[0] == pytest.approx(230, abs=0.01)
    assert small[-1].cell_mm[2] == pytest.approx(290, abs=0.01)
    assert artwork.lines[-1] == "AB-LONG TOWN"


def test_line_of_several_fields_closes_up_where_a_glyph_is_narrow(data):
    run = {"kind": "run", "line": "{district} {number}-{letters}", "face": "charles_wright",
           "height_mm": 75, "center_mm": [260, 55], "spacing_mm": 8, "blank_mm": 11}  # fmt: skip
    data["layouts"]["one_line"]["elements"] = []
    artwork, _ = textures(data, run)
    cells = [c.cell_mm for c in artwork.characters]
    assert [c.char for c in artwork.characters] == list("AB123CD")
    assert [c.field for c in artwork.characters][1:3] == ["district", "number"]
    gaps = [b[0] - a[2] for a, b in zip(cells, cells[1:], strict=False)]
    assert gaps == pytest.approx([8, 27, 8, 8, 29.3, 8], abs=0.1)  # the hyphen is 13.3 mm wide
    assert cells[2][2] - cells[2][0] == pytest.approx(13.3, abs=0.1)
    assert cells[0][0] + cells[-1][2] == pytest.approx(520)
    run["line"] += "{numbers}"
    with pytest.raises(DesignError, match="no field 'numbers'"):
        textures(data, run)


def test_printed_look_has_neither_relief_nor_ink_that_wears_off(data):
    artwork, made = textures(data, look="printed")
    assert made.height_mm.max() == 0
    assert made.ink.max() == 0
    x0, y0, x1, y1 = (round(v * 2) for v in artwork.characters[0].cell_mm)
    cell = made.base_color[y0:y1, x0:x1]
    assert cell.min() < 0.05
    assert made.retro[y0:y1, x0:x1].min() < 0.02


def test_options_replace_keys_by_weight_and_stay_in_the_shot(data, tmp_path):
    disc = {"kind": "area", "box_mm": [4, 4, 24, 24], "radius_mm": 10, "options": [
        {"weight": 2, "color_srgb": RED}, {"weight": 1, "color_srgb": BLUE},
        {"weight": 1, "absent": True}]}  # fmt: skip
    base = json.loads(json.dumps(data))
    seen = [textures(json.loads(json.dumps(base)), disc, options=(k,))[1] for k in range(3)]
    middle = [at(t.base_color, 14, 14) for t in seen]
    assert middle[0][0] > 3 * middle[0][2]
    assert middle[1][2] > 3 * middle[1][0]
    assert np.allclose(middle[2], at(seen[2].base_color, 170, 10))
    data["layouts"]["one_line"]["elements"].append(disc)
    path = tmp_path / "optional.json"
    path.write_text(json.dumps({**data, "name": "optional"}), "utf-8")
    plan = make_plan(Config(designs=((str(path), 1.0),), renderer="flat"))
    shots = [plan.shot(i) for i in range(400)]
    counts = np.bincount([s.plates[0].options[0] for s in shots]) / 400
    assert counts == pytest.approx([0.5, 0.25, 0.25], abs=0.07)


def test_elements_of_one_choice_take_the_same_option(data, tmp_path):
    elements = data["layouts"]["one_line"]["elements"]
    for e in elements:
        if e["kind"] in ("slots", "run"):
            dies = [{"weight": 1, "face": "fe_eng"}, {"weight": 1, "face": "owner_sans"}]
            e.update(choice="die", options=dies)
    path = tmp_path / "dies.json"
    path.write_text(json.dumps({**data, "name": "dies"}), "utf-8")
    plan = make_plan(Config(designs=((str(path), 1.0),), renderer="flat"))
    seen = {plan.shot(i).plates[0].options for i in range(40)}
    assert seen == {(0, 0, 0), (1, 1, 1)}
    elements[0]["options"] = dies[:1]
    with pytest.raises(DesignError, match="different weights"):
        parse_design(data, "dies.json")


def test_a_wrong_option_is_named(data):
    wrong = {"kind": "area", "box_mm": [4, 4, 24, 24], "options": [{"weight": 1, "colour": RED}]}
    with pytest.raises(DesignError, match=r"options\[0\]"):
        textures(data, wrong)
    data["layouts"]["one_line"]["elements"].pop()
    with pytest.raises(DesignError, match="no sheet 'purple'"):
        textures(data, {"kind": "area", "box_mm": [4, 4, 24, 24], "sheets": ["purple"]})


def test_jitter_moves_an_element_by_up_to_its_share(data, tmp_path):
    data["layouts"]["one_line"]["elements"].append(
        {"kind": "area", "box_mm": [4, 4, 24, 24], "jitter_mm": [3, 1]}
    )
    path = tmp_path / "moved.json"
    path.write_text(json.dumps({**data, "name": "moved"}), "utf-8")
    plan = make_plan(Config(designs=((str(path), 1.0),), renderer="flat"))
    lefts, cells = set(), set()
    for i in range(60):
        (artwork,) = plan.artworks(plan.shot(i))
        lefts.add(round(float(artwork.prints[-1].contours[0][:, 0].min()), 3))
        cells.add(artwork.characters[0].cell_mm)
    assert 1 <= min(lefts) < 2.5 < 5.5 < max(lefts) <= 7
    assert len(cells) == 1  # nothing else moves


def test_elements_of_one_group_move_together(data, tmp_path):
    data["layouts"]["one_line"]["vary"] = 0.05
    data["layouts"]["one_line"]["elements"] += [
        {"kind": "area", "box_mm": [4, 4, 24, 24], "jitter_mm": [3, 1], "group": "sticker"},
        {"kind": "area", "box_mm": [300, 4, 310, 14], "jitter_mm": [3, 1]},
        {"kind": "area", "box_mm": [9, 9, 19, 19], "jitter_mm": [3, 1], "group": "sticker"},
    ]
    path = tmp_path / "grouped.json"
    path.write_text(json.dumps({**data, "name": "grouped"}), "utf-8")
    plan = make_plan(Config(designs=((str(path), 1.0),), renderer="flat"))
    lefts = []
    for i in range(20):
        (artwork,) = plan.artworks(plan.shot(i))
        lefts.append([float(m.contours[0][:, 0].min()) for m in artwork.prints])
    outer, other, inner = np.array(lefts).T
    assert np.ptp(outer) > 2
    assert np.ptp(inner - outer) < 0.6  # only what the plate's own width does
    assert np.ptp(other - outer) > 2


def test_bolts_go_into_the_plate_s_own_holes_and_the_rest_stay_open(data, tmp_path):
    own = [{"center_mm": [100, 8], "diameter_mm": 7}, {"center_mm": [420, 8], "diameter_mm": 7},
           {"center_mm": [260, 100], "diameter_mm": 5}]  # fmt: skip
    data["layouts"]["one_line"]["holes"] = own
    data["plates"] = {"mount.bolts": {"choice": [[2, 1]]}, "mount.holes": {"choice": [[0, 1]]}}
    path = tmp_path / "drilled.json"
    path.write_text(json.dumps({**data, "name": "drilled"}), "utf-8")
    plan = make_plan(Config(designs=((str(path), 1.0),), renderer="flat"))
    plate = plan.shot(3).plates[0]
    assert [(b.x_mm, b.y_mm) for b in bolts(plate)] == [(100, 8), (420, 8)]
    assert [(h.x_mm, h.y_mm, h.diameter_mm) for h in holes(plate)] == [(260, 100, 5)]


def test_a_design_s_own_distributions_give_way_to_the_user_s(data, tmp_path):
    data["plates"] = {"wear.dust": 0.5, "mount.frame": "dealer"}
    path = tmp_path / "dusty.json"
    path.write_text(json.dumps({**data, "name": "dusty"}), "utf-8")
    config = Config(
        designs=((str(path), 1.0),), renderer="flat", overrides={"plates.wear.dust": 0.25}
    )
    plate = make_plan(config).shot(0).plates[0]
    assert (plate.wear.dust, plate.mount.frame) == (0.25, "dealer")
    data["plates"] = {"wear.dusty": 0.5}
    with pytest.raises(AnprgenError, match=r"\$\.plates.*dusty"):
        check_design(parse_design(data, "test_land.json"))


def test_ranges_are_read_as_in_a_regular_expression(data):
    data["series"][0]["fields"][2]["characters"] = ["A-CX-Z7", {"A-B": 2, "Q": 1}]
    field = parse_design(data, "x.json").series[0].fields[2]
    assert set(field.characters[0]) == set("ABCXYZ7")
    assert field.characters[1] == pytest.approx({"A": 1, "B": 1, "Q": 1})
