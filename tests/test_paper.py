# SPDX-License-Identifier: Apache-2.0
"""Plates of paper behind a rear window: where there are some, what they are, and how they look."""

from __future__ import annotations

import importlib.util
from dataclasses import replace

import numpy as np
import pytest

from anprgen.config import Config
from anprgen.paper import is_temporary
from anprgen.pipeline import Plan, make_plan
from anprgen.renderers.opening import open_renderer
from anprgen.shot_views import textures_of

PAPER = {"plates.mount.paper": "yes"}


def plan_of(design: str = "sri_lanka", task: str = "ocr", **more: object) -> Plan:
    overrides = {key.replace("__", "."): value for key, value in more.items()}
    return make_plan(
        Config(task=task, renderer="flat", designs=((design, 1.0),), overrides=overrides)
    )


@pytest.fixture(scope="module")
def plan() -> Plan:
    return plan_of()


def test_temporary_plates_are_of_paper_at_times_and_others_hardly_ever(plan: Plan) -> None:
    (design, _), = plan.designs  # fmt: skip
    series = {s.id: s for s in design.series}
    assert any(is_temporary(s, "") for s in design.series)
    some = replace(design, series=tuple(s for s in design.series if is_temporary(s, "")))
    alone = replace(plan, designs=((some, 1.0),), _drawn={})
    share = np.mean([alone.shot(i).plates[0].mount.paper == "yes" for i in range(200)])
    assert 0.22 < share < 0.48
    plates = [plan.shot(i).plates[0] for i in range(500)]
    few = [p for p in plates if not is_temporary(series[p.registration.series], p.sheet)]
    assert sum(p.mount.paper == "yes" for p in few) < 8
    frames = plan_of(task="detect")
    assert all(p.mount.paper == "no" for i in range(60) for p in frames.shot(i).plates)


def test_paper_is_matt_flat_and_throws_nothing_back() -> None:
    plan = plan_of(**PAPER)
    for index in range(20):
        shot = plan.shot(index)
        (plate,) = shot.plates
        assert plate.make.retro == plate.make.emboss_height_mm == plate.make.clear_coat == 0
        assert plate.make.roughness >= 0.9
        assert 0 <= plate.make.curvature_per_m <= 1.2  # away from the pane
        assert (plate.mount.frame, plate.mount.bolts, plate.mount.front) == ("none", 0, "none")
        assert plate.mount.glass == plate.mount.pane_mirror > 0
        assert plate.wear.mud == plate.wear.rain == plate.wear.rust == 0
        assert plate.damage.dent_mm <= 0
        assert shot.vehicle.surround == "dark"
        (textures,) = textures_of(shot, plan.artworks(shot), 1.6)
        assert textures.height_mm.max() < 0.16  # ink


def test_the_label_says_so() -> None:
    said = {}
    for word in ("yes", "no"):
        plan = plan_of(plates__mount__paper=word)
        with open_renderer("flat") as renderer:
            said[word] = plan.sample(0, renderer).record["plates"][0]["paper"]
    assert said == {"yes": True, "no": False}


@pytest.mark.blender
@pytest.mark.skipif(importlib.util.find_spec("bpy") is None, reason="bpy is not installed")
def test_a_pane_dims_paper_and_a_flash_wakes_no_glow() -> None:
    own = {
        **PAPER, "plates.mount.tape": "none", "plates.mount.pane_mirror": 0.3,
        "view.width_px": 90, "plates.wear.dust": 0, "light.kind": "overcast",
    }  # fmt: skip
    with open_renderer("blender", "cpu", 1) as renderer:

        def face(**more: object) -> float:
            made = Config(
                designs=(("sri_lanka", 1.0),), samples=4,
                overrides={**own, **{k.replace("__", "."): v for k, v in more.items()}},
            )  # fmt: skip
            plan = make_plan(made)
            shot = plan.shot(1)
            textures = textures_of(shot, plan.artworks(shot), renderer.texels_a_px)
            render = renderer.render(shot, textures)
            # A pane takes light, and hides nothing, however dark it is.
            assert (render.face > 0.5).sum() > 500
            return float(np.percentile(render.light[render.face > 0.7], 80))

        clear, tinted = face(plates__mount__pane_clear=0.85), face(plates__mount__pane_clear=0.25)
        assert tinted < 0.75 * clear
        night = {"light__kind": "headlamp", "light__ambient": 0.1}
        paper = face(**night, plates__mount__pane_clear=0.85)
        assert paper > 0
        # Of sheeting the lamp is made so strong that it is as bright as by day; paper is too.
        assert paper < 3 * clear
