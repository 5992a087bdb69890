# SPDX-License-Identifier: GPL-3.0-or-later
"""Which lamps of a vehicle are lit, and how bright they look.

What is lit glows for the camera alone: it costs no sample and makes no noise. Its halo is the
camera's (`camera.glare`). Luminances are those of lamps under ECE R148 and R149, a little less far
apart than they are, as a sensor that is full shows them: a brake lamp is some times as bright as a
tail lamp (R148: 60 to 260 cd against 4 to 17 cd), dipped head lamps brighter than both.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from mesh_parts import Paint

#: Radiance of a white sheet in the light that scenes are scaled to.
WHITE = 0.55
#: Luminance of lamps against that of a tail lamp.
_BRAKE, _DIPPED, _POSITION = 4.0, 12.0, 2.5
RED_LIGHT = (0.6, 0.03, 0.016)
_BULB, _LED = (1.0, 0.84, 0.58), (0.9, 0.96, 1.0)


@dataclass(frozen=True)
class Lit:
    """Radiance of a vehicle's lamps; 0: off. `dipped` says whether its head lamps are full on."""

    tail: float = 0.0
    brake: float = 0.0
    head: float = 0.0
    dipped: bool = False
    white: tuple[float, float, float] = _LED

    @property
    def red(self) -> float:
        """Of the part of a tail lamp that brakes."""
        return max(self.tail, self.brake)


OFF = Lit()


def lit_of(looks: dict[str, Any], light: dict[str, Any], first: bool) -> Lit:
    """The lamps of a vehicle; `first`: the one in front, which `light` may brake and light too."""
    level = light["lamp_level"] * WHITE
    dipped = looks["lamps"] == "dipped"
    on = dipped or looks["lamps"] == "position" or (first and light["plate_lamps"] > 0)
    braking = looks["braking"] == "yes" or (first and light["brake_lamps"] > 0)
    return Lit(
        level * on,
        level * _BRAKE * braking,
        level * (_DIPPED if dipped else _POSITION) * on,
        dipped,
        _BULB if looks["seed_w"] % 1.0 < 0.5 else _LED,
    )


def shining(paint: Paint, rgb: tuple[float, float, float], radiance: float) -> Paint:
    """The paint of a lens that lets out light of a colour; as it was where there is none."""
    if radiance <= 0:
        return paint
    return replace(paint, rgb=rgb, glow=radiance / max(rgb))


def tail_red(paint: Paint, lit: Lit, share: float = 1.0) -> Paint:
    """A red lens as lit as a tail lamp's."""
    return shining(paint, RED_LIGHT, lit.red * share)
