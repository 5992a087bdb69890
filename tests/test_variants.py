# SPDX-License-Identifier: Apache-2.0
"""Several photographs of one render, light that is kept and photographed again, clean pictures."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from making import Notes, digest, make, spec_of

from anprgen import degradations, draw, light_store
from anprgen.annotation import projector
from anprgen.build import build
from anprgen.cameras import camera_overrides
from anprgen.config import Config
from anprgen.dataset import Dataset
from anprgen.errors import ConfigError, DatasetError
from anprgen.geometry import Points
from anprgen.light_store import LightSource, LightStore, scene_key
from anprgen.pipeline import Plan, make_plan
from anprgen.renderers import Render
from anprgen.renderers.flat import FlatRenderer
from anprgen.reproduce import reproduce
from anprgen.schedule import Schedule
from anprgen.shot import Shot
from anprgen.shot_views import context, enlarged
from anprgen.tasks import Make
from anprgen.textures import Textures
from anprgen.verify import verify


class Counting(FlatRenderer):
    """A flat renderer that counts what it renders."""

    renders = 0

    def render(self, shot: Shot, textures: Sequence[Textures]) -> Render:
        self.renders += 1
        return super().render(shot, textures)


def plan_of(**config: Any) -> Plan:
    return make_plan(Config(renderer="flat", **config))


def built(
    root: Path,
    n: int,
    *,
    workers: int = 1,
    keep: tuple[str, ...] = (),
    source: Path | None = None,
    **config: Any,
) -> str:
    """Builds with the flat renderer; the digest of a whole dataset."""
    if source is not None:
        config["light_from"] = LightSource.open(source).identity()
    spec = replace(spec_of(root, real=True, **config), keep=keep, light_from=source)
    assert not build(spec, n, Notes(), workers=workers).failed
    return digest(root)


def test_photographs_of_a_render_share_all_but_crop_and_camera() -> None:
    plan = plan_of(variants=4, seed=2)
    shots = [plan.shot(i) for i in range(4, 8)]
    assert [s.index for s in shots] == [4, 5, 6, 7]
    assert {s.render_index for s in shots} == {1}
    for other in shots[1:]:
        assert other.plates == shots[0].plates
        assert (other.view, other.light, other.vehicle) == (
            shots[0].view,
            shots[0].light,
            shots[0].vehicle,
        )
        assert other.crop != shots[0].crop
        assert other.camera != shots[0].camera
        assert other.solved is not None
        assert shots[0].solved is not None
        assert other.solved.render == shots[0].solved.render
        assert scene_key(other) == scene_key(shots[0])
    assert scene_key(plan.shot(8)) != scene_key(shots[0])


def test_one_photograph_of_each_render_is_the_default() -> None:
    one, four = plan_of(seed=2), plan_of(variants=4, seed=2)
    assert one.shot(1).plates == four.shot(4).plates
    assert one.shot(4).camera == four.shot(4).camera
    assert one.shot(4).crop == four.shot(4).crop


def test_a_render_is_made_once_and_photographed_four_times() -> None:
    plan, renderer, lights = plan_of(variants=4), Counting(), LightStore()
    made = [plan.sample(i, renderer, lights=lights) for i in range(8)]
    assert renderer.renders == 2
    assert len({s.image for s in made}) == 8
    alone = plan.sample(6, FlatRenderer())
    assert alone.image == made[6].image
    assert alone.record == made[6].record


def test_variants_do_not_depend_on_workers(tmp_path: Path) -> None:
    one = built(tmp_path / "one", 10, variants=4)
    assert one == built(tmp_path / "three", 10, variants=4, workers=3)
    assert built(tmp_path / "grown", 3, variants=4) != one
    assert built(tmp_path / "grown", 10, variants=4) == one


def test_another_number_of_variants_is_another_dataset(tmp_path: Path) -> None:
    make(tmp_path, 2, real=True, variants=2)
    with pytest.raises(DatasetError, match=r"config\.variants: 2 in the dataset, 4 asked for"):
        make(tmp_path, 2, real=True, variants=4)


@pytest.mark.parametrize("variants", [0, 65])
def test_absurd_numbers_of_variants_are_refused(tmp_path: Path, variants: int) -> None:
    with pytest.raises(ConfigError, match="--variants"):
        make(tmp_path / "x", 2, real=True, variants=variants)


def test_the_schedule_keeps_a_render_with_its_worker(tmp_path: Path) -> None:
    make(tmp_path, 1)
    schedule = Schedule(Dataset.open(tmp_path), 12, "d", variants=4)
    a, b = schedule.next(), schedule.next()
    given: dict[str, list[int]] = {"a": [], "b": []}
    for _ in range(5):
        assert isinstance(a, Make)
        assert isinstance(b, Make)
        given["a"].append(a.index)
        given["b"].append(b.index)
        a, b = schedule.next(a), schedule.next(b)
    # Sample 0 is made already; whoever ends a render begins the next, or helps.
    assert given == {"a": [1, 2, 3, 8, 9], "b": [4, 5, 6, 7, 10]}


def test_kept_light_is_photographed_again_to_the_same_pixels(tmp_path: Path) -> None:
    kept = built(tmp_path / "kept", 6, keep=("light",), seed=4)
    assert kept == built(tmp_path / "plain", 6, seed=4), "keeping light changes nothing"
    built(tmp_path / "again", 6, seed=4, source=tmp_path / "kept")
    for a, b in zip(
        sorted((tmp_path / "kept/shards").rglob("*.jpg")),
        sorted((tmp_path / "again/shards").rglob("*.jpg")),
    ):
        assert a.read_bytes() == b.read_bytes()
    found = reproduce(Dataset.open(tmp_path / "again"), "3", tmp_path / "shown")
    assert found.equal


def test_stored_light_is_used_where_it_suffices(tmp_path: Path) -> None:
    built(tmp_path / "kept", 3, keep=("light",))
    source = LightSource.open(tmp_path / "kept")
    wide = {"crop.loose": 1.5}
    sharp = {"camera.defocus.sigma_px": 0, "camera.motion.length_px": 0}
    for overrides, renders in ((sharp, 0), (wide, 3)):
        plan = plan_of(overrides=overrides, light_from=source.identity())
        source.check(plan.identity(), plan.shot(0))
        renderer = Counting()
        for i in range(3):
            plan.sample(i, renderer, lights=LightStore(source))
        assert renderer.renders == renders


def test_light_of_other_scenes_is_refused(tmp_path: Path) -> None:
    built(tmp_path / "kept", 2, keep=("light",))
    with pytest.raises(ConfigError, match=r"config\.seed: 0 in the dataset, 1 asked for"):
        built(tmp_path / "a", 2, seed=1, source=tmp_path / "kept")
    with pytest.raises(ConfigError, match="other scenes"):
        built(tmp_path / "b", 2, overrides={"view.yaw_deg": 20}, source=tmp_path / "kept")
    make(tmp_path / "plain", 2, real=True)
    with pytest.raises(ConfigError, match="holds no light"):
        LightSource.open(tmp_path / "plain")


def test_more_photographs_of_kept_light(tmp_path: Path) -> None:
    built(tmp_path / "kept", 2, keep=("light",), variants=3)
    before = built(tmp_path / "more", 8, variants=4, source=tmp_path / "kept")
    assert before == built(tmp_path / "again", 8, variants=4, workers=2, source=tmp_path / "kept")


def test_damaged_light_is_found_and_not_used(tmp_path: Path) -> None:
    built(tmp_path, 2, keep=("light",))
    path = tmp_path / light_store.file_name(1)
    path.write_bytes(path.read_bytes()[:500])
    faults = verify(Dataset.open(tmp_path)).damage
    assert len(faults) == 1
    assert "light is missing or damaged" in faults[0]
    assert LightSource.open(tmp_path).find(plan_of().shot(1)) is None


@pytest.mark.parametrize("scale", [1, 2])
def test_clean_pictures_lie_under_the_labels(scale: int) -> None:
    """Dots on the plate, rendered as light, are found where the labels say."""
    for index in (1, 5, 8):
        shot = plan_of(seed=1, overrides={"view.width_px": 240, "plates.wear.dust": 0}).shot(index)
        ctx = replace(context(shot), stages=shot.camera)
        plate = shot.plates[0]
        width, height = plate.size_mm
        mm = np.stack(np.meshgrid(np.linspace(0.2, 0.8, 4), (0.3, 0.7)), -1).reshape(-1, 2)
        px = projector(shot, plate)(mm * (width, height))
        window = enlarged(shot, scale).solved
        assert window is not None
        light = _dots((px - (ctx.render.x0, ctx.render.y0)) * scale, window.render)
        image = degradations.clean_picture(light, ctx, scale)
        assert image.shape == (ctx.output_px[1] * scale, ctx.output_px[0] * scale, 3)
        for expected in degradations.points(ctx, px) * scale:
            if (expected > 8).all() and (expected < np.array(image.shape[1::-1]) - 8).all():
                assert np.abs(_centroid(image, expected) - expected).max() < 0.05


def _dots(px: Points, window: Any) -> np.ndarray:
    """Gaussian dots of light at px, on grey: on black a meter would take them for glints."""
    y, x = np.mgrid[: window.height, : window.width] + 0.5
    light = np.full((window.height, window.width), 0.12)
    for u, v in px:
        light += np.exp(-((x - u) ** 2 + (y - v) ** 2) / (2 * 1.3**2))
    return np.repeat(light[..., None], 3, 2).astype(np.float32)


def _centroid(image: np.ndarray, near: Points) -> Points:
    v = image[..., 1] / 255.0
    linear = np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)
    x0, y0 = (int(c) - 6 for c in near)
    part = linear[y0 : y0 + 13, x0 : x0 + 13]
    part = part - np.median(part)
    y, x = np.mgrid[:13, :13] + 0.5
    return np.array([(x * part).sum(), (y * part).sum()]) / part.sum() + (x0, y0)


def test_clean_pictures_are_kept_checked_and_sharper(tmp_path: Path) -> None:
    soft = {"camera.defocus.sigma_px": 1.5, "view.width_px": 200}
    assert built(tmp_path / "a", 3, keep=("clean2x",), overrides=soft) == built(
        tmp_path / "b", 3, overrides=soft
    )
    have = Dataset.open(tmp_path / "a")
    for record in have.records():
        small = cv2.imread(str(have.image_path(record)), cv2.IMREAD_GRAYSCALE)
        large = cv2.imread(str(have.root / record["clean"]["file"]), cv2.IMREAD_GRAYSCALE)
        assert large.shape == (2 * small.shape[0], 2 * small.shape[1])
        enlarged_small = cv2.resize(small, large.shape[::-1], interpolation=cv2.INTER_CUBIC)
        sharp, blurred = (cv2.Laplacian(i, cv2.CV_64F).std() for i in (large, enlarged_small))
        assert sharp > 1.5 * blurred
    (have.root / record["clean"]["file"]).unlink()
    assert "clean picture is missing" in verify(have).damage[0]


@pytest.mark.parametrize("keep", ["clean", "light"])
def test_kept_files_that_are_damaged_are_made_again(tmp_path: Path, keep: str) -> None:
    whole = built(tmp_path, 2, keep=(keep,))
    record = next(Dataset.open(tmp_path).records())
    kept = tmp_path / record[keep]["file"]
    before = kept.read_bytes()
    kept.write_bytes(before[:-9] + b"\0" * 9)
    other = tmp_path / next(r for r in Dataset.open(tmp_path).records() if r["index"])[keep]["file"]
    untouched = other.stat().st_ino
    assert verify(Dataset.open(tmp_path)).damage
    shutil.rmtree(tmp_path / "shards" / "000000")
    assert built(tmp_path, 2, keep=(keep,)) == whole
    assert kept.read_bytes() == before
    assert other.stat().st_ino == untouched  # what is whole stays


@pytest.mark.parametrize("keep", [("everything",), ("clean", "clean2x")])
def test_what_cannot_be_kept_is_refused(tmp_path: Path, keep: tuple[str, ...]) -> None:
    spec = replace(spec_of(tmp_path / "x", real=True), keep=keep)
    with pytest.raises(ConfigError, match="--keep"):
        build(spec, 1, Notes())


class Seeing(FlatRenderer):
    """A flat renderer that says what it saw of the plates' faces, as a path tracer does."""

    def render(self, shot: Shot, textures: Sequence[Textures]) -> Render:
        made = super().render(shot, textures)
        plane = np.ones(made.light.shape[:2], np.float32)
        plane[:, : plane.shape[1] // 2] = np.float32(85) / 255
        return replace(made, face=plane)


def test_what_was_seen_is_kept_with_the_light(tmp_path: Path) -> None:
    built(tmp_path, 2, keep=("light",))
    source, plan = LightSource.open(tmp_path), plan_of()
    source = _as_path_traced(source)
    assert source.find(plan.shot(1)) is None, "kept without a face: rendered again"
    made = plan.sample(1, Seeing(), keep=("light",))
    assert made.record["plates"] != plan.sample(1, FlatRenderer()).record["plates"]
    for name, data in made.beside.items():
        (tmp_path / name).write_bytes(data)
    again = plan.sample(1, FlatRenderer(), lights=LightStore(source))
    assert again.record["plates"] == made.record["plates"]
    assert again.image == made.image


def test_light_kept_without_what_was_seen_is_refused(tmp_path: Path) -> None:
    built(tmp_path, 2, keep=("light",))
    source = _as_path_traced(LightSource.open(tmp_path))
    with pytest.raises(ConfigError, match="without what is seen of each plate"):
        source.check(source.manifest.identity, plan_of().shot(0))


def _as_path_traced(source: LightSource) -> LightSource:
    config = {**source.manifest.identity["config"], "renderer": "blender"}
    identity = {**source.manifest.identity, "config": config}
    return replace(source, manifest=replace(source.manifest, identity=identity))


def test_photographs_of_one_render_are_solved_and_encoded_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: list[str] = []

    def count(module: Any, name: str) -> None:
        real = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *a: (calls.append(name), real(*a))[1])

    plan = plan_of(variants=3, overrides=camera_overrides("gate"))
    count(draw, "solve_pinhole")
    count(light_store, "encode")
    lights = LightStore()
    made = [
        plan.sample(index, FlatRenderer(), lights=lights, keep=("light",)) for index in range(6)
    ]
    assert calls == ["encode", "solve_pinhole", "encode"]  # the plan has drawn the first render
    files = [sample.beside[sample.record["light"]["file"]] for sample in made]
    assert files[0] == files[1] == files[2] != files[3] == files[5]
