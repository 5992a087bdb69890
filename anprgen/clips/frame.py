# SPDX-License-Identifier: Apache-2.0
"""The shot of one frame: everything where it is at mid-exposure, lamps and exposure as they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from anprgen.clips.draw import Take
from anprgen.clips.travel import Journey
from anprgen.geometry import Points
from anprgen.moment import Matrix, Moment, Stander
from anprgen.shot import MountedPlate, Shot
from anprgen.traffic import plate_matrix
from anprgen.vehicle import Vehicle

#: An exposure where no camera says how long it is, s.
_EXPOSURE_S = 1 / 250
#: As much of the time between two frames can be exposure.
_MOST_OPEN = 0.9


def frame_shot(take: Take, k: int, index: int) -> Shot:
    """Frame `k` of a sequence, which is sample `index`: a shot like any other, with its moment."""
    base, t = take.shot, k / take.fps
    assert base.solved is not None
    exposure = base.taken.shutter_s if base.taken else _EXPOSURE_S
    exposure = min(exposure, _MOST_OPEN / take.fps)
    readout = min(base.capture.readout_s if base.capture else 0.0, _MOST_OPEN / take.fps)
    height, window = base.frame.height_px, base.solved.render
    # When a row is at mid-exposure, from the frame's middle row's.
    first, last = ((y / height - 0.5) * readout for y in (window.y0, window.y0 + window.height))
    opens, closes = first - exposure / 2, last + exposure / 2
    ground = -base.vehicle.plate_height_mm

    vehicles = [base.vehicle, *(n.vehicle for n in base.traffic)]
    on = [0 if base.plates else -1, *(n.plate for n in base.traffic)]
    standers, lamps, matrices = [], [], dict[int, list[Matrix]]()
    for journey, vehicle, plate, lamps_at in zip(take.journeys, vehicles, on, take.lamps_at_s):
        places = [journey.at(t + dt) for dt in (0.0, opens, closes)]
        now, before, after = places
        speed = journey.speed_kmh(t)
        standers.append(Stander(journey.course.place, now, before, after, speed, plate + 1))
        lamps.append(_lit(vehicle, journey, t, lamps_at))
        if plate >= 0:
            matrices[plate] = [_rows(plate_matrix(vehicle, p, ground)) for p in places]
    plates = tuple(
        replace(plate, plate_to_world=matrices[n][0]) for n, plate in enumerate(base.plates)
    )
    poses = [take.camera.at(t + dt) for dt in (0.0, opens, closes)]
    moment = Moment(
        sequence=base.render_index,
        frame=k,
        frames=take.frames,
        fps=take.fps,
        time_s=t,
        rig=take.clip.rig,
        exposure_s=exposure,
        readout_s=readout,
        opens_s=opens,
        closes_s=closes,
        standers=tuple(standers),
        reference_camera=base.solved.world_to_camera,
        camera_before=_rows(poses[1]),
        camera_after=_rows(poses[2]),
        plates_before=tuple(matrices[n][1] for n in range(len(plates))),
        plates_after=tuple(matrices[n][2] for n in range(len(plates))),
        gain=take.light.gain(t),
        exposure=take.light.exposure(t),
        balance=take.light.balance(t),
        texts=tuple(p.registration.ocr_text for p in base.plates),
    )
    traffic = tuple(
        replace(n, vehicle=own, x_mm=s.place[0], y_mm=s.place[1], heading_deg=s.place[2])
        for n, own, s in zip(base.traffic, lamps[1:], standers[1:])
    )
    solved = replace(
        base.solved,
        world_to_camera=_rows(poses[0]),
        distance_mm=_distance(poses[0], plates),
    )
    return replace(
        base,
        index=index,
        render_index=index,
        plates=plates,
        vehicle=lamps[0],
        traffic=traffic,
        solved=solved,
        camera=_gained(base.camera, moment.exposure),
        moment=moment,
    )


def _lit(vehicle: Vehicle, journey: Journey, t: float, lamps_at: float) -> Vehicle:
    """The vehicle with its lamps as they are at time t; one that stands parked keeps its own."""
    if not journey.moves:
        return vehicle
    on = "dipped" if t >= lamps_at else vehicle.lamps
    return replace(vehicle, lamps=on, braking="yes" if journey.brakes(t) else "no")


def unmoved(stages: dict[str, Any]) -> dict[str, Any]:
    """The camera's stages without what the renderer itself does: motion and rolling shutter."""
    return {
        **stages,
        "motion": replace(stages["motion"], length_px=0.0, tremor_px=0.0),
        "rolling": replace(stages["rolling"], right_heights_s=0.0, down_heights_s=0.0),
    }


def _gained(stages: dict[str, Any], exposure: float) -> dict[str, Any]:
    """Stages with what automatic exposure has done to the sensor by now.

    More gain, less light in a well; less gain only as far as the wells were not full.
    """
    sensor = stages["sensor"]
    return {**stages, "sensor": replace(sensor, white_e=sensor.white_e / max(exposure, 1.0))}


def _distance(pose: Points, plates: Sequence[MountedPlate]) -> float:
    """From the camera to plate 0's centre, or to the world's origin, mm."""
    centre = np.array(plates[0].plate_to_world)[:3, 3] if plates else np.zeros(3)
    return float(np.linalg.norm(pose[:3, :3] @ centre + pose[:3, 3]))


def _rows(matrix: Points) -> Matrix:
    return tuple(map(tuple, matrix.tolist()))
