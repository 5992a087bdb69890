# SPDX-License-Identifier: Apache-2.0
import dataclasses
import json

import numpy as np
import pytest

from anprgen import degradations
from anprgen.annotation import projector
from anprgen.config import Config, read_overrides
from anprgen.draw import parameters
from anprgen.errors import ConfigError
from anprgen.geometry import bounds
from anprgen.pipeline import make_plan
from anprgen.shot import to_json
from anprgen.solve import camera_of, outline_world, target_width_px


def test_a_shot_is_a_pure_function_of_its_address(plan):
    again = make_plan(plan.config)
    for index in (0, 5, 1234):
        assert plan.shot(index) == again.shot(index)
    assert plan.shot(1) != plan.shot(2)


def test_seed_changes_the_shot(plan):
    other = make_plan(dataclasses.replace(plan.config, seed=1))
    assert other.shot(3).view != plan.shot(3).view


def test_shots_are_json(plan, detect_plan):
    for p in (plan, detect_plan):
        assert json.loads(json.dumps(to_json(p.shot(7))))["index"] == 7


@pytest.mark.parametrize("index", range(40))
def test_the_camera_makes_the_drawn_view(plan, index):
    shot = plan.shot(index)
    camera = camera_of(shot)
    x0, _, x1, _ = bounds(camera.project(outline_world(shot.plates[0])))
    assert x1 - x0 == pytest.approx(target_width_px(shot), rel=1e-6)
    centre = camera.project(np.zeros((1, 3)))[0]
    assert centre[0] == pytest.approx((1 + shot.view.place_x) * shot.frame.width_px / 2, abs=1e-6)
    assert centre[1] == pytest.approx((1 + shot.view.place_y) * shot.frame.height_px / 2, abs=1e-6)


def test_positive_yaw_sees_the_right_end_larger():
    config = Config(
        renderer="flat",
        overrides={
            "view.yaw_deg": 40, "view.elevation_deg": 0, "view.roll_deg": 0, "vehicle.tilt_deg": 0,
            "plates.make.curvature_per_m": 0, "view.width_px": 300, "view.place_x": 0,
            "view.place_y": 0,
        },
    )  # fmt: skip
    shot = make_plan(config).shot(0)
    plate = shot.plates[0]
    w, h = plate.size_mm
    tl, tr, br, bl = projector(shot, plate)(np.array([[0, 0], [w, 0], [w, h], [0, h]]))
    assert br[1] - tr[1] > bl[1] - tl[1]


def test_crop_and_render_windows_hold_what_they_must(plan):
    for index in range(60):
        shot = plan.shot(index)
        s = shot.solved
        px = degradations.distort(
            shot.camera, camera_of(shot), camera_of(shot).project(outline_world(shot.plates[0]))
        )
        x0, y0, x1, y1 = bounds(px)
        margin = 0.06 * max(x1 - x0, y1 - y0) + 2
        assert s.window.x0 <= x0 + margin
        assert s.window.y0 <= y0 + margin
        assert s.window.x0 + s.window.width >= x1 - margin
        assert s.window.y0 + s.window.height >= y1 - margin
        assert s.render.width >= s.window.width
        assert s.output_px[0] == pytest.approx(s.crop[2])


def test_unknown_parameter_is_an_error_that_suggests():
    with pytest.raises(ConfigError, match=r"light\.kind"):
        make_plan(Config(renderer="flat", overrides={"light.kinf": "sun"}))


def test_every_parameter_is_described_and_can_be_overridden():
    paths = [p.path for p in parameters()]
    assert len(paths) == len(set(paths)) > 80
    assert all(p.doc for p in parameters())
    median = {p.path: p.distribution.at(0.5) for p in parameters()}
    plan = make_plan(Config(renderer="flat", overrides=median))
    a, b = plan.shot(1), plan.shot(2)
    assert a.light == b.light
    assert a.camera == b.camera
    assert a.plates[0].registration != b.plates[0].registration


def test_nested_config_files_are_flattened(tmp_path):
    path = tmp_path / "c.json"
    path.write_text(
        '{"$schema": "x", "light": {"kind": "sun", "sky_share": {"uniform": [0.1, 0.2]}},'
        ' "view.yaw_deg": 3}'
    )
    assert read_overrides(path) == {
        "light.kind": "sun", "light.sky_share": {"uniform": [0.1, 0.2]}, "view.yaw_deg": 3,
    }  # fmt: skip
    path.write_text("[1]")
    with pytest.raises(ConfigError):
        read_overrides(path)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('{"light.kind": "sun", "light.kind": "infrared"}', "$['light.kind']"),
        ('{"light": {"kind": "sun", "kind": "sun"}}', "$.light.kind"),
        ('{"light.kind": {"choice": {"sun": 1, "sun": 2}}}', "$['light.kind'].choice.sun"),
        ('{"a": [{}, {"b": 1, "b": 1}]}', "$.a[1].b"),
        ('{"light": {"kind": "sun"}, "light.kind": "infrared"}', "$['light.kind']"),
        ('{"plates.wear": {"mud": 0}, "plates": {"wear.mud": 1}}', "$['plates.wear.mud']"),
        ('{"light": {"kind": "sun"}, "light": {"kind": "sun"}}', "$.light"),
    ],
)
def test_a_parameter_that_is_set_twice_is_refused_with_its_path(tmp_path, text, where):
    path = tmp_path / "c.json"
    path.write_text(text)
    with pytest.raises(ConfigError, match="twice") as error:
        read_overrides(path)
    assert error.value.where == f"{path}: {where}"
    assert "leave one out" in str(error.value)


def test_a_byte_order_mark_is_no_part_of_a_config(tmp_path):
    path = tmp_path / "c.json"
    path.write_text('{"light.kind": "sun"}', "utf-8-sig")
    assert read_overrides(path) == {"light.kind": "sun"}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("view.width_px", 60000),
        ("frame.size", "wide"),
        ("frame.size", "99999x10"),
        ("scene.plates", 7),
    ],
)
def test_absurd_views_are_refused_in_words(path, value):
    with pytest.raises(ConfigError, match=path.split(".")[1]):
        make_plan(Config(renderer="flat", overrides={path: value}))


def test_the_order_of_an_object_does_not_matter():
    """A manifest sorts its keys: what is read from it must draw the same."""
    one = {"light.kind": {"choice": {"sun": 1, "infrared": 1}}}
    other = {"light.kind": {"choice": {"infrared": 1, "sun": 1}}}
    plans = [make_plan(Config(renderer="flat", overrides=o)) for o in (one, other)]
    kinds = [[p.shot(i).light.kind for i in range(20)] for p in plans]
    assert kinds[0] == kinds[1]
    assert set(kinds[0]) == {"sun", "infrared"}


def test_numbers_as_keys_of_an_object_are_told_how_to_be_written():
    with pytest.raises(ConfigError, match="'2' is not a number") as e:
        make_plan(Config(renderer="flat", overrides={"scene.plates": {"choice": {"2": 1}}}))
    assert '"choice": [[2, 1]]' in e.value.hint
