# SPDX-License-Identifier: Apache-2.0
"""A plate printed on paper behind a rear window: what that makes of its sheet, wear and mount."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from anprgen.damage import Damage
from anprgen.distributions import Choice
from anprgen.registration import Series
from anprgen.shot import MountedPlate
from anprgen.vehicle import Vehicle

#: How often a plate of a temporary series or sheet is one of paper, unless it is configured.
TEMPORARY = Choice({"no": 0.65, "yes": 0.35})
#: Wear that does not get behind glass, or is of metal.
_OUTSIDE = (
    "mud", "splash", "scratches", "edge_wear", "top_wear", "rust", "dents", "insects", "rain",
    "snow", "cracks", "sticker", "repaint", "water_lines",
)  # fmt: skip
_NO_WEAR: dict[str, Any] = dict.fromkeys(_OUTSIDE, 0.0)
_FURTHEST_MM = 15.0


def is_temporary(series: Series, sheet: str) -> bool:
    """Whether a design calls the series, or the sheet, temporary or one of paper."""
    return "temporary" in series.id or sheet in ("temporary", "paper")


def on_paper(plate: MountedPlate) -> MountedPlate:
    """The plate as paper behind a pane where its mount says so, else itself.

    Matt and flat, without any retro-reflection; taped, its ends curled away from the pane; nothing
    is screwed to it or hangs before it.
    """
    mount, damage = plate.mount, plate.damage
    if mount.paper != "yes":
        return plate
    return replace(
        plate,
        make=replace(
            plate.make,
            retro=0.0,
            grain=0.0,
            roughness=0.9,
            clear_coat=0.0,
            emboss_height_mm=0.0,
            foil_text=0.0,
            foil_shift_x_mm=0.0,
            foil_shift_y_mm=0.0,
            curvature_per_m=mount.paper_curl_per_m,
        ),
        wear=replace(plate.wear, **_NO_WEAR),
        mount=replace(
            mount,
            frame="none",
            bolts=0,
            holes=0,
            lamps=0,
            front="none",
            glass=mount.pane_mirror,
            glass_gap_mm=2.0 + min(0.15 * mount.glass_gap_mm, _FURTHEST_MM),
        ),
        # Away from the pane alone, as its tape holds it.
        damage=replace(
            Damage(),
            dent_mm=-abs(damage.dent_mm),
            dent_radius_mm=damage.dent_radius_mm,
            dent_x=damage.dent_x,
            dent_y=damage.dent_y,
            crease_mm=-abs(damage.crease_mm),
            crease_radius_mm=damage.crease_radius_mm,
            crease_x=damage.crease_x,
            crease_turn_deg=damage.crease_turn_deg,
        ),
        holes_mm=(),
        corner_radius_mm=0.5,
    )


def behind_window(vehicle: Vehicle, plate: MountedPlate) -> Vehicle:
    """The vehicle with the dark of its inside behind a plate of paper, else itself."""
    if plate.mount.paper != "yes":
        return vehicle
    return replace(
        vehicle, surround="dark", gap_mm=180.0, recess_mm=0.0, overhang_mm=0.0, fittings=0.0,
        badge="none", paint_value=min(vehicle.paint_value, 0.03),
    )  # fmt: skip
