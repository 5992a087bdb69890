# SPDX-License-Identifier: Apache-2.0
import cv2
import numpy as np
import pytest

from anprgen.artwork import lay_out
from anprgen.condition import Make
from anprgen.design import load_design
from anprgen.geometry import area
from anprgen.polygons import fill_exact
from anprgen.textures import character_ids, rasterize, texels


@pytest.fixture(scope="module")
def artwork():
    design = load_design("sri_lanka")
    series, registration = design.match("WP CBA 8215")
    return lay_out(design, design.layouts["two_line_3letter"], series, registration, sheet="yellow")


def test_reading_order_and_large_glyphs(artwork):
    assert "".join(c.char for c in artwork.characters) == "WPCBA8215"
    assert [c.large for c in artwork.characters] == [False] * 2 + [True] * 7
    assert artwork.lines == ("WP CBA", "8215")
    assert [(c.line, c.position) for c in artwork.characters][-1] == (1, 3)


def test_characters_stand_in_their_measured_cells(artwork):
    c = next(c for c in artwork.characters if c.char == "C")
    assert c.cell_mm == pytest.approx((88, 8, 135.5, 83))
    ink = np.concatenate(c.contours)
    assert ink[:, 1].min() == pytest.approx(8, abs=0.6)
    assert ink[:, 1].max() == pytest.approx(83, abs=0.6)


def test_filled_area_is_the_outline_s(artwork):
    for c in artwork.characters:
        scale = 4.0
        image = np.zeros((800, 1200), np.uint8)
        fill_exact(image, [p * scale for p in c.contours], 1)
        assert image.sum() / scale**2 == pytest.approx(
            abs(sum(area(p) for p in c.contours)), rel=0.012
        )


def test_fill_is_centred():
    image = np.zeros((40, 40), np.uint8)
    fill_exact(image, [np.array([[10.0, 10], [30, 10], [30, 20], [10, 20]])], 1)
    ys, xs = np.nonzero(image)
    assert (xs.min(), xs.max(), ys.min(), ys.max()) == (10, 29, 10, 19)


@pytest.mark.parametrize("width", [100, 280, 700, 1400])
def test_foil_covers_what_the_outlines_say_at_every_size(artwork, width):
    size = (width, round(width * artwork.size_mm[1] / artwork.size_mm[0]))
    made = rasterize(artwork, Make(foil_spread_mm=0, foil_shift_x_mm=0, foil_shift_y_mm=0), size)
    per_mm = (size[0] / artwork.size_mm[0]) * (size[1] / artwork.size_mm[1])
    ids = character_ids(artwork, (2800, 1780))
    c = artwork.characters[2]
    x0, y0, x1, y1 = c.cell_mm
    sx, sy = size[0] / artwork.size_mm[0], size[1] / artwork.size_mm[1]
    part = made.ink[round(y0 * sy) : round(y1 * sy), round(x0 * sx) : round(x1 * sx)]
    want = abs(sum(area(p) for p in c.contours))
    assert part.sum() / per_mm == pytest.approx(want, rel=0.05)
    assert (ids == 3).sum() / 100 == pytest.approx(want, rel=0.02)


def test_embossing_is_flat_on_top_and_slopes_outside(artwork):
    make = Make(emboss_height_mm=1.0, emboss_edge_mm=2.0, foil_spread_mm=0)
    size = (2800, 1780)  # 10 texels a mm
    made = rasterize(artwork, make, size)
    assert made.height_mm.max() == pytest.approx(1.0)
    # Left of the C's stem at mid height: the slope is 2 mm wide and half way up in its middle.
    row = made.height_mm[455, 800:1000]
    foot, top = np.argmax(row > 0.02), np.argmax(row > 0.98)
    assert (top - foot) / 10 == pytest.approx(2.0, abs=0.5)
    assert made.retro[made.ink > 0.99].max() < 0.02


def test_foil_is_black_and_sheet_is_yellow(artwork):
    made = rasterize(artwork, Make(foil_text=0.0), (560, 356))
    assert made.base_color[made.ink > 0.99].mean() < 0.06
    sheet = made.base_color[30, 500]
    assert sheet[0] > sheet[1] > 3 * sheet[2]


def test_texels_follow_the_picture():
    assert texels((520, 110), 2.5)[0] == 1300
    assert texels((520, 110), 100.0)[0] == 4096
    assert texels((520, 110), 1e-6)[0] == 48


def test_micro_text_grows_from_weave_to_weave_and_keeps_off_the_rim(artwork):
    size = (1120, 712)  # 4 texels a mm
    bright = []
    for weave in ("sparse", "dense", "bold"):
        plain = rasterize(artwork, Make(foil_text=0.0, foil_weave=weave), size)
        woven = rasterize(artwork, Make(foil_text=1.0, foil_weave=weave), size)
        text = (woven.base_color - plain.base_color)[..., 1]
        foil = (plain.ink > 0.99).astype(np.uint8)
        bright.append(float(text[foil > 0].mean()))
        # Half a millimetre into the foil from its edge nothing is written.
        rim = foil - cv2.erode(foil, np.ones((3, 3), np.uint8))
        assert np.abs(text[rim > 0]).max() < 1e-3
    assert 0.005 < bright[0] < 0.7 * bright[1] < 0.7 * bright[2]
