# SPDX-License-Identifier: Apache-2.0
"""Where points are seen while everything moves and rows are read one after the other.

A point lies in the picture where the row that it falls on sees it at the middle of that row's
exposure. Between the first row's opening and the last row's closing all move straight on, as in
the renderer.
"""

from __future__ import annotations

import math

import numpy as np

from anprgen.geometry import Pinhole, Points, apply, eye_of
from anprgen.moment import Moment

_STEPS = 12
_CLOSE_ENOUGH_PX = 1e-4


def project(
    camera: Pinhole, moment: Moment, number: int, height_px: float, points: Points
) -> Points:
    """Points about a plate's centre (n, 3), mm -> undistorted frame px (n, 2).

    Args:
        camera: of mid-exposure.
        moment: the frame's.
        number: of the plate in the shot.
        height_px: rows of the whole sensor, which `moment.readout_s` is the time of.
        points: on the plate's sheet, in its own axes.
    """
    start, stop = (
        apply(np.array(plate), points)
        for plate in (moment.plates_before[number], moment.plates_after[number])
    )
    poses = [np.array(pose) for pose in (moment.camera_before, moment.camera_after)]
    turn0, turn1 = (pose[:3, :3] for pose in poses)
    eye0, eye1 = map(eye_of, poses)
    y = np.full(len(points), height_px / 2.0)
    px = np.full((len(points), 2), math.nan)
    for _ in range(_STEPS):
        time = moment.readout_s * (y / height_px - 0.5)
        share = ((time - moment.opens_s) / (moment.closes_s - moment.opens_s))[:, None]
        # Camera and plate go straight on each by itself: of their product more than half a
        # pixel would be lost. The turn is so small that a matrix between is one of a turn.
        way = start + share * (stop - start) - (eye0 + share * (eye1 - eye0))
        seen = way @ turn0.T + share * (way @ (turn1 - turn0).T)
        z = np.where(seen[:, 2] > 1e-6, seen[:, 2], np.nan)
        px = camera.focal_px * seen[:, :2] / z[:, None] + (camera.cx, camera.cy)
        if not np.isfinite(px).all():
            break
        moved = np.abs(px[:, 1] - y).max(initial=0.0)
        # Rows beyond the sensor are not read: their time would run away.
        y = np.clip(px[:, 1], -height_px, 2.0 * height_px)
        if moved < _CLOSE_ENOUGH_PX:
            break
    return np.asarray(px)


def moved_px(camera: Pinhole, moment: Moment, number: int) -> float:
    """How far the plate's centre goes in the picture while one row is exposed, px."""
    ends = []
    for pose, plate in (
        (moment.camera_before, moment.plates_before[number]),
        (moment.camera_after, moment.plates_after[number]),
    ):
        seen = apply(np.array(pose), np.array(plate)[None, :3, 3])[0]
        if seen[2] <= 1e-6:
            return 0.0
        ends.append(camera.focal_px * seen[:2] / seen[2])
    share = moment.exposure_s / (moment.closes_s - moment.opens_s)
    return float(np.hypot(*(ends[1] - ends[0])) * share)
