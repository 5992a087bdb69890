# SPDX-License-Identifier: Apache-2.0
"""Words on vehicles: their outlines filled exactly, and never of a registration's form."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from anprgen.design import load_design
from anprgen.glyphs import load_face
from anprgen.renderers.lettering import _FACES, _WORDS, set_word, trapezoids, words
from anprgen.resources import designs_dir


def area(quads: NDArray[np.float64]) -> float:
    after = np.roll(quads, -1, 1)
    cross = quads[..., 0] * after[..., 1] - after[..., 0] * quads[..., 1]
    return float(np.abs(cross.sum(1)).sum() / 2)


def test_a_ring_is_filled_but_for_its_hole() -> None:
    square = np.array([(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0)])
    quads = trapezoids([square, square * 0.5 + 1.0], 0.25)
    assert area(quads) == pytest.approx(16 - 4)
    inside = (quads.min(1) < 2).all(1) & (quads.max(1) > 2).all(1)
    assert not inside.any()


@pytest.mark.parametrize("char", list("ABEGOQRSWX"))
def test_letters_have_the_area_of_their_outlines(char: str) -> None:
    glyph = load_face("owner_sans").glyph(char, 1.0, 0.02)
    outline = abs(sum(signed(c) for c in glyph.contours))
    assert area(trapezoids(glyph.contours, 1 / 48)) == pytest.approx(outline, rel=0.04)


def signed(closed: NDArray[np.float64]) -> float:
    after = np.roll(closed, -1, 0)
    return float((closed[:, 0] * after[:, 1] - after[:, 0] * closed[:, 1]).sum() / 2)


def test_no_word_has_the_form_of_a_registration() -> None:
    for path in sorted(designs_dir().glob("*.json")):
        if path.stem == "schema":
            continue
        for series in load_design(path.stem).series:
            assert not [w for w in _WORDS if series.match(w)], path.stem


@pytest.mark.parametrize("face", _FACES)
def test_every_face_draws_every_word_within_its_width(face: str) -> None:
    for text in _WORDS:
        word = set_word(text, face, 0.2)
        quads = np.array(word["quads"])
        assert quads[..., 0].max() <= word["width"]
        assert (quads[..., 1].min(), quads[..., 1].max()) == pytest.approx((0, 1), abs=0.06)


def test_a_vehicle_keeps_its_words() -> None:
    assert words(123.4) == words(123.4)
    assert words(123.4) != words(567.8)
