# SPDX-License-Identifier: Apache-2.0
"""Glyphs of studs: discs within the strokes, apart from each other, labels as without them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anprgen.artwork import lay_out
from anprgen.design import load_design
from anprgen.pipeline import Config, make_plan
from anprgen.studs import studded
from anprgen.textures import rasterize

RING = tuple(
    np.column_stack([50 + r * np.cos(a), 40 + 1.3 * r * np.sin(a)])
    for a in [np.linspace(0, 2 * np.pi, 90, endpoint=False)]
    for r in (30.0, 20.0)
)  # a zero of strokes 10 to 13 mm wide


@given(st.floats(2.5, 9), st.floats(1.0, 1.6))
def test_studs_lie_within_the_strokes_and_apart(diameter: float, more: float) -> None:
    discs = studded(RING, diameter, diameter * more)
    middles = np.array([d.mean(0) for d in discs])
    assert len(discs) >= 10
    apart = np.hypot(*(middles[:, None] - middles[None]).transpose(2, 0, 1))
    np.fill_diagonal(apart, np.inf)
    assert apart.min() >= 0.9 * diameter
    outer, inner = (c.astype(np.float32) for c in RING)
    for x, y in middles:
        within = (
            cv2.pointPolygonTest(outer, (x, y), True),
            cv2.pointPolygonTest(inner, (x, y), True),
        )
        assert within[0] > 0
        assert within[1] < 0


def test_wide_strokes_have_two_rows_and_narrow_ones_one() -> None:
    def radii(diameter: float) -> np.ndarray:
        middles = np.array([d.mean(0) for d in studded(RING, diameter, diameter * 1.1)])
        return np.hypot(middles[:, 0] - 50, (middles[:, 1] - 40) / 1.3)

    two, one = radii(3.5), radii(8.0)
    assert (two > 26).sum() > 20
    assert (two < 24).sum() > 20
    assert np.ptp(one) < 3.5


@pytest.mark.parametrize("option", [1, 2])
def test_a_studded_plate_has_the_labels_of_a_plain_one(option: int) -> None:
    design = load_design("sri_lanka")
    plan = make_plan(Config(renderer="flat"))
    plate = next(
        p for i in range(50) for p in plan.shot(i).plates if p.variant == "two_line_3letter"
    )
    layout = design.layouts[plate.variant]
    series = next(s for s in design.series if s.id == plate.registration.series)
    count = sum(bool(e.options) for e in layout.elements)

    def made(which: int):
        options = [which] * count
        return lay_out(design, layout, series, plate.registration, sheet="white", options=options)

    plain, studs = made(0), made(option)
    for a, b in zip(plain.characters, studs.characters, strict=True):
        assert (a.char, a.cell_mm) == (b.char, b.cell_mm)
        assert all((p == q).all() for p, q in zip(a.contours, b.contours, strict=True))
    inks = [rasterize(a, plate.make, (560, 400)).base_color.mean() for a in (plain, studs)]
    assert inks[1] > inks[0] + 0.01  # sheeting, or bright studs, show within the strokes
