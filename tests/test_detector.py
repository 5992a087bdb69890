# SPDX-License-Identifier: Apache-2.0
"""Plates found in pictures, made upright by their corners, and read; geometry to parts of a px."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from networks import bands, write_reader
from networks_detect import STRIDE, frame, plate, write_detector

from anprgen.errors import ModelError
from anprgen.models.card import Input
from anprgen.models.detector import Detector, peaks
from anprgen.models.letterbox import PADDING, letterbox
from anprgen.models.opening import open_models
from anprgen.models.plates import PlateReader, cut, rectified
from anprgen.models.quads import bounds, convex, overlap, width_px
from anprgen.models.reader import Reader

SQUARE = np.float32([(0, 0), (10, 0), (10, 10), (0, 10)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("detector")
    write_detector(root / "detector.onnx")
    write_reader(root / "reader.onnx")
    return root


@pytest.mark.parametrize("size", [(640, 384), (320, 192), (700, 384), (640, 500), (1280, 720)])
def test_plates_are_found_in_pictures_of_any_size(folder: Path, size: tuple[int, int]) -> None:
    unit = max(size) // 320
    places = {(42 * unit, 30 * unit): "A1", (170 * unit, 122 * unit): "C3B"}
    picture = frame(places, size, scale=unit)
    found = Detector.open(folder).find(picture)
    assert len(found) == 2
    for f in found:
        ((x, y),) = [p for p in places if np.hypot(*(f.quad[0] - p)) < 30 * unit]
        w, h = 48 * unit, 16 * unit
        want = np.float32([(x, y), (x + w, y), (x + w, y + h), (x, y + h)])
        assert np.abs(f.quad - want).max() < 3 * unit  # cells are 4 px of the input wide
        assert overlap(f.quad, want) > 0.7
        assert f.confidence > 0.5
        assert f.box == pytest.approx((*f.quad[0], *f.quad[2]), abs=0.01)
    assert [f.confidence for f in found] == sorted((f.confidence for f in found), reverse=True)


def test_nothing_is_found_where_nothing_is(folder: Path) -> None:
    detector = Detector.open(folder)
    assert detector.find(frame({})) == []
    assert detector.find(np.zeros((1, 1, 3), np.uint8)) == []
    picture = frame({(100, 100): "A1"})
    (found,) = detector.find(picture)
    assert detector.find(picture, found.confidence + 0.001) == []
    for bad in (np.zeros((9, 9), np.uint8), np.zeros((0, 9, 3), np.uint8), np.zeros((9, 9, 3))):
        with pytest.raises(ModelError, match="a picture is"):
            detector.find(bad)


def test_plates_are_read_through_perspective(folder: Path) -> None:
    """A plate seen from the side reads as from the front, once its corners are known."""
    reader = Reader.open(folder)
    flat = bands("B2C1A", scale=4)
    h, w = flat.shape[:2]
    quad = np.float32([(120, 90), (270, 60), (280, 150), (110, 140)])
    own = np.float32([(0, 0), (w, 0), (w, h), (0, h)])
    to = cv2.getPerspectiveTransform(own - 0.5, quad - 0.5)
    seen = cv2.warpPerspective(flat, to, (400, 240), flags=cv2.INTER_LINEAR)
    assert reader.read([cut(seen, bounds(quad, 400, 240))])[0].text != "B2C1A"
    upright = rectified(seen, quad, bounds(quad, 400, 240), margin=0.0)
    assert upright.shape[1] / upright.shape[0] == pytest.approx(161.7 / 70.8, rel=0.03)
    assert reader.read([upright])[0].text == "B2C1A"


def test_a_picture_is_found_and_read(folder: Path) -> None:
    places = {(60, 44): "A1B", (404, 60): "C2", (196, 260): "3C1"}
    picture = frame(places)
    both = replace(open_models([folder]), margin=0.0)
    found = both.read(picture)
    assert {p.reading.text for p in found if p.reading} == set(places.values())
    only = PlateReader(detector=both.detector).read(picture)
    assert [p.reading for p in only] == [None] * 3
    assert [p.to_json() for p in only] == [
        {k: v for k, v in p.to_json().items() if k in ("quad", "box", "confidence")} for p in found
    ]
    alone = PlateReader(reader=both.reader).read(plate("C2", 3))
    assert [p.reading.text for p in alone if p.reading] == ["C2"]
    assert alone[0].confidence is None
    with pytest.raises(ModelError, match="neither"):
        PlateReader()


def test_models_are_told_apart(folder: Path, tmp_path: Path) -> None:
    reader, detector = folder / "reader.onnx", folder / "detector.onnx"
    for words in ([folder], [reader, detector], [detector, reader]):
        both = open_models(words)
        assert both.reader is not None
        assert both.detector is not None
    assert open_models([detector]).reader is None
    with pytest.raises(ModelError, match="two detectors"):
        open_models([folder, detector])
    with pytest.raises(ModelError, match="there is no"):
        open_models([tmp_path])
    with pytest.raises(ModelError, match="this is a reader, and a detector is wanted"):
        Detector.open(reader)


@pytest.mark.parametrize(
    ("card", "told"),
    [
        ({"info": {"threshold": 2}}, "threshold"),
        ({"info": {"threshold": "high"}}, "threshold"),
        ({"input": Input(192, 320, "rgb", "letterbox", "unit")}, "are not made here"),
        ({"input": Input(96, 320, "bgr", "letterbox", "unit")}, "its card says"),
    ],
)
def test_a_card_that_says_something_else_is_refused(tmp_path: Path, card: dict, told: str) -> None:
    with pytest.raises(ModelError, match=told):
        Detector.open(write_detector(tmp_path / "m.onnx", **card))


@given(st.integers(1, 900), st.integers(1, 900), st.integers(16, 320), st.integers(16, 320))
def test_a_letterbox_holds_the_whole_picture(w: int, h: int, width: int, height: int) -> None:
    image = np.full((h, w, 3), 255, np.uint8)
    out, place = letterbox(image, height, width)
    assert out.shape == (height, width, 3)
    corners = np.float32([(0, 0), (w, h)])
    there = place.to_input(corners)
    (x0, y0), (x1, y1) = np.round(there).astype(int)
    assert (out[y0:y1, x0:x1] == 255).all()
    assert int((out == 255).sum()) == 3 * (x1 - x0) * (y1 - y0)
    assert set(np.unique(out)) <= {255, PADDING}
    assert x1 - x0 == width or y1 - y0 == height
    np.testing.assert_allclose(place.to_picture(there), corners, atol=1e-2)


def test_peaks_of_a_map() -> None:
    heat = np.zeros((40, 60), np.float32)
    corners = np.zeros((8, 40, 60), np.float32)
    corners[:] = np.float32([-3, -1, 3, -1, 3, 1, -3, 1])[:, None, None]
    heat[10, 20], heat[10, 21], heat[10, 24], heat[30, 50] = 0.9, 0.8, 0.7, 0.5
    got = peaks(heat, corners, 0.4)
    # The neighbour is no peak, and what lies on the first is the first; 4 cells on is another.
    assert [c for c, _ in got] == pytest.approx([0.9, 0.7, 0.5])
    centre = (np.array([20, 10]) + 0.5) * STRIDE
    np.testing.assert_allclose(
        got[0][1], centre + np.array([(-12, -4), (12, -4), (12, 4), (-12, 4)])
    )
    heat[10, 22] = 0.85  # a peak two cells on: more than a third in common
    assert [c for c, _ in peaks(heat, corners, 0.4)] == pytest.approx([0.9, 0.7, 0.5])
    corners[0] = 40  # the first corner right of the second: no plate
    assert peaks(heat, corners, 0.4) == []
    corners[:] = np.float32([-3, -1, 3, -1, 3, 1, -3, 1])[:, None, None] * 1e30
    assert peaks(heat, corners, 0.4) == []


def test_overlap_of_quadrilaterals() -> None:
    assert overlap(SQUARE, SQUARE) == pytest.approx(1)
    assert overlap(SQUARE, SQUARE + 5) == pytest.approx(25 / 175)
    assert overlap(SQUARE + 10_000, SQUARE + 10_005) == pytest.approx(25 / 175)
    assert overlap(SQUARE, SQUARE + 11) == 0
    diamond = np.float32([(5, 0), (10, 5), (5, 10), (0, 5)])
    assert overlap(SQUARE, diamond) == pytest.approx(0.5)
    bow = SQUARE[[0, 2, 1, 3]]
    assert not convex(bow)
    assert not convex(SQUARE[::-1])  # mirrored
    assert not convex(np.full((4, 2), np.nan, np.float32))
    assert overlap(SQUARE, bow) == 0
    assert width_px(SQUARE) == 10
    assert bounds(SQUARE - 4, 5, 20) == (0, 0, 5, 6)


@given(st.integers(0, 10**6))
def test_overlap_is_what_counting_pixels_says(seed: int) -> None:
    rng = np.random.default_rng(seed)
    base = np.float32([(40, 50), (150, 50), (150, 110), (40, 110)])
    a, b = (base + rng.uniform(-18, 18, (4, 2)).astype(np.float32) for _ in range(2))
    masks = []
    for quad in (a, b):
        mask = np.zeros((800, 800), np.uint8)
        cv2.fillConvexPoly(mask, np.round(quad * 4 * 16).astype(np.int32), 1, shift=4)
        masks.append(mask.astype(bool))
    want = (masks[0] & masks[1]).sum() / (masks[0] | masks[1]).sum()
    assert overlap(a, b) == pytest.approx(want, abs=0.02)


def test_what_is_no_quadrilateral_is_cut_out() -> None:
    picture = np.arange(60 * 80 * 3, dtype=np.uint32).astype(np.uint8).reshape(60, 80, 3)
    box = (10.2, 5.0, 30.4, 20.0)
    bow = np.float32([(10, 5), (30, 20), (30, 5), (10, 20)])
    np.testing.assert_array_equal(rectified(picture, bow, box), picture[5:20, 10:30])
    assert cut(picture, (200.0, 200.0, 300.0, 300.0)).shape == (1, 1, 3)
    huge = np.float32([(-5000, -3000), (5000, -3000), (5000, 3000), (-5000, 3000)])
    assert max(rectified(picture, huge, box).shape) <= 1200
