# SPDX-License-Identifier: Apache-2.0
"""What is in the picture besides plate 0: the place, further vehicles, lettering to leave alone.

World axes are those of `anprgen.geometry`: x right, y away from the camera, z up, plate 0 at the
origin. Lengths in mm.
"""

from __future__ import annotations

from dataclasses import dataclass

from anprgen.distributions import Choice, Constant, Integer, Normal, Uniform
from anprgen.errors import ConfigError
from anprgen.parameters import drawn
from anprgen.vehicle import Vehicle

#: Where a scene can be; none is an empty plane with the vehicle alone.
PLACES = ("none", "street", "kerb", "car_park", "gate", "highway", "yard")
#: The place of a photograph of the user's own (`anprgen.background`).
PHOTO = "photo"


@dataclass(frozen=True)
class Scene:
    """How much is in the picture."""

    plates: int = drawn(Constant(1), "plates in the scene, the first on the vehicle in front")
    place: str = drawn(
        Choice({name: float(name == "none") for name in (*PLACES, PHOTO)}),
        "what is around: none (an empty plane), street, kerb, car_park, gate, highway, yard, or a"
        " photo of --backgrounds",
    )
    vehicles: int = drawn(
        Constant(1), "vehicles, the one in front included; 0 with no plates: the place alone"
    )
    signs: int = drawn(
        Constant(0), "lettered things that are no plates: road signs, boards, stickers, taxi signs"
    )
    side: str = drawn(
        Choice({"left": 0.5, "right": 0.5}), "side of the kerb, as the camera sees it"
    )
    lane_mm: float = drawn(Uniform(2900, 3600), "width of a lane or bay row", low=2200, high=6000)
    furniture: float = drawn(
        Uniform(0.2, 1.0), "how many trees, poles, bins, bollards there are", high=1
    )
    seed_w: float = drawn(Uniform(0, 1000), "houses, trees, markings and the ground's texture")

    def __post_init__(self) -> None:
        if self.plates not in range(7):
            raise ConfigError(f"{self.plates} plates: 0 to 6 can be mounted", where="scene.plates")
        if self.vehicles not in range(9):
            raise ConfigError(f"{self.vehicles} vehicles: 0 to 8 can stand", where="scene.vehicles")
        if self.signs not in range(9):
            raise ConfigError(f"{self.signs} signs: 0 to 8 can stand", where="scene.signs")


@dataclass(frozen=True)
class Stand:
    """How a further vehicle takes its place: which of those that are free, and how exactly."""

    rank: float = drawn(Uniform(0, 1), "which of the places that are free", high=1)
    shift_x_mm: float = drawn(Normal(0, 120, -350, 350), "beside its place", high=2000)
    shift_y_mm: float = drawn(Normal(0, 500, -1500, 1500), "before or behind its place", high=4000)
    turn_deg: float = drawn(
        Choice([(Normal(0, 1.5), 0.8), (Normal(0, 7, -20, 20), 0.2)]),
        "turned against its place",
        high=90,
    )


@dataclass(frozen=True)
class Neighbour:
    """A further vehicle: where the end that faces the camera stands on the ground, and how turned.

    `heading_deg` 0 is that of the vehicle in front, counted anticlockwise from above. `plate` is
    the number of its plate in the shot, -1 for none.
    """

    vehicle: Vehicle
    x_mm: float
    y_mm: float
    heading_deg: float
    plate: int = -1


@dataclass(frozen=True)
class Sign:
    """A lettered thing that is no plate."""

    kind: str = drawn(
        Choice({"road": 0.26, "board": 0.2, "wall": 0.18, "sticker": 0.2, "taxi": 0.16}),
        "road sign on a post, board, lettering on a wall, sticker on a vehicle, taxi sign",
    )
    text: int = drawn(Integer(0, 9_999_999), "which of the texts, and the digits in them")
    face: str = drawn(
        Choice({"us_sans": 0.4, "owner_sans": 0.35, "owner_round": 0.25}), "face of the lettering"
    )
    hue: float = drawn(Uniform(0, 1), "colour of its ground", high=1)
    light: str = drawn(
        Choice({"light": 0.55, "dark": 0.45}), "light ground with dark letters, or the reverse"
    )
    seed_w: float = drawn(Uniform(0, 1000), "where it stands and how large it is")


_TEXTS = (
    "TAXI", "FOR SALE", "STOP", "BUS STOP", "NO PARKING", "ONE WAY", "KEEP LEFT", "SCHOOL",
    "TEL 0## ### ####", "CALL 07# ### ####", "07########", "ROUTE 1##", "### EXPRESS", "ROOM ###",
    "HOTEL", "BAKERY", "CAR WASH", "TYRES", "OFFICE", "SPEED ##", "##", "EXIT ##", "LOT ## ###",
    "SALE ##", "OPEN 24 H", "DRIVE SAFELY", "BABY ON BOARD", "LEARNER", "MAX ## KM", "UNIT ##",
    "ROOMS ###", "GATE #", "A ##", "B ###", "HIRE ### ###", "GARAGE", "PHARMACY",
)  # fmt: skip


def text_of(sign: Sign) -> str:
    """What a sign says; digits take the place of #."""
    text = _TEXTS[sign.text % len(_TEXTS)] if sign.kind != "taxi" else "TAXI"
    number = sign.text * 7919 + 12345
    out = ""
    for char in text:
        if char == "#":
            char, number = str(number % 10), number // 10 + 31
        out += char
    return out
