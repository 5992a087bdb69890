# SPDX-License-Identifier: Apache-2.0
"""The chain as a whole: order, addresses, determinism, labels that follow pixels."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import textwrap
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from test_degradations_scene import quiet, scene, spots, stages

from anprgen import degradations as deg
from anprgen.degradations import registry
from anprgen.degradations.stage import Context, Image, Kind, Stage
from anprgen.distributions import Constant, Uniform
from anprgen.errors import ConfigError, RenderError
from anprgen.geometry import Window
from anprgen.parameters import Draw, check_overrides, drawn


def test_stages_run_in_the_order_of_their_kinds_however_they_are_named() -> None:
    some = stages(1)
    names = [s.name for s in deg.in_order(dict(reversed(some.items())))]
    assert names == [s.name for s in deg.in_order(some)]
    kinds = [s.kind for s in deg.in_order(some)]
    assert kinds == sorted(kinds)
    assert names[0] == "lens"
    assert names[-1] == "jpeg"
    assert names.index("recording") < names.index("framing") < names.index("resample")


def test_every_parameter_has_an_address_and_can_be_overridden() -> None:
    known = [p.path for p in deg.declared_stages() if p.doc]
    assert "camera.sensor.white_e" in known
    assert len(known) == len(set(known)) == sum(1 for _ in deg.declared_stages())
    fixed = {"camera.jpeg.quality": Constant(40)}
    check_overrides(fixed, deg.declared_stages(), "test")
    made, plain = deg.draw_stages(Draw(3, 4, fixed)), stages(4, seed=3)
    assert made["jpeg"] == replace(plain["jpeg"], quality=40)  # type: ignore[call-arg]
    assert all(made[n] == plain[n] for n in plain if n != "jpeg")


def test_stages_survive_json() -> None:
    some = stages(5)
    text = json.dumps({n: asdict(s) for n, s in some.items()})
    assert deg.stages_from_json(json.loads(text)) == some
    with pytest.raises(ConfigError, match="jpg"):
        deg.stages_from_json({"jpg": {}})
    with pytest.raises(ConfigError, match="jpeg"):
        deg.stages_from_json({"jpeg": {"qualty": 3}})


def test_import_is_light() -> None:
    code = (
        "import anprgen.degradations as d, sys; list(d.declared_stages());"
        "print([m for m in ('cv2', 'imgaug', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("index", range(40))
def test_any_drawn_camera_makes_a_picture_and_its_file(index: int) -> None:
    import cv2

    some = stages(index)
    light, ctx = scene(some, index, turn=0.0 if index % 3 else 5.0)
    before = light.copy()
    photo = deg.photograph(light, some, ctx)
    assert photo.image.shape == (*photo.ctx.picture_px[::-1], 3)
    assert photo.image.dtype == np.uint8
    bgr = cv2.imdecode(np.frombuffer(photo.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert (bgr[..., ::-1] == photo.image).all()
    assert (light == before).all()  # nothing works in place
    assert (deg.photograph(light, some, ctx).jpeg) == photo.jpeg


_TWICE = """
import sys, random, hashlib, numpy as np
sys.path[:0] = {path!r}
np.random.seed({seed}); random.seed({seed})
from test_degradations_scene import scene, stages
from anprgen import degradations as deg
from dataclasses import replace
state = np.random.get_state()[1].copy()
out = hashlib.sha256()
for index, effect in enumerate(("none", "rain", "snow", "fog", "clouds")):
    some = stages(index)
    some["weather"] = replace(some["weather"], effect=effect, strength=0.8)
    out.update(deg.photograph(*[(l, some, c) for l, c in [scene(some, index)]][0]).jpeg)
print(out.hexdigest(), bool((state == np.random.get_state()[1]).all()))
"""


def test_two_processes_with_other_global_seeds_write_equal_bytes() -> None:
    answers = set()
    for seed in (1, 2):
        code = _TWICE.format(path=sys.path, seed=seed)
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        answers.add(done.stdout.strip())
    assert len(answers) == 1
    assert answers.pop().endswith("True")  # numpy's global state was left alone


def test_weather_of_other_samples_differs() -> None:
    hashes = set()
    for index in (0, 1):
        some = quiet(stages(7))
        some["weather"] = replace(some["weather"], effect="rain", strength=0.5)  # type: ignore[call-arg]
        light, ctx = scene(some, 7)
        photo = deg.photograph(light, some, replace(ctx, index=index))
        hashes.add(hashlib.sha256(photo.image.tobytes()).hexdigest())
    assert len(hashes) == 2


@pytest.mark.parametrize("mosaic", ["none", "bayer"])
@pytest.mark.parametrize("turn", [0.0, -11.0])
@pytest.mark.parametrize("scale", [1.0, 0.8, 1.37])
def test_points_follow_pixels_through_the_whole_chain(
    mosaic: str, turn: float, scale: float
) -> None:
    worst = []
    for index in range(4):
        some = quiet(stages(index))
        some["sensor"] = replace(some["sensor"], mosaic=mosaic)  # type: ignore[call-arg]
        # A grey sensor mixes the colours, and a bent way has a skewed image: no bias wanted here.
        some["motion"] = replace(some["motion"], length_px=3.0, shake=0.0)  # type: ignore[call-arg]
        if mosaic == "none":
            some["lens"] = replace(some["lens"], red_px=0.0, blue_px=0.0)  # type: ignore[call-arg]
        some["defocus"] = replace(some["defocus"], sigma_px=1.0)  # type: ignore[call-arg]
        light, ctx = scene(some, index, turn=turn, scale=scale)
        at, light = spots(ctx, some)
        photo = deg.photograph(light, some, ctx)
        image = photo.image.astype(float)[..., 1]
        for x, y in photo.points(at):
            i, j = int(x), int(y)
            if not (10 <= i < image.shape[1] - 10 and 10 <= j < image.shape[0] - 10):
                continue
            part = image[j - 9 : j + 10, i - 9 : i + 10]
            weight = np.maximum(part - np.percentile(part, 30) - 12, 0)
            jj, ii = np.mgrid[j - 9 : j + 10, i - 9 : i + 10] + 0.5
            found = np.array([(ii * weight).sum(), (jj * weight).sum()]) / weight.sum()
            worst.append(np.hypot(*(found - (x, y))))
    assert len(worst) > 20
    assert np.max(worst) < 0.05


def test_light_of_the_wrong_size_is_refused() -> None:
    some = stages(0)
    light, ctx = scene(some, 0)
    with pytest.raises(RenderError, match="shape"):
        deg.photograph(light[1:], some, ctx)
    small = replace(ctx, render=ctx.window)
    with pytest.raises(RenderError, match="too small"):
        deg.photograph(light[: small.render.height, : small.render.width], some, small)
    light = light.copy()
    light[0, 0] = np.nan
    with pytest.raises(RenderError, match="finite"):
        deg.photograph(light, some, ctx)
    cx, cy, w, h, _ = ctx.crop
    moved, light = replace(ctx, crop=(cx + 9, cy, w, h, 0.0)), np.nan_to_num(light)
    with pytest.raises(RenderError, match="leaves"):
        deg.photograph(light, some, moved)


def test_overscan_is_what_the_window_grows_by() -> None:
    for index in range(30):
        some, window = stages(index), Window(300, 200, 160, 60)
        got = deg.window_to_render(some, 2000.0, 960.0, 540.0, window)
        reach = deg.overscan_px(some, 2000.0)
        assert got.width > window.width * 0.9 + 2 * reach - 3
        bare = {"lens": some["lens"]}
        assert deg.window_to_render(bare, 2000.0, 960.0, 540.0, window).area <= got.area


@dataclass(frozen=True)
class Invert(Stage):
    """A stage of somebody else."""

    name: ClassVar[str] = "invert"
    kind: ClassVar[Kind] = Kind.DISPLAY

    amount: float = drawn(Uniform(1.0, 1.0), "how much")

    def pixels(self, image: Image, ctx: Context) -> Image:
        return np.asarray(1 - image)


class _Point:
    name = "invert"

    @staticmethod
    def load() -> type[Stage]:
        return Invert


@pytest.fixture
def _third_party(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [_Point()])
    monkeypatch.setattr(registry, "REGISTRY", dict(registry.REGISTRY))
    monkeypatch.setattr(registry, "_loaded", False)


@pytest.mark.usefixtures("_third_party")
def test_a_third_partys_stage_takes_its_place() -> None:
    assert "camera.invert.amount" in [p.path for p in deg.declared_stages()]
    some = quiet(deg.draw_stages(Draw(0, 0, {})))
    names = [s.name for s in deg.in_order(some)]
    assert names.index("tone") < names.index("invert") < names.index("framing")
    light, ctx = scene(some, 0)
    inverted = deg.photograph(light, some, ctx).image.astype(int)
    del some["invert"]
    assert np.abs(255 - inverted - deg.photograph(light, some, ctx).image).mean() < 3


def test_an_installed_distribution_brings_its_stage_and_parameters(tmp_path: Path) -> None:
    info = tmp_path / "dusty-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: dusty\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[anprgen.degradations]\ndust = dusty:Dust\n")
    (tmp_path / "dusty.py").write_text(
        textwrap.dedent("""
            from dataclasses import dataclass
            from typing import ClassVar
            from anprgen.degradations import Kind, Stage
            from anprgen.distributions import Uniform
            from anprgen.parameters import drawn

            @dataclass(frozen=True)
            class Dust(Stage):
                name: ClassVar[str] = "dust"
                kind: ClassVar[Kind] = Kind.LIGHT
                amount: float = drawn(Uniform(0, 0.1), "light that is lost", high=1)

                def pixels(self, image, ctx):
                    return image * (1 - self.amount)
        """)
    )
    code = """
from anprgen.config import Config
from anprgen.pipeline import make_plan
from anprgen.renderers.opening import open_renderer
plan = make_plan(Config(renderer="flat", overrides={"camera.dust.amount": 0.5}))
with open_renderer("flat") as renderer:
    print(plan.sample(0, renderer).record["shot"]["camera"]["dust"])
make_plan(Config(renderer="flat", overrides={"camera.dust.amount": 2}))
"""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env)
    assert done.stdout.strip() == "{'amount': 0.5}"
    assert "out of bounds" in done.stderr


def test_two_stages_of_one_name_are_refused() -> None:
    other = dataclass(frozen=True)(type("Other", (Stage,), {"name": "jpeg", "kind": Kind.CODEC}))
    with pytest.raises(ConfigError, match="two stages"):
        deg.register(other)
    with pytest.raises(ConfigError, match="no stage"):
        deg.register(int)  # type: ignore[arg-type]
