# SPDX-License-Identifier: Apache-2.0
"""Where the rays of a picture's pixels meet a plate: bent, damaged, read row by row or not."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from anprgen.annotation import projector
from anprgen.geometry import Points, Window, linear_weights, rectangle
from anprgen.sheet import sheet_of
from anprgen.shot import MountedPlate, Shot
from anprgen.solve import camera_of

F32 = NDArray[np.float32]
_NODES_PX = 16  # sub-px between two rays that are traced
_FINE_NODES_PX = 3  # where the sheet is damaged
_ARRIVED_MM = 0.03  # a step of Newton's method so short is followed by none: it squares errors
_NEAR_PX = 0.005  # a point so near needs no step


def rays_on(
    shot: Shot, plate: MountedPlate, window: Window, k: int
) -> tuple[tuple[int, int, int, int] | None, tuple[F32, F32], NDArray[np.bool_]]:
    """Where the rays of a window's sub-pixels meet a plate.

    Args:
        shot: it is solved.
        plate: one of its plates.
        window: of its undistorted frame px.
        k: sub-pixels a px and side.

    Returns:
        The box that the plate touches (x0, y0, x1, y1 in sub-px of the window; None where it is out
        of it or behind the camera), plate mm x and y, float32 [h, w] over the box, and whether the
        ray hits, bool [h, w].
    """
    camera = camera_of(shot)
    w, h = plate.size_mm
    edge = np.array([[0, 0], [w / 2, 0], [w, 0], [w, h], [w / 2, h], [0, h]], np.float64)
    sheet = sheet_of(plate)
    if sheet.damage is not None:
        edge = rectangle(w, h, 10.0)
    px = (projector(shot, plate)(edge) - (window.x0, window.y0)) * k
    nowhere = np.zeros((0, 0), np.float32)
    none = (None, (nowhere, nowhere), np.zeros((0, 0), bool))
    if not np.isfinite(px).all():
        return none
    x0, y0 = (max(0, math.floor(v) - 2) for v in px.min(0))
    x1 = min(window.width * k, math.ceil(px[:, 0].max()) + 2)
    y1 = min(window.height * k, math.ceil(px[:, 1].max()) + 2)
    if x1 <= x0 or y1 <= y0:
        return none
    # The way back is smooth: exact at nodes, linear between them (to a few hundredths of a px).
    apart = _NODES_PX if sheet.damage is None else _FINE_NODES_PX
    nodes_x, ax = _nodes(x0, x1, apart)
    nodes_y, ay = _nodes(y0, y1, apart)
    xs, ys = nodes_x / k + window.x0, nodes_y / k + window.y0
    gx, gy = np.meshgrid((xs - camera.cx) / camera.focal_px, (ys - camera.cy) / camera.focal_px)
    rays = np.stack([gx, gy, np.ones_like(gx)], -1)
    to_plate = np.linalg.inv(camera.world_to_camera @ np.array(plate.plate_to_world))
    d, eye = rays @ to_plate[:3, :3].T, to_plate[:3, 3]
    curve = plate.make.curvature_per_m / 1000.0
    if abs(curve) < 1e-9:
        t = -eye[2] / d[..., 2]
        x, y = eye[0] + t * d[..., 0], eye[1] + t * d[..., 1]
        good = t > 0
    else:
        # The sheet is the cylinder X^2 + (Z - 1/k)^2 = 1/k^2: the root on the bend's side.
        r = 1 / curve
        a = d[..., 0] ** 2 + d[..., 2] ** 2
        b = eye[0] * d[..., 0] + (eye[2] - r) * d[..., 2]
        c = eye[0] ** 2 + (eye[2] - r) ** 2 - r * r
        root = b * b - a * c
        good = root > 0
        t = (-b - np.sign(r) * np.sqrt(np.maximum(root, 0))) / a
        good &= t > 0
        angle = np.arctan2(
            (eye[0] + t * d[..., 0]) * np.sign(r), (r - eye[2] - t * d[..., 2]) * np.sign(r)
        )
        x, y = angle * r, eye[1] + t * d[..., 1]
    if not good.all():  # Beside a bent sheet there is no way back.
        x, y = (np.where(good, v, -1e6) for v in (x, y))
    missed = ~good
    rolls = shot.moment is not None and shot.moment.readout_s > 0
    if sheet.damage is not None or rolls:
        at = np.stack(np.meshgrid(xs, ys), -1).reshape(-1, 2)
        start = np.stack([x + w / 2, y + h / 2], -1).reshape(-1, 2)
        mm, lost = _refined(shot, plate, at, start)
        x, y = (v.reshape(x.shape) for v in (mm - (w / 2, h / 2)).T)
        missed = lost.reshape(x.shape)
    u, v = ((ay @ ((n + half) @ ax.T)).astype(np.float32) for n, half in ((x, w / 2), (y, h / 2)))
    hit = (u >= 0) & (u < w) & (v >= 0) & (v < h)
    if missed.any():  # what lies between a node that met the plate and one that did not is neither
        hit &= ay @ missed @ ax.T < 1e-9
    return (x0, y0, x1, y1), (u, v), hit


def _refined(
    shot: Shot, plate: MountedPlate, px: Points, mm: Points
) -> tuple[Points, NDArray[np.bool_]]:
    """Plate mm (n, 2) that are seen at frame px (n, 2), from those of a whole sheet that stands.

    By Newton's method: where a corner stands before the plate it finds one of both. Where it finds
    none, the second result (n,) is true, and there is no plate.
    """
    project = projector(shot, plate)
    limit = np.array(plate.size_mm) + 60.0
    step = 12.0 if sheet_of(plate).damage is not None else 100.0
    mm = np.clip(mm, -60.0, limit)
    on_the_way = np.arange(len(mm))
    for _ in range(9):
        error = px[on_the_way] - (here := project(mm[on_the_way]))
        away = ~(np.abs(error) < _NEAR_PX).all(1)
        on_the_way, error, here = on_the_way[away], error[away], here[away]
        if not len(on_the_way):
            break
        own = mm[on_the_way]
        right, down = (project(own + aside) - here for aside in ([0.2, 0.0], [0.0, 0.2]))
        det = right[:, 0] * down[:, 1] - right[:, 1] * down[:, 0]
        det = np.where(np.abs(det) < 1e-9, 1e-9, det)
        way = np.stack(
            [
                error[:, 0] * down[:, 1] - error[:, 1] * down[:, 0],
                right[:, 0] * error[:, 1] - right[:, 1] * error[:, 0],
            ],
            1,
        )
        next_ = np.clip(own + np.clip(way * (0.2 / det)[:, None], -step, step), -60.0, limit)
        mm[on_the_way] = next_
        on_the_way = on_the_way[(np.abs(next_ - own) > _ARRIVED_MM).any(1)]
        if not len(on_the_way):
            break
    # It is still on the way there, or stopped at the limit.
    lost = ((mm <= -60.0) | (mm >= limit)).any(1)
    lost[on_the_way] = True
    doubted = np.flatnonzero(lost)
    if len(doubted):
        lost[doubted] = np.hypot(*(project(mm[doubted]) - px[doubted]).T) > 0.5
    return mm, lost


def _nodes(start: int, stop: int, apart: int) -> tuple[Points, Points]:
    """Even nodes over [start, stop], and the matrix from values there to pixel centres."""
    count = max(2, 1 + math.ceil((stop - start) / apart))
    at = (np.arange(stop - start) + 0.5) * ((count - 1) / (stop - start))
    return np.linspace(start, stop, count), linear_weights(at, count)
