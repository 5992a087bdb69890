# SPDX-License-Identifier: Apache-2.0
"""Crops as detectors cut them: dots go where points say, alone and one after another."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from test_degradations_scene import dots, offsets, quiet, scene, spots, stages

from anprgen import degradations as deg
from anprgen.degradations.cut import Cut
from anprgen.degradations.imgaug_stage import Imgaug
from anprgen.degradations.rectify import Rectify
from anprgen.degradations.resize import Resize
from anprgen.geometry import bounds
from anprgen.pipeline import make_plan
from anprgen.renderers.opening import open_renderer
from anprgen.shot_views import context

CUTS = [Cut(0.17, side) for side in ("left", "right", "top", "bottom")]
RECTIFIED = [Rectify(True, 0.05, noise) for noise in (0.0, 0.05)]
SIZES = [
    Resize(enlarge, stretch, kernel)
    for enlarge, stretch, kernel in (
        (1.7, 0.0, "linear"),
        (2.3, 0.0, "cubic"),
        (3.0, 0.0, "lanczos"),
        (2.0, 0.0, "nearest"),
        (1.0, 0.4, "area"),
        (1.3, -0.4, "linear"),
        (0.8, 0.2, "area"),
    )
]


def crop(index: int = 2) -> tuple[dict[str, Any], deg.Context]:
    some = quiet(stages(index))
    some["lens"] = type(some["lens"])(0, 0, 0, 0, 0, 0)
    _, ctx = scene(some, index, size=(200, 100))
    cx, cy = ctx.crop[:2]
    leaning = np.array([[-80, -38], [74, -30], [82, 36], [-76, 33]]) + (cx, cy)
    return some, replace(ctx, quad=tuple(map(tuple, leaning.tolist())))


@pytest.mark.parametrize("stage", [*CUTS, *RECTIFIED, *SIZES], ids=str)
def test_points_follow_pixels_through_each_step(stage: Any) -> None:
    some, ctx = crop()
    ctx = replace(ctx, stages={**some, stage.name: stage})
    before = ctx.size_before(stage)
    at, image = dots(*before)
    out = stage.pixels(image, ctx)
    assert (out.shape[1], out.shape[0]) == stage.picture_size(before, ctx) != before
    moved = stage.points(at, ctx)
    zoom = max(1.0, out.shape[1] / before[0], out.shape[0] / before[1])
    found = offsets(out, moved, radius=round(7 * zoom))
    assert len(found) > 6
    # A nearest pixel is up to half a pixel of the small picture away; its dots' centroids are not.
    assert np.hypot(*found.T).max() < 0.05 * (zoom if stage is SIZES[3] else 1)


@pytest.mark.parametrize("index", range(6))
def test_points_follow_pixels_through_all_steps_chained(index: int) -> None:
    some = quiet(stages(index))
    for name in ("motion", "defocus"):  # their kernels' skew is no question of geometry
        del some[name]
    some["lens"] = replace(some["lens"], red_px=0.0, blue_px=0.0)
    some["sensor"] = replace(some["sensor"], mosaic="none")
    some["rectify"] = Rectify(True, 0.1, 0.03)
    some["cut"] = CUTS[index % 4]
    some["resize"] = Resize(1.4, (-0.3, 0.0, 0.3)[index % 3], "cubic")
    some["imgaug"] = Imgaug((("Affine", {"rotate": 3.0, "translate_px": {"x": 2, "y": -1}}),))
    _, ctx = scene(some, index, size=(220, 120), turn=(0.0, 6.0)[index % 2])
    at, light = spots(ctx, some)
    photo = deg.photograph(light, some, ctx)
    assert photo.image.shape[:2] == photo.ctx.picture_px[::-1]
    image = photo.image.astype(float)[..., 1]
    worst = []
    for x, y in photo.points(at):
        i, j = int(x), int(y)
        if 14 <= i < image.shape[1] - 14 and 14 <= j < image.shape[0] - 14:
            part = image[j - 12 : j + 13, i - 12 : i + 13]
            weight = np.maximum(part - np.percentile(part, 30) - 12, 0)
            jj, ii = np.mgrid[j - 12 : j + 13, i - 12 : i + 13] + 0.5
            found = np.array([(ii * weight).sum(), (jj * weight).sum()]) / weight.sum()
            worst.append(np.hypot(*(found - (x, y))))
    assert len(worst) >= 6
    assert max(worst) < 0.05 * 1.4  # of the enlarged picture's px: 0.05 of the sensor's


def test_a_clean_picture_is_cut_rectified_and_resized_alike() -> None:
    some = quiet(stages(1))
    some.update(rectify=RECTIFIED[1], cut=CUTS[1], resize=SIZES[5])
    _, ctx = scene(some, 1, size=(220, 120))
    at, light = spots(ctx, some)
    photo = deg.photograph(light, some, ctx)
    clean = deg.clean_picture(light, photo.ctx)
    assert clean.shape == photo.image.shape
    grey = clean.astype(np.float32) / 255
    found = offsets(grey - np.median(grey), photo.points(at), radius=8)
    assert len(found) >= 6
    assert np.median(np.hypot(*found.T)) < 0.06


def test_a_rectified_plate_is_a_rectangle_and_no_border_is_invented() -> None:
    some, ctx = crop()
    exact = Rectify(True, 0.0, 0.0)
    ctx = replace(ctx, stages={**some, "rectify": exact})
    corners = exact.points(some["framing"].points(np.array(ctx.quad), ctx), ctx)
    width, height = exact.picture_size(ctx.output_px, ctx)
    want = np.array([[0, 0], [width, 0], [width, height], [0, height]])
    assert corners == pytest.approx(want, abs=1e-9)
    for index in range(40):  # however far the corners err, they stay in the crop
        wild = Rectify(True, 0.4, 0.3)
        at = replace(ctx, index=index, stages={**some, "rectify": wild})
        x0, y0, x1, y1 = bounds(wild._found(at.output_px, at))
        assert min(x0, y0) > -1e-9
        assert x1 < at.output_px[0] + 1e-9
        assert y1 < at.output_px[1] + 1e-9


def test_sizes_of_a_finer_pass_are_those_of_the_photograph() -> None:
    some, ctx = crop()
    some.update(rectify=RECTIFIED[1], cut=CUTS[0], resize=SIZES[1])
    from anprgen.glyph_check import _scaled

    ctx = replace(ctx, stages=some)
    for scale in (2, 8):
        fine = _scaled(ctx, scale)
        assert fine.picture_px == tuple(v * scale for v in ctx.picture_px)
        px = np.array([[700.0, 400.0], [750.5, 410.25]])
        assert deg.points(fine, px * scale) == pytest.approx(deg.points(ctx, px) * scale, abs=1e-6)


def test_whole_frames_are_left_alone(detect_plan) -> None:
    ctx = context(detect_plan.shot(0))
    image = np.zeros((360, 640, 3), np.float32)
    for stage in (CUTS[0], RECTIFIED[0], SIZES[0]):
        at = replace(ctx, stages={**ctx.stages, stage.name: stage})
        assert stage.pixels(image, at) is image
        assert at.picture_px == (640, 360)


def test_labels_know_what_was_cut_rectified_and_enlarged(plan) -> None:
    def sample(**overrides: Any) -> dict[str, Any]:
        own = {
            "view.roll_deg": 8,
            "crop.loose": 0.1,
            "light.kind": "overcast",
            "plates.wear.mud": 0,
            "view.width_px": 45,
            **{f"camera.{k}": v for k, v in overrides.items()},
        }
        with open_renderer("flat") as renderer:
            made = make_plan(replace(plan.config, overrides=own)).sample(5, renderer)
        image = made.record["image"]
        assert made.pixels.shape == (image["height"], image["width"], 3)
        return made.record["plates"][0]

    still = {"cut.share": 0, "rectify.apply": False, "resize.enlarge": 1, "resize.stretch": 0}
    plain = sample(**still)
    cut = sample(**{**still, "cut.share": 0.3, "cut.side": "left"})
    assert cut["truncated"]
    assert not plain["truncated"]
    assert cut["characters"][0]["visible"] < 0.5 < plain["characters"][0]["visible"]
    large = sample(**{**still, "resize.enlarge": 3})
    assert large["width_px"] == pytest.approx(3 * plain["width_px"], rel=0.02)
    assert large["legibility"] == plain["legibility"] == "illegible"
    right = sample(**{**still, "rectify.apply": True, "rectify.corner_noise": 0.0})
    assert abs(plain["roll_deg"]) > 5
    assert abs(right["roll_deg"]) < 0.5
