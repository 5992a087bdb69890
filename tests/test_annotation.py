# SPDX-License-Identifier: Apache-2.0
import json

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anprgen.config import Config
from anprgen.geometry import area, bounds
from anprgen.pipeline import make_plan
from anprgen.polygons import fill_exact
from anprgen.renderers.opening import open_renderer
from anprgen.sight import Hidden
from anprgen.solve import target_width_px
from anprgen.visibility import run_lengths, visibility


def decode(rle):
    h, w = rle["size"]
    flat = np.zeros(h * w, np.uint8)
    at, value = 0, 0
    for n in rle["counts"]:
        flat[at : at + n] = value
        at, value = at + n, 1 - value
    return flat.reshape(h, w, order="F")


@given(st.integers(0, 2**32), st.integers(1, 9), st.integers(1, 9))
def test_rle_round_trip(seed, h, w):
    mask = np.random.default_rng(seed).integers(0, 2, (h, w)).astype(np.uint8)
    rle = run_lengths(mask)
    assert sum(rle["counts"]) == h * w
    assert (decode(rle) == mask).all()


@settings(max_examples=25, deadline=None)
@given(index=st.integers(0, 10**6))
def test_labels_are_consistent(plan, index):
    record = plan.sample(index, open_renderer("flat")).record
    json.dumps(record)
    (plate,) = record["plates"]
    large = [c for c in plate["characters"] if c["large"]]
    assert "".join(c["char"] for c in large) == plate["ocr_text"]
    x0, y0, x1, y1 = plate["box"]
    assert 0 <= x0 < x1 <= record["image"]["width"]
    assert 0 <= y0 < y1 <= record["image"]["height"]
    ax0, ay0, ax1, ay1 = plate["box_amodal"]
    assert ax0 <= x0 + 1e-3
    assert ay1 >= y1 - 1e-3
    mask = decode(plate["mask"])
    quad = area(np.array(plate["quad"]))
    if record["shot"]["plates"][0]["damage"]["corner"] == "none":  # that draws the quad in
        assert mask.sum() <= quad * 1.05 + 8
    for c in plate["characters"]:
        bx0, by0, bx1, by1 = c["box"]
        assert 0 <= c["visible"] <= 1
        assert 0 <= c["contrast"] <= 1
        assert 0 <= c["correlation"] <= 1
        assert ax0 - 0.6 <= bx0 < bx1 <= ax1 + 0.6
        assert ay0 - 0.6 <= by0 < by1 <= ay1 + 0.6
    # Reading order runs to the right within a line, along the plate's own x axis.
    tl, tr = np.array(plate["quad"][0]), np.array(plate["quad"][1])
    for a, b in zip(plate["characters"], plate["characters"][1:]):
        if a["line"] == b["line"]:
            step = np.mean(b["quad"], 0) - np.mean(a["quad"], 0)
            assert step @ (tr - tl) > 0


CLEAN = {
    "light.kind": "overcast", "view.width_px": 400, "view.yaw_deg": 20,
    "plates.mount.bolts": 0, "plates.mount.holes": 0, "plates.mount.frame": "none",
    "plates.wear.dust": 0,
}  # fmt: skip


@pytest.mark.parametrize(
    "more",
    [
        {"plates.mount.bolts": 4, "plates.mount.bolt_diameter_mm": 15},
        {
            "plates.mount.holes": 4,
            "plates.mount.hole_diameter_mm": 15,
            "plates.mount.hole_row": 0.2,
        },
    ],
)
def test_bolts_and_holes_take_from_visible(more):
    bare = make_plan(Config(renderer="flat", overrides=CLEAN))
    bolted = make_plan(Config(renderer="flat", overrides=CLEAN | more))
    renderer = open_renderer("flat")
    less = 0
    for index in range(12):
        a = bare.sample(index, renderer).record["plates"][0]["characters"]
        b = bolted.sample(index, renderer).record["plates"][0]["characters"]
        inside = [(p["visible"], q["visible"]) for p, q in zip(a, b)]
        assert all(q <= p + 1e-9 for p, q in inside)
        less += any(q < p - 0.01 for p, q in inside)
    assert less >= 3


def test_glyphs_are_dark_where_the_labels_say():
    """The mean inside the outlines is darker than around, so labels lie on the glyphs."""
    clean = make_plan(Config(renderer="flat", overrides=CLEAN))
    renderer = open_renderer("flat")
    hits = []
    for index in range(20):
        for plate in clean.sample(index, renderer).record["plates"]:
            if not plate["variant"].startswith(("old", "sri")):
                hits += [c["contrast"] for c in plate["characters"] if c["visible"] > 0.99]
    assert np.median(hits) > 0.25
    assert np.mean(np.array(hits) > 0.1) > 0.9


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-30, 25), st.floats(-20, 50)), min_size=1, max_size=3),
    st.floats(0.5, 20),
    st.integers(0, 99),
)
def test_contrast_is_what_two_medians_differ_by(places, size, seed):
    """Of the px in a glyph and those around it, whatever other glyphs are there."""
    grey = np.random.default_rng(seed).integers(0, 256, (40, 70)).astype(np.uint8)
    square = np.array([[0, 0], [0.7, 0], [0.7, 1], [0, 1]]) * size
    shapes = [[square + place + (n * (size + 25), 0)] for n, place in enumerate(places)]
    boxes = [bounds(shape[0]) for shape in shapes]
    _, found = visibility(shapes, boxes, Hidden((), ()), grey)
    for shape, (x0, y0, x1, y1), got in zip(shapes, boxes, found):
        pad = max(1.0, 0.12 * (y1 - y0))
        inside = np.zeros(grey.shape, np.uint8)
        fill_exact(inside, shape, 1)
        box = np.zeros(grey.shape, bool)
        top, left = (max(0, int(np.floor(v - pad))) for v in (y0, x0))
        box[top : max(0, int(np.ceil(y1 + pad))), left : max(0, int(np.ceil(x1 + pad)))] = True
        around = box & (inside == 0)
        want = 0.0
        if inside.any() and around.any() and min(np.ptp(np.argwhere(box), 0)) >= 1:
            want = abs(np.median(grey[inside == 1]) - np.median(grey[around])) / 255
        assert got == pytest.approx(want, abs=1e-9)


def test_mask_is_where_the_plate_is():
    plan = make_plan(Config(renderer="flat", overrides=CLEAN))
    sample = plan.sample(3, open_renderer("flat"))
    plate = sample.record["plates"][0]
    mask = decode(plate["mask"])
    drawn = np.zeros(mask.shape, np.uint8)
    cv2.fillPoly(drawn, [np.round(np.array(plate["quad"]) - 0.5).astype(np.int32)], 1)
    both = (mask & drawn).sum() / (mask | drawn).sum()
    assert both > 0.95


def test_several_plates_in_a_picture():
    plan = make_plan(
        Config(
            task="detect",
            renderer="flat",
            overrides={
                "scene.plates": 2,
                "scene.place": "none",
                "frame.size": "640x360",
                "view.width_px": 120,
                "view.place_y": -0.3,
                "view.roll_deg": 0,
            },
        )
    )
    record = plan.sample(0, open_renderer("flat")).record
    assert len(record["plates"]) == 2
    a, b = (p["box"] for p in record["plates"])
    assert b[1] > a[3] - 5
    assert record["plates"][0]["text"] != record["plates"][1]["text"]
    shot = plan.shot(0)
    assert pytest.approx(target_width_px(shot), rel=0.05) == a[2] - a[0]
