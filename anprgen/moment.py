# SPDX-License-Identifier: Apache-2.0
"""One frame of a sequence: when it is, and where everything stands around mid-exposure.

The shot of a frame holds what stands at mid-exposure; a `Moment` adds what else is needed to make
real motion blur and a rolling shutter of it, and what the labels say about motion.
"""

from __future__ import annotations

from dataclasses import dataclass

#: Where a vehicle stands: x and y of its near end's middle on the ground (mm), heading (degrees).
Place = tuple[float, float, float]
Matrix = tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Stander:
    """A vehicle in one frame.

    `reference` is its place when the view is the drawn one, where it is built; `place` that of
    mid-exposure, `before` and `after` those of `Moment.opens_s` and `Moment.closes_s`.
    """

    reference: Place
    place: Place
    before: Place
    after: Place
    speed_kmh: float
    track: int = 0  #: of its plate; 0 for none


@dataclass(frozen=True)
class Moment:
    """A frame's place in its sequence; matrices are world (mm) to camera by rows.

    `frame` counts from 0; `time_s` is when the frame's middle row is at mid-exposure. `opens_s` and
    `closes_s` are, from there, when the first row that is rendered begins to be exposed and when
    the last one ends; `plates_before` and `plates_after` are the plates' matrices then. `gain` is
    what the scene's light has become since the beginning, per channel, `exposure` what the camera
    answers with, and `balance` the light's colour as the camera believes it. `standers` are the
    vehicle in front, then the shot's traffic.
    """

    sequence: int
    frame: int
    frames: int
    fps: float
    time_s: float
    rig: str
    exposure_s: float
    readout_s: float
    opens_s: float
    closes_s: float
    standers: tuple[Stander, ...]
    reference_camera: Matrix
    camera_before: Matrix
    camera_after: Matrix
    plates_before: tuple[Matrix, ...]
    plates_after: tuple[Matrix, ...]
    gain: tuple[float, float, float]
    exposure: float
    balance: tuple[float, float, float]
    texts: tuple[str, ...]  #: of all plates of the sequence, as `ocr_text`
