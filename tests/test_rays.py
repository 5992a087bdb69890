# SPDX-License-Identifier: Apache-2.0
"""Rays on damaged sheets: what they meet is seen where they come from, and the rest miss."""

from __future__ import annotations

import numpy as np
import pytest

from anprgen.annotation import projector
from anprgen.config import Config
from anprgen.geometry import area, rectangle
from anprgen.pipeline import make_plan
from anprgen.renderers.rays import rays_on

DENTED = {
    "plates.damage.corner": "none",
    "plates.damage.dent_mm": {"uniform": [-8, 8]},
    "plates.damage.crease_mm": 5,
}
FOLDED = {
    "plates.mount.frame": "none",
    "plates.mount.glass": 0,
    "plates.mount.paper": "no",
    "plates.damage.corner": {"choice": {"top_right": 1, "bottom_left": 1}},
    "plates.damage.corner_mm": 60,
    "plates.damage.corner_deg": {"uniform": [55, 80]},
}
#: Beside the folded corner there are places that no ray finds the plate at.
ASIDE = {**FOLDED, "plates.damage.corner_deg": 80, "view.yaw_deg": {"uniform": [30, 60]}}


@pytest.mark.parametrize("damage", [DENTED, FOLDED, {**DENTED, **FOLDED}, ASIDE])
def test_a_ray_meets_what_is_seen_where_it_comes_from(damage):
    plan = make_plan(Config(renderer="flat", overrides=damage))
    for index in range(8):
        shot = plan.shot(index)
        plate, window = shot.plates[0], shot.solved.render
        box, mm, hit = rays_on(shot, plate, window, 2)
        assert box is not None
        y, x = np.nonzero(hit)
        px = np.column_stack([x + box[0] + 0.5, y + box[1] + 0.5]) / 2 + (window.x0, window.y0)
        at = np.column_stack([mm[0][hit], mm[1][hit]]).astype(np.float64)
        off = np.hypot(*(projector(shot, plate)(at) - px).T)
        assert np.percentile(off, 99) < 0.2
        assert off.max() < 1
        if damage is DENTED:
            seen = abs(area(projector(shot, plate)(rectangle(*plate.size_mm, 3.0))))
            assert len(off) / 4 == pytest.approx(seen, rel=0.01)
