# SPDX-License-Identifier: Apache-2.0
"""The chain from linear light to a file, and the way points take through it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from anprgen.degradations.interpolate import TAPS_PX
from anprgen.degradations.jpeg import Jpeg, decode
from anprgen.degradations.lens import Lens
from anprgen.degradations.rolling import Rolling
from anprgen.degradations.stage import (
    Axis,
    Context,
    Image,
    OpticalAxis,
    Stage,
    grown,
    in_order,
    margin_px,
    needed,
)
from anprgen.errors import RenderError
from anprgen.geometry import Points, Window, bounds, rectangle

Stages = Mapping[str, Stage]


@dataclass(frozen=True)
class Photo:
    """A finished picture, its file, and where points of the scene went."""

    image: NDArray[np.uint8]  #: (height, width, 3) RGB, exactly what `jpeg` decodes to
    jpeg: bytes
    ctx: Context

    def points(self, px: Points) -> Points:
        """Undistorted frame px (n, 2) -> px of this picture."""
        return points(self.ctx, px)


def photograph(light: Image, stages: Stages, ctx: Context) -> Photo:
    """Linear light of `ctx.render`, float32 (h, w, 3), -> a picture of `picture_px`.

    Raises:
        RenderError: the light does not have the size of the window, or is not finite.
    """
    ctx = replace(ctx, stages=dict(stages))
    want = (ctx.render.height, ctx.render.width, 3)
    if light.shape != want:
        raise RenderError(f"the light has the shape {light.shape}, the rendered window {want}")
    image = np.ascontiguousarray(light, np.float32)
    if not np.isfinite(image).all():
        raise RenderError("the rendered light has values that are not finite")
    chain = in_order(stages)
    *before, last = chain
    for stage in before:
        image = stage.pixels(image, ctx)
    if not isinstance(last, Jpeg):
        raise RenderError("the last camera stage must be the JPEG file", hint=f"it is {last}")
    jpeg = last.encode(image, ctx)
    return Photo(decode(jpeg), jpeg, ctx)


def points(ctx: Context, px: Points) -> Points:
    """Undistorted frame px (n, 2) -> output px, through every stage of `ctx.stages`."""
    px = np.asarray(px, np.float64)
    for stage in in_order(ctx.stages):
        px = stage.points(px, ctx)
    return px


def distort(stages: Stages, axis: OpticalAxis, px: Points) -> Points:
    """Undistorted frame px (n, 2) -> sensor px; `axis` is a `Context`, an `Axis`, a `Pinhole`..."""
    lens, rolling = stages.get("lens"), stages.get("rolling")
    px = lens.distort(px, axis) if isinstance(lens, Lens) else np.asarray(px, np.float64)
    return rolling.forward(px, axis) if isinstance(rolling, Rolling) and rolling.moves() else px


def undistort(stages: Stages, axis: OpticalAxis, px: Points) -> Points:
    """Sensor px (n, 2) -> undistorted frame px, to below 1e-6 px."""
    lens, rolling = stages.get("lens"), stages.get("rolling")
    px = np.asarray(px, np.float64)
    if isinstance(rolling, Rolling) and rolling.moves():
        px = rolling.inverse(px, axis)
    return lens.undistort(px, axis) if isinstance(lens, Lens) else px


def overscan_px(stages: Stages, focal_px: float | None = None) -> float:
    """How far beyond the sensor window the chain looks: blur, motion, colour fringes, filters.

    `focal_px` has no influence today: shake is drawn in px.
    """
    lens = stages.get("lens")
    return margin_px(stages) + (lens.reach() if lens is not None else 0.0)


def window_to_render(
    stages: Stages, focal_px: float, cx: float, cy: float, window: Window
) -> Window:
    """The undistorted window to render so that the sensor window has no invented border."""
    axis, lens = Axis(focal_px, cx, cy), stages.get("lens")
    to = needed(stages, grown(window, margin_px(stages)), axis)
    edge = rectangle(to.width, to.height, 16.0) + (to.x0, to.y0)
    scales = [1.0]
    if isinstance(lens, Lens):
        corner = math.hypot(cx, cy)
        scales += [1 + lens.red_px / corner, 1 + lens.blue_px / corner]
    centre = np.array([cx, cy])
    source = np.concatenate([(edge - centre) / scale + centre for scale in scales])
    if isinstance(lens, Lens):
        source = lens.undistort(source, axis)
    x0, y0, x1, y1 = bounds(source)
    x0, y0 = math.floor(x0 - TAPS_PX), math.floor(y0 - TAPS_PX)
    return Window(x0, y0, math.ceil(x1 + TAPS_PX) - x0, math.ceil(y1 + TAPS_PX) - y0)
