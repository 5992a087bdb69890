# SPDX-License-Identifier: Apache-2.0
"""Journeys that run into nothing: each vehicle drives as drawn, or more slowly, or stands.

Nothing is drawn again: of a few ways to drive, from the drawn one to standing still, a vehicle
takes the first that keeps clear of the camera and of the vehicles before it; one that cannot even
stand is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from anprgen.clips.camera_path import CameraPath
from anprgen.clips.travel import Journey, Speed
from anprgen.moment import Place
from anprgen.traffic import Footprint
from anprgen.vehicle_kinds import KINDS

#: Room that vehicles leave each other, and a camera that stands or drives, mm.
APART_MM, BEFORE_EYE_MM, BEFORE_CAR_MM = 350.0, 700.0, 2600.0
#: Further off its line a vehicle leaves the road, mm.
ASIDE_MM = 4200.0
_SLOWER = (0.7, 0.5, 0.3, 0.15)
_CHECKS_A_S = 8.0
#: Acceleration of one that starts or stops because it must, m/s2.
_BRISK = 3.5


@dataclass(frozen=True)
class Mover:
    """A vehicle's kind and drawn journey; one that follows drives as fast as the one it follows.

    `follows` is the number of that vehicle among the movers, before this one, or None.
    """

    kind: str
    journey: Journey
    follows: int | None = None


def clear(
    movers: Sequence[Mover], camera: CameraPath, clip_s: float, ground: float
) -> tuple[list[Journey | None], CameraPath]:
    """The journeys of vehicles, the one in front first, and the camera's way.

    A moving camera is slowed down before the vehicle in front; other vehicles heed both. None
    stands for a vehicle that is left out; the first never is.
    """
    times = np.linspace(0.0, clip_s, max(2, round(clip_s * _CHECKS_A_S) + 1)).tolist()
    done: list[Journey | None] = []
    steps: list[list[Footprint]] = []  # of the vehicles so far, by time
    for number, mover in enumerate(movers):
        own = mover
        if mover.follows is not None and (leader := done[mover.follows]) is not None:
            own = replace(mover, journey=replace(mover.journey, speed=leader.speed))
        chosen = None
        for journey in _ways(own):
            prints = [_footprint(journey.at(t), mover.kind, ground) for t in times]
            behind = camera
            if number == 0 and camera.speed is not None:
                behind = _behind(camera, prints, times)
            if (
                _clear_of_eye(prints, behind, times)
                and _clear_of(prints, steps)
                and _on_road(journey, prints)
            ):
                chosen, camera = journey, behind
                break
        if chosen is None and number == 0:
            chosen = journey  # the last of its ways: it stands
            if camera.speed is not None:
                camera = replace(camera, speed=camera.speed.slowed(0.0))
        done.append(chosen)
        if chosen is not None:
            steps.append(prints)
    return done, camera


def _ways(mover: Mover) -> Iterator[Journey]:
    """The drawn journey, straight on, from or to a stop, ever more slowly, and standing."""
    drawn = mover.journey
    yield drawn
    if not drawn.moves:
        return
    calm = replace(drawn.course.travel, turn_deg=0.0, change_lane_mm=0.0)
    straight = replace(drawn, course=replace(drawn.course, travel=calm))
    yield straight
    law = drawn.speed
    fast = max(law.first, law.last)
    for slack_s in (1.2, 0.6, 0.0):
        # Away from a camera that it would have come through, or to a stop before one: at the
        # latest it stands where the view is the drawn one.
        speed = Speed.changing(0.0, fast, law.key - slack_s, _BRISK, law.key)
        if drawn.course.ahead < 0:
            stops = Speed.changing(fast, 0.0, 0.0, _BRISK, law.key)
            speed = replace(stops, at=law.key + slack_s - stops.lasts)
        yield replace(straight, speed=speed)
    for factor in _SLOWER:
        yield replace(straight, speed=drawn.speed.slowed(factor))
    yield replace(straight, speed=drawn.speed.slowed(0.0))


def _behind(camera: CameraPath, prints: list[Footprint], times: list[float]) -> CameraPath:
    """The camera's way, as fast as the vehicle in front lets it."""
    assert camera.speed is not None
    speed: Speed = camera.speed
    for factor in (1.0, 0.85, *_SLOWER, 0.0):
        tried = replace(camera, speed=speed.slowed(factor))
        if _clear_of_eye(prints, tried, times):
            return tried
    return replace(camera, speed=speed.slowed(0.0))


def _footprint(place: Place, kind: str, ground: float) -> Footprint:
    x, y, heading = place
    return Footprint(x, y, ground, heading, kind)


def _clear_of_eye(prints: Sequence[Footprint], camera: CameraPath, times: Sequence[float]) -> bool:
    """Whether one vehicle's footprints, by time, keep clear of the camera, or pass below it."""
    room = BEFORE_EYE_MM if camera.speed is None else BEFORE_CAR_MM
    for own, t in zip(prints, times):
        eye = camera.eye(t)
        over = camera.speed is None and eye[2] > own.ground + KINDS[own.kind].top_mm + 300
        if not over and own.inside(np.array([[eye[0], eye[1], own.ground + 100]]), room).any():
            return False
    return True


def _clear_of(prints: Sequence[Footprint], others: Sequence[Sequence[Footprint]]) -> bool:
    """Whether one vehicle's footprints, by time, keep clear of others'."""
    for other in others:
        for own, its in zip(prints, other):
            if its.inside(own.outline(), APART_MM).any():
                return False
            if own.inside(its.outline(), APART_MM).any():
                return False
    return True


def _on_road(journey: Journey, prints: Sequence[Footprint]) -> bool:
    """Whether it stays near the line that it is on at the key time."""
    x0 = journey.course.place[0]
    return all(abs(own.x - x0) <= ASIDE_MM for own in prints)
