# SPDX-License-Identifier: Apache-2.0
"""A Shot says everything about one photograph, before anything expensive happens.

Each group of parameters is a frozen dataclass whose fields say how they are drawn
(`anprgen.parameters.drawn`); a field's address is ``<group>.<field>``, for plates
``plates.<n>.<part>.<field>``, for the camera's stages ``camera.<stage>.<field>``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields, is_dataclass
from functools import lru_cache
from typing import Any

from anprgen.background import Background
from anprgen.capture import Capture, Taken
from anprgen.condition import Make, Mount, Wear
from anprgen.damage import Damage
from anprgen.distributions import Choice, Constant, LogUniform, Normal, Quantiles, Uniform
from anprgen.errors import ConfigError
from anprgen.geometry import Window
from anprgen.light import Light
from anprgen.moment import Moment
from anprgen.parameters import drawn
from anprgen.registration import Registration
from anprgen.scene import Neighbour, Scene, Sign
from anprgen.vehicle import Vehicle

# One-line plates in crops of street photographs are 70/98/153/221/282 px wide at the 5/25/50/75/95
# percentiles, two-line plates about two thirds of that (`solve.target_width_px`).
_CROP_WIDTHS = Quantiles(
    ((0, 40), (0.05, 66), (0.25, 98), (0.5, 152), (0.75, 220), (0.95, 292), (1, 400)), log=True
)


@dataclass(frozen=True)
class Frame:
    """The whole sensor."""

    size: str = drawn(Constant("1920x1080"), "sensor width x height in px")
    hfov_deg: float = drawn(LogUniform(14, 60), "horizontal field of view")

    def __post_init__(self) -> None:
        sides = re.fullmatch(r"(\d{2,4})x(\d{2,4})", str(self.size))
        if not sides or not all(64 <= int(v) <= 8192 for v in sides.groups()):
            raise ConfigError(
                f"a frame of {self.size!r} cannot be made",
                where="frame.size",
                hint="width x height in px, each 64 to 8192: 1280x720",
            )
        if not 1 <= self.hfov_deg <= 150:
            raise ConfigError(f"{self.hfov_deg} is not in 1..150 degrees", where="frame.hfov_deg")

    @property
    def width_px(self) -> int:
        """Sensor width."""
        return int(self.size.split("x")[0])

    @property
    def height_px(self) -> int:
        """Sensor height."""
        return int(self.size.split("x")[1])


@dataclass(frozen=True)
class View:
    """Where the camera stands, from what matters in the picture; distance and aim are solved."""

    width_px: float = drawn(
        _CROP_WIDTHS,
        "width of the box of a 520 mm plate 0, undistorted; others scale",
        low=8,
        high=8000,
    )
    yaw_deg: float = drawn(
        Choice([(Normal(0, 10, -30, 30), 0.55), (Normal(0, 26, -62, 62), 0.45)]),
        "camera to the right of the plate's normal",
        high=85,
    )
    elevation_deg: float = drawn(
        Choice([(Normal(6, 9, -20, 45), 0.8), (Normal(16, 14, -20, 50), 0.2)]),
        "camera above the plate's horizon",
        low=-60,
        high=85,
    )
    roll_deg: float = drawn(
        Choice([(Normal(0, 2.5), 0.65), (Normal(0, 11, -30, 30), 0.35)]),
        "camera about its axis",
        high=180,
    )
    place_x: float = drawn(
        Normal(0, 0.35, -0.9, 0.9), "plate centre from the frame's, half widths", high=1
    )
    place_y: float = drawn(
        Normal(0.1, 0.3, -0.9, 0.9), "plate centre from the frame's, half heights", high=1
    )


@dataclass(frozen=True)
class Crop:
    """How a detector cuts the plate out, relative to its box (``--task ocr``)."""

    left: float = drawn(
        Normal(0.05, 0.045, -0.02, 0.3), "margin, of the box's width", low=-0.3, high=5
    )
    right: float = drawn(
        Normal(0.05, 0.045, -0.02, 0.3), "margin, of the box's width", low=-0.3, high=5
    )
    top: float = drawn(
        Normal(0.06, 0.06, -0.03, 0.4), "margin, of the box's height", low=-0.3, high=5
    )
    bottom: float = drawn(
        Normal(0.06, 0.06, -0.03, 0.4), "margin, of the box's height", low=-0.3, high=5
    )
    rotation_deg: float = drawn(
        Choice([(0.0, 0.8), (Normal(0, 7, -22, 22), 0.2)]),
        "the crop's own rotation",
        high=180,
    )
    loose: float = drawn(
        Choice([(0.0, 0.82), (Uniform(0.03, 0.32), 0.18)]),
        "more margin on every side, of the square root of the box's area: detectors that are"
        " unsure, or boxes that were drawn around a turned plate",
        high=5,
    )


@dataclass(frozen=True)
class MountedPlate:
    """One plate in the scene: its design, what it says, and how it is made, worn and fixed."""

    design: str
    variant: str
    registration: Registration
    make: Make
    wear: Wear
    mount: Mount
    size_mm: tuple[float, float]
    plate_to_world: tuple[tuple[float, ...], ...]  # 4x4, mm; from points about the plate's centre
    corner_radius_mm: float = 10.0
    sheet: str = "white"
    border: bool = True
    vary: tuple[float, ...] = ()  # -1..1: plate width and height, then x, y, size, width an element
    options: tuple[int, ...] = ()  # which option each element that has some takes
    holes_mm: tuple[tuple[float, float, float], ...] = ()  # x, y, diameter: places for bolts
    damage: Damage = Damage()


@dataclass(frozen=True)
class Solved:
    """The camera that makes the view: derived, never drawn.

    `window` is the part of the sensor that is photographed, in distorted frame px; `render`
    is the part rendered without distortion, with overscan; `crop` is the cut in sensor px:
    (centre x, centre y, width, height, rotation_deg).
    """

    focal_px: float
    cx: float
    cy: float
    world_to_camera: tuple[tuple[float, ...], ...]  # 4x4, mm
    distance_mm: float
    window: Window
    render: Window
    crop: tuple[float, float, float, float, float]
    output_px: tuple[int, int]


@dataclass(frozen=True)
class Shot:
    """Everything about one photograph; a pure function of (configuration, seed, index).

    `render_index` is the address of all but `crop` and `camera`: photographs of one render share
    it. It is `index` unless several are made of each.
    """

    seed: int
    index: int
    render_index: int
    task: str
    samples: int
    frame: Frame
    scene: Scene
    view: View
    crop: Crop
    light: Light
    vehicle: Vehicle
    plates: tuple[MountedPlate, ...]
    camera: dict[str, Any] = field(default_factory=dict)  # stage name -> its dataclass
    solved: Solved | None = None
    capture: Capture | None = None  # None: the camera's stages are drawn each by itself
    taken: Taken | None = None
    light_rgb: tuple[float, float, float] = (1.0, 1.0, 1.0)  # derived: `illuminant.light_rgb`
    traffic: tuple[Neighbour, ...] = ()  # further vehicles
    signs: tuple[Sign, ...] = ()
    background: Background | None = None  # what ``scene.place`` photo shows
    moment: Moment | None = None  # of a frame of a sequence


_SCALARS = frozenset((float, int, str, bool, type(None)))


def to_json(value: Any) -> Any:
    """A shot, or a part of it, as JSON values (`dataclasses.asdict` without its deep copies)."""
    if value.__class__ in _SCALARS:
        return value
    if isinstance(value, (list, tuple)):  # most values are scalars: spare them the call
        return [v if v.__class__ in _SCALARS else to_json(v) for v in value]
    if isinstance(value, dict):
        return {k: v if v.__class__ in _SCALARS else to_json(v) for k, v in value.items()}
    if names := _names(value.__class__):
        return {name: to_json(getattr(value, name)) for name in names}
    return value


@lru_cache(maxsize=128)
def _names(cls: type) -> tuple[str, ...]:
    return tuple(f.name for f in fields(cls)) if is_dataclass(cls) else ()
