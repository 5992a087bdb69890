# SPDX-License-Identifier: Apache-2.0
"""Journeys, the camera's way and the light's in closed form, against what they are integrals of."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anprgen.clips.camera_path import CameraPath
from anprgen.clips.clear_way import Mover, clear
from anprgen.clips.clip import Clip, Travel
from anprgen.clips.light_path import LightPath, Ramp
from anprgen.clips.travel import Course, Journey, Speed
from anprgen.geometry import rigid
from anprgen.light import Light
from anprgen.parameters import Draw

CLIP_S = 4.0


def drawn(index: int, number: int = 0) -> Journey:
    travel = Draw(3, index, {}).group(Travel, f"travel.{number}")
    course = Course((500.0, -300.0, 3.0), 1 if index % 2 else -1, 4500.0, travel)
    return Journey(course, Speed.of(travel, 0.5 * CLIP_S, CLIP_S))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(0, CLIP_S))
def test_speed_is_the_way_over_time_and_the_vehicle_goes_that_far(index, t):
    journey, dt = drawn(index), 1e-3
    slope = (journey.speed.way(t + dt) - journey.speed.way(t - dt)) / (2 * dt)
    assert slope == pytest.approx(journey.speed.speed(t), rel=1e-3, abs=1.0)
    # The middle of the body goes the way, whatever its ends do in a turn.
    ends = []
    for time in (t - dt, t + dt):
        x, y, heading = journey.at(time)
        a = math.radians(heading)
        ends.append((x - math.sin(a) * 2250, y + math.cos(a) * 2250))
    gone = math.dist(*ends) / (2 * dt)
    assert gone == pytest.approx(journey.speed.speed(t), rel=5e-3, abs=1.0)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_a_vehicle_goes_where_it_faces_and_never_jumps(index):
    journey = drawn(index)
    times = np.linspace(0, CLIP_S, 81)
    x, y, heading = np.array([journey.at(t) for t in times]).T
    a = np.radians(heading)
    middle = np.stack([x - np.sin(a) * 2250, y + np.cos(a) * 2250], 1)
    step = np.diff(middle, axis=0)
    far = np.hypot(*step.T) > 30
    facing = np.stack([-np.sin(a), np.cos(a)], 1)[:-1] * journey.course.ahead
    cosine = (step * facing).sum(1)[far] / np.hypot(*step.T)[far]
    assert (cosine > math.cos(math.radians(9))).all()
    assert np.abs(np.diff(heading)).max(initial=0) < 30
    assert journey.at(0.5 * CLIP_S) == pytest.approx(journey.course.place)


def test_one_that_stops_stands_from_then_on_with_its_brake_lamps_lit():
    speed = Speed.changing(10_000.0, 0.0, 1.0, 3.0, 2.0)
    journey = Journey(Course((0, 0, 0), 1, 4500.0, Travel()), speed)
    assert not journey.brakes(0.5)
    assert journey.brakes(1.5)
    assert journey.brakes(9.0)
    assert journey.at(9.0) == journey.at(12.0)
    assert journey.speed_kmh(9.0) == 0
    # From 36 km/h at 3 m/s2 at most: a smooth step's mean is two thirds of that.
    assert speed.lasts == pytest.approx(5.0)
    assert max(-speed.acceleration(t) for t in np.linspace(0, 9, 400)) == pytest.approx(3000, 1e-3)


@settings(max_examples=30, deadline=None)
@given(st.floats(-1, 2), st.floats(0.05, 2), st.floats(-3, 3), st.floats(0.05, 3), st.floats(0, 5))
def test_what_follows_a_ramp_is_a_low_pass_of_it(at, lasts, by, lag, t):
    ramp, dt = Ramp(at, lasts, by), 5e-4
    y = 0.0
    for time in np.arange(-1.0, t, dt) + dt / 2:
        y += (ramp.value(time) - y) * dt / lag
    assert ramp.followed(t, lag) == pytest.approx(y, abs=0.02)


def test_exposure_answers_a_shadow_late_and_then_wholly():
    clip = Clip(shade=0.5, shade_at=0.1, shade_s=0.2, shade_stay_s=100.0, exposure_lag_s=0.3)
    path = LightPath.of(clip, Light(kind="sun"), 10.0)
    assert path.gain(0.5) == (1.0, 1.0, 1.0)
    assert path.exposure(0.5) == 1.0
    dark = [path.gain(t)[1] * path.exposure(t) for t in (1.2, 1.5, 2.0, 9.0)]
    assert dark[0] < 0.75
    assert dark == sorted(dark)
    assert dark[-1] == pytest.approx(1.0, abs=1e-3)
    assert path.gain(9.0)[2] > path.gain(9.0)[0]
    assert LightPath.of(clip, Light(kind="infrared"), 10.0).gain(9.0) == (1.0, 1.0, 1.0)


def camera(eye=(0.0, -6000.0, 700.0), rig="fixed", speed=None) -> CameraPath:
    turn = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]], float)  # looks along y
    pose = rigid(turn, -turn @ np.array(eye))
    return CameraPath(pose, speed, 0.0, 5.0, Clip(rig=rig, sway_mm=0.0))


def mover(place, ahead, kmh, follows=None, change=1.0) -> Mover:
    travel = Travel(speed_kmh=kmh, change=change, turn_deg=0.0, change_lane_mm=0.0, wander_mm=0.0)
    journey = Journey(Course(place, ahead, 4850.0, travel), Speed.of(travel, 2.0, CLIP_S))
    return Mover("saloon", journey, follows)


def least_gap(one: Journey, other: Journey) -> float:
    """Between two vehicles one behind the other, from near end to near end, mm."""
    times = np.linspace(0, CLIP_S, 60)
    return min(abs(one.at(t)[1] - other.at(t)[1]) for t in times)


def test_none_drives_into_the_camera_or_through_another():
    towards = mover((0.0, 0.0, 0.0), -1, 60.0)
    against = mover((200.0, 14_000.0, 0.0), -1, 60.0)
    journeys, _ = clear([towards, against], camera(), CLIP_S, -500.0)
    assert all(journey is not None for journey in journeys)
    first, second = journeys
    assert min(first.at(t)[1] for t in np.linspace(0, CLIP_S, 60)) > -6000 + 600
    assert least_gap(first, second) > 4850
    # A camera high above lets all pass.
    over, _ = clear([towards], camera((0.0, -6000.0, 5000.0)), CLIP_S, -500.0)
    assert over[0] == towards.journey


def test_one_that_has_no_room_at_all_is_left_out():
    one, inside = mover((0.0, 0.0, 0.0), 1, 0.0), mover((100.0, 500.0, 0.0), 1, 0.0)
    journeys, _ = clear([one, inside], camera(), CLIP_S, -500.0)
    assert journeys[0] is not None
    assert journeys[1] is None


def test_those_of_one_lane_keep_their_distance():
    lead, tail = mover((0.0, 0.0, 0.0), 1, 50.0, change=0.3), mover((0.0, 9000.0, 0.0), 1, 20.0, 0)
    (a, b), _ = clear([lead, tail], camera(), CLIP_S, -500.0)
    gaps = [b.at(t)[1] - a.at(t)[1] for t in np.linspace(0, CLIP_S, 30)]
    assert np.ptp(gaps) < 1.0


def test_a_moving_camera_heeds_the_vehicle_in_front():
    main = mover((0.0, 0.0, 0.0), 1, 20.0)
    fast = main.journey.speed.slowed(4.0)
    (journey,), path = clear([main], camera(rig="moving", speed=fast), CLIP_S, -500.0)
    gaps = [journey.at(t)[1] - path.eye(t)[1] for t in np.linspace(0, CLIP_S, 60)]
    assert min(gaps) > 2000
    assert path.speed is not None
    assert path.speed.first > 0
