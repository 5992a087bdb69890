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
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from anprgen import colour
from anprgen.geometry import Points, Window

if TYPE_CHECKING:
    from anprgen.distributions import Distribution
    from anprgen.parameters import Draw

Image = NDArray[Any]

#: Raw counts in a 16 bit container: value of no light, value of a full well.
RAW_BLACK, RAW_WHITE = 2048, 63488

#: Luminance of linear RGB (Rec. 709 / sRGB primaries).
LUMA = colour.LUMA.astype(np.float32)


def luminance(image: Image) -> Image:
    """(h, w) luminance of RGB."""
    import cv2

    return np.asarray(cv2.transform(image, LUMA[None]))


def clipped(image: Image, high: float = 1.0) -> Image:
    """A float32 picture without what is below 0 and above `high`; ten times as fast as np.clip."""
    import cv2

    _, out = cv2.threshold(image, high, 0, cv2.THRESH_TRUNC)
    return not_negative(out)


def not_negative(image: Image) -> Image:
    """A float32 picture without what is below 0."""
    import cv2

    return np.asarray(cv2.threshold(image, 0, 0, cv2.THRESH_TOZERO)[1])


def eight_bit(image: Image) -> Image:
    """uint8 of a float32 picture in 0..1, rounded; what is beyond is cut off."""
    import cv2

    return np.asarray(cv2.convertScaleAbs(not_negative(image), alpha=255))


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
    output_px: tuple[int, int]  #: width, height of the crop; `picture_px` after every stage
    seed: int
    index: int
    light_kind: str = "overcast"  #: hdri, sun, overcast, street, neon, headlamp, infrared
    light_rgb: tuple[float, float, float] = (
        1.0,
        1.0,
        1.0,
    )  #: colour of the light, linear
    stages: Mapping[str, Stage] = field(default_factory=dict)
    quad: tuple[tuple[float, float], ...] = ()  #: corners of plate 0, sensor px; () if unknown
    #: What the meter of a sequence's camera reads, in linear light; None: it measures the picture.
    metered: float | None = None
    still_index: int = -1  #: address of what stays from frame to frame; -1: `index`
    finer: int = 1  #: how many times finer than the photograph all px are (passes for checks)

    @property
    def still(self) -> int:
        """The address of what does not change between the frames of a sequence."""
        return self.index if self.still_index < 0 else self.still_index

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

    @property
    def whole_frame(self) -> bool:
        """Whether the picture is the whole frame, not a crop out of it."""
        return (self.window.width, self.window.height) == (
            self.frame_width_px,
            self.frame_height_px,
        )

    @property
    def picture_px(self) -> tuple[int, int]:
        """Width and height of the finished picture."""
        return self.size_before(None)

    def size_before(self, stage: Stage | None) -> tuple[int, int]:
        """Width and height of the picture that a stage of `Kind.FRAMING` is given, px."""
        size = self.output_px
        for other in in_order(self.stages):
            if other.kind == Kind.FRAMING and (stage is None or _place(other) < _place(stage)):
                size = other.picture_size(size, self)
        return size


@dataclass(frozen=True)
class Stage:
    """One step of the camera: a frozen dataclass whose fields are declared with `drawn`.

    `name` is its part of the address ``camera.<name>.<field>``; `kind`, then `order`, then `name`
    place it in the chain.
    """

    name: ClassVar[str]
    kind: ClassVar[Kind]
    order: ClassVar[int] = 0

    @classmethod
    def from_draw(cls, draw: Draw) -> Self:
        """The stage of one sample, each field from its address ``camera.<name>.<field>``."""
        return draw.group(cls, f"camera.{cls.name}")

    @classmethod
    def check(cls, overrides: Mapping[str, Distribution]) -> None:
        """Refuses, as a ConfigError, overrides that this installation cannot follow."""

    def pixels(self, image: Image, ctx: Context) -> Image:
        """The picture after this stage; never changes `image` in place."""
        raise NotImplementedError

    def points(self, px: Points, ctx: Context) -> Points:
        """Where (n, 2) points of the picture go; the same place unless the stage is geometric."""
        return px

    def picture_size(self, px: tuple[int, int], ctx: Context) -> tuple[int, int]:
        """Width and height that a stage of `Kind.FRAMING` makes of a picture of `px`."""
        return px

    def reach(self) -> float:
        """How many px beyond a pixel this stage looks; adds to the overscan."""
        return 0.0

    def needs(self, window: Window, axis: OpticalAxis) -> Window:
        """The sensor window that a geometric stage behind the lens takes to hand on `window`."""
        return window


def in_order(stages: Mapping[str, Stage]) -> list[Stage]:
    """Stages as they act on the light."""
    some = tuple(stages.values())
    return [some[i] for i in _order(tuple(map(type, some)))]


@lru_cache(maxsize=64)
def _order(classes: tuple[type[Stage], ...]) -> tuple[int, ...]:
    return tuple(sorted(range(len(classes)), key=lambda i: _place(classes[i])))


def _place(stage: Stage | type[Stage]) -> tuple[int, int, str]:
    return stage.kind, stage.order, stage.name


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
