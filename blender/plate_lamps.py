# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a plate's own lamps are, and what they throw on it: small, close above its upper edge.

The first plate's are lamps of the scene. Every further lamp of a scene would make all others
noisier, so those of further plates are computed: on the face by its material, around it by the
panel's vertices.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Irradiance of a plate's middle by lamps of the amount 1: that of the light scenes are scaled to.
_UNIT = 2.2
#: How far beside a plate its lamps still show, mm.
_REACH = 420.0
Points = NDArray[np.float64]


@dataclass(frozen=True)
class PlateLamps:
    """One or two lamps: `half_mm` beside the middle, above the upper edge, before the plate.

    Each gives `intensity` / d^2 at d metres.
    """

    count: int
    half_mm: float
    rise_mm: float
    out_mm: float
    intensity: float

    def places(self, height_mm: float) -> Points:
        """Their places (n, 4) about the plate's centre, homogeneous, m."""
        sides = (-self.half_mm, self.half_mm)[: self.count]
        return np.array(
            [(x / 1000, -(height_mm / 2 + self.rise_mm) / 1000, -self.out_mm / 1000, 1.0)
             for x in sides]
        )  # fmt: skip


def plate_lamps(light: dict[str, Any], plate: dict[str, Any], share: float) -> PlateLamps | None:
    """The lamps of a plate whose room above is known; `share` of the light's amount, 0 for none."""
    amount = light["plate_lamps"] * share
    if amount <= 0:
        return None
    width, height = plate["size_mm"]
    count = int(light["plate_lamp_count"])
    found = PlateLamps(
        count,
        light["plate_lamp_spread"] * width / 2 if count == 2 else 0.0,
        min(light["plate_lamp_rise_mm"], 0.7 * plate["room_above_mm"]),
        light["plate_lamp_out_mm"],
        1.0,
    )
    # Together they give the middle of the plate its share of light.
    out = found.out_mm / 1000
    seen = sum(out / np.linalg.norm(at[:3]) ** 3 for at in found.places(height))
    return PlateLamps(*(count, found.half_mm, found.rise_mm, found.out_mm), amount * _UNIT / seen)


def around(lamps: PlateLamps, matrix: Points, height_mm: float, world_m: Points) -> Points:
    """Irradiance (n) of points (n, 3) of what is behind a plate, as it faces; 0 far away."""
    local = (world_m * 1000 - matrix[:3, 3]) @ matrix[:3, :3]
    near = (np.abs(local[:, :2]) < _REACH).all(1) & (local[:, 2] > -20) & (local[:, 2] < 260)
    out = np.zeros(len(world_m))
    at = local[near] / 1000
    for place in lamps.places(height_mm):
        way = place[:3] - at
        out[near] += lamps.intensity * np.maximum(-way[:, 2], 0) / np.linalg.norm(way, axis=1) ** 3
    return out
