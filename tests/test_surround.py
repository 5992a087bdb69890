# SPDX-License-Identifier: Apache-2.0
"""What stands around a plate in Blender: it shows, is repeatable, and never hides the plate."""

from __future__ import annotations

import importlib.util
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from test_blender import make_shot, make_textures

from anprgen.renderers.blender import BlenderRenderer
from anprgen.shot import Make
from anprgen.vehicle import Vehicle

pytestmark = [
    pytest.mark.blender,
    pytest.mark.skipif(importlib.util.find_spec("bpy") is None, reason="bpy is not installed"),
]


@pytest.mark.parametrize(
    "kind", ["bumper", "tailgate", "grille", "dark", "intake", "tailboard", "mudguard"]
)
def test_nothing_around_a_plate_hides_it(renderer: BlenderRenderer, kind: str) -> None:
    ids = np.full((55, 260), 9, np.uint8)
    random = np.random.default_rng(3)
    for number in range(10):
        yaw, elevation = random.uniform(-60, 60), random.uniform(-20, 45)
        curvature = (0.0, -0.9, 0.9)[number % 3]

        def seen(
            vehicle: Vehicle, yaw: float = yaw, elevation: float = elevation, k: float = curvature
        ) -> NDArray[np.uint8]:
            shot = make_shot(
                vehicle=vehicle, yaw=yaw, elevation=elevation, make=Make(curvature_per_m=k)
            )
            return renderer.render_ids(shot, [ids], 4)

        # Far in front of a plain panel a plate cannot be hidden.
        plain = Vehicle(surround="bumper", recess_mm=0.0, overhang_mm=0.0, fittings=0.0, seed_w=1.0)
        free = seen(replace(plain, gap_mm=100.0))
        rich = Vehicle(
            surround=kind, recess_mm=40.0 * (number % 2), recess_margin_mm=8.0, gap_mm=2.5,
            overhang_mm=30.0 * (number % 2), fittings=1.0, badge="raised", seed_w=17.0 * number,
        )  # fmt: skip
        lost = (free == 9) & (seen(rich) != 9)
        assert lost.sum() <= 0.001 * (free == 9).sum(), (number, int(lost.sum()))


def test_fittings_and_words_show_and_none_are_none(renderer: BlenderRenderer) -> None:
    def light(**changes: object) -> NDArray[np.float32]:
        plain = Vehicle(surround="dark", recess_mm=0.0, overhang_mm=0.0, fittings=0.0, seed_w=5.0)
        shot = make_shot(vehicle=replace(plain, **changes), window=(120, 60))
        return renderer.render(shot, [make_textures()]).light

    bare = light()
    assert np.array_equal(light(), bare)
    for changes in ({"fittings": 1.0}, {"badge": "printed"}, {"badge": "raised"}, {"grime": 1.0}):
        assert np.abs(light(**changes) - bare).mean() > 0.001 * bare.mean(), changes
