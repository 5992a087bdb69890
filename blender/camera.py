# SPDX-License-Identifier: GPL-3.0-or-later
"""A pinhole given in pixels -> Blender's camera, exactly."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
from mathutils import Matrix

#: Blender's camera looks along -z with y up; OpenCV's along +z with y down.
_FLIP = np.diag([1.0, -1.0, -1.0, 1.0])
#: Fixed; the sensor varies instead, because Blender limits the focal length, not the sensor.
_LENS_MM = 500.0


def metres(matrix_mm: Any) -> np.ndarray:
    """A 4x4 rigid matrix with its translation in metres."""
    m = np.array(matrix_mm, np.float64)
    m[:3, 3] /= 1000.0
    return m


def inverse(rigid: np.ndarray) -> np.ndarray:
    """The inverse of a 4x4 rigid matrix."""
    m = np.eye(4)
    m[:3, :3] = rigid[:3, :3].T
    m[:3, 3] = -m[:3, :3] @ rigid[:3, 3]
    return m


def place(thing: bpy.types.Object, matrix: np.ndarray) -> None:
    """Sets an object's place from a rigid matrix, through a quaternion (no gimbal)."""
    m = Matrix(matrix.tolist())
    thing.rotation_mode = "QUATERNION"
    thing.location = m.to_translation()
    thing.rotation_quaternion = m.to_quaternion()


def set_camera(
    thing: bpy.types.Object,
    scene: bpy.types.Scene,
    camera: dict[str, Any],
    scale: int = 1,
    mover: Any = None,
) -> None:
    """Reproduces the pinhole for the window it renders.

    `camera`: focal_px, cx, cy in frame px ((0, 0) is the outer corner of the top left pixel),
    world_to_camera (4x4, mm, OpenCV axes), window [x0, y0, width, height] in frame px. `scale`
    renders the same window with that many times more pixels. A `mover` (`motion.Mover`) moves the
    camera where it says ``before`` and ``after`` too.
    """
    x0, y0, width, height = camera["window"]
    scene.render.resolution_x, scene.render.resolution_y = width * scale, height * scale
    lens: Any = thing.data
    lens.type = "PERSP"
    lens.sensor_fit = "HORIZONTAL"  # the sensor's width is the window's, whatever its shape
    lens.lens_unit = "MILLIMETERS"
    lens.lens = _LENS_MM
    lens.sensor_width = _LENS_MM * width / camera["focal_px"]
    # Shifts are in sensor widths, right and up positive; the window's middle moves from the axis.
    lens.shift_x = (x0 + width / 2 - camera["cx"]) / width
    lens.shift_y = -(y0 + height / 2 - camera["cy"]) / width
    lens.clip_start, lens.clip_end = 0.01, 2000.0
    lens.dof.use_dof = False
    if mover is not None and "before" in camera:
        mover.move(*(inverse(metres(camera[name])) @ _FLIP for name in ("before", "after")))
        return
    still = inverse(metres(camera["world_to_camera"])) @ _FLIP
    if mover is not None:
        mover.stand(still)
    else:
        place(thing, still)


def eye_and_lamp(job: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """World places (x, y, z, 1), mm, of a job's camera and of the lamp beside it."""
    from_camera, light = inverse(np.array(job["camera"]["world_to_camera"])), job["light"]
    lamp = [light["lamp_right_mm"], -light["lamp_above_mm"], 0.0, 1.0]
    return from_camera[:, 3], from_camera @ lamp
