# SPDX-License-Identifier: Apache-2.0
"""Where the camera of a sequence is, and where it looks, at any time."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from anprgen.clips.clip import Clip
from anprgen.clips.travel import Speed
from anprgen.geometry import Points, eye_of, rigid, rotation

#: The shake about the axes: of that about the vertical, and of its frequency.
_PITCH, _ROLL = (0.6, 1.4), (0.35, 0.83)


@dataclass(frozen=True)
class CameraPath:
    """A camera that shakes, and drives along the world's y axis where `speed` is there.

    `pose` is its place at the key time, world (mm) to camera, without shake; `shake_deg` is the
    amplitude of the shake about the vertical and `shake_hz` its frequency.
    """

    pose: Points
    speed: Speed | None
    shake_deg: float
    shake_hz: float
    clip: Clip

    def eye(self, t: float) -> Points:
        """Where it is, world mm (3)."""
        eye = eye_of(self.pose)
        if self.speed is None:
            return eye
        c = self.clip
        turn = 2 * math.pi * (t / c.sway_s + c.sway_phase)
        rise = c.sway_mm * math.sin(turn)
        return np.asarray(eye + [0.0, self.speed.way(t), rise])

    def at(self, t: float) -> Points:
        """World (mm) to camera, 4x4."""
        turn = self._shaken(t) @ self.pose[:3, :3]
        return rigid(turn, -turn @ self.eye(t))

    def _shaken(self, t: float) -> Points:
        if self.shake_deg <= 0:
            return np.eye(3)
        turn = 2 * math.pi * (self.shake_hz * t + self.clip.shake_phase)
        yaw = self.shake_deg * math.sin(turn)
        pitch = self.shake_deg * _PITCH[0] * math.sin(_PITCH[1] * turn + 2.0)
        roll = self.shake_deg * _ROLL[0] * math.sin(_ROLL[1] * turn + 4.0)
        return np.asarray(rotation("y", yaw) @ rotation("x", pitch) @ rotation("z", roll))
