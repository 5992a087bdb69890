# SPDX-License-Identifier: Apache-2.0
"""Sensor and processing effects that are rare by default, each against what it claims."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from test_degradations_scene import quiet, scene, stages

from anprgen import degradations as deg
from anprgen.degradations.blooming import Blooming
from anprgen.degradations.fixed_pattern import FixedPattern
from anprgen.degradations.flare import Flare
from anprgen.degradations.interlace import Interlace
from anprgen.degradations.lens_dirt import LensDirt
from anprgen.degradations.lens_rain import LensRain
from anprgen.degradations.local_tone import LocalTone
from anprgen.degradations.motion import Motion
from anprgen.degradations.sensor import Sensor
from anprgen.degradations.sodium import Sodium
from anprgen.degradations.stage import LUMA, RAW_BLACK, RAW_WHITE, clipped, eight_bit
from anprgen.degradations.temporal import Temporal
from anprgen.geometry import Window

EFFECTS = {
    "fixed_pattern": {"prnu": 0.02, "dsnu_e": 8.0, "column_e": 4.0},
    "blooming": {"spill": 0.5, "smear": 0.01},
    "temporal": {"strength": 0.7},
    "local_tone": {"strength": 0.6},
    "sodium": {"share": 1.0},
    "interlace": {"shift_px": 3.0, "deinterlace": "weave"},
    "lens_dirt": {"density": 1.0},
    "lens_rain": {"density": 0.8},
    "flare": {"strength": 0.6},
}


def context(size: tuple[int, int] = (150, 60), **more: Any) -> deg.Context:
    return replace(scene(quiet(stages(0)), 0, size)[1], stages={}, **more)


def shape(ctx: deg.Context) -> tuple[int, int]:
    return ctx.working.height, ctx.working.width


@pytest.mark.parametrize("name", EFFECTS)
def test_each_effect_is_rare_and_changes_a_picture_when_it_is_drawn(name: str) -> None:
    idle = replace(stages(0)[name], **{k: 0.0 for k in EFFECTS[name] if k != "deinterlace"})
    acted = 0
    for index in range(300):
        stage = stages(index)[name]
        off = [getattr(stage, k) == 0 for k in EFFECTS[name] if k != "deinterlace"]
        acted += not all(off)
    assert 0 < acted < 0.4 * 300
    ctx = context(light_kind="overcast")
    rng = np.random.Generator(np.random.Philox(key=3))
    image = rng.random((*shape(ctx), 3), np.float32)
    image[20:24] *= 30  # a lamp
    if stage.kind > deg.Kind.SENSOR:
        image = np.minimum(image, 1)
    before = image.copy()
    strong = replace(stages(0)[name], **EFFECTS[name])
    out = strong.pixels(image, ctx)
    assert idle.pixels(image, ctx) is image
    assert (image == before).all()
    assert out.shape == image.shape
    assert out.dtype == np.float32
    assert np.abs(out - image).max() > 0.01
    assert (strong.pixels(image, ctx) == out).all()
    if name != "interlace":
        assert strong.points(np.array([[3.0, 4.0]]), ctx) == pytest.approx(np.array([[3.0, 4.0]]))


def photographs(
    sensor: Sensor, pattern: FixedPattern, level: float, ctx: deg.Context, indices: tuple[int, ...]
) -> list[np.ndarray]:
    """Electrons of a flat field of light, by the sensor with its fixed pattern."""
    flat = np.full((*shape(ctx), 3), level, np.float32)
    out = []
    for index in indices:
        at = replace(ctx, index=index, stages={"fixed_pattern": pattern})
        counts = sensor.pixels(pattern.pixels(flat, at), at).astype(np.float64)
        out.append((counts - RAW_BLACK) * sensor.electrons(at) / (RAW_WHITE - RAW_BLACK))
    return out


@pytest.mark.parametrize("level", [0.05, 0.2, 0.5, 0.8])
def test_photon_transfer_with_a_fixed_pattern(level: float) -> None:
    """EMVA 1288: differences of two pictures have the temporal noise, their mean the pattern."""
    ctx = context((700, 500))
    sensor = Sensor(white_e=9000.0, read_noise_e=7.0, row_noise=0.0, bits=12, mosaic="none")
    pattern = FixedPattern(body=4, prnu=0.03, dsnu_e=20.0, column_e=0.0)
    a, b = photographs(sensor, pattern, level, ctx, (1, 2))
    mean = level * 9000
    step = 16 * 9000 / (RAW_WHITE - RAW_BLACK)
    temporal = mean + 7.0**2 + step**2 / 12
    spatial = (0.03 * mean) ** 2 + 20.0**2
    assert (a - b).var() / 2 == pytest.approx(temporal, rel=0.02)
    assert a.mean() == pytest.approx(mean, rel=5e-3)
    assert a.var() == pytest.approx(temporal + spatial, rel=0.02)


def test_a_fixed_pattern_belongs_to_the_camera_and_to_its_pixels() -> None:
    sensor = Sensor(white_e=1e8, read_noise_e=0.0, row_noise=0.0, bits=12, mosaic="none")
    pattern = FixedPattern(body=4, prnu=0.05, dsnu_e=0.0, column_e=0.0)
    ctx = context((200, 150))

    def gains(which: FixedPattern, at: deg.Context, index: int) -> np.ndarray:
        return photographs(sensor, which, 0.5, at, (index,))[0]

    def alike(a: np.ndarray, b: np.ndarray) -> float:
        return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])

    first = gains(pattern, ctx, 1)
    assert alike(first, gains(pattern, ctx, 77)) > 0.99
    assert abs(alike(first, gains(replace(pattern, body=5), ctx, 1))) < 0.05
    assert abs(alike(first, gains(pattern, replace(ctx, seed=1), 1))) < 0.05
    w = ctx.window
    moved = replace(ctx, window=Window(w.x0 + 37, w.y0 + 21, w.width, w.height))
    assert alike(first[21:, 37:], gains(pattern, moved, 1)[:-21, :-37]) > 0.99
    columns = photographs(
        sensor, FixedPattern(4, 0.0, 0.0, 4e5), 0.5, ctx, (1,)
    )[0]  # fmt: skip
    assert columns.std(0).max() < 0.05 * columns.std(1).mean()


def test_overflowing_charge_runs_along_its_column_and_is_kept() -> None:
    image = np.full((81, 30, 3), 0.5, np.float32)
    image[40, 10] = 9.0
    out = Blooming(spill=0.5, drain_px=1e6, smear=0.0).pixels(image, context())
    column = out[:, 10, 0]
    full = (column >= 1).sum()
    assert full == pytest.approx(1 + 0.5 * 8 / 0.5, abs=2)  # what ran over, in half-full wells
    assert (column[:40] == pytest.approx(column[:40:-1], abs=1e-6)) is True
    assert (np.delete(out, 10, 1) == 0.5).all()
    assert out[..., 0].sum() - image[..., 0].sum() == pytest.approx(4.0, rel=1e-3)
    drained = Blooming(spill=0.5, drain_px=3.0, smear=0.0).pixels(image, context())
    assert (drained[:, 10, 0] >= 1).sum() < full
    smear = Blooming(spill=0.0, smear=0.1).pixels(image, context())
    assert smear[0, 10, 0] - 0.5 == pytest.approx(0.1 * image[:, 10, 0].mean(), rel=1e-4)


def test_a_temporal_filter_takes_noise_and_leaves_a_ghost_behind_what_moves() -> None:
    ctx = replace(context((200, 90)), stages={"motion": Motion(3.0, 0.0, 0.0)})
    rng = np.random.Generator(np.random.Philox(key=1))
    noise = (0.5 + 0.02 * rng.standard_normal((300, 300, 3), np.float32)) ** 2
    stage = Temporal(strength=0.6, step_px=4.0, threshold=1e3)
    root = np.sqrt(stage.pixels(noise, ctx))[20:-20, 20:-20]
    w = 0.6 ** np.arange(4)
    want = 0.02**2 * (w**2).sum() / w.sum() ** 2
    assert root.var() == pytest.approx(want, rel=0.05)
    bar = np.zeros((40, 80, 3), np.float32)
    bar[:, 50:53] = 1.0
    ghosts = np.sqrt(stage.pixels(bar, ctx))[20, :, 0]
    assert ghosts[51] == pytest.approx(w[0] / w.sum(), rel=1e-3)
    assert ghosts[47] == pytest.approx(w[1] / w.sum(), rel=1e-3)  # where it was a frame ago
    assert ghosts[55] == 0
    seen = replace(stage, threshold=0.1).pixels(bar, ctx)  # so much motion is noticed
    assert np.abs(seen - bar).max() < 0.01


def test_local_tone_lifts_shadows_and_keeps_an_even_picture() -> None:
    ctx, stage = context(), LocalTone(strength=0.6, surround_px=8.0)
    even = np.full((60, 90, 3), 0.4, np.float32)
    assert stage.pixels(even, ctx) == pytest.approx(even, abs=1e-4)
    halves = even.copy()
    halves[:, :45], halves[:, 45:] = 0.1, 0.8
    out = stage.pixels(halves, ctx)
    assert out[30, 10, 0] > 0.15
    assert out[30, 80, 0] < 0.75
    assert out[30, 43, 0] < out[30, 10, 0]  # the halo on the dark side


def test_sodium_light_leaves_shades_of_one_colour() -> None:
    ctx = context(light_kind="overcast")
    rng = np.random.Generator(np.random.Philox(key=2))
    image = rng.random((20, 30, 3), np.float32)
    out = Sodium(share=1.0, adaptation=0.0).pixels(image, ctx).reshape(-1, 3)
    assert np.linalg.svd(out, compute_uv=False)[1] < 1e-3
    assert (out[:, 0] > 3 * out[:, 1]).all()
    white = Sodium(share=1.0, adaptation=0.5).pixels(np.ones((2, 2, 3), np.float32), ctx)
    assert white @ LUMA == pytest.approx(1, rel=1e-4)
    for kind in ("sun", "infrared"):
        assert Sodium(1.0, 0.5).pixels(image, replace(ctx, light_kind=kind)) is image


@pytest.mark.parametrize("first", ["top", "bottom"])
@pytest.mark.parametrize("row", [0, 1])
def test_fields_lie_half_a_way_before_and_after_the_labels(first: str, row: int) -> None:
    base = context()
    ctx = replace(
        base,
        window=replace(base.window, y0=base.window.y0 // 2 * 2 + row),
        stages={"motion": Motion(0.0, 0.0, 0.0)},
    )
    image = np.zeros((40, 80, 3), np.float32)
    image[:, 39:42] = 1.0
    x = np.arange(80) + 0.5

    def centre(lines: np.ndarray) -> float:
        return float((lines[..., 0] * x).sum() / lines[..., 0].sum())

    out = Interlace(4.0, first, "weave").pixels(image, ctx)
    early = (row + (first == "bottom")) % 2
    assert centre(out[early::2]) == pytest.approx(40.5 - 2, abs=0.02)
    assert centre(out[1 - early :: 2]) == pytest.approx(40.5 + 2, abs=0.02)
    assert centre(Interlace(3.3, first, "blend").pixels(image, ctx)) == pytest.approx(
        40.5, abs=0.02
    )
    still = Interlace(4.0, first, "bob").pixels(image, ctx)
    assert still == pytest.approx(image, abs=1e-6)
    ramp = np.repeat(np.arange(40, dtype=np.float32)[:, None, None] / 40, 80, 1).repeat(3, 2)
    bob = Interlace(4.0, first, "bob").pixels(ramp, ctx)
    assert bob[2:-2] == pytest.approx(ramp[2:-2], abs=1e-6)  # doubled lines stay in their place


def test_what_lies_on_the_lens_belongs_to_the_frame_not_to_the_window() -> None:
    for stage in (LensDirt(density=1.0, scatter=0.0), Flare(strength=0.5, ghosts=0.6)):
        ctx = context((200, 150), seed=3)
        w = ctx.window
        moved = replace(ctx, window=Window(w.x0 + 20, w.y0 + 10, w.width, w.height))
        image = np.full((*shape(ctx), 3), 0.5, np.float32)
        a, b = stage.pixels(image, ctx), stage.pixels(image, moved)
        assert a.std() > 0.001
        assert a[10:, 20:] == pytest.approx(b[:-10, :-20], abs=1e-5)


def test_drops_blur_and_dirt_dims() -> None:
    ctx = context((300, 200), seed=1)
    stripes = np.repeat((np.arange(shape(ctx)[1]) // 2 % 2)[None], shape(ctx)[0], 0)
    image = np.repeat(stripes[..., None], 3, 2).astype(np.float32)
    wet = LensRain(density=0.8, blur_px=3.0, gather=0.0).pixels(image, ctx)
    local = wet.reshape(shape(ctx)[0], -1, 3)[:, 8:-8, 0]
    contrast = np.abs(local[:, 2:] - local[:, :-2])
    assert np.percentile(contrast, 5) < 0.4  # in a drop
    assert np.percentile(contrast, 95) > 0.9  # beside it
    assert wet.mean() == pytest.approx(image.mean(), rel=0.01)
    dusty = LensDirt(density=1.0, opacity=0.5, scatter=0.0).pixels(image, ctx)
    assert 0.4 * image.mean() < dusty.mean() < 0.95 * image.mean()
    assert math.isclose(
        LensDirt(1.0, 0.03, 0.5, 1.0).pixels(np.full_like(image, 0.3), ctx).std(), 0, abs_tol=1e-5
    )


@pytest.mark.parametrize("shape", [(7, 9), (16, 33, 3)])
def test_cutting_off_is_that_of_numpy(shape: tuple[int, ...]) -> None:
    image = np.random.default_rng(3).uniform(-0.5, 2.0, shape).astype(np.float32)
    image.flat[:6] = 0, 1, -0.0, 0.5, 0.5 / 255, 1.5 / 255
    for high in (1.0, 1.5):
        assert np.array_equal(clipped(image, high), np.clip(image, 0, high))
    rounded = np.rint(np.clip(image, 0, 1) * np.float32(255)).astype(np.uint8)
    assert np.array_equal(eight_bit(image), rounded)
