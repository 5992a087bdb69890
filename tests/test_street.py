# SPDX-License-Identifier: Apache-2.0
"""Whole vehicles and places in Blender: they show, are repeatable, and hide no plate."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
from numpy.typing import NDArray

from anprgen.config import Config
from anprgen.pipeline import Plan, make_plan
from anprgen.renderers.blender import BlenderRenderer
from anprgen.renderers.flat import FlatRenderer
from anprgen.shot import Shot
from anprgen.shot_views import textures_of
from anprgen.vehicle_kinds import KINDS

pytestmark = [
    pytest.mark.blender,
    pytest.mark.skipif(importlib.util.find_spec("bpy") is None, reason="bpy is not installed"),
]

#: Nothing on the plates themselves: what is lost then is lost to a vehicle or the place.
_BARE = {"plates.mount.frame": "none", "plates.mount.bolts": 0, "plates.mount.holes": 0}


def plan_of(**overrides: object) -> Plan:
    paths = {key.replace("__", "."): value for key, value in overrides.items()}
    over = {"frame.size": "320x200", "view.width_px": 70, **_BARE, **paths}
    return make_plan(Config(task="detect", seed=3, samples=2, overrides=over))


def lost(renderer: BlenderRenderer, shot: Shot) -> list[float]:
    """Share of each plate, as large as it is alone, that something else hides."""
    ids = [np.full((60, 150), n + 1, np.uint8) for n in range(len(shot.plates))]
    seen = renderer.render_ids(shot, ids, 2)
    out = []
    for n in range(len(shot.plates)):
        alone = [np.full((60, 150), (k == n) * 1, np.uint8) for k in range(len(shot.plates))]
        whole = FlatRenderer().render_ids(shot, alone, 2) == 1
        out.append(float((whole & (seen != n + 1)).sum() / max(whole.sum(), 1)))
    return out


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("end", ["rear", "front"])
def test_no_body_hides_its_own_plate(renderer: BlenderRenderer, kind: str, end: str) -> None:
    plan = plan_of(
        vehicle__kind=kind, vehicle__end=end, scene__place="none", scene__plates=1,
        view__yaw_deg={"uniform": [-50, 50]},
    )  # fmt: skip
    for index in range(4):
        shot = plan.shot(index)
        # The corners of the sharp rectangle are cut off, and edges fall between px.
        assert lost(renderer, shot)[0] < 0.06, (index, shot.vehicle)


def test_few_plates_are_hidden_in_places(renderer: BlenderRenderer) -> None:
    plan = plan_of(scene__plates=4, view__width_px=40)
    shares = [s for i in range(24) for s in lost(renderer, plan.shot(i))[1:]]
    assert len(shares) > 10
    assert np.mean(np.array(shares) > 0.3) < 0.2


def test_a_scene_is_the_same_whatever_came_before(renderer: BlenderRenderer) -> None:
    plan = plan_of(scene__signs=2, scene__vehicles=3)

    def light(index: int) -> NDArray[np.float32]:
        shot = plan.shot(index)
        textures = textures_of(shot, plan.artworks(shot), renderer.texels_a_px)
        return renderer.render(shot, textures).light

    first = light(2)
    assert np.isfinite(first).all()
    assert not np.array_equal(light(3), first)
    assert np.array_equal(light(2), first)


def light_of(renderer: BlenderRenderer, plan: Plan, index: int) -> NDArray[np.float32]:
    shot = plan.shot(index)
    textures = textures_of(shot, plan.artworks(shot), renderer.texels_a_px)
    return renderer.render(shot, textures).light


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("end", ["rear", "front"])
def test_lamps_of_every_vehicle_can_be_lit(renderer: BlenderRenderer, kind: str, end: str) -> None:
    """Red behind, white in front; braking shows behind alone; all else stays as it was."""
    own = {
        "vehicle__kind": kind, "vehicle__end": end, "scene__place": "none", "scene__plates": 1,
        "light__kind": "overcast", "light__lamp_level": 2.0, "view__yaw_deg": 0,
        "view__width_px": 22, "light__plate_lamps": 0, "vehicle__braking": "no",
        "light__brake_lamps": 0, "view__place_y": 0.3, "view__elevation_deg": 4,
        "plates__mount__front": "none", "light__oncoming": 0,
    }  # fmt: skip
    off = light_of(renderer, plan_of(**own, vehicle__lamps="off"), 1)
    lit = light_of(renderer, plan_of(**own, vehicle__lamps="dipped"), 1)
    more = lit - off
    seen = more.max(2) > 0.25
    assert 4 <= seen.sum() < 0.12 * seen.size
    red, _, blue = more[seen].mean(0)
    assert (red > 4 * blue) == (end == "rear")
    assert (np.abs(more[~seen]) < 0.26).all()
    braking = light_of(renderer, plan_of(**{**own, "vehicle__braking": "yes"}), 1)
    assert ((braking - off).max() > 1.0) == (end == "rear")


def test_every_vehicle_lights_its_own_plate(renderer: BlenderRenderer) -> None:
    found = 0
    for index in range(12):
        own = {"scene__plates": 3, "scene__vehicles": 3, "light__conditions": "street_lamps",
               "light__plate_lamps": 2.0, "light__lamp_level": 2.0, "view__width_px": 90,
               "vehicle__end": "rear", "frame__size": "480x300"}  # fmt: skip
        plans = [plan_of(**own, vehicle__lamps=word) for word in ("off", "position")]
        shot = plans[1].shot(index)
        rear = [n for n in shot.traffic if n.plate > 0 and n.vehicle.end == "rear"]
        if not rear:
            continue
        dark, lit = (light_of(renderer, plan, index).mean(2) for plan in plans)
        ids = [np.full((60, 150), n + 1, np.uint8) for n in range(len(shot.plates))]
        where = renderer.render_ids(shot, ids, 1)
        for n in rear:
            rows = np.nonzero(where == n.plate + 1)
            if len(rows[0]) < 30:
                continue
            found += 1
            gain = (lit - dark)[rows]
            assert gain.mean() > 0.2 * dark[rows].mean(), index
            middle = np.median(rows[0])
            assert gain[rows[0] < middle].mean() > gain[rows[0] > middle].mean()
        if found > 2:
            break
    assert found > 1


def test_a_place_without_plates_or_vehicles_is_rendered(renderer: BlenderRenderer) -> None:
    for kind in ("overcast", "headlamp"):
        shot = plan_of(scene__plates=0, scene__vehicles=0, light__kind=kind).shot(0)
        light = renderer.render(shot, []).light
        assert light.shape == (shot.solved.render.height, shot.solved.render.width, 3)
        assert light.std() > 0.02 * light.mean()
