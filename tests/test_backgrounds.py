# SPDX-License-Identifier: Apache-2.0
"""A user's own photographs behind whole frames: refused in words, put there without a seam."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from making import Notes
from numpy.typing import NDArray
from PIL import Image

from anprgen import backgrounds
from anprgen.arguments import make_config
from anprgen.backdrop import MEAN_REFLECTANCE, compose, photographed
from anprgen.background import Background, horizon_px, placed
from anprgen.backgrounds import BackgroundFolder
from anprgen.build import build
from anprgen.config import Config
from anprgen.dataset import Dataset
from anprgen.errors import ConfigError, DatasetError
from anprgen.geometry import Pinhole, rigid, rotation
from anprgen.pipeline import make_plan
from anprgen.renderers.opening import folders_of, open_renderer
from anprgen.reproduce import reproduce
from anprgen.shot import Shot
from anprgen.shot_views import textures_of
from anprgen.solve import camera_of
from anprgen.worker_process import Spec

SMALL = {"frame.size": "320x200", "view.width_px": 60}


def photo(width: int = 640, height: int = 400, seed: int = 0) -> NDArray[np.uint8]:
    """A soft picture of many tones."""
    coarse = np.random.Generator(np.random.Philox(seed)).integers(40, 220, (5, 8, 3), np.uint8)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def write(path: Path, rgb: NDArray[np.uint8], **options: Any) -> Path:
    Image.fromarray(rgb).save(path, **options)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    own = tmp_path / "photos"
    own.mkdir()
    write(own / "street.jpg", photo(), quality=95)
    write(own / "yard.PNG", photo(800, 600, 1), format="PNG")
    (own / "notes.txt").write_text("mine")
    return own


def config_of(folder: Path, **more: Any) -> Config:
    overrides = {**SMALL, **more.pop("overrides", {})}
    made = make_config(["sri_lanka"], task="detect", backgrounds=folder, **more)
    return replace(made, overrides=overrides)


def test_photographs_are_known_by_name(folder: Path) -> None:
    found = BackgroundFolder.open(folder)
    assert sorted(found.digests) == ["street", "yard"]
    assert found.facts("yard").size_px == (800, 600)
    assert np.array_equal(found.picture("yard"), photo(800, 600, 1))
    assert np.abs(found.picture("street").astype(int) - photo()).mean() < 2


def test_the_camera_s_turn_is_undone_and_large_ones_are_reduced(folder: Path) -> None:
    turned = Image.Exif()
    turned[0x0112] = 6  # a quarter to the right
    write(folder / "turned.jpg", photo(640, 400), exif=turned)
    write(folder / "large.jpg", photo(5000, 1000))
    found = BackgroundFolder.open(folder)
    assert found.facts("turned").size_px == (400, 640)
    assert max(found.facts("large").size_px) <= backgrounds.LONGEST_PX


def test_broken_photographs_are_named(folder: Path) -> None:
    whole = (folder / "street.jpg").read_bytes()
    cases: dict[str, tuple[bytes, str]] = {
        "half.jpg": (whole[: len(whole) // 2], "read to its end"),
        "text.png": (b"no picture", "read to its end"),
        "empty.webp": (b"", "read to its end"),
        "other.jpg": (b"GIF89a" + whole, "read to its end"),
    }
    small, dark = folder / "small.png", folder / "dark.png"
    write(small, photo(100, 60))
    cases["small.png"] = (small.read_bytes(), "too few")
    write(dark, photo() * 0)
    cases["dark.png"] = (dark.read_bytes(), "black")
    for path in (small, dark):
        path.unlink()
    for name, (data, says) in cases.items():
        (folder / name).write_bytes(data)
        with pytest.raises(ConfigError, match=says) as error:
            BackgroundFolder.open(folder)
        assert name in str(error.value.where)
        (folder / name).unlink()
    BackgroundFolder.open(folder)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_bytes_do_more_than_be_refused(data: st.DataObject) -> None:
    import io

    made = io.BytesIO()
    Image.fromarray(photo(330, 200)).save(made, data.draw(st.sampled_from(["JPEG", "PNG", "WEBP"])))
    raw = bytearray(made.getvalue())
    for _ in range(data.draw(st.integers(1, 12))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        rgb = backgrounds._decode(bytes(raw), Path("x.jpg"), 256)
    except ConfigError:
        return
    assert rgb.ndim == 3
    assert rgb.shape[2] == 3


def test_bounds(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = backgrounds._KIND
    for name, value, says in (
        ("_KIND", replace(kind, most_files=1), "more than 1"),
        ("_KIND", replace(kind, most_bytes=100), "more than 0 MiB"),
        ("MOST_PIXELS", 10_000, "more than"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(backgrounds, name, value)
            with pytest.raises(ConfigError, match=says):
                BackgroundFolder.open(folder)
    write(folder / "street.png", photo())
    with pytest.raises(ConfigError, match="rename"):
        BackgroundFolder.open(folder)
    with pytest.raises(ConfigError, match="No such file"):
        BackgroundFolder.open(folder / "nowhere")
    (folder / "sub").mkdir()
    with pytest.raises(ConfigError, match="no photograph"):
        BackgroundFolder.open(folder / "sub")


def test_their_bytes_decide_the_dataset_and_their_place_does_not(folder: Path) -> None:
    def identity(where: Path) -> dict[str, Any]:
        return dict(make_plan(config_of(where, renderer="flat")).identity()["config"])

    elsewhere = folder.parent / "moved"
    elsewhere.mkdir()
    for path in folder.iterdir():
        (elsewhere / path.name).write_bytes(path.read_bytes())
    assert identity(folder) == identity(elsewhere)
    assert set(identity(folder)["backgrounds"]) == {"street", "yard"}
    write(elsewhere / "street.jpg", photo(seed=5))
    assert identity(folder) != identity(elsewhere)


def test_a_photograph_is_drawn_for_each_shot_and_can_be_weighed(folder: Path) -> None:
    plan = make_plan(config_of(folder, renderer="flat"))
    shots = [plan.shot(i) for i in range(30)]
    assert {s.background.photo for s in shots} == {"street", "yard"}
    assert {s.background.digest for s in shots} == set(plan.config.backgrounds.values())
    assert len({s.light.conditions for s in shots}) > 4
    assert not {s.light.conditions for s in shots} & {"street_lamps", "infrared", "dusk"}
    one = replace(plan.config, overrides={**SMALL, "background.photo": "yard"})
    assert {make_plan(one).shot(i).background.photo for i in range(20)} == {"yard"}
    night = replace(plan.config, overrides={**SMALL, "light.kind": "infrared"})
    assert make_plan(night).shot(0).light.conditions == "infrared"
    mixed = {**SMALL, "scene.place": {"choice": {"photo": 1, "street": 1}}}
    places = [make_plan(replace(plan.config, overrides=mixed)).shot(i) for i in range(20)]
    assert {(s.scene.place, s.background is None) for s in places} == {
        ("photo", False), ("street", True),
    }  # fmt: skip


def test_what_makes_no_sense_is_refused(folder: Path) -> None:
    with pytest.raises(ConfigError, match="the task ocr has none"):
        make_plan(replace(config_of(folder), task="ocr"))
    with pytest.raises(ConfigError, match="yrad"):
        make_plan(config_of(folder, overrides={"background.photo": "yrad"}))
    for place in ("photo", {"choice": {"photo": 1, "street": 3}}):
        with pytest.raises(ConfigError, match="no photograph"):
            make_plan(Config(task="detect", overrides={"scene.place": place}))


@given(
    zoom=st.floats(1, 20), x=st.floats(0, 1), horizon=st.floats(0, 1),
    elevation=st.floats(-20, 60), width=st.integers(320, 4096), height=st.integers(180, 4096),
)  # fmt: skip
def test_the_part_lies_in_the_photograph(
    zoom: float, x: float, horizon: float, elevation: float, width: int, height: int
) -> None:
    own = Background("a", zoom, x, horizon, False, 0.0)
    turn = rotation("x", elevation) @ np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]])
    camera = Pinhole(900.0, 640.0, 360.0, rigid(turn, np.zeros(3)))
    left, top, wide, high = placed(own, (width, height), (1280, 720), camera).part_px
    assert wide / high == pytest.approx(16 / 9, rel=1e-2)
    assert left >= 0
    assert top >= 0
    assert left + wide <= width + 1e-2
    assert top + high <= height + 1e-2


def test_horizons_meet() -> None:
    turn = rotation("x", 6.0) @ np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]])
    camera = Pinhole(900.0, 640.0, 360.0, rigid(turn, np.array([0.0, 0.0, 9000.0])))
    eye = -camera.world_to_camera[:3, :3].T @ camera.world_to_camera[:3, 3]
    away = camera.project(np.array([[eye[0], eye[1] + 1e9, eye[2]]]))[0]
    assert horizon_px(camera) == pytest.approx(away[1], abs=0.01)
    own = placed(Background("a", 1.0, 0.5, 0.4), (2000, 1500), (1280, 720), camera)
    _, top, _, high = own.part_px
    assert top + away[1] / 720 * high == pytest.approx(0.4 * 1500, abs=0.1)


def shot_of(folder: Path, index: int = 0, **overrides: Any) -> tuple[Shot, BackgroundFolder]:
    config = config_of(folder, renderer="flat", overrides=overrides)
    return make_plan(config).shot(index), folders_of(config)["backgrounds"]


GROUND = {
    "irradiance": [2.0, 2.2, 2.4], "upright": 2.2, "lamp": None, "reflectance": 0.2, "z_mm": -600.0,
}  # fmt: skip


def test_a_ground_alone_becomes_the_photograph_and_a_shadow_darkens_it(folder: Path) -> None:
    shot, photos = shot_of(folder)
    window = shot.solved.render
    shape = (window.height, window.width)
    flat = np.broadcast_to(np.array(GROUND["irradiance"]) * 0.2 / np.pi, (*shape, 3))
    flat = np.ascontiguousarray(flat, np.float32)
    behind = photographed(shot, photos)
    none = np.zeros(shape, np.float32)
    out = compose(shot, flat, none, GROUND, behind)
    level = 0.5 * (np.array([2.0, 2.2, 2.4]) @ [0.2126, 0.7152, 0.0722] + 2.2) / np.pi
    assert out == pytest.approx(behind * level, rel=1e-4, abs=1e-6)
    # Below the horizon, near by, half of the light is gone.
    shaded = compose(shot, flat * 0.5, none, GROUND, behind)
    near = window.height - 12
    assert shaded[near] == pytest.approx(out[near] * 0.5, rel=1e-3, abs=1e-5)
    # What the scene covers stays as it was rendered; on an edge both count by their shares.
    cover = none.copy()
    cover[:, 40:60] = 1.0
    cover[:, 60] = 0.25
    light = flat.copy()
    light[:, 40:60] = 0.7
    light[:, 60] = 0.25 * 0.7 + 0.75 * flat[0, 0]
    both = compose(shot, light, cover, GROUND, behind)
    assert np.array_equal(both[:, 40:60], light[:, 40:60])
    want = 0.25 * 0.7 + 0.75 * out[near, 60]
    assert both[near, 60] == pytest.approx(want, rel=1e-3)
    assert both[:, 70:] == pytest.approx(out[:, 70:], rel=1e-3, abs=1e-5)


def test_photographs_of_all_exposures_come_out_alike(folder: Path) -> None:
    for name, gain in (("dim", 0.3), ("bright", 1.0)):
        write(folder / f"{name}.png", (photo() * gain).astype(np.uint8))
    means = []
    for name in ("dim", "bright"):
        shot, photos = shot_of(
            folder, **{"background.photo": name, "background.exposure_ev": 0, "light.kind": "sun"}
        )
        light = photographed(replace(shot, light_rgb=(1.0, 1.0, 1.0)), photos)
        means.append(float(light.mean()))
    assert means == pytest.approx([MEAN_REFLECTANCE] * 2, rel=0.5)
    assert means[0] == pytest.approx(means[1], rel=0.35)


def test_a_dataset_continues_and_is_shown_again(folder: Path) -> None:
    out = folder.parent / "out"
    config = config_of(folder, renderer="flat")
    build(Spec(config, out), 2, Notes(), workers=1)
    build(Spec(config, out), 4, Notes(), workers=1)
    dataset = Dataset.open(out)
    own = dataset.record("3")["shot"]["background"]
    assert own["digest"] == config.backgrounds[own["photo"]]
    assert reproduce(dataset, "3", folder.parent / "shown").equal
    name = next(p for p in folder.iterdir() if p.stem == own["photo"])
    write(name, photo(700, 500, 9), format="PNG" if name.suffix == ".PNG" else "JPEG")
    with pytest.raises(DatasetError, match=f"backgrounds.{own['photo']}"):
        build(Spec(config_of(folder, renderer="flat"), out), 5, Notes(), workers=1)
    backgrounds._picture.cache_clear()  # as in another process
    backgrounds._facts.cache_clear()
    with pytest.raises(ConfigError, match="changed"):
        reproduce(dataset, "3", folder.parent / "again")
    name.unlink()
    with pytest.raises(ConfigError, match="any more"):
        reproduce(dataset, "3", folder.parent / "again")


@pytest.fixture(scope="module")
def blender() -> Iterator[Any]:
    from anprgen.renderers.blender import BlenderRenderer

    with BlenderRenderer(device="cpu", threads=1) as renderer:
        yield renderer


@pytest.mark.blender
@pytest.mark.skipif(importlib.util.find_spec("bpy") is None, reason="bpy is not installed")
def test_vehicles_stand_on_a_photograph(folder: Path, blender: Any) -> None:
    """Around them it is the photograph itself, beneath them it is darker, and labels stay."""
    grey = np.full((600, 960, 3), 128, np.uint8)
    write(folder / "grey.png", grey)
    own = {
        "background.photo": "grey", "background.exposure_ev": 0, "light.kind": "overcast",
        "scene.plates": 1, "scene.vehicles": 1, "scene.signs": 0, "vehicle.kind": "hatchback",
        "view.width_px": 36, "frame.hfov_deg": 25, "view.place_x": 0,
        "view.place_y": 0.1, "view.elevation_deg": 6,
        "view.yaw_deg": 0, "view.roll_deg": 0,
    }  # fmt: skip
    config = replace(config_of(folder, overrides=own), samples=8)
    plan = make_plan(config)
    shot = plan.shot(0)

    textures = textures_of(shot, plan.artworks(shot), blender.texels_a_px)
    bare = blender.render(shot, textures)
    with open_renderer("blender", "cpu", 1, **folders_of(config)) as renderer:
        seen = renderer.render(shot, textures)
    assert np.array_equal(bare.face, seen.face)
    assert seen.face.max() > 0.9
    camera, window = camera_of(shot), shot.solved.render
    ground = -shot.vehicle.plate_height_mm
    spots = np.array([[0.0, 700.0, ground], [1500.0, 0.0, ground], [-1500.0, 0.0, ground]])
    beneath, *beside = (camera.project(spots) - (window.x0, window.y0)).astype(int)
    alone = [seen.light[y - 2 : y + 3, x - 2 : x + 3].mean() for x, y in beside]
    sky = seen.light[3, window.width // 2].mean()
    assert alone == pytest.approx([sky] * 2, rel=0.15)
    x, y = beneath
    assert seen.light[y - 1 : y + 2, x - 3 : x + 4].mean() < 0.75 * sky
    # The plate's own light is that of the render.
    inside = seen.face > 0.99
    assert np.array_equal(seen.light[inside], bare.light[inside])
    # Without a photograph nothing of all this remains.
    street = make_plan(Config(task="detect", samples=2, overrides={**SMALL, "scene.place": "yard"}))
    other = street.shot(1)
    textures = textures_of(other, street.artworks(other), blender.texels_a_px)
    after = blender.render(other, textures)
    with open_renderer("blender", "cpu", 1) as fresh:
        assert np.array_equal(fresh.render(other, textures).light, after.light)
