# SPDX-License-Identifier: Apache-2.0
"""Sequences through the flat renderer: frames by themselves, tracks, splits, bad input."""

import json
import math
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from making import Notes, digest
from typer.testing import CliRunner

import anprgen
from anprgen import degradations
from anprgen.annotation import projector
from anprgen.build import build
from anprgen.cli import app
from anprgen.clips.frame import frame_shot
from anprgen.config import Config
from anprgen.dataset import Dataset
from anprgen.errors import ConfigError
from anprgen.pipeline import Plan, make_plan
from anprgen.renderers.job import scene
from anprgen.renderers.opening import open_renderer
from anprgen.shot_views import context, enlarged, textures_of
from anprgen.splits import split_of_text
from anprgen.tasks import Spec
from anprgen.vehicle_kinds import KINDS

FRAMES, FPS = 8, 6.0
SMALL = {"frame.size": "320x180", "view.width_px": {"log_uniform": [20, 60]}}


def config(**more) -> Config:
    return Config(
        task="sequence", renderer="flat", seed=4, frames=FRAMES, fps=FPS,
        overrides={**SMALL, **more},
    )  # fmt: skip


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make_plan(config())


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("sequences") / "out"
    build(Spec(config(), root), 4 * FRAMES, Notes(), workers=2)
    return root


def test_a_frame_alone_equals_the_frame_in_the_run(made):
    records = list(Dataset.open(made).records())
    assert len(records) == 4 * FRAMES
    with open_renderer("flat") as renderer:
        for index in (21, 3, 30):
            alone = make_plan(config()).sample(index, renderer)
            assert alone.image == (made / records[index]["image"]["file"]).read_bytes()
            assert json.loads(json.dumps(alone.record["plates"])) == records[index]["plates"]


def test_a_killed_sequence_goes_on_to_the_same_digest(made, tmp_path):
    root = tmp_path / "killed"

    class Stop(Notes):
        def advance(self, count: int = 1) -> None:
            super().advance(count)
            if self.done == 11:  # in the middle of the second sequence
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(Spec(config(), root), 4 * FRAMES, Stop(), workers=1)
    summary = build(Spec(config(), root), 4 * FRAMES, Notes(), workers=2)
    assert summary.made <= 4 * FRAMES - 11
    assert digest(root) == digest(made)


def test_tracks_keep_their_plate_and_ids_never_swap(made):
    said: dict[tuple[int, int], set[str]] = {}
    for record in Dataset.open(made).records():
        number, frame = divmod(record["index"], FRAMES)
        own = record["sequence"]
        assert (own["number"], own["frame"]) == (number, frame)
        assert own["time_s"] == pytest.approx(frame / FPS, abs=1e-6)
        tracks = [plate["track"] for plate in record["plates"]]
        assert len(set(tracks)) == len(tracks)
        for plate in record["plates"]:
            said.setdefault((number, plate["track"]), set()).add(plate["text"])
            assert own["ocr_texts"][plate["track"] - 1] == plate["ocr_text"]
            assert 0 <= plate["visible"] <= 1
    assert said
    assert all(len(texts) == 1 for texts in said.values())


def test_speed_is_the_way_in_metres_over_time():
    """Of the middle of each body, by its places a frame before and after."""
    fast = make_plan(replace(config(), fps=120.0))
    checked = 0
    for number in range(12):
        standers = [fast.shot(number * FRAMES + k).moment.standers for k in range(2, 5)]
        kinds = [fast.shot(number * FRAMES).vehicle]
        kinds += [n.vehicle for n in fast.shot(number * FRAMES).traffic]
        for before, now, after, vehicle in zip(*standers, kinds):
            ends = [middle(s.place, vehicle.kind) for s in (before, after)]
            kmh = math.dist(*ends) / (2 / 120) * 3.6e-3
            if now.speed_kmh > 1:
                assert kmh == pytest.approx(now.speed_kmh, rel=0.01)
                checked += 1
            else:
                assert kmh < 2
    assert checked > 10


def middle(place, kind):
    half, a = KINDS[kind].length_mm / 2, math.radians(place[2])
    return place[0] - math.sin(a) * half, place[1] + math.cos(a) * half


def test_all_frames_and_plates_of_a_sequence_are_of_one_split(plan, made):
    splits: dict[int, set[str]] = {}
    for record in Dataset.open(made).records():
        splits.setdefault(record["sequence"]["number"], set()).add(record["split"])
    assert all(len(found) == 1 for found in splits.values())
    assert not any("mixed" in found for found in splits.values())
    for number in range(30):
        texts = plan.shot(number * FRAMES).moment.texts
        assert len({split_of_text(text) for text in texts}) <= 1


def test_what_stays_stays_and_noise_is_fresh(plan):
    first, second = (plan.shot(3 * FRAMES + k) for k in (0, 1))
    assert first.plates[0].wear == second.plates[0].wear
    assert first.light == second.light
    assert first.camera["fixed_pattern"] == second.camera["fixed_pattern"]
    assert context(first).still == context(second).still == 3
    assert context(first).index != context(second).index
    assert context(first).metered is not None


def test_exposure_does_not_look_at_the_picture(plan):
    """A bright thing in the frame does not darken the rest, as it would with a meter on pixels."""
    shot = plan.shot(0)
    window = shot.solved.render
    light = np.full((window.height, window.width, 3), 0.1, np.float32)
    bright = light.copy()
    bright[:, : window.width // 3] = 3.0
    grey, other = (
        degradations.photograph(v, shot.camera, context(shot)).image[:, -40:].mean()
        for v in (light, bright)
    )
    assert other > 0.8 * grey


def test_plates_behind_the_camera_or_turned_away_have_no_label():
    """One that the camera overtakes is labelled before and not after."""
    passing = {
        "clip.rig": "fixed", "clip.key": 0.4, "scene.plates": 1, "scene.vehicles": 1,
        "scene.place": "highway", "vehicle.end": "front", "view.elevation_deg": 30,
        "view.width_px": 50, "view.place_y": 0.8, "frame.hfov_deg": 60, "travel.speed_kmh": 40,
        "travel.change": 1,
    }  # fmt: skip
    plan = make_plan(config(**passing))
    with open_renderer("flat") as renderer:
        seen = [len(plan.sample(k, renderer).record["plates"]) for k in range(FRAMES)]
    assert seen[0] == 1
    assert seen[-1] == 0
    assert sorted(seen, reverse=True) == seen


def refused(*words: str) -> str:
    base = ["build", "sri_lanka", "--renderer", "flat", "-o", "nowhere"]
    result = CliRunner().invoke(app, [*base, *words])
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert not Path("nowhere").exists()
    return result.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--frames", "0"), "from 2 to 10000"),
        (("--frames", "20000"), "from 2 to 10000"),
        (("--fps", "0"), "from 1 to 240"),
        (("--fps", "1000"), "from 1 to 240"),
        (("--frames", "5000"), "at most 60 s"),
        (("--variants", "2"), "--variants"),
    ],
)
def test_sizes_that_cannot_be_say_their_bounds(words, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert said in refused("--task", "sequence", "-n", "1", *words)


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ({"travel.speed_kmh": 900}, "from 0 to 250"),
        ({"scene.vehicles": 6}, "1 to 5 drive"),
        ({"scene.plates": 6}, "1 to 5 drive"),
        ({"scene.vehicles": 0, "scene.plates": 0}, "1 to 5 drive"),
        ({"vehicle.kind": "plain"}, "cannot stand in a scene"),
        ({"clip.rig": "flying"}, "fixed, shaking, moving"),
    ],
)
def test_impossible_scenes_say_their_bounds(override, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("c.json").write_text(json.dumps(override))
    assert said in refused("--task", "sequence", "-n", "1", "--config", "c.json")


def test_frames_are_of_sequences_only(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "--task sequence" in refused("-n", "1", "--frames", "10")


@pytest.mark.blender
def test_path_traced_frames_are_the_same_alone_and_from_a_used_worker():
    plan = make_plan(replace(config(), renderer="blender", samples=4))
    order = (0, 1, FRAMES + 2, 2, 0)
    with open_renderer("blender", device="cpu", threads=2) as renderer:
        used = {index: plan.sample(index, renderer).pixels for index in order}
    with open_renderer("blender", device="cpu", threads=1) as renderer:
        alone = plan.sample(2, renderer).pixels
    assert np.array_equal(used[2], alone)
    assert not np.array_equal(used[1], used[2])


@pytest.mark.blender
def test_only_what_moves_is_blurred():
    """A long exposure from a bolted camera: a van that passes is smeared, the street is not."""
    passing = {
        "clip.rig": "fixed", "scene.place": "street", "scene.plates": 1, "scene.vehicles": 1,
        "vehicle.kind": "van", "vehicle.end": "rear", "view.width_px": 40, "view.yaw_deg": 55,
        "travel.speed_kmh": 60, "travel.change": 1, "view.place_x": 0, "view.place_y": 0.1,
        "light.conditions": "overcast", "capture.readout_s": 0, "clip.shade": 0,
    }  # fmt: skip
    plan = make_plan(replace(config(**passing), renderer="blender", samples=24, fps=20.0))
    take, light = plan._take(0), []
    with open_renderer("blender", device="cpu", threads=2) as renderer:
        for shutter_s in (1e-4, 0.03):
            base = replace(take.shot, taken=replace(take.shot.taken, shutter_s=shutter_s))
            shot = frame_shot(replace(take, shot=base), 5, 5)
            textures = textures_of(shot, plan.artworks(shot), renderer.texels_a_px)
            light.append(renderer.render(shot, textures).light.mean(2))
    sharp, smeared = (np.abs(np.diff(v, axis=1)) for v in light)
    window = shot.solved.render
    middle_px = projector(shot, shot.plates[0])(np.array([[260.0, 50.0]]))[0]
    x, y = middle_px - [window.x0, window.y0]
    near = (slice(int(y) - 20, int(y) + 12), slice(int(x) - 16, int(x) + 16))
    assert smeared[near].mean() < 0.75 * sharp[near].mean()
    beyond = (slice(0, int(y) - 45), slice(0, sharp.shape[1] // 4))
    assert smeared[beyond].mean() == pytest.approx(sharp[beyond].mean(), rel=0.4)


def test_every_sequence_has_the_light_that_its_lens_needs():
    """Windows are solved for stages that frames have: with those of a photograph some fail."""
    every = make_plan(replace(config(), seed=11))
    with open_renderer("flat") as renderer:
        for number in range(24):
            every.sample(number * FRAMES + 5, renderer)


def test_clean_pictures_have_the_light_of_their_frame():
    shaded = {
        "light.conditions": "overcast", "clip.shade": 0.8, "clip.shade_at": 0.3,
        "clip.shade_s": 0.1, "clip.shade_stay_s": 50, "clip.exposure_lag_s": 50,
    }  # fmt: skip
    plan = make_plan(config(**shaded))
    means = []
    with open_renderer("flat") as renderer:
        for k in (0, FRAMES - 1):
            beside = plan.sample(k, renderer, keep=("clean",)).beside
            (data,) = beside.values()
            means.append(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR).mean())
    assert means[1] < 0.7 * means[0]


def test_rows_of_a_finer_render_are_read_in_the_same_time():
    plan = make_plan(config(**{"capture.readout_s": 0.02, "travel.speed_kmh": 80}))
    for number in range(3):
        shot = plan.shot(number * FRAMES + 4)
        mm = np.array([[0.0, 0.0], [400.0, 90.0]])
        px = projector(shot, shot.plates[0])(mm)
        finer = enlarged(shot, 2)
        assert projector(finer, finer.plates[0])(mm) / 2 == pytest.approx(px, abs=1e-3, nan_ok=True)


def test_what_is_built_is_known_by_its_looks_not_by_its_number():
    """Two plans of one seed must not show each other's vehicles; frames of one share theirs."""
    keys = []
    for kind in ("van", "lorry"):
        plan = make_plan(config(**{"vehicle.kind": kind}))
        keys.append({scene(plan.shot(k))["film"]["key"] for k in range(FRAMES)})
    assert len(keys[0]) == len(keys[1]) == 1
    assert keys[0] != keys[1]


def test_most_cameras_on_vehicles_drive():
    plan = make_plan(config(**{"clip.rig": "moving", "frame.size": "1280x720",
                               "view.width_px": {"log_uniform": [34, 160]}}))  # fmt: skip
    fast = [plan._take(number).camera.speed for number in range(40)]
    assert sum(max(s.first, s.last) > 500 for s in fast) >= 30


def test_a_stream_gives_the_frames_of_a_build(made):
    records = list(Dataset.open(made).records())
    own = anprgen.stream(
        "sri_lanka", task="sequence", seed=4, frames=FRAMES, fps=FPS, renderer="flat",
        config=SMALL, first=9, stop=11,
    )  # fmt: skip
    for sample in own:
        assert sample.image == (made / records[sample.index]["image"]["file"]).read_bytes()
    with pytest.raises(ConfigError, match="frames"):
        make_plan(Config(task="sequence", renderer="flat"))


@pytest.mark.parametrize(
    ("path", "value", "hint"),
    [
        ("light.oncoming", 20, "set it to 0"),
        ("light.brake_lamps", 5, "set it to 0"),
        ("signs.kind", "taxi", "road, board, wall"),
        ("signs.kind", "sticker", "road, board, wall"),
    ],
)
def test_what_stays_in_the_air_when_vehicles_drive_on_is_refused(path, value, hint):
    with pytest.raises(ConfigError, match="while") as e:
        make_plan(config(**{path: value, "scene.signs": 1})).shot(0)
    assert e.value.where == path
    assert hint in e.value.hint
