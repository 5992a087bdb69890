# SPDX-License-Identifier: Apache-2.0
"""Whether plates can be read: the measure of a character, and the rule."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anprgen.geometry import Points
from anprgen.glyphs import load_face
from anprgen.legibility import CLEAR, HARD, correlations, legibility

CHARS = "ABEGHIKMRSXZ0123456789"
PX = 60  # of the picture's side


def correlation(contours: list[Points], cell: Points, grey: np.ndarray) -> float:
    """Of a single glyph."""
    return correlations([contours], [cell], grey)[0]


def glyph(char: str, height_px: float, at: tuple[float, float] = (14.3, 12.6), turn_deg: float = 0):
    """Outlines and cell of a glyph in the picture's px."""
    drawn = load_face("fe_mittel").glyph(char, 70.0)
    k = height_px / drawn.height_mm
    c, s = np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))
    move = k * np.array([[c, s], [-s, c]])
    cell = np.array([[0, 0], [drawn.cell_mm, 0], [drawn.cell_mm, 70.0], [0, 70.0]])
    return [p @ move + at for p in drawn.contours], cell @ move + np.array(at)


def light(contours: list[Points], sheet: float, ink: float) -> np.ndarray:
    """The glyph as an ideal camera takes it, float [PX, PX]."""
    k = 8
    mask = np.zeros((PX * k, PX * k), np.uint8)
    cv2.fillPoly(mask, [np.rint(p * k - 0.5).astype(np.int32) for p in contours], 255)
    cover = cv2.resize(mask, (PX, PX), interpolation=cv2.INTER_AREA) / 255.0
    return sheet + (ink - sheet) * cover


def taken(picture: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def noise(sd: float, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, sd, (PX, PX))


@settings(max_examples=60, deadline=None)
@given(
    char=st.sampled_from(CHARS),
    height=st.floats(9, 32),
    x=st.floats(8, 16),
    turn=st.floats(-20, 20),
    sheet=st.integers(90, 165),  # with ink and gradient on it nothing is cut off
    ink=st.sampled_from([-25, -8, 8, 25]),
    slope=st.floats(-0.6, 0.6),
)
def test_a_crisp_glyph_is_legible_however_faint(char, height, x, turn, sheet, ink, slope):
    """Also in a gradient of several times its contrast, turned, and light on dark."""
    contours, cell = glyph(char, height, (x, 14.2), turn)
    gradient = slope * (np.arange(PX) - PX / 2) * abs(ink) / 8
    assert correlation(contours, cell, taken(light(contours, sheet, sheet + ink) + gradient)) > 0.88


@settings(max_examples=60, deadline=None)
@given(
    char=st.sampled_from(CHARS),
    height=st.floats(9, 32),
    ink=st.sampled_from([-30, -10, 10, 30]),
    seed=st.integers(0, 2**32),
)
def test_noise_of_its_own_amplitude_drowns_a_glyph(char, height, ink, seed):
    contours, cell = glyph(char, height)
    plain = light(contours, 128, 128 + ink)
    crisp, drowned = (
        correlation(contours, cell, taken(plain + noise(sd * abs(ink), seed))) for sd in (0.1, 4.0)
    )
    # A glyph covers half of its cell: 0.125 of such noise. Chance correlates n px by 1 / sqrt(n),
    # and five times that is hardly ever reached.
    n = height * float(np.ptp(cell[:, 0]))
    assert crisp > CLEAR.correlation
    assert drowned < 0.125 + 5 / np.sqrt(n)


@pytest.mark.parametrize("char", CHARS)
def test_more_noise_and_more_blur_lower_it(char):
    contours, cell = glyph(char, 20.0)
    plain = light(contours, 150, 110)
    shared = noise(1.0, 4)
    noisy = [correlation(contours, cell, taken(plain + sd * shared)) for sd in (0, 10, 25, 60)]
    assert noisy == sorted(noisy, reverse=True)
    blurred = [
        correlation(contours, cell, taken(cv2.GaussianBlur(plain, (0, 0), sd) + 4 * shared))
        for sd in (0.5, 2.0, 4.0)
    ]
    assert blurred == sorted(blurred, reverse=True)
    assert noisy[-1] < 0.75 * noisy[0]
    assert blurred[-1] < 0.75 * blurred[0]


def test_what_is_beyond_the_cell_counts_for_nothing():
    contours, cell = glyph("R", 20.0, turn_deg=15)
    plain = light(contours, 150, 110)
    outside = np.ones((PX, PX), np.uint8)
    cv2.fillConvexPoly(outside, np.rint(cell).astype(np.int32), 0)
    kept = cv2.erode(outside, np.ones((3, 3)))
    ruined = np.where(kept == 1, 255 * (np.indices((PX, PX)).sum(0) % 3 == 0), plain)
    assert correlation(contours, cell, taken(ruined)) == correlation(contours, cell, taken(plain))


def test_another_glyph_there_is_not_this_one():
    shown, _ = glyph("8", 24.0)
    contours, cell = glyph("1", 24.0)
    own = correlation(contours, cell, taken(light(contours, 150, 60)))
    assert correlation(contours, cell, taken(light(shown, 150, 60))) < 0.5 < own


corner = st.tuples(st.floats(-30, 90), st.floats(-30, 90))


@settings(max_examples=150, deadline=None)
@given(cell=st.lists(corner, min_size=4, max_size=4), seed=st.integers(0, 99), flat=st.booleans())
def test_any_cell_gives_a_number(cell, seed, flat):
    """Thin, crossed, outside the picture: none is an error."""
    cell = np.array(cell)
    contours = [cell * 0.8 + cell.mean(0) * 0.2]
    grey = taken(128 + noise(0 if flat else 40, seed))
    value = correlation(contours, cell, grey)
    assert 0 <= value <= 1
    assert not (flat and value)


@pytest.mark.parametrize(
    "cell", [((5, 5), (6, 5), (6, 9), (5, 9)), ((5, 5), (40, 40), (40, 40), (5, 5))]
)
def test_cells_without_room_tell_nothing(cell):
    cell = np.array(cell, np.float64)
    assert correlation([cell], cell, taken(128 + noise(40, 0))) == 0.0


@dataclass(frozen=True)
class Seen:
    large: bool = True
    visible: float = 1.0
    height_px: float = 20.0
    correlation: float = 0.9


@given(
    a=st.builds(Seen, st.just(True), *(st.floats(0, n) for n in (1, 40, 1))),
    b=st.builds(Seen, st.just(True), *(st.floats(0, n) for n in (1, 40, 1))),
)
def test_a_plate_is_as_legible_as_its_worst_character(a, b):
    order = ("illegible", "hard", "clear")
    worse = Seen(True, *(min(getattr(a, n), getattr(b, n)) for n in CLEAR._fields))
    assert order.index(legibility([worse])) <= order.index(legibility([a, b]))
    both = min((legibility([a]), legibility([b])), key=order.index)
    assert legibility([a, b]) == both


def test_the_rule_is_what_docs_say():
    good = Seen()
    assert legibility([good, replace(good, large=False, visible=0, correlation=0)]) == "clear"
    for name in CLEAR._fields:
        for least, at, under in ((CLEAR, "clear", "hard"), (HARD, "hard", "illegible")):
            value = getattr(least, name)
            assert legibility([replace(good, **{name: value})]) == at
            assert legibility([good, replace(good, **{name: value - 0.001})]) == under
    assert legibility([good], enlarged=2) == "hard"
    assert legibility([good], enlarged=3) == "illegible"


def test_every_glyph_is_measured_as_if_it_were_alone():
    """Others in the picture, small ones that tell nothing, and ones beyond it change nothing."""
    grey = taken(light(glyph("B", 20)[0], 150, 60) + noise(9, 4))
    glyphs = [glyph("B", 20), glyph("7", 2.5), glyph("K", 11, (30, 8), 9), glyph("A", 20, (90, 90))]
    outlines, cells = zip(*glyphs)
    alone = [correlation(contours, cell, grey) for contours, cell in glyphs]
    assert correlations(outlines, cells, grey) == alone
    assert alone[0] > 0.7
    assert alone[1] == alone[3] == 0.0
    assert correlations([], [], grey) == []
