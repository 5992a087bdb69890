# SPDX-License-Identifier: Apache-2.0
"""What the record of a frame says besides a photograph's: time, tracks, motion."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from anprgen.clips.shutter import moved_px
from anprgen.geometry import eye_of
from anprgen.shot import Shot
from anprgen.solve import camera_of


def label_frame(record: dict[str, Any], shot: Shot) -> None:
    """Adds ``sequence`` and ``vehicles`` to a record, and to its plates what their tracks are.

    Plates get ``track`` (from 1, the same in all frames), ``speed_kmh``, ``distance_m`` (from the
    camera to the plate's centre) and ``moved_px`` (the way of its centre in the picture while a row
    is exposed). Vehicles are in the world's metres, x to the right and y away as the camera
    stood at the key time, their headings anticlockwise from there.
    """
    moment = shot.moment
    assert moment is not None
    camera = camera_of(shot)
    eye = eye_of(camera.world_to_camera)
    record["sequence"] = {
        "number": moment.sequence,
        "frame": moment.frame,
        "frames": moment.frames,
        "fps": moment.fps,
        "time_s": round(moment.time_s, 6),
        "exposure_s": round(moment.exposure_s, 8),
        "readout_s": round(moment.readout_s, 8),
        "rig": moment.rig,
        "ocr_texts": list(moment.texts),
    }
    speeds = {s.track: s.speed_kmh for s in moment.standers}
    for plate in record["plates"]:
        number = plate["track"] - 1
        centre = np.array(shot.plates[number].plate_to_world)[:3, 3]
        plate["speed_kmh"] = round(speeds[plate["track"]], 3)
        plate["distance_m"] = round(float(np.linalg.norm(centre - eye)) / 1000, 4)
        plate["moved_px"] = round(moved_px(camera, moment, number), 3)
    vehicles = [shot.vehicle, *(n.vehicle for n in shot.traffic)]
    record["vehicles"] = [
        {
            "track": s.track,
            "kind": vehicle.kind,
            "x_m": round(s.place[0] / 1000, 4),
            "y_m": round(s.place[1] / 1000, 4),
            "heading_deg": round(math.remainder(s.place[2], 360.0), 4),
            "speed_kmh": round(s.speed_kmh, 3),
        }
        for s, vehicle in zip(moment.standers, vehicles)
    ]
