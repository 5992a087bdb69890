# SPDX-License-Identifier: Apache-2.0
"""A linked capture against physics: blur, defocus, noise and exposure from one set of settings."""

from __future__ import annotations

import ast
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from anprgen import optics
from anprgen.annotation import projector
from anprgen.capture import Capture
from anprgen.config import Config
from anprgen.degradations import distort
from anprgen.degradations.motion import Motion
from anprgen.degradations.stage import RAW_BLACK, RAW_WHITE
from anprgen.errors import ConfigError
from anprgen.linking import LINKED, METERED, expose
from anprgen.pipeline import make_plan
from anprgen.shot import Shot
from anprgen.shot_views import context
from anprgen.solve import camera_of

#: A camera in light so weak that it never shortens its exposure, and gain enough to use it.
STEADY: dict[str, Any] = {
    "capture.camera": "test",
    "capture.shutter_s": 0.001,
    "capture.speed_kmh": 50,
    "capture.heading_deg": 0,
    "capture.shake_deg_s": 0,
    "capture.gain": 10000,
    "capture.lux_overcast": 800,
    "capture.lux_headlamp": 2,
    "capture.infrared_w_m2": 0.005,
    "light.kind": "overcast",
}


def shot(index: int = 3, **overrides: Any) -> Shot:
    """A shot of the steady camera; keywords are paths with __ for the dot."""
    own = {path.replace("__", "."): value for path, value in overrides.items()}
    return make_plan(Config(renderer="flat", overrides={**STEADY, **own})).shot(index)


@pytest.mark.parametrize("speed", [10, 40, 160])
@pytest.mark.parametrize("shutter", [1 / 4000, 1 / 1000, 1 / 250])
def test_blur_is_the_plates_way_through_the_camera(speed: float, shutter: float) -> None:
    """The plate's centre, moved for the time of the exposure, against the stage's length."""
    for index in range(6):
        made = shot(index, capture__speed_kmh=speed, capture__shutter_s=shutter)
        motion = made.camera["motion"]
        small = 1e-5  # s: the way is straight there, and a longer one is as many times as long
        way_mm = speed / 3.6 * 1000 * small
        camera = camera_of(made)
        lens = {"lens": made.camera["lens"]}
        ends = camera.project(np.array([[0, way_mm / 2, 0], [0, -way_mm / 2, 0]]))
        (dx, dy) = np.diff(distort(lens, camera, ends), axis=0)[0] * shutter / small
        assert motion.length_px == pytest.approx(math.hypot(dx, dy), rel=1e-4)
        angle = math.radians(motion.angle_deg)
        assert math.cos(angle - math.atan2(dy, dx)) == pytest.approx(1, abs=1e-6)
        assert motion.shake == 0


def test_a_kernel_is_as_long_as_speed_times_exposure() -> None:
    lengths, found = [], []
    for speed in (30, 60, 120):
        made = shot(2, capture__speed_kmh=speed, capture__heading_deg=90, view__width_px=300)
        k = np.asarray(made.camera["motion"].kernel())
        n = k.shape[0] // 2
        x = np.arange(-n, n + 1)
        second = (k * x[None] ** 2).sum() + (k * x[:, None] ** 2).sum()
        lengths.append(made.camera["motion"].length_px)
        # A line has the variance L^2 / 12; bilinear weights add at most 1/4 px^2 each way.
        found.append(math.sqrt(12 * second))
    assert lengths == pytest.approx([lengths[0], 2 * lengths[0], 4 * lengths[0]], rel=1e-6)
    for length, measured in zip(lengths, found):
        assert length - 0.1 < measured < math.sqrt(length**2 + 12 * 0.5)


def plain(**overrides: Any) -> Shot:
    """Straight before the plate, without lens distortion."""
    level = {"yaw_deg": 0, "elevation_deg": 0, "roll_deg": 0, "place_x": 0, "place_y": 0}
    flat = {"radial": 0, "radial_2": 0, "decentre_x": 0, "decentre_y": 0}
    own = {f"view__{k}": v for k, v in level.items()} | {
        f"camera__lens__{k}": v for k, v in flat.items()
    }
    return shot(0, **{**own, **overrides})


def test_the_blurs_direction() -> None:
    across = plain(capture__heading_deg=90).camera["motion"]
    assert abs(across.angle_deg) < 1e-6  # to the right as the plate reads, and in the picture
    back = plain(capture__heading_deg=270).camera["motion"]
    assert abs(back.angle_deg) == pytest.approx(180, abs=1e-6)
    assert plain().camera["motion"].length_px < 1e-6  # straight at the camera it only grows
    from_above = plain(view__elevation_deg=20)
    assert from_above.camera["motion"].angle_deg == pytest.approx(90)  # comes down the picture
    gone = plain(view__elevation_deg=20, capture__heading_deg=180)
    assert gone.camera["motion"].angle_deg == pytest.approx(-90)


@pytest.mark.parametrize("yaw", [-40, 15, 60])
@pytest.mark.parametrize("heading", [0, 180])
def test_an_approaching_plate_flees_from_the_vanishing_point_of_its_way(
    yaw: float, heading: float
) -> None:
    made = plain(
        view__yaw_deg=yaw,
        view__elevation_deg=12,
        view__roll_deg=5,
        view__place_x=0.3,
        capture__heading_deg=heading,
    )
    camera = camera_of(made)
    plate = camera.project(np.zeros((1, 3)))[0]
    vanishing = camera.project(np.array([[0.0, 1e12, 0.0]]))[0]  # far away along the road
    dx, dy = plate - vanishing if heading == 0 else vanishing - plate
    want = math.degrees(math.atan2(dy, dx))
    assert made.camera["motion"].angle_deg == pytest.approx(want, abs=1e-3)


def test_doubling_the_shutter_doubles_blur_and_electrons() -> None:
    for index in range(5):
        one, two = shot(index), shot(index, capture__shutter_s=0.002)
        assert one.taken is not None
        assert two.taken is not None
        assert two.taken.shutter_s == 2 * one.taken.shutter_s == 0.002
        ratio = two.camera["motion"].length_px / one.camera["motion"].length_px
        assert ratio == pytest.approx(2)
        assert two.taken.white_e == pytest.approx(2 * one.taken.white_e)
        assert two.taken.gain == pytest.approx(one.taken.gain / 2)
        assert two.camera["sensor"].white_e == pytest.approx(2 * one.camera["sensor"].white_e)
        assert two.camera["exposure"].key == pytest.approx(one.camera["exposure"].key)


def test_electrons_by_hand() -> None:
    """1000 lx, white of 0.8, T 0.9, f/2: 45 lx on the sensor; 3 um, 0.6 e a photon, 1/100 s."""
    rate = optics.electrons_a_second(
        optics.white_radiance(1000), optics.PHOTONS_PER_LUX, 2.0, 3.0, 0.6
    )
    assert rate / 100 == pytest.approx(45 * 4.09e3 * 9 * 0.6 / 100, rel=1e-6)
    joule = 6.626e-34 * 2.998e8
    assert optics.PHOTONS_PER_LUX == pytest.approx(1 / 683 * 555e-9 / joule / 1e12, rel=2e-3)
    assert optics.PHOTONS_PER_W_M2 == pytest.approx(850e-9 / joule / 1e12, rel=2e-3)


@pytest.mark.parametrize("kind", ["overcast", "headlamp", "infrared"])
def test_noise_is_that_of_the_electrons(kind: str) -> None:
    """Mean and variance of the sensor's counts where it sees the plate's white."""
    made = shot(
        1,
        light__kind=kind,
        capture__metered=0.2,
        capture__lux_headlamp=100,
        capture__infrared_w_m2=0.2,
        camera__sensor__row_noise=0,
    )
    assert made.taken is not None
    sensor, ctx = made.camera["sensor"], context(made)
    white = made.camera["exposure"].key / METERED  # 1 is a full well
    well = sensor.electrons(ctx)
    flat = np.full((500, 700, 3), white, np.float32)
    counts = sensor.pixels(flat, ctx).astype(np.float64)
    electrons = (counts - RAW_BLACK) * well / (RAW_WHITE - RAW_BLACK)
    step = well / (RAW_WHITE - RAW_BLACK) * (1 << (16 - sensor.bits))
    want = made.taken.white_e
    assert 200 < want < 20000
    assert electrons.mean() == pytest.approx(want, rel=0.01)
    noise = want + sensor.read_noise_e**2 + step**2 / 12
    assert electrons.var() == pytest.approx(noise, rel=0.02)
    assert made.capture is not None
    gain = made.taken.gain
    assert sensor.read_noise_e == pytest.approx(
        math.hypot(made.capture.read_noise_e, made.capture.late_noise_e / gain)
    )


def test_defocus_is_the_thin_lenss() -> None:
    """The circle of confusion by similar triangles behind the lens, in place of the formula."""
    for index in range(6):
        made = shot(index, capture__focus_error=0.4, capture__f_number=1.4)
        assert made.taken is not None
        assert made.solved is not None
        assert made.capture is not None
        f, far, near = made.taken.focal_mm, made.taken.focus_mm, made.solved.distance_mm
        assert far == pytest.approx(1.4 * near)
        assert f == pytest.approx(made.solved.focal_px * made.capture.pixel_um / 1000)
        sensor, image = f * far / (far - f), f * near / (near - f)
        disc_um = f / 1.4 * abs(sensor - image) / image * 1000
        assert made.taken.confusion_px == pytest.approx(disc_um / made.capture.pixel_um, rel=1e-6)
        airy = 0.42 * 0.55 * 1.4
        sigma_um = math.sqrt((disc_um / 4) ** 2 + airy**2 + made.capture.aberration_um**2)
        sigma = made.camera["defocus"].sigma_px
        assert sigma == pytest.approx(sigma_um / made.capture.pixel_um, rel=1e-6)
    y, x = np.mgrid[-200:201, -200:201]
    disc = x**2 + y**2 <= 150**2
    assert (x[disc] ** 2).mean() ** 0.5 == pytest.approx(300 / 4, rel=0.01)  # sigma is c / 4


def test_diffraction_is_airys_pattern() -> None:
    """The Gaussian nearest to (2 J1(x) / x)^2, where x is pi r / (wavelength N)."""
    r = np.linspace(1e-6, 1.2, 1200)  # in wavelengths times N: the central disc
    turn = np.linspace(0, np.pi, 4001)
    x = np.pi * r
    j1 = np.cos(turn[None] - x[:, None] * np.sin(turn[None])).mean(1)
    airy = (2 * j1 / x) ** 2
    sigmas = np.linspace(0.3, 0.6, 301)
    misfit = [((np.exp(-((r / s) ** 2) / 2) - airy) ** 2).sum() for s in sigmas]
    assert sigmas[int(np.argmin(misfit))] == pytest.approx(0.42, abs=0.01)
    assert optics.diffraction_um(8.0, 0.55) == pytest.approx(0.42 * 8 * 0.55)


def test_the_camera_exposes_with_gain_then_iris_then_shutter() -> None:
    capture = Capture(metered=0.3, full_well_e=10000, shutter_s=0.01, f_number=2, iris=8, gain=10)
    wanted = 3000 / METERED / 0.01  # electrons a second of the white
    even = expose(capture, wanted)
    assert (even.f_number, even.shutter_s, even.gain) == pytest.approx((2, 0.01, 1))
    dim = expose(capture, wanted / 4)
    assert (dim.f_number, dim.shutter_s, dim.gain, dim.key) == pytest.approx((2, 0.01, 4, 0.3))
    dark = expose(capture, wanted / 40)
    assert (dark.gain, dark.key) == pytest.approx((10, 0.3 / 4))
    bright = expose(capture, wanted * 4)
    assert (bright.f_number, bright.shutter_s, bright.gain) == pytest.approx((4, 0.01, 1))
    glaring = expose(capture, wanted * 64)
    assert (glaring.f_number, glaring.shutter_s) == pytest.approx((8, 0.0025))
    fixed = expose(replace(capture, iris=0.0), wanted * 64)
    assert (fixed.f_number, fixed.shutter_s) == pytest.approx((2, 0.01 / 64))
    for one in (even, dim, dark, bright, glaring, fixed):  # white over full well is key / METERED
        assert one.white_e * one.gain / 10000 == pytest.approx(one.key / METERED)


def test_retro_reflection_follows_the_rendered_scenes_law() -> None:
    path = Path(__file__).resolve().parent.parent / "blender" / "plate_material.py"
    constants = {
        target.id: ast.literal_eval(n.value)
        for n in ast.parse(path.read_text("utf-8")).body
        if isinstance(n, ast.Assign) and isinstance(n.value, ast.Constant)
        for target in n.targets
        if isinstance(target, ast.Name)
    }
    half = constants["HALF_ANGLE_DEG"]
    assert optics.retro_share(half, 1.0) == pytest.approx(0.5)
    assert optics.retro_share(0.0, 0.7) == pytest.approx(0.7 ** constants["ENTRANCE_POWER"])
    lamp = shot(1, light__kind="headlamp")
    moved = shot(1, light__kind="headlamp", light__lamp_right_mm=1500)
    assert lamp.taken is not None
    assert moved.taken is not None
    assert moved.taken.white_e < lamp.taken.white_e


def test_what_the_configuration_sets_stays() -> None:
    everything = {f"camera.{stage}.{f}" for stage, names in LINKED.items() for f in names}
    drawn_alone = make_plan(Config(renderer="flat")).shot(3)
    assert drawn_alone.capture is None
    assert drawn_alone.taken is None
    made = shot(3)
    assert {
        f"camera.{stage}.{f}"
        for stage, names in LINKED.items()
        for f in names
        if getattr(made.camera[stage], f) != getattr(drawn_alone.camera[stage], f)
    } >= everything - {"camera.rolling.readout_s", "camera.motion.tremor_px"}
    fixed = shot(3, camera__motion__length_px=7, camera__sensor__white_e=999)
    assert fixed.camera["motion"].length_px == 7
    assert fixed.camera["sensor"].white_e == 999
    assert fixed.camera["defocus"] == made.camera["defocus"]


def test_a_capture_without_a_camera_is_refused_in_words() -> None:
    with pytest.raises(ConfigError, match="--camera"):
        make_plan(Config(renderer="flat", overrides={"capture.speed_kmh": 50}))


def test_short_shake_is_straight_and_as_far_as_the_turning_speed_says() -> None:
    focal_px, turned, shutter, hz = 1500.0, 2.0, 1 / 500, 4.0
    speeds = []
    for phase in np.linspace(0, 1, 64, endpoint=False):
        motion = Motion(
            length_px=0,
            tremor_px=focal_px * math.radians(turned) * math.sqrt(2) / (2 * math.pi * hz),
            tremor_turns=hz * shutter,
            tremor_phase=float(phase),
            tremor_axis_deg=0.0,
        )
        speeds.append(motion.tremor_speed()[0])
    # Root mean square over the shake's period, along its axis.
    rms = math.sqrt(np.mean(np.square(speeds)))
    assert rms == pytest.approx(focal_px * math.radians(turned) * shutter, rel=1e-3)


def test_long_shake_is_a_curve_with_uneven_speed() -> None:
    motion = Motion(length_px=0, tremor_px=4.0, tremor_turns=0.8, tremor_phase=0.1)
    step = np.diff(motion.path, axis=0)
    speed, heading = np.hypot(*step.T), np.unwrap(np.arctan2(step[:, 1], step[:, 0]))
    assert speed.max() > 2 * speed.min()
    assert np.ptp(heading) > math.radians(45)
    k = motion.kernel()
    assert k is not None
    n = k.shape[0] // 2
    y, x = np.mgrid[-n : n + 1, -n : n + 1]
    assert k.sum() == pytest.approx(1)
    assert abs((k * x).sum()) + abs((k * y).sum()) < 1e-6  # labels lie at its centroid
    assert motion.reach() == n


def test_a_shaken_camera_blurs_by_angle_times_focal_length() -> None:
    still = shot(3, capture__speed_kmh=0)
    shaken = shot(3, capture__speed_kmh=0, capture__shake_deg_s=3, capture__shutter_s=0.002)
    assert still.camera["motion"].kernel() is None
    assert still.solved is not None
    assert shaken.taken is not None
    t = np.linspace(-0.5, 0.5, 2001)
    way = shaken.camera["motion"].tremor(t)
    speed = np.hypot(*np.diff(way, axis=0).T).sum()
    most = still.solved.focal_px * math.radians(3) * 0.002 * math.sqrt(2) * 1.3
    assert 0 < speed < most
    assert np.hypot(*shaken.taken.velocity_px_s) > 0


def test_labels_stay_where_an_unmoved_plates_are() -> None:
    """Blur, defocus and noise move no label; only what is cut may differ."""
    made = shot(5)
    plate = made.plates[0]
    corners = projector(made, plate)(np.array([[0.0, 0.0], list(plate.size_mm)]))
    still = shot(5, capture__speed_kmh=0)
    assert corners == pytest.approx(projector(still, plate)(np.array([[0.0, 0.0], plate.size_mm])))
