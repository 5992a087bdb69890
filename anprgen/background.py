# SPDX-License-Identifier: Apache-2.0
"""Which part of which of the user's photographs stands behind the vehicles of a whole frame."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from anprgen.distributions import Choice, Normal, Uniform
from anprgen.geometry import Pinhole
from anprgen.parameters import drawn

#: The photograph of a configuration that has none.
NO_PHOTO = "none"
_SOFTEST = 0.6


@dataclass(frozen=True)
class Background:
    """A photograph behind the vehicles (``scene.place`` photo); it is taken to be without plates.

    The fields behind the drawn ones are derived: the digest of the file's bytes, the size that
    the photograph is worked with at, and what of it the frame shows, (x0, y0, width, height) in
    its px after mirroring. A shot is made again from them.
    """

    photo: str = drawn(
        Choice({NO_PHOTO: 1.0}), "name of a photograph of --backgrounds, without its suffix"
    )
    zoom: float = drawn(
        Uniform(1.0, 1.6),
        "how much of it is left out; it is not enlarged for that",
        low=1,
        high=20,
    )
    x: float = drawn(Uniform(0, 1), "where the part lies in it, from left to right", high=1)
    horizon: float = drawn(
        Normal(0.45, 0.05, 0.25, 0.65),
        "where its horizon is taken to be, from above, of its height: it meets the frame's",
        high=1,
    )
    mirrored: bool = drawn(Choice([(False, 0.7), (True, 0.3)]), "left and right exchanged")
    exposure_ev: float = drawn(
        Normal(0, 0.35, -1, 1), "its brightness against the light on the vehicle, stops", high=10
    )
    digest: str = ""
    size_px: tuple[int, int] = (0, 0)
    part_px: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)


def horizon_px(camera: Pinhole) -> float:
    """Row of the frame, px from above, where a level ray in the middle column ends.

    Far outside of the frame where the camera looks straight up or down.
    """
    _, y, z = camera.world_to_camera[:3, 2]  # the world's up
    if abs(y) < 1e-3:
        return math.copysign(1e6, -z * y)
    return float(camera.cy - camera.focal_px * z / y)


def placed(
    background: Background, size_px: tuple[int, int], frame_px: tuple[int, int], camera: Pinhole
) -> Background:
    """The background with its part, horizon on horizon where that is in the photograph.

    It has as many px as the frame or more where the photograph has them, down to `_SOFTEST` of
    that where horizons meet for it.

    Args:
        background: as drawn.
        size_px: of the photograph.
        frame_px: of the frame; the part has its shape.
        camera: of the frame, before its lens.
    """
    (width, height), (frame_w, frame_h) = size_px, frame_px
    most = min(float(width), height * frame_w / frame_h)
    # Not fewer px than the frame has, where the photograph has as many: it stays as sharp.
    wide = min(max(most / background.zoom, float(frame_w)), most)
    high = wide * frame_h / frame_w
    row, level = horizon_px(camera) / frame_h, background.horizon * height
    if 0 < row < 1:
        fits = min(level / row, (height - level) / (1 - row))
        high = min(high, max(fits, _SOFTEST * frame_h))
        wide = high * frame_w / frame_h
    top = level - row * high
    left, top = background.x * (width - wide), min(max(top, 0.0), height - high)
    part = (round(left, 3), round(top, 3), round(wide, 3), round(high, 3))
    return replace(background, size_px=size_px, part_px=part)
