# SPDX-License-Identifier: Apache-2.0
"""Solves for the camera that makes a drawn view: distance, aim, sensor window, crop.

What the data's user cares about (width in px, yaw, place in the frame) is drawn; everything here
follows from it in closed form or by a few fixed-point steps. Nothing is rejected and drawn again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from anprgen import degradations
from anprgen.errors import ConfigError
from anprgen.geometry import (
    Pinhole,
    Points,
    Window,
    apply,
    bounds,
    enclosing,
    rectangle,
    rigid,
    rotation,
)
from anprgen.sheet import sheet_of
from anprgen.shot import MountedPlate, Shot, Solved

#: Closer than this a plate would cut through the lens; configurations that ask for it are refused.
MIN_DISTANCE_MM = 150.0
MAX_PIXELS = 16_000_000
#: A camera before a whole vehicle is at least this high over the ground.
LOWEST_EYE_MM = 400.0
#: What the camera is solved for in a scene without plates: a rectangle where plate 0 would hang.
STAND_IN_MM = (520.0, 112.0)


def camera_of(shot: Shot) -> Pinhole:
    """The solved camera of a shot."""
    assert shot.solved is not None
    s = shot.solved
    return Pinhole(s.focal_px, s.cx, s.cy, np.array(s.world_to_camera))


def outline_world(plate: MountedPlate, step_mm: float = 20.0) -> Points:
    """Sharp-cornered outline of a mounted plate, densified, in world mm (n, 3)."""
    return surface_world(plate, rectangle(*plate.size_mm, step_mm))


def surface_world(plate: MountedPlate, mm: Points) -> Points:
    """Plate mm (n, 2) -> world mm (n, 3) on the bent sheet."""
    return apply(np.array(plate.plate_to_world), sheet_of(plate).surface(mm))


def corners_px(shot: Shot, camera: Pinhole) -> Points:
    """Sensor px (4, 2) of plate 0's corners, or its stand-in's, clockwise from its top left."""
    corners = camera.project(_corners_world(shot))
    return degradations.distort(shot.camera, camera, corners)


def _corners_world(shot: Shot) -> Points:
    """World mm (4, 3) of plate 0's corners; without plates of a rectangle in its place."""
    if shot.plates:
        plate = shot.plates[0]
        return surface_world(plate, rectangle(*plate.size_mm))
    w, h = STAND_IN_MM[0] / 2, STAND_IN_MM[1] / 2
    return np.array([[-w, 0, h], [w, 0, h], [w, 0, -h], [-w, 0, -h]], np.float64)


def _outline(shot: Shot) -> Points:
    """World mm (n, 3) of what the view is solved for: plate 0, or the rectangle in its place."""
    return outline_world(shot.plates[0]) if shot.plates else _corners_world(shot)


def _width_mm(shot: Shot) -> float:
    return shot.plates[0].size_mm[0] if shot.plates else STAND_IN_MM[0]


def target_width_px(shot: Shot) -> float:
    """Width that plate 0's box shall have, undistorted.

    `view.width_px` is that of a 520 mm plate. A narrower one gets (width / 520)^(2/3) of it: half
    way between equal distance and equal size in the picture, as people frame them (two-line
    plates of 280 mm are 0.66 as wide as one-line plates in crops of street photographs).
    """
    return float(shot.view.width_px * (_width_mm(shot) / 520.0) ** (2 / 3))


_UP = np.array([0.0, 0.0, 1.0])


def _cross(a: Points, b: Points) -> Points:
    """Cross product of two vectors (3,); `np.cross`, made for many, takes twenty times as long."""
    (ax, ay, az), (bx, by, bz) = a.tolist(), b.tolist()
    return np.array([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx])


def camera_pose(
    ray: Points, yaw_deg: float, elevation_deg: float, roll_deg: float, distance_mm: float
) -> Points:
    """World to camera, 4x4: the world's origin lies on the camera's `ray` at `distance_mm`.

    Yaw and elevation say where the camera stands as seen from the origin; roll turns it about
    the ray before the ray is moved from the optical axis to its place in the frame.
    """
    a, e = math.radians(yaw_deg), math.radians(elevation_deg)
    eye = distance_mm * np.array(
        [math.sin(a) * math.cos(e), -math.cos(a) * math.cos(e), math.sin(e)]
    )
    forward = -eye / distance_mm
    right = _cross(forward, _UP)
    right /= math.sqrt(right @ right)
    look = np.stack([right, _cross(forward, right), forward])
    r = ray / math.sqrt(ray @ ray)
    # The smallest turn that takes the optical axis to the ray (Rodrigues).
    v, c = _cross(_UP, r), r[2]
    skew = np.array([[0, -v[2], v[1]], [v[2], 0, -v[0]], [-v[1], v[0], 0]])
    aim = np.eye(3) + skew + skew @ skew / (1 + c)
    turn = aim @ rotation("z", roll_deg) @ look
    return rigid(turn, -turn @ eye)


def solve_pinhole(shot: Shot) -> tuple[Pinhole, float]:
    """The camera that makes the drawn view, before its lens, and its distance in mm.

    Raises:
        ConfigError: the plate would be nearer than the lens allows.
    """
    frame, view = shot.frame, shot.view
    cx, cy = frame.width_px / 2, frame.height_px / 2
    focal = cx / math.tan(math.radians(frame.hfov_deg) / 2)
    ray = np.array([view.place_x * cx / focal, view.place_y * cy / focal, 1.0])
    outline, width_mm = _outline(shot), _width_mm(shot)

    def pinhole(distance: float) -> Pinhole:
        elevation = view.elevation_deg
        if shot.vehicle.kind != "plain":  # there is a ground that the camera stands on
            low = (LOWEST_EYE_MM - shot.vehicle.plate_height_mm) / distance
            elevation = max(elevation, math.degrees(math.asin(min(max(low, -1.0), 1.0))))
        pose = camera_pose(ray, view.yaw_deg, elevation, view.roll_deg, distance)
        return Pinhole(focal, cx, cy, pose)

    width_px = target_width_px(shot)
    distance = focal * width_mm / width_px
    for _ in range(12):  # converges like 1/distance: about three digits a step
        x0, _, x1, _ = bounds(pinhole(distance).project(outline))
        if not math.isfinite(x1 - x0):
            break
        distance *= (x1 - x0) / width_px
        if abs((x1 - x0) / width_px - 1) < 1e-9:
            break
    if not (math.isfinite(distance) and distance > max(MIN_DISTANCE_MM, width_mm * 0.6)):
        raise ConfigError(
            f"a plate {width_px:.0f} px wide in a frame of {frame.width_px} px at"
            f" {frame.hfov_deg:.0f} degrees would be {distance:.0f} mm from the lens",
            where=f"sample {shot.index}",
            hint="lower view.width_px, or raise frame.size or lower frame.hfov_deg",
        )
    return pinhole(distance), distance


def solve_cameras(photographs: Sequence[Shot], camera: Pinhole, distance_mm: float) -> list[Shot]:
    """Photographs of one render with `solved` filled in: what is rendered is enough for each.

    They share frame, view and plates, hence `camera` and `distance_mm` (`solve_pinhole`); crops
    and the camera's stages may differ.

    Raises:
        ConfigError: a picture of absurd size.
    """
    focal, cx, cy = camera.focal_px, camera.cx, camera.cy
    px = camera.project(_outline(photographs[0]))
    framed = [_framed(shot, camera, px) for shot in photographs]
    render = enclosing(
        [
            degradations.window_to_render(shot.camera, focal, cx, cy, window)
            for shot, (_, _, window) in zip(photographs, framed)
        ]
    )
    _check_size(photographs[0], render)
    pose = tuple(map(tuple, camera.world_to_camera.tolist()))
    return [
        replace(
            shot,
            solved=Solved(
                focal_px=focal,
                cx=cx,
                cy=cy,
                world_to_camera=pose,
                distance_mm=distance_mm,
                window=window,
                render=render,
                crop=crop,
                output_px=output,
            ),
        )
        for shot, (crop, output, window) in zip(photographs, framed)
    ]


def _framed(
    shot: Shot, camera: Pinhole, px: Points
) -> tuple[tuple[float, float, float, float, float], tuple[int, int], Window]:
    """Crop, output size and sensor window; `px` is plate 0's outline in undistorted frame px."""
    frame = shot.frame
    if shot.task == "ocr":
        crop, output = _cut(shot, degradations.distort(shot.camera, camera, px))
        window = _window(crop)
    else:
        crop = (camera.cx, camera.cy, float(frame.width_px), float(frame.height_px), 0.0)
        output = (frame.width_px, frame.height_px)
        window = Window(0, 0, *output)
    _check_size(shot, window)
    return crop, output, window


def _check_size(shot: Shot, window: Window) -> None:
    if window.area > MAX_PIXELS:
        raise ConfigError(
            f"a picture of {window.width} x {window.height} px is more than anprgen renders",
            where=f"sample {shot.index}",
            hint="lower view.width_px, frame.size or the margins of crop",
        )


def _cut(
    shot: Shot, px: Points
) -> tuple[tuple[float, float, float, float, float], tuple[int, int]]:
    """The detector's cut around sensor px of the plate's outline, and the size of the crop.

    The box is the outline's in the crop's own, rotated axes; without rotation the cut falls on
    whole pixels, as a detector's slice of an array does.
    """
    c = shot.crop
    angle = c.rotation_deg
    turn = rotation("z", angle)[:2, :2]
    x0, y0, x1, y1 = bounds(px @ turn)  # into the crop's axes
    w, h = x1 - x0, y1 - y0
    more = c.loose * math.sqrt(w * h)
    x0, x1 = x0 - c.left * w - more, x1 + c.right * w + more
    y0, y1 = y0 - c.top * h - more, y1 + c.bottom * h + more
    if x1 - x0 < 0.3 * w or y1 - y0 < 0.3 * h:
        raise ConfigError(
            "the margins of the crop leave less than a third of the plate",
            where=f"sample {shot.index}: crop",
            hint="margins are shares of the box; below 0 they cut into it",
        )
    width, height = max(8, round(x1 - x0)), max(8, round(y1 - y0))
    if angle == 0:
        left, top = round(x0), round(y0)
        return (left + width / 2, top + height / 2, float(width), float(height), 0.0), (
            width,
            height,
        )
    mid = turn @ np.array([(x0 + x1) / 2, (y0 + y1) / 2])
    return (float(mid[0]), float(mid[1]), float(width), float(height), angle), (width, height)


def _window(crop: tuple[float, float, float, float, float]) -> Window:
    """Whole sensor px that a crop touches."""
    cx, cy, w, h, angle = crop
    corners = np.array([[-w, -h], [w, -h], [w, h], [-w, h]]) / 2 @ rotation("z", angle)[:2, :2].T
    x0, y0, x1, y1 = bounds(corners + (cx, cy))
    left, top = math.floor(x0 + 1e-6), math.floor(y0 + 1e-6)
    return Window(left, top, math.ceil(x1 - 1e-6) - left, math.ceil(y1 - 1e-6) - top)
