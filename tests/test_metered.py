# SPDX-License-Identifier: Apache-2.0
"""What a linked camera reports of its exposure, against what the exposure stage makes of light."""

from __future__ import annotations

import importlib.util
import math
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest
from test_linking import shot

from anprgen.capture import Capture
from anprgen.clips.exposing import METERED as FILM_METERED
from anprgen.config import Config
from anprgen.degradations.exposure import Exposure
from anprgen.degradations.stage import Kind, in_order, luminance
from anprgen.linking import METERED
from anprgen.parameters import declared
from anprgen.pipeline import make_plan
from anprgen.renderers.opening import open_renderer
from anprgen.shot_views import context, textures_of


def test_a_linked_camera_exposes_for_what_others_do() -> None:
    def drawn(cls: type, name: str) -> Any:
        return next(p.distribution for p in declared(cls, "x") if p.path == f"x.{name}")

    assert drawn(Capture, "metered") == drawn(Exposure, "key")


@pytest.mark.parametrize("kind", ["overcast", "street", "neon", "sun", "hdri"])
def test_the_exposure_reported_is_the_stage_s(kind: str) -> None:
    """In light of any colour, with any white balance: its meter reads what was metered for."""
    for index in range(4):
        made = shot(
            index, light__kind=kind, capture__gain=10000, capture__iris=0,
            capture__lux_street=1e5, capture__lux_neon=1e5, capture__lux_overcast=1e5,
            camera__exposure__adaptation=[0.0, 0.5, 0.9, 1.0][index],
        )  # fmt: skip
        assert made.capture is not None
        assert made.taken is not None
        stage, ctx = made.camera["exposure"], context(made)
        assert stage.key == pytest.approx(made.capture.metered)
        # A plate's white in a crop of which the meter reads its usual share of it.
        white, dark = 1.0, math.sqrt((METERED**2 - 0.3) / 0.7)
        light = np.full((200, 100, 3), dark, np.float32)
        light[:60] = white
        light *= np.array(made.light_rgb, np.float32)
        done = stage.pixels(light, ctx)
        y = done @ np.array([0.2126, 0.7152, 0.0722], np.float32)
        assert float(np.sqrt((y**2).mean())) == pytest.approx(made.capture.metered, rel=1e-3)
        # The electrons of that white: of a well that is full at 1, at the gain reported.
        electrons = float(y[:60].mean()) * made.capture.full_well_e / made.taken.gain
        assert electrons == pytest.approx(made.taken.white_e, rel=1e-3)


@pytest.mark.blender
@pytest.mark.skipif(importlib.util.find_spec("bpy") is None, reason="bpy is not installed")
def test_the_meter_s_share_of_the_plate_s_white_is_that_of_crops() -> None:
    """The constant that a linked camera exposes with, measured again on the stage as it is."""
    plan = make_plan(Config(samples=4, overrides={"view.width_px": 70}))
    found = []
    with open_renderer("blender", "cpu", 1) as renderer:
        for index in range(24):
            made = plan.shot(index)
            textures = textures_of(made, plan.artworks(made), renderer.texels_a_px)
            light = renderer.render(made, textures).light
            ctx = replace(context(made), stages=made.camera)
            before = [s for s in in_order(made.camera) if s.kind < Kind.SENSOR]
            for stage in (*before, made.camera["exposure"]):
                light = stage.pixels(np.ascontiguousarray(light), ctx)
            y = light @ np.array([0.2126, 0.7152, 0.0722], np.float32)
            inside = np.zeros(y.shape, np.uint8)
            quad = np.array(ctx.quad) - (ctx.working.x0, ctx.working.y0)
            cv2.fillPoly(inside, [np.rint(quad - 0.5).astype(np.int32)], 1)
            white = np.percentile(y[inside == 1], 85)
            found.append(float(np.sqrt((y**2).mean()) / white))
    assert np.median(found) == pytest.approx(METERED, abs=0.1)


@pytest.mark.blender
@pytest.mark.skipif(importlib.util.find_spec("bpy") is None, reason="bpy is not installed")
@pytest.mark.parametrize("kind", ["sun", "headlamp"])
def test_what_a_film_s_meter_reads_by_kind_of_light(kind: str) -> None:
    """The constants that a film is exposed with, measured again on scenes as they are."""
    overrides = {"frame.size": "192x108", "view.width_px": 24, "light.kind": kind}
    plan = make_plan(
        Config(task="sequence", frames=2, fps=10, samples=4, overrides=overrides, seed=3)
    )
    found = []
    with open_renderer("blender", "cpu", 2) as renderer:
        for index in range(0, 12, 2):
            made = plan.shot(index)
            textures = textures_of(made, plan.artworks(made), renderer.texels_a_px)
            y = luminance(renderer.render(made, textures).light)
            found.append(float(np.sqrt((y**2).mean())))
    # Scenes differ among each other; a factor of two is one stop.
    assert 0.5 < np.median(found) / FILM_METERED[kind] < 2
