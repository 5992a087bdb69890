# SPDX-License-Identifier: Apache-2.0
"""Sheeting by day: its chromaticity and luminance factor against what standards ask of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anprgen.colour import adjust, srgb_to_linear
from anprgen.condition import Make
from anprgen.design import load_design
from anprgen.parameters import Draw
from anprgen.resources import designs_dir

#: Linear light of ITU-R BT.709 to CIE 1931 XYZ (IEC 61966-2-1).
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
#: EN 12899-1, retro-reflective sheeting by daylight (D65, 45/0): corners in x and y, least Y.
LIMITS = {
    "white": (((0.355, 0.355), (0.305, 0.305), (0.285, 0.325), (0.335, 0.375)), 0.35),
    "yellow": (((0.545, 0.454), (0.487, 0.423), (0.427, 0.483), (0.465, 0.534)), 0.27),
}
SHEETS = [
    (path.stem, name, sheet.color_srgb)
    for path in sorted(designs_dir().glob("*.json"))
    if path.stem != "schema"
    for name, sheet in load_design(path.stem).sheets.items()
    if name in LIMITS and sheet.retro > 0
]


def within(rgb: np.ndarray, name: str) -> bool:
    corners, least = LIMITS[name]
    xyz = TO_XYZ @ rgb
    p, ring = xyz[:2] / xyz.sum(), np.array(corners)
    side = np.roll(ring, -1, 0) - ring
    turns = side[:, 0] * (p - ring)[:, 1] - side[:, 1] * (p - ring)[:, 0]
    return bool((turns <= 0).all() or (turns >= 0).all()) and bool(xyz[1] >= least)


@pytest.mark.parametrize(("design", "name", "srgb"), SHEETS)
def test_nominal_sheets_are_within_the_standard(design: str, name: str, srgb: tuple) -> None:
    assert within(srgb_to_linear(srgb), name)


@pytest.mark.parametrize(("design", "name", "srgb"), SHEETS)
def test_new_plates_are_mostly_within_it(design: str, name: str, srgb: tuple) -> None:
    found = []
    for index in range(300):
        make = Draw(3, index, {}).group(Make, "plates.0.make")
        changes = make.sheet_hue_shift, make.sheet_saturation, make.sheet_lightness
        found.append(within(adjust(srgb_to_linear(srgb), *changes), name))
    assert np.mean(found) > 0.85


@settings(max_examples=20)
@given(st.floats(0.3, 0.8))
def test_a_pale_yellow_is_noticed(saturation: float) -> None:
    """The limits can fail: what is paler, or nearly black, lies beyond them."""
    yellow = srgb_to_linear((255, 196, 10))
    assert not within(adjust(yellow, 0.0, saturation, 1.0), "yellow")
    assert not within(yellow * 0.4, "yellow")
