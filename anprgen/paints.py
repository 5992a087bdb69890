# SPDX-License-Identifier: Apache-2.0
"""Paints of vehicles: families of colours, and how common each is on a kind of vehicle.

Cars: the makers' yearly counts of new cars. Axalta, Global Automotive Color Popularity Report 2019
to 2021: white 35 to 38 %, black 19, grey 13 to 19, silver 9 to 10, all others about 20. BASF, Color
Report for Automotive OEM Coatings 2021: blue 9, red 6, brown 2, beige, gold and orange 1 each. Of
motorcycles, three-wheelers, buses and lorries nobody publishes counts: theirs are rough, with more
colour, as in South Asia.

Colours are reflectances in linear light without gloss, which renderers add: hue 0..1, saturation
(1 - least / largest channel) and value (the largest channel). A saturated paint absorbs most light:
a red one has 0.28 to 0.45 in red and 0.02 to 0.05 in green and blue; blues are darker still.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from anprgen.distributions import Choice, Distribution, Uniform

_ANY = Uniform(0.0, 1.0)


class Family(NamedTuple):
    """Distributions of a family's hue, saturation and value."""

    hue: Distribution
    saturation: Distribution
    value: Distribution


FAMILIES: dict[str, Family] = {
    "white": Family(Uniform(0.05, 0.17), Uniform(0.0, 0.06), Uniform(0.6, 0.84)),
    "black": Family(_ANY, Uniform(0.0, 0.12), Uniform(0.004, 0.022)),
    "grey": Family(Uniform(0.5, 0.7), Uniform(0.0, 0.12), Uniform(0.03, 0.24)),
    "silver": Family(Uniform(0.5, 0.7), Uniform(0.0, 0.05), Uniform(0.26, 0.46)),
    "blue": Family(Uniform(0.57, 0.66), Uniform(0.55, 0.92), Uniform(0.03, 0.28)),
    "red": Family(
        Choice([(Uniform(0.98, 1.0), 0.5), (Uniform(0.0, 0.015), 0.5)]),
        Uniform(0.87, 0.95),
        Choice([(Uniform(0.28, 0.45), 0.7), (Uniform(0.08, 0.28), 0.3)]),
    ),
    "brown": Family(Uniform(0.02, 0.08), Uniform(0.45, 0.8), Uniform(0.04, 0.16)),
    "beige": Family(Uniform(0.08, 0.13), Uniform(0.25, 0.5), Uniform(0.3, 0.5)),
    "green": Family(Uniform(0.32, 0.46), Uniform(0.45, 0.88), Uniform(0.03, 0.2)),
    "yellow": Family(Uniform(0.09, 0.13), Uniform(0.88, 0.97), Uniform(0.5, 0.72)),
    "orange": Family(Uniform(0.02, 0.05), Uniform(0.9, 0.97), Uniform(0.4, 0.58)),
}

_CARS = {
    "white": 0.36, "black": 0.19, "grey": 0.175, "silver": 0.095, "blue": 0.08, "red": 0.055,
    "brown": 0.015, "beige": 0.01, "green": 0.01, "yellow": 0.005, "orange": 0.005,
}  # fmt: skip
_OTHERS = {
    "motorcycle": {
        "black": 0.36, "red": 0.22, "blue": 0.15, "grey": 0.09, "white": 0.06, "silver": 0.05,
        "green": 0.03, "yellow": 0.02, "orange": 0.02,
    },
    "three_wheeler": {
        "red": 0.3, "blue": 0.22, "green": 0.19, "yellow": 0.12, "black": 0.08, "white": 0.05,
        "orange": 0.04,
    },
    "bus": {
        "white": 0.4, "red": 0.2, "blue": 0.14, "silver": 0.08, "yellow": 0.06, "green": 0.06,
        "grey": 0.03, "orange": 0.03,
    },
    "lorry": {
        "white": 0.45, "blue": 0.17, "red": 0.12, "silver": 0.06, "grey": 0.05, "yellow": 0.05,
        "green": 0.05, "orange": 0.03, "brown": 0.02,
    },
}  # fmt: skip
#: Of plain vehicles, which crops show a little of: so many are no cars.
_NO_CARS = 0.2
PLAIN: dict[str, float] = {
    word: round(
        (1 - _NO_CARS) * _CARS.get(word, 0.0)
        + _NO_CARS / len(_OTHERS) * sum(shares.get(word, 0.0) for shares in _OTHERS.values()),
        4,
    )
    for word in FAMILIES
}


def shares(kind: str) -> Mapping[str, float]:
    """How common each family is on a kind of vehicle (`vehicle.kind`)."""
    return PLAIN if kind == "plain" else _OTHERS.get(kind, _CARS)


def marginal(of: str) -> Choice:
    """Hue, saturation or value of the paint of a plain vehicle whose family nobody knows."""
    return Choice([(getattr(FAMILIES[word], of), share) for word, share in PLAIN.items()])
