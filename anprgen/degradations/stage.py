# SPDX-License-Identifier: Apache-2.0
"""What a camera stage is: its kind, its two methods, and what it may know about the shot.

Pixel frames, all with (0, 0) at the outer corner of the top left pixel and centres at +0.5:

- *undistorted frame px*: what an ideal pinhole would see; the renderer's window lies here.
- *sensor (frame) px*: after the lens. Stages from `Kind.OPTICS` to `Kind.DISPLAY` hand on the
  picture of `Context.working`, the sensor window grown by the reach of the stages' filters, so
  that no filter invents a border inside the window.
- *output px*: the finished picture, after `Kind.FRAMING`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from anprgen.geometry import Points, Window

Image = NDArray[Any]

#: Raw counts in a 16 bit container: value of no light, value of a full well.
RAW_BLACK, RAW_WHITE = 2048, 63488

#: Luminance of linear RGB (Rec. 709 / sRGB primaries).
LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


def luminance(image: Image) -> Image:
    """(h, w) luminance of RGB."""
    import cv2

    return np.asarray(cv2.transform(image, LUMA[None]))


class Kind(IntEnum):
    """What a stage acts on; the chain runs in this order, whatever order stages are named in."""

    OPTICS = 10  #: float32 linear light, undistorted window -> sensor window (geometry)
    LIGHT = 20  #: float32 linear light on the sensor: blur, vignetting, glare
    SENSOR = 30  #: linear light -> raw counts, uint16 (h, w), see RAW_BLACK and RAW_WHITE
    PROCESSING = 40  #: raw counts -> display-referred float32 RGB in 0..1
    DISPLAY = 50  #: effects on the finished picture of the sensor: weather, the frame's own JPEG
    FRAMING = 60  #: sensor px -> output px, and resampling of the output
    CODEC = 70  #: float32 0..1 -> uint8, through the final file


class OpticalAxis(Protocol):
    """Focal length and principal point, frame px: all that distortion needs to know."""

    @property
    def focal_px(self) -> float: ...
    @property
    def cx(self) -> float: ...
    @property
    def cy(self) -> float: ...


@dataclass(frozen=True)
class Axis:
    """The plainest `OpticalAxis`."""

    focal_px: float
    cx: float
    cy: float


@dataclass(frozen=True)
class Context:
    """What stages may know about the shot: geometry, address of its randomness, each other."""

    frame_width_px: int
    frame_height_px: int
    focal_px: float
    cx: float
    cy: float
    window: Window  #: photographed part of the sensor, sensor px
    render: Window  #: rendered part, undistorted frame px, with overscan
    crop: tuple[float, float, float, float, float]  #: cx, cy, w, h in sensor px; rotation_deg
    output_px: tuple[int, int]  #: width, height
    seed: int
    index: int
    light_kind: str = "overcast"  #: hdri, sun, overcast, headlamp, infrared
    light_rgb: tuple[float, float, float] = (1.0, 1.0, 1.0)  #: linear colour of the light, if known
    stages: Mapping[str, Stage] = field(default_factory=dict)

    @cached_property
    def margin(self) -> int:
        """Whole px by which the working window is larger than the sensor window, each side."""
        return margin_px(self.stages)

    @cached_property
    def working(self) -> Window:
        """The sensor window with its margin: what stages between lens and framing hand on."""
        return grown(self.window, self.margin)

    @cached_property
    def exposed(self) -> Window:
        """The sensor window that the lens hands on: what the geometry behind it needs."""
        return needed(self.stages, self.working, self)


@dataclass(frozen=True)
class Stage:
    """One step of the camera: a frozen dataclass whose fields are declared with `drawn`.

    `name` is its part of the address ``camera.<name>.<field>``; `kind`, then `order`, then `name`
    place it in the chain.
    """

    name: ClassVar[str]
    kind: ClassVar[Kind]
    order: ClassVar[int] = 0

    def pixels(self, image: Image, ctx: Context) -> Image:
        """The picture after this stage; never changes `image` in place."""
        raise NotImplementedError

    def points(self, px: Points, ctx: Context) -> Points:
        """Where (n, 2) points of the picture go; the same place unless the stage is geometric."""
        return px

    def reach(self) -> float:
        """How many px beyond a pixel this stage looks; adds to the overscan."""
        return 0.0

    def needs(self, window: Window, axis: OpticalAxis) -> Window:
        """The sensor window that a geometric stage behind the lens takes to hand on `window`."""
        return window


def in_order(stages: Mapping[str, Stage]) -> list[Stage]:
    """Stages as they act on the light."""
    return sorted(stages.values(), key=lambda s: (s.kind, s.order, s.name))


def needed(stages: Mapping[str, Stage], window: Window, axis: OpticalAxis) -> Window:
    """The sensor window that the lens must hand on, so that `window` can be made of it."""
    for stage in reversed(in_order(stages)):
        if stage.kind is Kind.OPTICS:
            window = stage.needs(window, axis)
    return window


def margin_px(stages: Mapping[str, Stage]) -> int:
    """How far everything after the lens looks together, in whole sensor px.

    Filters one after another add in quadrature, like their variances: the far corner of the plain
    sum carries next to no weight, and every px of margin costs the renderer its light.
    """
    reaches = [s.reach() for s in stages.values() if s.kind > Kind.OPTICS]
    return math.ceil(max(math.hypot(*reaches), *reaches, 0.0) - 1e-9)


def grown(window: Window, by: int) -> Window:
    """The window with `by` px more on each side."""
    return Window(window.x0 - by, window.y0 - by, window.width + 2 * by, window.height + 2 * by)
