# SPDX-License-Identifier: Apache-2.0
"""The light of a frame as it has become, and what the camera's automatics know of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anprgen.moment import Moment
from anprgen.shot import Shot

Rgb = tuple[float, float, float]
#: What the meter reads by kind of light: root mean square luminance of the rendered light, about
#: the median of 12 scenes each. Infrared half as much again: a camera that is to read plates by
#: its own lamp exposes for them, and lets the street be dark.
METERED = {
    "sun": 0.095,
    "overcast": 0.23,
    "hdri": 0.29,
    "street": 0.12,
    "neon": 0.134,
    "headlamp": 0.09,
    "infrared": 0.056,
}


def lit(light: NDArray[np.float32], shot: Shot) -> NDArray[np.float32]:
    """Rendered light [h, w, 3] as the scene's light has become since the beginning."""
    if shot.moment is None or shot.moment.gain == (1.0, 1.0, 1.0):
        return light
    return np.asarray(light * np.array(shot.moment.gain, np.float32))


def metered(kind: str, moment: Moment) -> float:
    """What the meter of a sequence's camera says, with the lag of automatic exposure."""
    return METERED[kind] / moment.exposure


def believed(light_rgb: Rgb, moment: Moment) -> Rgb:
    """The colour of the light as automatic white balance has it by now."""
    r, g, b = (a * c for a, c in zip(light_rgb, moment.balance))
    return r, g, b
