# SPDX-License-Identifier: Apache-2.0
"""imgaug's augmenters by name: their bytes, their labels, what is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, replace

import numpy as np
import pytest
from test_degradations_scene import dots, offsets, quiet, scene, stages

from anprgen import degradations as deg
from anprgen.config import Config, read_overrides
from anprgen.degradations.imgaug_stage import Imgaug
from anprgen.errors import ConfigError, RenderError
from anprgen.parameters import Draw
from anprgen.pipeline import make_plan
from anprgen.renderers.opening import open_renderer

COMMON = {
    "Rain": {"drop_size": [0.1, 0.2], "speed": [0.05, 0.2]},
    "Snowflakes": {"flake_size": [0.2, 0.5]},
    "Fog": {},
    "Clouds": {},
    "AdditiveGaussianNoise": {"scale": [5, 15], "per_channel": True},
    "AdditivePoissonNoise": {"lam": 8},
    "ImpulseNoise": {"p": 0.03},
    "SaltAndPepper": {"p": 0.02},
    "CoarseDropout": {"p": 0.05, "size_percent": 0.2},
    "Cutout": {"nb_iterations": 2},
    "GaussianBlur": {"sigma": [0.5, 1.5]},
    "MotionBlur": {"k": 5, "angle": [-45, 45]},
    "MedianBlur": {"k": 3},
    "JpegCompression": {"compression": [40, 80]},
    "CLAHE": {},
    "GammaContrast": {"gamma": [0.7, 1.4]},
    "LinearContrast": {"alpha": [0.6, 1.4]},
    "MultiplyHueAndSaturation": {"mul": [0.7, 1.3]},
    "ChangeColorTemperature": {"kelvin": [2500, 9000]},
    "Sharpen": {"alpha": [0, 1]},
    "Emboss": {"alpha": [0, 1]},
    "Superpixels": {"p_replace": 0.2, "n_segments": 60},
    "Posterize": {"nb_bits": 5},
    "Dropout": {"p": 0.05},
    "pillike.EnhanceContrast": {},
    "Affine": {"rotate": [-6, 6], "scale": [0.9, 1.1], "shear": [-5, 5]},
    "PerspectiveTransform": {"scale": [0.01, 0.05]},
}

_TWICE = """
import sys, random, hashlib, numpy as np
sys.path[:0] = {path!r}
np.random.seed({seed}); random.seed({seed})
from test_degradations_imgaug import COMMON, Imgaug, quiet, scene, stages
from anprgen.degradations.imgaug_shim import imgaug
imgaug.random.seed({seed})
state = np.random.get_state()[1].copy()
some = quiet(stages(3))
light, ctx = scene(some, 3, size=(60, 40))
picture = light[: ctx.working.height, : ctx.working.width].copy()
for name, arguments in COMMON.items():
    out = Imgaug(((name, arguments),)).pixels(picture, ctx)
    print(name, hashlib.sha256(out.tobytes()).hexdigest(), bool((out != picture).any()))
print(bool((state == np.random.get_state()[1]).all()))
"""


def test_augmenters_give_equal_bytes_whatever_the_global_seeds() -> None:
    answers = []
    for seed in (1, 2):
        code = _TWICE.format(path=sys.path, seed=seed)
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        answers.append(done.stdout.splitlines())
    assert answers[0] == answers[1]
    assert answers[0][-1] == "True"  # numpy's global state was left alone
    assert len(answers[0]) == len(COMMON) + 1
    idle = [line.split()[0] for line in answers[0][:-1] if line.endswith("False")]
    assert not idle


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("Affine", {"rotate": [4, 7], "scale": [0.9, 1.1]}),
        ("Affine", {"shear": [5, 10], "translate_px": {"x": [-3, 3], "y": [-3, 3]}}),
        ("PerspectiveTransform", {"scale": [0.02, 0.04]}),
        ("Rotate", {"rotate": -8}),
        ("ShearY", {"shear": 6}),
        ("ScaleX", {"scale": 1.1}),
        ("TranslateX", {"px": 5}),
        ("Fliplr", {"p": 1}),
        ("CropAndPad", {"percent": [-0.05, 0.05]}),
        ("Rain", {}),
    ],
)
def test_points_go_where_an_augmenter_puts_the_pixels(name: str, arguments: dict) -> None:
    some = quiet(stages(3))
    _, ctx = scene(some, 3, size=(200, 100))
    w = ctx.working
    at, image = dots(w.width, w.height)
    stage = Imgaug(((name, arguments),))
    moved = stage.points(at + (w.x0, w.y0), ctx) - (w.x0, w.y0)
    if name == "Rain":
        assert np.abs(moved - at).max() < 1e-9
        return
    assert np.hypot(*(moved - at).T).max() > 1
    found = offsets(stage.pixels(image, ctx), moved)
    assert len(found) > 12
    assert np.hypot(*found.T).max() < 0.05


def config(entry: dict) -> Config:
    return Config(renderer="flat", overrides=entry)


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"imgaug.Rian": {}}, "Rain"),
        ({"imgaug.Rain": {"drop_sise": 0.1}}, "drop_size"),
        ({"imgaug.Rain": {"drop_size": "big"}}, "Rain"),
        ({"imgaug.Rain": 3}, "object"),
        ({"imgaug.Rain": {"share": 2}}, "share"),
        ({"imgaug.Sequential": {}}, "no augmenter"),
        ({"imgaug.WithColorspace": {}}, "children|to_colorspace"),
        ({"imgaug.PiecewiseAffine": {}}, "drift"),
        ({"imgaug.Rain": {"random_state": 3}}, "no argument"),
    ],
)
def test_wrong_entries_are_told_with_what_is_near(entry: dict, says: str) -> None:
    with pytest.raises(ConfigError, match=says) as caught:
        make_plan(config(entry))
    assert "imgaug." in str(caught.value)


def test_an_augmenter_may_not_change_the_pictures_size() -> None:
    some = quiet(stages(3))
    light, ctx = scene(some, 3)
    some["imgaug"] = Imgaug((("PadToSquare", {}),))
    with pytest.raises(RenderError, match="keep_size"):
        deg.photograph(light, some, ctx)


def test_entries_are_read_from_a_file_and_drawn_by_address(tmp_path) -> None:
    path = tmp_path / "c.json"
    path.write_text(
        json.dumps(
            {
                "imgaug": {"Rain": {"drop_size": [0.1, 0.2], "speed": [0.1, 0.2]}},
                "imgaug.GaussianBlur": {"sigma": {"uniform": [0.5, 2]}, "share": 0.5},
                "camera.jpeg.quality": 90,
            }
        )
    )
    plan = make_plan(config(read_overrides(path)))
    made = [plan.shot(i).camera["imgaug"].augmenters for i in range(60)]
    assert all(m[-1] == ("Rain", {"drop_size": [0.1, 0.2], "speed": [0.1, 0.2]}) for m in made)
    sigmas = [m[0][1]["sigma"] for m in made if len(m) == 2]
    entries = read_overrides(path)
    other = make_plan(config(dict(reversed(entries.items()))))  # a manifest sorts its keys
    assert [other.shot(i).camera["imgaug"].augmenters for i in range(60)] == made
    assert 15 < len(sigmas) < 45
    assert len(set(sigmas)) == len(sigmas)
    assert all(0.5 <= s < 2 for s in sigmas)
    alone = make_plan(config({"imgaug.GaussianBlur": {"sigma": {"uniform": [0.5, 2]}}}))
    drawn = {alone.shot(i).camera["imgaug"].augmenters[0][1]["sigma"] for i in range(60)}
    assert set(sigmas) <= drawn  # another augmenter and the share move no number


def test_augmented_samples_keep_their_labels_and_can_be_made_again() -> None:
    plan = make_plan(config({"imgaug.Affine": {"rotate": 6}, "imgaug.Rain": {}}))
    plain = make_plan(config({}))
    with open_renderer("flat") as renderer:
        sample, other = plan.sample(1, renderer), plain.sample(1, renderer)
        assert plan.sample(1, renderer).image == sample.image
    assert sample.record["plates"][0]["roll_deg"] == pytest.approx(
        other.record["plates"][0]["roll_deg"] + 6, abs=0.3
    )
    camera = json.loads(json.dumps(sample.record["shot"]["camera"]))
    assert deg.stages_from_json(camera) == plan.shot(1).camera


def test_a_stage_survives_json() -> None:
    stage = Imgaug((("Rain", {"drop_size": [0.1, 0.2]}),))
    back = deg.stages_from_json(json.loads(json.dumps({"imgaug": asdict(stage)})))
    assert back["imgaug"] == stage
    assert Imgaug.from_draw(Draw(0, 0, {})) == Imgaug()
    _, ctx = scene(quiet(stages(0)), 0)
    with pytest.raises(RenderError, match="glyph check"):
        Imgaug((("Affine", {}),)).pixels(np.zeros((9, 9, 3), np.float32), replace(ctx, finer=2))


def test_the_weather_does_not_load_what_it_does_not_use() -> None:
    code = (
        "import sys, numpy as np\n"
        "from anprgen.degradations.imgaug_shim import imgaug, own_randomness\n"
        "loaded = lambda: 'scipy.stats._distn_infrastructure' in sys.modules\n"
        "with own_randomness(1) as augmenters:\n"
        "    augmenters.Rain(seed=1).augment_image(np.zeros((32, 48, 3), np.uint8))\n"
        "before = loaded()\n"
        "drawn = imgaug.parameters.TruncatedNormal(0, 1, low=-1, high=1).draw_samples((9,))\n"
        "import scipy.stats\n"
        "print(before, loaded(), abs(drawn).max() <= 1, scipy.stats.norm.cdf(0.0))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True", "True", "0.5"]
