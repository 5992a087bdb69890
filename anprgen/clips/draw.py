# SPDX-License-Identifier: Apache-2.0
"""Draws a sequence: its shot at the key time, everybody's journey, the light's changes."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import compress

import numpy as np

from anprgen.capture import Capture
from anprgen.clips.camera_path import CameraPath
from anprgen.clips.clear_way import Mover, clear
from anprgen.clips.clip import MOST_VEHICLES, RIG_OF, RIGS, Clip, Travel
from anprgen.clips.light_path import LightPath
from anprgen.clips.travel import Course, Journey, Speed
from anprgen.distributions import Constant, Distribution
from anprgen.errors import ConfigError
from anprgen.moment import Place
from anprgen.parameters import Draw
from anprgen.scene import Neighbour, Scene
from anprgen.shot import Shot
from anprgen.solve import camera_of
from anprgen.vehicle import Vehicle
from anprgen.vehicle_kinds import KINDS, draw_vehicle

#: Speed of a moving camera that comes to a vehicle that stands, km/h.
_IDLE_KMH = 30.0


@dataclass(frozen=True)
class Take:
    """A sequence: its shot at the key time, and how everything goes on from there.

    `journeys` are those of the vehicle in front, where there is one, and of the shot's traffic, in
    that order; all in seconds since the first frame.
    """

    shot: Shot
    clip: Clip
    frames: int
    fps: float
    journeys: tuple[Journey, ...]
    lamps_at_s: tuple[float, ...]
    camera: CameraPath
    light: LightPath


def under_rig(draw: Draw) -> Draw:
    """The draw with what the camera's mount asks for: a moving camera follows."""
    name = draw.value("capture.camera", Constant(""))
    rig = draw.value("clip.rig", RIGS)
    if "clip.rig" not in draw.overrides and name in RIG_OF:
        rig = RIG_OF[name]
    more: dict[str, Distribution] = {"clip.rig": Constant(rig)}
    if rig == "moving":
        more["vehicle.end"] = Constant("rear")
    return replace(draw, overrides={**more, **draw.overrides})


def check_scene(scene: Scene) -> None:
    """Refuses more vehicles than a sequence has.

    Raises:
        ConfigError: more vehicles or plates than `MOST_VEHICLES`, or none.
    """
    for name in ("vehicles", "plates"):
        if getattr(scene, name) > MOST_VEHICLES:
            raise ConfigError(
                f"{getattr(scene, name)} {name}: 1 to {MOST_VEHICLES} drive in a sequence",
                where=f"scene.{name}",
                hint=f"set it to {MOST_VEHICLES} or less",
            )
    if max(scene.vehicles, scene.plates) < 1:
        raise ConfigError(
            f"no vehicles: 1 to {MOST_VEHICLES} drive in a sequence", where="scene.vehicles"
        )


def check_still(shot: Shot) -> None:
    """Refuses what stays in the air where it was when the vehicles have driven on.

    Raises:
        ConfigError: oncoming headlamps, brake lights' glow, or signs on vehicles.
    """
    for name in ("oncoming", "brake_lamps"):
        if getattr(shot.light, name) > 0:
            raise ConfigError(
                f"{name} stay where they are while vehicles drive on",
                where=f"light.{name}",
                hint="set it to 0",
            )
    for sign in shot.signs:
        if sign.kind in ("sticker", "taxi"):
            raise ConfigError(
                f"a {sign.kind} sign stays where it is while its vehicle drives on",
                where="signs.kind",
                hint="one of road, board, wall",
            )


def lane_of(scene: Scene, x_mm: float, heading_deg: float) -> int | None:
    """The number of the lane at x, 0 with the vehicle in front; None where vehicles are parked."""
    if abs(math.remainder(heading_deg, 180.0)) > 30 or scene.place in ("car_park", "yard"):
        return None
    lane = round(x_mm / scene.lane_mm)
    side = -1 if scene.side == "left" else 1
    if scene.place == "street" and lane * side > 0:
        return None  # the row at the kerb
    if scene.place == "kerb" and lane == 0:
        return None
    return lane


def ahead_in(scene: Scene, lane: int, main: Vehicle) -> int:
    """Whether vehicles of a lane drive with their far end first (1) or their near end (-1).

    Those on the side of the vehicle in front drive as it does, on a road with two ways the others
    against it.
    """
    own = 1 if main.end == "rear" else -1
    return -own if lane != 0 and scene.place in ("street", "gate") else own


def in_lane(draw: Draw, shot: Shot, number: int, neighbour: Neighbour, layout: str) -> Neighbour:
    """The neighbour with that end towards the camera which its lane's direction asks for.

    `number` is that of its draws, `layout` its plate's; parked ones stand as they are.
    """
    lane = lane_of(shot.scene, neighbour.x_mm, neighbour.heading_deg)
    if lane is None:
        return neighbour
    end = "rear" if ahead_in(shot.scene, lane, shot.vehicle) > 0 else "front"
    if neighbour.vehicle.end == end:
        return neighbour
    fixed = replace(draw, overrides={**draw.overrides, "vehicle.end": Constant(end)})
    return replace(neighbour, vehicle=draw_vehicle(fixed, f"vehicle.{number}", layout))


def take(shot: Shot, draw: Draw, frames: int, fps: float) -> Take:
    """The sequence of a shot that was drawn, linked and solved for its key time."""
    assert shot.solved is not None
    clip = draw.group(Clip, "clip")
    clip_s = (frames - 1) / fps
    key_s = clip.key * clip_s
    standing: list[tuple[Vehicle, Place]] = [(shot.vehicle, (0.0, 0.0, 0.0))]
    standing += [(n.vehicle, (n.x_mm, n.y_mm, n.heading_deg)) for n in shot.traffic]
    movers, lamps_at, leaders = [], [], dict[int, int]()
    for number, (vehicle, place) in enumerate(standing):
        travel = draw.group(Travel, f"travel.{number}")
        lane = 0 if number == 0 and _drives(shot) else lane_of(shot.scene, place[0], place[2])
        ahead = 0 if lane is None else ahead_in(shot.scene, lane, shot.vehicle)
        course = Course(place, ahead, KINDS[vehicle.kind].length_mm, travel)
        journey = Journey(course, Speed.of(travel, key_s, clip_s))
        follows = None if lane is None else leaders.setdefault(lane, number)
        movers.append(Mover(vehicle.kind, journey, None if follows == number else follows))
        lamps_at.append(travel.lamps_at * clip_s)
    found, camera = clear(
        movers, _camera(shot, clip, movers[0].journey), clip_s, -shot.vehicle.plate_height_mm
    )
    stays = [journey is not None for journey in found]
    return Take(
        shot=_with_traffic(shot, tuple(compress(shot.traffic, stays[1:]))),
        clip=clip,
        frames=frames,
        fps=fps,
        journeys=tuple(j for j in found if j is not None),
        lamps_at_s=tuple(compress(lamps_at, stays)),
        camera=camera,
        light=LightPath.of(clip, shot.light, clip_s),
    )


def _drives(shot: Shot) -> bool:
    """Whether the vehicle in front stands on a lane, and not in a bay or at the kerb."""
    return shot.scene.place not in ("car_park", "kerb", "yard")


def _camera(shot: Shot, clip: Clip, main: Journey) -> CameraPath:
    """The camera's way as drawn."""
    capture = shot.capture or Capture()
    speed = None
    if clip.rig == "moving":
        speed = main.speed.slowed(clip.camera_speed)
        if not main.moves:
            idle = _IDLE_KMH * clip.camera_speed * 1e6 / 3600
            speed = Speed(idle, idle, 0.0, 1.0, main.speed.key)
    amplitude = 0.0
    if clip.rig != "fixed":
        # The root mean square of a sine's speed is amplitude x 2 pi f / sqrt 2.
        amplitude = capture.shake_deg_s * math.sqrt(2) / (2 * math.pi * capture.shake_hz)
    return CameraPath(
        np.array(camera_of(shot).world_to_camera), speed, amplitude, capture.shake_hz, clip
    )


def _with_traffic(shot: Shot, traffic: tuple[Neighbour, ...]) -> Shot:
    """The shot with some of its traffic and their plates alone."""
    plates, renumbered = list(shot.plates[:1]), []
    for neighbour in traffic:
        if neighbour.plate >= 0:
            plates.append(shot.plates[neighbour.plate])
            neighbour = replace(neighbour, plate=len(plates) - 1)
        renumbered.append(neighbour)
    return replace(shot, traffic=tuple(renumbered), plates=tuple(plates))
