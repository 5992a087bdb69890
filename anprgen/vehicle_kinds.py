# SPDX-License-Identifier: Apache-2.0
"""What a kind of vehicle brings along: where its plate hangs, and how much room it takes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from anprgen.distributions import Choice, Distribution, Uniform
from anprgen.paints import FAMILIES, shares
from anprgen.parameters import Draw
from anprgen.vehicle import Vehicle


@dataclass(frozen=True)
class Kind:
    """One kind: its panels by end, its plate's height over the ground by panel, its size."""

    rear: dict[str, float]
    front: dict[str, float]
    heights: dict[str, tuple[float, float]]
    length_mm: float
    half_mm: float
    top_mm: float


_CAR_FRONT = {"bumper": 0.4, "dark": 0.2, "intake": 0.2, "grille": 0.2}
KINDS: dict[str, Kind] = {
    "saloon": Kind(
        {"tailgate": 0.55, "bumper": 0.45}, _CAR_FRONT,
        {"tailgate": (690, 770), "front": (430, 500), "bumper": (440, 540)}, 4850, 950, 1550,
    ),
    "hatchback": Kind(
        {"tailgate": 0.6, "bumper": 0.4}, _CAR_FRONT,
        {"tailgate": (700, 780), "front": (430, 500), "bumper": (440, 540)}, 4200, 920, 1600,
    ),
    "suv": Kind(
        {"tailgate": 0.7, "bumper": 0.3}, _CAR_FRONT,
        {"tailgate": (820, 930), "front": (500, 600), "bumper": (520, 620)}, 4850, 1000, 1960,
    ),
    "van": Kind(
        {"tailgate": 0.65, "bumper": 0.35}, _CAR_FRONT,
        {"tailgate": (740, 860), "front": (470, 560), "bumper": (470, 580)}, 5150, 960, 2320,
    ),
    "bus": Kind(
        {"bumper": 0.5, "dark": 0.2, "tailgate": 0.3}, {"bumper": 0.7, "dark": 0.3},
        {"front": (430, 560), "bumper": (500, 700), "tailgate": (700, 900), "dark": (500, 700)},
        11900, 1300, 3350,
    ),
    "lorry": Kind(
        {"dark": 0.6, "tailboard": 0.4}, {"bumper": 0.6, "dark": 0.4},
        {"front": (520, 680), "dark": (620, 780), "tailboard": (1050, 1200)}, 9100, 1300, 3700,
    ),
    "three_wheeler": Kind(
        {"bumper": 0.5, "tailgate": 0.5}, {"mudguard": 1.0},
        {"front": (560, 620), "bumper": (500, 600), "tailgate": (560, 660)}, 2800, 680, 1800,
    ),
    "motorcycle": Kind(
        {"mudguard": 1.0}, {"mudguard": 1.0}, {"front": (680, 760), "mudguard": (560, 680)},
        2150, 420, 1700,
    ),
}  # fmt: skip
ENDS: Distribution = Choice({"rear": 0.6, "front": 0.4})
#: Words in a layout's name that say on what such a plate is mounted.
_OWN = {"moto": "motorcycle"}


def draw_vehicle(draw: Draw, path: str, layout: str = "") -> Vehicle:
    """A vehicle at `path`; a whole one gets the end, panel and height that belong to its kind.

    Its paint is one of those common on its kind. `layout` names its plate's: one made for
    motorcycles hangs on a motorcycle.
    """
    drawn_ = draw.group(Vehicle, path)
    name = next((k for word, k in _OWN.items() if word in layout), drawn_.kind)
    if drawn_.kind == "plain":
        return _painted(draw, path, drawn_, name)
    if "vehicle.kind" in draw.overrides and _fixed(draw.overrides["vehicle.kind"]):
        name = drawn_.kind
    drawn_ = _painted(draw, path, drawn_, name)
    kind = KINDS[name]
    end = draw.value(f"{path}.end", ENDS)
    surround = draw.value(f"{path}.surround", Choice(kind.rear if end == "rear" else kind.front))
    span = (
        kind.heights["front" if end == "front" else surround]
        if (end == "front" or surround in kind.heights)
        else next(iter(kind.heights.values()))
    )
    height = draw.value(f"{path}.plate_height_mm", Uniform(*span))
    tilt = drawn_.tilt_deg if name != "bus" else drawn_.tilt_deg / 2
    return replace(
        drawn_, kind=name, end=end, surround=surround, plate_height_mm=height, tilt_deg=tilt
    )


def _painted(draw: Draw, path: str, vehicle: Vehicle, kind: str) -> Vehicle:
    """The vehicle in a paint of its kind: a family is drawn, and from it what makes the colour."""
    word = draw.value(f"{path}.paint", Choice(shares(kind)))
    family = FAMILIES[word]
    return replace(
        vehicle,
        paint=word,
        paint_hue=draw.value(f"{path}.paint_hue", family.hue),
        paint_saturation=draw.value(f"{path}.paint_saturation", family.saturation),
        paint_value=draw.value(f"{path}.paint_value", family.value),
    )


def _fixed(distribution: Distribution) -> bool:
    """Whether it can only be one value."""
    return bool(distribution.at(0.0) == distribution.at(0.999999))
