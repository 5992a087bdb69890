# SPDX-License-Identifier: Apache-2.0
"""A user's own environment pictures: refused in plain words, part of a dataset's identity."""

from __future__ import annotations

import importlib.util
import os
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from making import Notes
from numpy.typing import NDArray

from anprgen import hdris
from anprgen.arguments import make_config
from anprgen.build import build
from anprgen.config import Config
from anprgen.dataset import Dataset
from anprgen.errors import ConfigError
from anprgen.hdris import HEIGHT, WIDTH, HdriFolder
from anprgen.pipeline import make_plan
from anprgen.reproduce import reproduce
from anprgen.worker_process import Spec


def panorama(width: int = 512, rgb: tuple[float, float, float] = (0.2, 0.3, 0.6)) -> NDArray:
    picture = np.empty((width // 2, width, 3), np.float32)
    picture[:] = rgb
    return picture


def write(path: Path, rgb: NDArray) -> Path:
    os.environ.setdefault("OPENCV_IO_ENABLE_OPENEXR", "1")
    assert cv2.imwrite(str(path), np.ascontiguousarray(rgb[..., ::-1]))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "yard.hdr", panorama())
    write(tmp_path / "hall.exr", panorama(300, (0.9, 0.5, 0.2)))
    (tmp_path / "notes.txt").write_text("mine")
    return tmp_path


def test_pictures_are_read_reduced_and_known_by_name(folder: Path) -> None:
    found = HdriFolder.open(folder)
    assert sorted(found.digests) == ["hall", "yard"]
    hall = found.get("hall")
    assert hall.picture.shape == (HEIGHT, WIDTH, 3)
    assert hall.picture.dtype == np.float32
    assert hall.picture[5, 9] == pytest.approx([0.9, 0.5, 0.2], rel=1e-3)
    assert hall.rgb[0] > hall.rgb[1] > hall.rgb[2]


def test_the_top_row_is_the_sky(folder: Path) -> None:
    picture = panorama()
    picture[:100] = (0, 0, 5)
    write(folder / "sky.exr", picture)
    small = HdriFolder.open(folder).get("sky").picture
    assert small[0, 0, 2] == pytest.approx(5)
    assert small[-1, 0, 2] == pytest.approx(0.6)


def test_infinite_and_broken_values_do_no_harm(folder: Path) -> None:
    picture = panorama()
    picture[10, 10], picture[11, 11], picture[12, 12] = np.inf, np.nan, -3
    write(folder / "odd.exr", picture)
    small = HdriFolder.open(folder).get("odd").picture
    assert np.isfinite(small).all()
    assert small.min() >= 0


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("bad.hdr", b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 256 +X 512\n12", "can be read"),
        ("bad.exr", b"not a picture at all", "can be read"),
    ],
)
def test_damaged_pictures_are_named(folder: Path, name: str, data: bytes, says: str) -> None:
    (folder / name).write_bytes(data)
    with pytest.raises(ConfigError, match=says) as error:
        HdriFolder.open(folder)
    assert name in str(error.value.where)


def test_pictures_of_another_shape_size_or_name_are_refused(folder: Path, tmp_path: Path) -> None:
    cases = {
        "square.exr": (panorama()[:, :256], "twice as wide"),
        "tiny.exr": (panorama(64), "64 px wide"),
        "black.exr": (panorama() * 0, "black"),
        "city.exr": (panorama(), "rename"),
        "yard.exr": (panorama(), "rename"),
    }
    for name, (picture, says) in cases.items():
        path = write(folder / name, picture)
        with pytest.raises(ConfigError, match=says):
            HdriFolder.open(folder)
        path.unlink()
    HdriFolder.open(folder)


def test_no_folder_and_an_empty_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        HdriFolder.open(tmp_path / "nowhere")
    with pytest.raises(ConfigError, match="no environment picture"):
        HdriFolder.open(tmp_path)


def test_a_changed_picture_is_refused(folder: Path) -> None:
    found = HdriFolder.open(folder)
    write(folder / "yard.hdr", panorama(rgb=(0.5, 0.1, 0.1)))
    hdris._read.cache_clear()  # as in another process
    with pytest.raises(ConfigError, match="changed"):
        found.get("yard")


def test_their_bytes_decide_the_dataset_and_their_place_does_not(
    folder: Path, tmp_path: Path
) -> None:
    def identity(config: Config) -> dict:
        return make_plan(config).identity()["config"]

    here = make_config(["sri_lanka"], hdri=folder)
    elsewhere = tmp_path / "moved"
    elsewhere.mkdir()
    for name in ("yard.hdr", "hall.exr"):
        (elsewhere / name).write_bytes((folder / name).read_bytes())
    assert identity(here) == identity(make_config(["sri_lanka"], hdri=elsewhere))
    assert set(identity(here)["hdris"]) == {"yard", "hall"}
    write(elsewhere / "yard.hdr", panorama(rgb=(0.5, 0.1, 0.1)))
    assert identity(here) != identity(make_config(["sri_lanka"], hdri=elsewhere))
    assert "hdris" not in identity(make_config(["sri_lanka"]))


def test_they_take_the_place_of_blender_s_and_can_be_weighed(folder: Path) -> None:
    config = make_config(["sri_lanka"], hdri=folder)
    drawn = {make_plan(config).shot(i).light.hdri for i in range(30)}
    assert drawn == {"yard", "hall"}
    mixed = replace(config, overrides={"light.hdri": {"choice": {"yard": 1, "city": 1}}})
    assert {make_plan(mixed).shot(i).light.hdri for i in range(30)} == {"yard", "city"}
    wrong = replace(config, overrides={"light.hdri": "yrad"})
    with pytest.raises(ConfigError, match="yrad"):
        make_plan(wrong)


def test_the_light_s_colour_is_the_picture_s(folder: Path) -> None:
    config = make_config(["sri_lanka"], hdri=folder)
    config = replace(config, overrides={"light.kind": "hdri", "light.hdri": "hall"})
    assert make_plan(config).shot(0).light_rgb == HdriFolder.open(folder).get("hall").rgb


def test_the_flat_renderer_refuses_them(folder: Path) -> None:
    with pytest.raises(ConfigError, match="flat"):
        make_plan(make_config(["sri_lanka"], hdri=folder, renderer="flat"))


@pytest.mark.blender
@pytest.mark.skipif(importlib.util.find_spec("bpy") is None, reason="bpy is not installed")
def test_a_copy_of_blender_s_picture_lights_as_the_picture_does(tmp_path: Path) -> None:
    from test_blender import make_shot, make_textures  # type: ignore[import-not-found]

    from anprgen.light import Light
    from anprgen.renderers.blender import BlenderRenderer

    spec = importlib.util.find_spec("bpy")
    assert spec is not None
    assert spec.origin is not None
    source = next(Path(spec.origin).parent.rglob("studiolights/world/sunset.exr"))
    (tmp_path / "mine.exr").write_bytes(source.read_bytes())
    own = HdriFolder.open(tmp_path)
    with BlenderRenderer(device="cpu", threads=1, hdris=own) as renderer:
        lit = [
            renderer.render(make_shot(light=Light(kind="hdri", hdri=name)), [make_textures()]).light
            for name in ("sunset", "mine")
        ]
    assert lit[1] == pytest.approx(lit[0], rel=0.02, abs=0.01)


@pytest.mark.blender
@pytest.mark.skipif(importlib.util.find_spec("bpy") is None, reason="bpy is not installed")
def test_a_dataset_made_with_them_can_be_shown_again(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    small = {"light.kind": "hdri", "view.width_px": 60}
    config = replace(make_config(["sri_lanka"], hdri=folder, samples=2), overrides=small)
    build(Spec(config, out, device="cpu"), 1, Notes(), workers=1)
    dataset = Dataset.open(out)
    assert dataset.record("0")["shot"]["light"]["hdri"] in ("yard", "hall")
    assert reproduce(dataset, "0", tmp_path / "shown", device="cpu").equal
    write(folder / "yard.hdr", panorama(rgb=(0.5, 0.1, 0.1)))
    write(folder / "hall.exr", panorama(rgb=(0.5, 0.1, 0.1)))
    hdris._read.cache_clear()
    with pytest.raises(ConfigError, match="changed"):
        reproduce(dataset, "0", tmp_path / "again", device="cpu")
