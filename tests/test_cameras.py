# SPDX-License-Identifier: Apache-2.0
"""The cameras that come with anprgen: they build, their labels hold, and datasets remember them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from making import make
from test_cli import run
from test_degradations_scene import quiet, spots
from test_rolling import centres

from anprgen import degradations as deg
from anprgen.arguments import make_config
from anprgen.cameras import camera_about, camera_names, camera_overrides
from anprgen.config import Config
from anprgen.dataset import Dataset
from anprgen.draw import overrides_of
from anprgen.errors import DatasetError
from anprgen.linking import LINKED
from anprgen.pipeline import make_plan
from anprgen.shot_views import context

NAMES = ["dashcam", "gantry", "gate", "ir", "phone", "pole"]


def test_there_are_these_and_the_documents_tell_of_them() -> None:
    assert camera_names() == NAMES
    document = Path(__file__).resolve().parent.parent / "docs" / "cameras.md"
    for name in NAMES:
        assert 20 < len(camera_about(name)) <= 100
        assert f"`{name}`" in document.read_text("utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_a_camera_sets_what_it_is_and_not_what_follows(name: str) -> None:
    own = camera_overrides(name)
    assert own["capture.camera"] == name
    for task in ("ocr", "detect"):
        overrides_of(Config(task=task, overrides=own))  # every path and value is checked
    follows = {f"camera.{stage}.{f}" for stage, fields in LINKED.items() for f in fields}
    assert not follows & own.keys()


@pytest.mark.parametrize("name", NAMES)
def test_a_camera_builds(name: str, tmp_path: Path) -> None:
    made = make(tmp_path / "out", 6, workers=1, real=True, overrides=camera_overrides(name))
    assert (made.made, made.failed) == (6, 0)
    for record in Dataset.open(tmp_path / "out").records():
        shot = record["shot"]
        assert shot["capture"]["camera"] == name
        blur = np.hypot(*shot["taken"]["velocity_px_s"]) * shot["taken"]["shutter_s"]
        if shot["capture"]["shake_deg_s"] < 0.05:  # the path of a shake adds to the plate's
            assert shot["camera"]["motion"]["length_px"] == pytest.approx(min(blur, 200), abs=0.05)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("task", ["ocr", "detect"])
def test_any_shot_of_a_camera_can_be_taken(name: str, task: str) -> None:
    plan = make_plan(Config(task=task, renderer="flat", overrides=camera_overrides(name)))
    for index in range(150):
        shot = plan.shot(index)
        assert shot.taken is not None
        assert shot.solved is not None
        assert np.isfinite(shot.taken.velocity_px_s).all()
        assert shot.taken.shutter_s <= shot.capture.shutter_s
        assert shot.solved.render.area < (8e6 if task == "ocr" else 16e6)


@pytest.mark.parametrize("name", NAMES)
def test_labels_lie_on_the_pixels_of_a_camera(name: str) -> None:
    """Dots of light through a camera's lens, rolling shutter and framing, to 0.05 px."""
    wide = {"crop.loose": 0.5, "view.width_px": 220, "capture.speed_kmh": 60}
    own = {**camera_overrides(name), **wide}
    plan = make_plan(Config(renderer="flat", overrides=own))
    worst, skewed = [], 0
    for index in range(5):
        shot = plan.shot(index)
        some = quiet(shot.camera)
        some["motion"] = type(some["motion"])(length_px=0.0)
        some["defocus"] = replace(some["defocus"], sigma_px=1.0)
        if some["sensor"].mosaic == "none" or shot.light.kind == "infrared":
            some["lens"] = replace(some["lens"], red_px=0.0, blue_px=0.0)
        ctx = replace(context(shot), stages=some)
        render = deg.window_to_render(some, ctx.focal_px, ctx.cx, ctx.cy, ctx.window)
        ctx = replace(ctx, render=render)
        at, light = spots(ctx, some)
        photo = deg.photograph(light, some, ctx)
        found, wanted = centres(photo.image[..., 1].astype(float), photo.points(at))
        worst += list(np.hypot(*(found - wanted).T))
        skewed += some["rolling"].moves()
    assert len(worst) > 40
    assert max(worst) < 0.05
    assert skewed > 0 or name == "gantry"


def test_a_dataset_remembers_its_camera(tmp_path: Path) -> None:
    out = tmp_path / "out"
    make(out, 2, real=True, overrides=camera_overrides("gate"))
    stored = json.loads((out / "manifest.json").read_text("utf-8"))["identity"]["config"]
    assert stored["overrides"] == camera_overrides("gate")
    for other in (camera_overrides("pole"), {}):
        with pytest.raises(DatasetError, match="capture.camera: gate in the dataset") as refused:
            make(out, 3, real=True, overrides=other)
        assert len(str(refused.value).splitlines()) < 12
    slower = {**camera_overrides("gate"), "capture.speed_kmh": 5}
    with pytest.raises(DatasetError, match=r"capture\.speed_kmh: nothing in the dataset, 5"):
        make(out, 3, real=True, overrides=slower)
    make(out, 3, real=True, overrides=camera_overrides("gate"))
    shown = run("show", out, "1", "-o", tmp_path / "shown")
    assert "bit-equal, pixels and labels" in shown.output


def test_a_config_wins_over_the_camera(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_text('{"capture.speed_kmh": 7, "camera.motion.length_px": 2}')
    config = make_config(["sri_lanka"], camera="pole", config=path)
    assert config.overrides["capture.speed_kmh"] == 7
    assert config.overrides["capture.camera"] == "pole"
    shot = make_plan(replace(config, renderer="flat")).shot(0)
    assert shot.capture is not None
    assert shot.capture.speed_kmh == 7
    assert shot.camera["motion"].length_px == 2


def test_the_command_line(tmp_path: Path) -> None:
    listed = run("cameras").output.splitlines()
    assert [line.split()[0] for line in listed] == NAMES
    printed = run("cameras", "phone").output
    assert json.loads(printed)["capture.camera"] == "phone"
    words = ("build", "sri_lanka", "-n", "2", "--renderer", "flat", "-o", tmp_path / "x")
    wrong = run(*words, "--camera", "gantri", code=2)
    assert re.search(r"no camera 'gantri'.*did you mean gantry", wrong.output, re.S)
    assert not (tmp_path / "x").exists()
    run(*words, "--camera", "gantry")
    sheet = tmp_path / "s.png"
    run("preview", "sri_lanka", "-n", "2", "--renderer", "flat", "--camera", "ir", "-o", sheet)
    assert sheet.exists()
