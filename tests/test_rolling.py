# SPDX-License-Identifier: Apache-2.0
"""Rolling shutter: pixels and points agree, and rows are as late as they are read."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_degradations_scene import quiet, scene, spots, stages

from anprgen import degradations as deg
from anprgen.config import Config
from anprgen.degradations.rolling import Rolling
from anprgen.geometry import Window
from anprgen.pipeline import make_plan
from anprgen.renderers.opening import open_renderer

AXIS = deg.Axis(2000.0, 960.0, 540.0)


def centres(image: np.ndarray, at: np.ndarray, r: int = 9) -> tuple[np.ndarray, np.ndarray]:
    """Centroids of bright dots near `at` (n, 2) and the places they should have."""
    found, wanted = [], []
    for x, y in at:
        i, j = int(x), int(y)
        if not (r < i < image.shape[1] - r - 1 and r < j < image.shape[0] - r - 1):
            continue
        part = image[j - r : j + r + 1, i - r : i + r + 1]
        weight = np.maximum(part - np.percentile(part, 30) - 0.05 * np.ptp(part), 0)
        jj, ii = np.mgrid[j - r : j + r + 1, i - r : i + r + 1] + 0.5
        found.append([(ii * weight).sum() / weight.sum(), (jj * weight).sum() / weight.sum()])
        wanted.append([x, y])
    return np.array(found), np.array(wanted)


@pytest.mark.parametrize(
    ("vx", "vy"), [(0, 0), (900, 0), (-2500, 0), (0, 3000), (0, -3000), (1500, -800), (4000, 4000)]
)
def test_points_follow_pixels(vx: float, vy: float) -> None:
    worst = 0.0
    for index in range(3):
        some = quiet(stages(index))
        some["motion"] = type(some["motion"])(length_px=0.0)
        some["rolling"] = Rolling(0.03, vx / 1080, vy / 1080, 0.5)
        light, ctx = scene(some, index)
        at, light = spots(ctx, some)
        photo = deg.photograph(light, some, ctx)
        found, wanted = centres(photo.image[..., 1].astype(float), photo.points(at))
        assert len(found) > 4
        worst = max(worst, float(np.hypot(*(found - wanted).T).max()))
    assert worst < 0.05


def test_the_stage_alone_moves_dots_where_it_says() -> None:
    for index, (vx, vy) in enumerate([(2000.0, 0.0), (0.0, 5000.0), (-3000.0, 2500.0)]):
        rolling = Rolling(0.03, vx / 1080, vy / 1080, 0.3)
        some = {"rolling": rolling}
        _, ctx = scene(some, index, size=(220, 150))
        at, light = spots(ctx, some)
        taken = light[ctx.exposed.y0 - ctx.render.y0 :, ctx.exposed.x0 - ctx.render.x0 :][
            : ctx.exposed.height, : ctx.exposed.width
        ]
        out = rolling.pixels(np.ascontiguousarray(taken), ctx)
        assert out.shape[:2] == (ctx.working.height, ctx.working.width)
        there = rolling.points(at, ctx) - (ctx.working.x0, ctx.working.y0)
        found, wanted = centres(out[..., 1].astype(float), there)
        assert len(found) > 10
        assert np.hypot(*(found - wanted).T).max() < 0.05


def test_a_row_is_displaced_by_the_way_until_it_is_read() -> None:
    rolling = Rolling(readout_s=0.02, right_heights_s=1500 / 1080, row=0.5)
    px = np.array([[100.0, 540.0], [100.0, 0.0], [100.0, 1080.0]])
    out = rolling.forward(px, AXIS)
    assert out[:, 0] - 100 == pytest.approx([0, -15, 15])  # +-10 ms at 1500 px/s
    assert out[:, 1] == pytest.approx(px[:, 1])
    down = Rolling(readout_s=0.02, down_heights_s=5, row=0.5)
    # It runs with the readout: what spans 100 rows is stretched over 100 / (1 - 0.1).
    out = down.forward(np.array([[0.0, 540.0], [0.0, 640.0]]), AXIS)
    assert np.diff(out[:, 1])[0] == pytest.approx(100 / 0.9)


@given(
    st.floats(0, 0.05),
    st.floats(-9000, 9000),
    st.floats(-9000, 9000),
    st.floats(0, 1),
    st.floats(-500, 2500),
    st.floats(-500, 1500),
)
def test_the_inverse_undoes_it(
    readout: float, vx: float, vy: float, row: float, x: float, y: float
) -> None:
    rolling = Rolling(readout, vx / 1080, vy / 1080, row)
    px = np.array([[x, y]])
    assert rolling.inverse(rolling.forward(px, AXIS), AXIS) == pytest.approx(px, abs=1e-6)
    some = {"rolling": rolling, "lens": stages(1)["lens"]}
    inside = np.array([[600.0, 400.0]])
    back = deg.undistort(some, AXIS, deg.distort(some, AXIS, inside))
    assert back == pytest.approx(inside, abs=1e-4)


def test_without_readout_nothing_is_touched() -> None:
    off = stages(4)["rolling"]
    assert off.readout_s == 0
    light, ctx = scene(stages(4), 4)
    assert off.pixels(light, ctx) is light
    assert off.needs(Window(1, 2, 3, 4), AXIS) == Window(1, 2, 3, 4)
    still = Rolling(readout_s=0.03)
    assert still.pixels(light, ctx) is light
    assert ctx.exposed == ctx.working


def test_the_glyph_check_agrees_on_a_rolling_camera() -> None:
    """Rendered character ids through `pixels()` against outlines through `points()`."""
    overrides = {
        "camera.rolling.readout_s": 0.03,
        "camera.rolling.right_heights_s": 4,
        "camera.rolling.down_heights_s": -3,
        "view.width_px": 110,
    }
    plan = make_plan(Config(renderer="flat", overrides=overrides))
    with open_renderer("flat") as renderer:
        for index in range(3):
            check = plan.sample(index, renderer, glyph_check=True).record["glyph_check"]
            assert check["passed"], check
