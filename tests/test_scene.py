# SPDX-License-Identifier: Apache-2.0
"""Whole frames: vehicles, their plates, places and signs as they are drawn and solved."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from making import make
from shapely.affinity import rotate, translate
from shapely.geometry import LineString, Polygon, box

from anprgen.config import Config
from anprgen.dataset import Dataset
from anprgen.exporters import export
from anprgen.pipeline import Plan, make_plan
from anprgen.renderers.job import scene as job_of
from anprgen.renderers.lettering import set_word
from anprgen.renderers.opening import open_renderer
from anprgen.scene import PLACES, Sign, text_of
from anprgen.shot import Shot, to_json
from anprgen.solve import LOWEST_EYE_MM, camera_of, outline_world
from anprgen.vehicle_kinds import KINDS
from anprgen.verify import verify


def plan_of(**overrides: object) -> Plan:
    paths = {key.replace("__", "."): value for key, value in overrides.items()}
    return make_plan(Config(task="detect", renderer="flat", seed=11, overrides=paths))


@pytest.fixture(scope="module")
def shots() -> list[Shot]:
    plan = plan_of(scene__plates=4, scene__vehicles=6)
    return [plan.shot(i) for i in range(60)]


def eye_of(shot: Shot) -> np.ndarray:
    pose = camera_of(shot).world_to_camera
    return -pose[:3, :3].T @ pose[:3, 3]


def ground_plan(kind: str, x: float, y: float, heading: float) -> Polygon:
    """A vehicle from above, at a true size less than the largest of its kind."""
    k = KINDS[kind]
    flat = box(-0.8 * k.half_mm, 0.0, 0.8 * k.half_mm, 0.8 * k.length_mm)
    return translate(rotate(flat, heading, origin=(0, 0)), x, y)


def test_vehicles_stand_apart(shots: list[Shot]) -> None:
    several = 0
    for shot in shots:
        bodies = [ground_plan(shot.vehicle.kind, 0.0, 0.0, 0.0)]
        bodies += [ground_plan(n.vehicle.kind, n.x_mm, n.y_mm, n.heading_deg) for n in shot.traffic]
        several += len(bodies) > 2
        for i, one in enumerate(bodies):
            for other in bodies[:i]:
                assert one.intersection(other).area == 0, shot.index
    assert several > 20


def test_plates_are_in_the_frame_and_no_vehicle_is_before_them(shots: list[Shot]) -> None:
    further = 0
    for shot in shots:
        camera, eye = camera_of(shot), eye_of(shot)
        for n in shot.traffic:
            if n.plate < 0:
                continue
            further += 1
            plate = shot.plates[n.plate]
            px = camera.project(outline_world(plate))
            assert np.isfinite(px).all()
            middle = px.mean(0)
            assert 0 < middle[0] < shot.frame.width_px
            assert 0 < middle[1] < shot.frame.height_px
            at = np.array(plate.plate_to_world)[:3, 3]
            assert at[:2] == pytest.approx((n.x_mm, n.y_mm))
            # From above: the way to the eye crosses no vehicle that is taller than it is there.
            way = LineString([at[:2], eye[:2]])
            for m in shot.traffic:
                if m is n:
                    continue
                crossed = way.intersection(
                    ground_plan(m.vehicle.kind, m.x_mm, m.y_mm, m.heading_deg)
                )
                if crossed.is_empty:
                    continue
                share = way.project(crossed.centroid) / way.length
                high = at[2] + share * (eye[2] - at[2]) + shot.vehicle.plate_height_mm
                assert high > 0.8 * KINDS[m.vehicle.kind].top_mm, (shot.index, n.plate)
    assert further > 40


def test_a_vehicle_s_plate_hangs_where_its_kind_has_it(shots: list[Shot]) -> None:
    seen = set()
    for shot in shots:
        for vehicle in (shot.vehicle, *(n.vehicle for n in shot.traffic)):
            kind = KINDS[vehicle.kind]
            seen.add((vehicle.kind, vehicle.end))
            assert vehicle.surround in (kind.rear if vehicle.end == "rear" else kind.front)
            low, high = kind.heights["front" if vehicle.end == "front" else vehicle.surround]
            assert low <= vehicle.plate_height_mm <= high
        ground = -shot.vehicle.plate_height_mm
        for n in shot.traffic:
            if n.plate >= 0:
                z = np.array(shot.plates[n.plate].plate_to_world)[2, 3]
                assert z == pytest.approx(ground + n.vehicle.plate_height_mm)
        assert eye_of(shot)[2] >= ground + LOWEST_EYE_MM - 1e-6
    assert len(seen) >= 14


def test_a_plate_for_motorcycles_hangs_on_one() -> None:
    shots = [plan_of().shot(i) for i in range(120)]
    own = [s for s in shots if s.plates and s.plates[0].variant.startswith("moto")]
    assert own
    assert all(s.vehicle.kind == "motorcycle" for s in own)


def test_crops_have_no_place_and_no_whole_vehicle() -> None:
    plan = make_plan(Config(renderer="flat"))
    for i in range(20):
        shot = plan.shot(i)
        assert (shot.scene.place, shot.vehicle.kind, shot.traffic, shot.signs) == (
            "none", "plain", (), (),
        )  # fmt: skip
        assert "scene" not in job_of(shot)


def test_signs_and_vehicles_move_nothing_else() -> None:
    few, many = plan_of(scene__signs=0, scene__vehicles=1, scene__plates=1), plan_of(
        scene__signs=4, scene__vehicles=5, scene__plates=1
    )  # fmt: skip
    for i in range(10):
        a, b = few.shot(i), many.shot(i)
        assert len(b.signs) == 4
        same = replace(b, scene=a.scene, signs=(), traffic=())
        assert to_json(same) == to_json(replace(a, traffic=()))


@pytest.mark.parametrize("vehicles", [0, 3])
def test_a_scene_without_plates_has_no_labels(vehicles: int) -> None:
    plan = plan_of(
        scene__plates=0, scene__vehicles=vehicles, frame__size="320x240", capture__camera="gate"
    )
    with open_renderer("flat") as renderer:
        sample = plan.sample(1, renderer, glyph_check=True)
    shot = plan.shot(1)
    assert sample.record["plates"] == []
    assert sample.record["glyph_check"] == {"passed": True, "characters": []}
    assert sample.pixels.shape == (240, 320, 3)
    assert (len(shot.traffic) > 0) == (vehicles > 1)
    assert len(job_of(shot)["scene"]["vehicles"]) == len(shot.traffic) + (vehicles > 0)
    assert all(v["plate"] == -1 for v in job_of(shot)["scene"]["vehicles"])


def test_datasets_may_hold_pictures_without_plates(tmp_path: Path) -> None:
    overrides = {
        "frame.size": "320x240", "scene.plates": {"choice": [[0, 1], [1, 1]]}, "view.width_px": 90,
    }  # fmt: skip
    make(tmp_path / "d", 12, task="detect", real=True, overrides=overrides)
    dataset = Dataset.open(tmp_path / "d")
    empty = {r["id"] for r in dataset.records() if not r["plates"]}
    assert 0 < len(empty) < 12
    assert not verify(dataset).damage
    export(dataset, "yolo-pose", tmp_path / "y")
    written = {p.stem: p.read_text("utf-8") for p in (tmp_path / "y").rglob("0*.txt")}
    assert {name for name, rows in written.items() if not rows} == empty
    assert len(written) == 12
    export(dataset, "coco", tmp_path / "c")
    pictures, marked = [], []
    for path in (tmp_path / "c").rglob("*.json"):
        part = json.loads(path.read_text("utf-8"))
        if "images" not in part:
            continue
        pictures += [Path(i["file_name"]).stem for i in part["images"]]
        marked += [a["image_id"] for a in part["annotations"]]
    assert len(pictures) == 12
    assert len(marked) == 12 - len(empty)
    export(dataset, "paddleocr-rec", tmp_path / "p")  # a reader's: no picture, no line for these
    read = [p.stem for p in (tmp_path / "p").rglob("*") if p.suffix in (".png", ".jpg")]
    assert read
    assert not [name for name in read if name[:8] in empty]


@pytest.mark.parametrize("face", ["us_sans", "owner_sans", "owner_round"])
def test_every_sign_can_be_set(face: str) -> None:
    for text in range(80):
        said = text_of(Sign(kind="board", text=text * 997 + text, face=face))
        assert "#" not in said
        assert set_word(said, face, 0.05)["width"] > 0
    assert text_of(Sign(kind="taxi", text=5)) == "TAXI"


@pytest.mark.parametrize("place", PLACES)
def test_every_place_is_drawn_and_has_room(place: str) -> None:
    plan = plan_of(scene__place=place, scene__plates=1, scene__vehicles=4)
    found = [len(plan.shot(i).traffic) for i in range(12)]
    assert (max(found) >= 2) == (place != "none")
    assert all(math.isfinite(plan.shot(i).solved.distance_mm) for i in range(12))


def test_dazzling_headlamps_belong_to_a_car() -> None:
    with_lamps = plan_of(light__oncoming=20, scene__place="street").shot(3)
    without = plan_of(light__oncoming=0, scene__place="street").shot(3)
    more = job_of(with_lamps)["scene"]["vehicles"]
    assert more[:-1] == job_of(without)["scene"]["vehicles"]
    car = more[-1]
    assert car["plate"] == -1
    assert car["looks"]["kind"] in ("saloon", "hatchback", "suv")
    assert (car["looks"]["end"], car["looks"]["lamps"]) == ("front", "dipped")
    place = np.array(car["plate_to_world"])[:3, 3]
    light = with_lamps.light
    assert place[0] == pytest.approx(light.oncoming_right_mm, abs=1)
    assert place[1] == pytest.approx(light.oncoming_behind_mm, abs=100)


@pytest.mark.parametrize(("place", "ridden"), [("street", True), ("car_park", False)])
def test_no_motorcycle_stands_in_a_lane_without_its_rider(place: str, ridden: bool) -> None:
    job = job_of(plan_of(scene__place=place, scene__vehicles=3).shot(0))
    assert {v["looks"]["ridden"] for v in job["scene"]["vehicles"]} == {ridden}


def test_plates_are_in_proportion_to_frames_of_a_size_that_is_set() -> None:
    def widths(**overrides: object) -> list[float]:
        plan = plan_of(**overrides)
        return [plan.shot(i).view.width_px for i in range(20)]

    small, large = widths(frame__size="640x360"), widths(frame__size="1280x720")
    assert np.array(small) * 2 == pytest.approx(np.array(large))
    mixed = widths(frame__size={"choice": {"640x360": 1, "1280x720": 1}})
    assert np.array(mixed) == pytest.approx(np.array(large) * 0.75)
    assert set(widths(frame__size="640x360", view__width_px=50)) == {50}
