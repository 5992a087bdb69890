# SPDX-License-Identifier: Apache-2.0
"""Each stage against what it claims: widths, centroids, variances, inverses."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from test_degradations_scene import quiet, scene, stages

from anprgen import degradations as deg
from anprgen.degradations import chain, stage
from anprgen.degradations.defocus import Defocus
from anprgen.degradations.demosaic import Demosaic
from anprgen.degradations.exposure import Exposure
from anprgen.degradations.glare import Glare
from anprgen.degradations.lens import Lens
from anprgen.degradations.motion import Motion
from anprgen.degradations.resample import Resample
from anprgen.degradations.sensor import Sensor, counted
from anprgen.degradations.stage import RAW_BLACK, RAW_WHITE, margin_px
from anprgen.degradations.tone import Tone
from anprgen.degradations.vignetting import Vignetting
from anprgen.errors import ConfigError
from anprgen.geometry import Window

AXIS = deg.Axis(2000.0, 960.0, 540.0)


def moments(k: np.ndarray) -> tuple[float, float, np.ndarray]:
    n = k.shape[0] // 2
    y, x = np.mgrid[-n : n + 1, -n : n + 1]
    mx, my = (k * x).sum(), (k * y).sum()
    xy = np.stack([(x - mx).ravel(), (y - my).ravel()])
    return float(mx), float(my), (xy * k.ravel()) @ xy.T


@pytest.mark.parametrize("sigma", [0.4, 0.8, 1.2, 1.7])
@pytest.mark.parametrize("disc", [0.0, 0.5, 1.0])
def test_defocus_has_the_width_it_says(sigma: float, disc: float) -> None:
    stage = Defocus(sigma_px=sigma, disc=disc, astigmatism=0.0, axis_deg=30.0)
    k = stage.kernel()
    assert k is not None
    mx, my, cov = moments(k)
    assert abs(mx) + abs(my) < 1e-6
    assert k.sum() == pytest.approx(1, abs=1e-6)
    assert math.sqrt(cov[0, 0]) == pytest.approx(sigma, rel=0.06)
    assert math.sqrt(cov[1, 1]) == pytest.approx(sigma, rel=0.06)
    assert stage.reach() == k.shape[0] // 2


def test_astigmatism_turns_with_its_axis() -> None:
    k = Defocus(sigma_px=1.5, disc=0.0, astigmatism=0.2, axis_deg=0.0).kernel()
    assert k is not None
    cov = moments(k)[2]
    assert math.sqrt(cov[0, 0] / cov[1, 1]) == pytest.approx(math.exp(0.4), rel=0.1)


@pytest.mark.parametrize("length", [0.31, 0.9, 2.0, 3.7, 6.0])
@pytest.mark.parametrize("angle", [0.0, 33.0, -80.0])
@pytest.mark.parametrize("shake", [0.0, 0.5])
def test_motion_is_centred_and_as_long_as_it_says(
    length: float, angle: float, shake: float
) -> None:
    stage = Motion(length_px=length, angle_deg=angle, shake=shake)
    k = stage.kernel()
    assert k is not None
    mx, my, cov = moments(k)
    assert abs(mx) < 1e-12
    assert abs(my) < 1e-12
    assert k.sum() == pytest.approx(1, abs=1e-12)
    a = math.radians(angle)
    along = np.array([math.cos(a), math.sin(a)])
    # A uniform way has the variance L^2 / 12; splatting between pixels adds at most 1/4 an axis.
    extra = along @ cov @ along - length**2 / 12
    assert -0.01 * length**2 / 12 < extra < 0.26
    assert stage.reach() == k.shape[0] // 2


def test_motion_smears_the_way_the_path_goes() -> None:
    stage = Motion(length_px=5.0, angle_deg=0.0, shake=0.6)
    point = np.zeros((21, 21, 3), np.float32)
    point[10, 10] = 1
    some = quiet(stages(0))
    out = stage.pixels(point, scene(some, 0)[1])[..., 0]
    k = stage.kernel()
    assert k is not None
    n = k.shape[0] // 2
    assert out[10 - n : 11 + n, 10 - n : 11 + n] == pytest.approx(k, abs=1e-6)


def lenses() -> list[Lens]:
    return [Lens(), Lens(-0.065, -0.012, 0.002, -0.002, 1.2, -1.2), Lens(0.04, 0.012)] + [
        stages(i)["lens"] for i in range(40)
    ]


def test_distortion_and_its_inverse_agree_over_the_whole_frame() -> None:
    grid = np.stack(np.meshgrid(np.linspace(0, 1920, 33), np.linspace(0, 1080, 19)), -1)
    grid = grid.reshape(-1, 2)
    for lens in lenses():
        back = deg.distort({"lens": lens}, AXIS, deg.undistort({"lens": lens}, AXIS, grid))
        assert np.abs(back - grid).max() < 1e-5


def test_distortion_is_brown_conradys() -> None:
    import cv2

    lens = Lens(-0.05, 0.01, 0.001, -0.002)
    r = math.hypot(960, 540) / 2000
    k1, k2, p1, p2 = -0.05 / r**2, 0.01 / r**4, -0.002 / r, 0.001 / r
    at = np.array([[10.0, 20], [960, 540], [1900, 30], [400, 1000]])
    rays = np.concatenate([(at - (960, 540)) / 2000, np.ones((4, 1))], 1)
    camera = np.array([[2000.0, 0, 960], [0, 2000, 540], [0, 0, 1]])
    want, _ = cv2.projectPoints(rays, np.zeros(3), np.zeros(3), camera, np.array([k1, k2, p1, p2]))
    assert lens.distort(at, AXIS) == pytest.approx(want[:, 0], abs=1e-9)


def test_a_lens_that_folds_is_refused() -> None:
    with pytest.raises(ConfigError, match="folds"):
        Lens(radial=-0.5).undistort(np.array([[0.0, 0.0]]), AXIS)


@pytest.mark.parametrize("size", [(40, 16), (150, 60), (640, 480), (1920, 1080)])
def test_the_interpolated_map_is_exact_and_stays_inside(size: tuple[int, int]) -> None:
    for lens in lenses()[:12]:
        some = {"lens": lens}
        window = Window((1920 - size[0]) // 2, (1080 - size[1]) // 2, *size)
        if size[0] < 640:
            window = replace(window, x0=1910 - size[0], y0=5)
        render = deg.window_to_render(some, 2000.0, 960.0, 540.0, window)
        ctx = replace(
            scene(quiet(stages(0)), 0)[1],
            focal_px=2000.0, window=window, render=render, stages=some,
        )  # fmt: skip
        y, x = np.mgrid[0 : window.height, 0 : window.width] + 0.5
        every = max(1, window.width // 60)
        at = np.stack([x + window.x0, y + window.y0], -1)[::every, ::every]
        for (mx, my), extra in zip(lens._sources(window, ctx), (lens.red_px, 0, lens.blue_px)):
            scale = 1 + extra / math.hypot(960, 540)
            centred = (at.reshape(-1, 2) - (960, 540)) / scale + (960, 540)
            want = lens.undistort(centred, AXIS) - (render.x0, render.y0) - 0.5
            got = np.stack([mx, my], -1)[::every, ::every].reshape(-1, 2)
            assert np.abs(got - want).max() < 1e-3
            for m, limit in ((mx, render.width), (my, render.height)):
                assert m.min() >= 1  # bicubic taps: one before, two after
                assert m.max() <= limit - 3


def test_vignetting_darkens_the_corner_by_what_it_says() -> None:
    ctx = scene(quiet(stages(0)), 0)[1]
    ctx = replace(ctx, stages={}, window=Window(0, 0, 1920, 1080))
    out = Vignetting(corner_loss=0.4).pixels(np.ones((1080, 1920, 3), np.float32), ctx)
    assert out[0, 0, 0] == pytest.approx(0.6, abs=2e-3)
    assert out[540, 960, 0] == pytest.approx(1.0, abs=1e-3)


def test_glare_keeps_the_light() -> None:
    light, ctx = scene(quiet(stages(0)), 0)
    out = Glare(bloom=0.1, bloom_px=8.0, veil=0.05).pixels(light, ctx)
    assert out.mean() == pytest.approx(light.mean(), rel=0.01)
    assert out.std() < light.std()


def test_exposure_meets_its_key_whatever_the_light() -> None:
    light, ctx = scene(quiet(stages(0)), 0)
    stage = Exposure(key=0.3, adaptation=1.0, warmth=0.0, tint=0.0)
    outs = [stage.pixels(light * f, ctx) for f in (np.float32(1e-4), np.float32(1e3))]
    assert outs[0] == pytest.approx(outs[1], rel=1e-4)
    assert math.sqrt((outs[0] ** 2).mean()) == pytest.approx(0.3, rel=1e-3)
    lamp = np.array([1.0, 0.6, 0.3], np.float32)
    balanced = stage.pixels(light * lamp, replace(ctx, light_rgb=(1.0, 0.6, 0.3)))
    assert balanced == pytest.approx(outs[0], rel=1e-3)


@pytest.mark.parametrize("kind", ["overcast", "headlamp", "infrared"])
def test_photon_transfer(kind: str) -> None:
    """Variance is linear in the mean: shot noise, plus read noise, plus quantisation."""
    _, ctx = scene(quiet(stages(0)), 0, size=(700, 500))
    ctx = replace(ctx, light_kind=kind)
    sensor = Sensor(white_e=4000.0, read_noise_e=8.0, row_noise=0.0, bits=12, mosaic="bayer")
    per_e = (RAW_WHITE - RAW_BLACK) / sensor.electrons(ctx)
    for level in (0.02, 0.1, 0.3, 0.6):
        flat = np.full((500, 700, 3), level, np.float32)
        counts = sensor.pixels(flat, ctx).astype(np.float64)
        mean_e = (counts.mean() - RAW_BLACK) / per_e
        assert mean_e == pytest.approx(level * sensor.electrons(ctx), rel=5e-3)
        want = level * sensor.electrons(ctx) + 8.0**2 + (16 / per_e) ** 2 / 12
        assert counts.var() / per_e**2 == pytest.approx(want, rel=0.02)


@pytest.mark.parametrize("read_noise_e", [0.0, 2.0, 9.0])
@pytest.mark.parametrize("mean_e", [0, 1, 6, 24, 26, 90, 3000])
def test_counts_have_the_moments_and_quantiles_of_poisson_and_normal_noise(
    mean_e: int, read_noise_e: float
) -> None:
    rng, n = np.random.default_rng(7), 400_000
    found = counted(np.full((1, n), mean_e, np.float32), read_noise_e, rng)[0].astype(np.float64)
    real = rng.poisson(mean_e, n) + rng.normal(0, read_noise_e, n)
    sd = math.sqrt(mean_e + read_noise_e**2)
    assert abs(found.mean() - mean_e) <= 5 * sd / math.sqrt(n)
    assert abs(found.var() - sd**2) <= 0.01 * sd**2
    third = ((found - mean_e) ** 3).mean()  # a sum's is the sum of both; a normal's is 0
    assert abs(third - mean_e) <= 5 * sd**3 * math.sqrt(15 / n)
    at = [0.001, 0.05, 0.5, 0.95, 0.999]
    # Whole electrons show where there is no read noise.
    near = 0.05 * sd + (1.0 if read_noise_e == 0 else 0.0)
    assert np.abs(np.quantile(found, at) - np.quantile(real, at)).max() <= near


def test_burnt_out_places_are_flat() -> None:
    _, ctx = scene(quiet(stages(0)), 0)
    counts = Sensor(white_e=500.0).pixels(np.full((50, 50, 3), 9.0, np.float32), ctx)
    assert (counts == RAW_WHITE).mean() > 0.999


@pytest.mark.parametrize("shift", [(0, 0), (1, 0), (0, 1), (1, 1)])
@pytest.mark.parametrize("method", ["edge", "bilinear"])
def test_colours_come_back_at_every_phase_of_the_mosaic(
    shift: tuple[int, int], method: str
) -> None:
    some = quiet(stages(0))
    _, ctx = scene(some, 0)
    ctx = replace(
        ctx, window=replace(ctx.window, x0=ctx.window.x0 + shift[0], y0=ctx.window.y0 + shift[1])
    )
    colour = np.array([0.6, 0.3, 0.1], np.float32)
    flat = np.broadcast_to(colour, (40, 60, 3)).copy()
    raw = some["sensor"].pixels(flat, ctx)
    out = Demosaic(method=method).pixels(raw, ctx)[4:-4, 4:-4]
    assert out.reshape(-1, 3).mean(0) == pytest.approx(colour, abs=1e-3)
    assert out.std((0, 1)).max() < 2e-3


def test_infrared_and_grey_sensors_have_no_colour() -> None:
    for index, kind, mosaic in ((0, "infrared", "bayer"), (1, "sun", "none")):
        some = stages(index)
        some["sensor"] = replace(some["sensor"], mosaic=mosaic)
        some["weather"] = replace(some["weather"], effect="none")
        light, ctx = scene(some, index)
        light = light * np.array([1, 0.5, 0.2], np.float32)
        photo = deg.photograph(light, some, replace(ctx, light_kind=kind))
        assert np.ptp(photo.image.astype(int), axis=2).max() <= 2


def test_the_tone_curve_rises_and_its_table_is_fine_enough() -> None:
    _, ctx = scene(quiet(stages(0)), 0)
    ramp = np.linspace(0, 1, 9001, dtype=np.float32).reshape(1, -1, 1).repeat(3, 2)
    for index in range(60):
        tone: Tone = stages(index)["tone"]
        out = tone.pixels(ramp, ctx)
        assert (np.diff(out[0, :, 0]) >= -1e-6).all()
        assert np.abs(out - tone.curve(ramp)).max() < 0.5 / 255


@pytest.mark.parametrize("up", ["linear", "cubic", "lanczos"])
def test_resampling_moves_nothing(up: str) -> None:
    y, x = np.mgrid[0:60, 0:151] + 0.5
    dot = np.exp(-0.5 * ((x - 70.3) ** 2 + (y - 31.6) ** 2) / 3**2)
    image = np.repeat(dot[..., None], 3, 2).astype(np.float32)
    for factor in (0.47, 0.63, 0.9):
        for down in ("area", "linear"):
            out = Resample(factor=factor, down=down, up=up).pixels(image, None)[..., 0]
            found = np.array([(out * x).sum(), (out * y).sum()]) / out.sum()
            assert np.hypot(*(found - (70.3, 31.6))) < 0.05


def test_the_margin_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten px more of margin change next to nothing, although reaches add in quadrature."""
    changed = []
    for index in range(8):
        some = quiet(stages(index))
        some["sharpen"] = replace(some["sharpen"], amount=1.0)
        some["motion"] = replace(some["motion"], length_px=2.5)
        some["sensor"] = replace(some["sensor"], mosaic="none")
        del some["exposure"]  # it meters the margin too
        pictures = []
        for more in (0, 10):
            with monkeypatch.context() as patch:
                for module in (stage, chain):
                    patch.setattr(module, "margin_px", lambda s, n=more: margin_px(s) + n)
                ctx = scene(some, index)[1]
                w = ctx.render
                x, y = np.meshgrid(np.arange(w.width) + w.x0, np.arange(w.height) + w.y0)
                light = 0.05 + 0.6 * ((x // 7 + y // 11) % 2)
                light = np.repeat(light[..., None], 3, 2).astype(np.float32)
                pictures.append(deg.photograph(light, some, ctx).image.astype(int))
        changed.append(np.abs(pictures[0] - pictures[1]))
    assert np.percentile(np.concatenate([c[:2].ravel() for c in changed]), 99) <= 3
    assert max(c[4:-4, 4:-4].max() for c in changed) <= 3


def test_a_glint_does_not_make_night_of_day():
    """A mirrored sun of a few pixels leaves the exposure of all else nearly as it is."""
    image = np.full((90, 160, 3), 0.1, np.float32)
    glint = image.copy()
    glint[40:43, 60:64] = 400.0
    meter = Exposure(key=0.24, adaptation=1.0, warmth=0.0, tint=0.0)
    _, ctx = scene(quiet(stages(0)), 0)
    plain, other = (meter.pixels(v, ctx)[0, 0, 1] for v in (image, glint))
    assert plain == pytest.approx(0.24, rel=0.01)
    assert other > 0.75 * plain
