# SPDX-License-Identifier: GPL-3.0-or-later
"""Things that move while the shutter is open, and how the renderer is told.

A frame of a sequence lies at Blender's frame 1, whose shutter is open from 0.5 to 1.5: there stand
the places of a job's ``before`` and ``after``, and between them all go straight on.
"""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
from camera import place
from mathutils import Matrix

_FRAMES = (0.5, 1.5)


class Mover:
    """An object that stands still or moves; its curves are made once and keep their datablock."""

    def __init__(self, thing: bpy.types.Object) -> None:
        self._thing: Any = thing
        self._action: Any = None
        self._slot: Any = None
        # Only the object moves: its mesh need not be looked at again at other times.
        self._thing.cycles.use_deform_motion = False

    def stand(self, matrix: np.ndarray) -> None:
        """Puts it at a place (4x4, metres)."""
        data = self._thing.animation_data
        if data is not None and data.action is not None:
            data.action = None
        place(self._thing, matrix)

    def move(self, before: np.ndarray, after: np.ndarray) -> None:
        """Moves it from one place to another while the shutter is open."""
        thing = self._thing
        if self._action is None:
            thing.rotation_mode = "QUATERNION"
            for frame in _FRAMES:
                thing.keyframe_insert("location", frame=frame)
                thing.keyframe_insert("rotation_quaternion", frame=frame)
            self._action = thing.animation_data.action
            self._slot = thing.animation_data.action_slot
        elif thing.animation_data.action is None:
            thing.animation_data.action = self._action
            thing.animation_data.action_slot = self._slot
        values: dict[tuple[str, int], list[float]] = {}
        last = None
        for matrix in (before, after):
            m = Matrix(matrix.tolist())
            turn = m.to_quaternion()
            if last is not None:
                turn.make_compatible(last)
            last = turn
            for axis, value in enumerate(m.to_translation()):
                values.setdefault(("location", axis), []).append(value)
            for axis, value in enumerate(turn):
                values.setdefault(("rotation_quaternion", axis), []).append(value)
        for curve in self._action.fcurves:
            own = values[curve.data_path, curve.array_index]
            curve.extrapolation = "LINEAR"
            for point, frame, value in zip(curve.keyframe_points, _FRAMES, own):
                point.interpolation = "LINEAR"
                point.co = (frame, value)
            curve.update()


def shutter(scene: bpy.types.Scene, film: dict[str, Any] | None) -> None:
    """Sets how the shutter moves over the picture: not at all, or as a job's film says."""
    scene.render.use_motion_blur = film is not None
    if film is None:
        return
    scene.render.motion_blur_position = "CENTER"
    scene.render.motion_blur_shutter = 1.0
    cycles: Any = scene.cycles
    # Rows are read from the top; each is exposed for `open_share` of the whole time.
    cycles.rolling_shutter_type = "TOP" if film["open_share"] < 1 else "NONE"
    cycles.rolling_shutter_duration = film["open_share"]
    scene.frame_set(1)
