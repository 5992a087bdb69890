# SPDX-License-Identifier: GPL-3.0-or-later
"""From a drawn kind to a planned body, and the panel's shape that joins it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from lit import OFF
from mesh_parts import Frame, Paint, Parts
from stance import Shape

from bodies import car, coach, lorry, motorcycle, three_wheeler
from bodies.site import Body

Build = Callable[[Body, Any], None]
CARS = ("saloon", "hatchback", "suv", "van")


@dataclass(frozen=True)
class Planned:
    """The panel's shape of a vehicle and what builds the rest."""

    shape: Shape
    build: Build
    random: np.random.Generator


def plan(looks: dict[str, Any], shape: Shape) -> Planned:
    """Plans the body of `looks["kind"]` about a plate whose shape is solved."""
    random = np.random.Generator(
        np.random.Philox(key=int(abs(looks["seed_w"]) * 1e6 + 0x5EED) & 0xFFFFFFFF)
    )
    rear, kind = looks["end"] == "rear", looks["kind"]
    ground = -float(looks["plate_height_mm"])
    low = min(ground + 250.0, shape.recess[1] - 40)
    high = max(shape.recess[3] + 60, 150.0)
    edge = high - ground
    side = 30.0
    if kind in CARS:
        own = car.plan(kind, random, edge, rear)
        radius, half = own.hull.corner, own.hull.half + 8
        axle = own.axles[1] if rear else own.axles[0]
        over = own.hull.length - axle if rear else axle
        side = max(over - own.wheel_r - 70 - radius - 60, 20.0)
        build: Build = lambda body, profile: car.build(body, own, profile)  # noqa: E731
    elif kind == "bus":
        bus = coach.plan(random)
        radius, half = bus.corner, bus.half + 8
        build = lambda body, profile: coach.build(body, bus, profile)  # noqa: E731
    elif kind == "lorry":
        truck = lorry.plan(random, looks["surround"] != "tailboard")
        if not rear:
            radius, half = truck.cab.corner, truck.cab.half + 8
        else:
            radius, half = 40.0, min(truck.half - 60, max(700.0, shape.outer[2] + 250))
            side = 1.0
            low = shape.recess[1] - 50
            high = max(shape.recess[3] + 50, 90.0)
            if looks["surround"] == "tailboard":
                half, high = truck.half - 20, max(high, truck.high + ground)
            else:
                truck = replace(truck, bed=max(truck.bed, high - ground + 45),
                                high=max(truck.high, high - ground + 1900))  # fmt: skip
        build = lambda body, profile: lorry.build(body, truck, profile)  # noqa: E731
    elif kind == "three_wheeler":
        tuk = three_wheeler.plan(random, edge + 15)
        radius, half = 130.0, tuk.half - 6
        if looks["surround"] == "mudguard":
            half = 150.0
        build = lambda body, profile: three_wheeler.build(body, tuk, profile)  # noqa: E731
    else:
        bike = motorcycle.plan(random, looks["ridden"])
        radius, half = 40.0, 150.0
        build = lambda body, profile: motorcycle.build(body, bike, profile)  # noqa: E731
    start = half - radius
    planned = replace(
        shape, ground=ground, half=start + radius * np.pi / 2 + side, corner=(start, radius),
        rows=(low, high), panel_k=22.0 / max(start - 260.0, 100.0) ** 2,
    )  # fmt: skip
    return Planned(planned, build, random)


def add_body(
    parts: Parts, planned: Planned, looks: dict[str, Any], frames: tuple[Frame, Frame],
    paints: tuple[Paint, Paint], profile: Any,
) -> None:  # fmt: skip
    """Builds all of a vehicle but the panel; `frames` are upright and the panel's."""
    stand, panel = frames
    body = Body(
        parts, planned.shape, looks, stand, panel, paints[0], paints[1], planned.random,
        looks["end"] == "rear", looks.get("lit", OFF),
    )  # fmt: skip
    planned.build(body, profile)
