# SPDX-License-Identifier: Apache-2.0
"""How plates are fixed: where bolts and frames are, adverts, panes, and what is before a plate."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_blender import BARE, make_shot, make_textures

from anprgen.config import Config
from anprgen.distributions import Choice
from anprgen.draw import parameters
from anprgen.light import Light
from anprgen.mounting import bolts, frame_bar
from anprgen.pipeline import make_plan
from anprgen.renderers.blender import BlenderRenderer
from anprgen.renderers.job import scene
from anprgen.renderers.lettering import advert
from anprgen.shot import MountedPlate

W, H = 520.0, 110.0


def _distribution(path: str) -> Choice:
    found = next(p.distribution for p in parameters() if p.path == path)
    assert isinstance(found, Choice)
    return found


def plate(**mount: Any) -> MountedPlate:
    return make_shot(mount=replace(BARE, **mount)).plates[0]


@given(
    count=st.sampled_from([0, 1, 2, 3, 4]),
    pattern=st.sampled_from(["row", "diagonal", "column"]),
    spread=st.floats(0, 1),
    row=st.floats(0, 1),
    diameter=st.floats(1, 40),
)
def test_bolts_are_as_many_as_drawn_and_lie_on_the_plate(
    count: int, pattern: str, spread: float, row: float, diameter: float
) -> None:
    found = bolts(plate(bolts=count, bolt_pattern=pattern, bolt_spread=spread, bolt_row=row,
                        bolt_diameter_mm=diameter))  # fmt: skip
    assert len(found) == count
    for bolt in found:
        r = diameter / 2
        assert r <= bolt.x_mm <= W - r
        assert r <= bolt.y_mm <= H - r


def test_patterns_of_two_bolts() -> None:
    places = {
        p: [(b.x_mm, b.y_mm) for b in bolts(plate(bolts=2, bolt_pattern=p, bolt_row=0.2))]
        for p in ("row", "diagonal", "column")
    }
    assert places["row"][0][1] == places["row"][1][1]
    assert places["column"] == [(W / 2, pytest.approx(22)), (W / 2, pytest.approx(88))]
    (ax, ay), (bx, by) = places["diagonal"]
    assert (ax + bx, ay + by) == (pytest.approx(W), pytest.approx(H))


def test_an_advert_s_lip_covers_the_plate_s_lower_edge_and_never_most_of_it() -> None:
    plain = {"frame_cover_mm": 3.0}
    for frame, lip, lower in (
        ("dealer", 0.0, H - 3), ("dealer", 20.0, H - 23), ("dealer", 120.0, H - 3 - 0.4 * H),
        ("thin", 20.0, H - 3),
    ):  # fmt: skip
        bar = frame_bar(plate(frame=frame, frame_lip_mm=lip, **plain))
        assert bar is not None
        assert bar.opening_mm == (3.0, 3.0, W - 3, lower)


def test_adverts_are_letters_and_at_times_telephone_numbers() -> None:
    assert advert(3.0) == advert(3.0) != advert(4.0)
    for seed in range(40):
        quads = np.array(advert(seed)["quads"])
        assert quads.shape[1:] == (4, 2)
        assert np.isfinite(quads).all()
        assert -0.5 < quads[..., 1].min() < quads[..., 1].max() < 1.3  # about one cap height


def test_only_a_dealer_s_frame_has_one() -> None:
    def said(**mount: Any) -> Any:
        return scene(make_shot(mount=replace(BARE, **mount)))["plates"][0]["advert"]

    assert said(frame="dealer", frame_text="light") is not None
    assert said(frame="dealer", frame_text="none") is None
    assert said(frame="thin", frame_text="light") is None


pane = pytest.mark.skipif(importlib.util.find_spec("bpy") is None, reason="bpy is not installed")


@pytest.mark.blender
@pane
def test_a_lip_hides_ids_as_labels_say(renderer: BlenderRenderer) -> None:
    ids = np.full((55, 260), 9, np.uint8)

    def seen(lip: float) -> int:
        mount = replace(BARE, frame="dealer", frame_cover_mm=1.0, frame_depth_mm=2.0)
        shot = make_shot(yaw=0.0, elevation=0.0, mount=replace(mount, frame_lip_mm=lip))
        return int((renderer.render_ids(shot, [ids], 4) == 9).sum())

    assert seen(27.0) / seen(0.0) == pytest.approx(81 / 108, abs=0.02)


@pytest.mark.blender
@pane
def test_a_pane_mirrors_and_is_nothing_when_off(renderer: BlenderRenderer) -> None:
    dark = replace(make_textures(), base_color=np.full((55, 260, 3), 0.02, np.float32))

    def light(**mount: Any) -> Any:
        shot = make_shot(
            light=Light(kind="overcast"), mount=replace(BARE, **mount), samples=16, elevation=4.0
        )
        return renderer.render(shot, [dark]).light

    bare = light()
    assert np.array_equal(light(glass=0.0, glass_tilt_deg=50.0, glass_gap_mm=60.0), bare)
    behind = light(glass=1.0, glass_tilt_deg=40.0)
    assert behind.mean() > 1.15 * bare.mean()
    assert behind.mean() < 1.0


FRONTS = sorted(v for v, _ in _distribution("plates.mount.front").options if v != "none")


@pytest.mark.blender
@pane
@pytest.mark.parametrize("name", FRONTS)
def test_what_is_before_a_plate_hides_some_of_it(renderer: BlenderRenderer, name: str) -> None:
    """In the picture's own pass (what labels are made from) and in the one of ids alike."""
    reach = {"front": name, "front_reach": 0.5, "front_at": 0.1, "front_gap_mm": 20.0}
    shot = make_shot(yaw=5.0, mount=replace(BARE, **reach), samples=16)
    face = renderer.render(shot, [make_textures()]).face
    bare = renderer.render(make_shot(yaw=5.0, samples=16), [make_textures()]).face
    assert face is not None
    assert bare is not None
    hidden = 1 - face.sum() / bare.sum()
    assert 0.002 < hidden < 0.6
    ids = np.full((55, 260), 9, np.uint8)
    seen, all_of_it = (
        (renderer.render_ids(s, [ids], 4) == 9).sum() for s in (shot, make_shot(yaw=5.0))
    )
    assert hidden == pytest.approx(1 - seen / all_of_it, abs=0.02)


@pytest.mark.blender
@pane
def test_nothing_before_a_plate_is_nothing(renderer: BlenderRenderer) -> None:
    still = {"front_reach": 0.5, "front_at": 0.3, "front_gap_mm": 90.0}
    plain = renderer.render(make_shot(), [make_textures()]).light
    other = renderer.render(make_shot(mount=replace(BARE, **still)), [make_textures()]).light
    assert np.array_equal(plain, other)


@pytest.mark.blender
@pane
def test_labels_lose_what_a_strap_hides(renderer: BlenderRenderer) -> None:
    def visible(front: str) -> list[float]:
        overrides = {
            "plates.mount.front": front, "plates.mount.frame": "none", "plates.mount.bolts": 0,
            "plates.mount.holes": 0, "plates.mount.lamps": 0, "light.kind": "overcast",
            "plates.wear.dust": 0, "plates.wear.mud": 0, "view.width_px": 160,
            "plates.mount.front_at": 0.0,
        }  # fmt: skip
        plan = make_plan(Config(overrides=overrides, samples=8))
        found = plan.sample(1, renderer).record["plates"][0]
        return [c["visible"] for c in found["characters"]]

    assert min(visible("strap")) < 0.7 < min(visible("none"))


@pytest.mark.blender
@pane
def test_housings_of_lamps_stand_above_the_plate(renderer: BlenderRenderer) -> None:
    def face(lamps: int, elevation: float) -> float:
        shot = make_shot(mount=replace(BARE, lamps=lamps), elevation=elevation, yaw=0.0)
        found = renderer.render(shot, [make_textures()]).face
        assert found is not None
        return float(found.sum())

    assert face(2, 0.0) == pytest.approx(face(0, 0.0), rel=0.01)
