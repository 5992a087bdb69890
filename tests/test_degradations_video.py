# SPDX-License-Identifier: Apache-2.0
"""Video compression: its bitrate, its prediction, equal bytes, and what is said without PyAV."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from dataclasses import replace

import cv2
import numpy as np
import pytest
from test_degradations_scene import quiet, scene, stages

from anprgen import degradations as deg
from anprgen.config import Config
from anprgen.degradations import video
from anprgen.degradations.motion import Motion
from anprgen.degradations.video import Video
from anprgen.distributions import Choice, Constant
from anprgen.errors import ConfigError
from anprgen.pipeline import make_plan

_ASKED = {"camera.video.codec": {"choice": {"none": 1, "h264": 1}}}


def test_a_configuration_that_asks_without_pyav_is_told_how_to_get_it(monkeypatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda n: None if n == "av" else find(n))
    monkeypatch.setitem(sys.modules, "av", None)
    make_plan(Config(renderer="flat"))
    make_plan(Config(renderer="flat", overrides={"camera.video.codec": "none"}))
    Video.check({"camera.video.codec": Choice({"none": 1, "h265": 0})})
    for value in (_ASKED["camera.video.codec"], "h265"):
        with pytest.raises(ConfigError, match=r"anprgen\[video\]"):
            make_plan(Config(renderer="flat", overrides={"camera.video.codec": value}))
    some = quiet(stages(0))
    light, ctx = scene(some, 0)
    with pytest.raises(ConfigError, match=r"anprgen\[video\]"):
        deg.photograph(light, {**some, "video": Video(codec="h264")}, ctx)


def test_without_a_wish_nothing_is_compressed() -> None:
    assert all(stages(i)["video"].codec == "none" for i in range(200))
    Video.check({"camera.video.codec": Constant("none")})


def picture(size: tuple[int, int] = (240, 120)) -> tuple[np.ndarray, deg.Context]:
    pytest.importorskip("av")
    _, ctx = scene(quiet(stages(1)), 1, size)
    ctx = replace(ctx, stages={"motion": Motion(2.0, 0.0, 0.0)})
    rng = np.random.Generator(np.random.Philox(key=7))
    height, width = ctx.working.height, ctx.working.width
    y, x = np.mgrid[0:height, 0:width]
    blots = cv2.GaussianBlur(rng.random((height, width, 3), np.float32), (0, 0), 2.0)
    image = 0.4 * ((x // 9 + y // 13) % 2)[..., None] + blots
    return cv2.GaussianBlur(image.astype(np.float32), (0, 0), 0.7), ctx


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_the_stream_has_the_bitrate_that_was_asked_for(codec: str) -> None:
    image, ctx = picture((640, 360))
    share = min(1.0, 3.0 * image.shape[0] * image.shape[1] / (1920 * 1080))
    errors = []
    for mbit_s in (0.3, 0.6, 1.2):
        stage = Video(codec=codec, mbit_s=mbit_s, age=3, step_px=2.0)
        sent: list[list[bytes]] = []
        encoded = video._encoded

        def listen(frames, codec, qp, sent=sent, encoded=encoded):
            sent.append(encoded(frames, codec, qp))
            return sent[-1]

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(video, "_encoded", listen)
            out = stage.pixels(image, ctx)
        rates = [video._bytes_a_frame(coded) * 25 * 8 / 1e6 / share for coded in sent]
        assert min(abs(rate / mbit_s - 1) for rate in rates) < 0.15
        errors.append(float(((out - image) ** 2).mean()))
    assert errors[0] > errors[1] > errors[2] > 0


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_frames_after_the_first_are_predicted_and_stay_in_their_place(codec: str) -> None:
    image, ctx = picture()
    stage = Video(codec=codec, mbit_s=6.0, age=4, step_px=3.0)
    frames, _ = stage._frames(image, ctx)
    coded = video._encoded(frames, codec, 30)
    assert len(frames) == len(coded) == 5
    assert max(map(len, coded[1:])) < 0.6 * len(coded[0])
    for age in (0, 1, 4):
        out = replace(stage, age=age).pixels(image, ctx)
        assert out.shape == image.shape
        assert out.dtype == np.float32
        error = [
            float(((np.roll(out, dx, 1) - image)[:, 8:-8] ** 2).mean()) for dx in (-3, -1, 0, 1, 3)
        ]
        assert min(error) == error[2]


_TWICE = """
import sys, hashlib, numpy as np
sys.path[:0] = {path!r}
from test_degradations_video import picture, Video
image, ctx = picture()
out = hashlib.sha256()
for codec in ("h264", "h265"):
    for age in (0, 3):
        stage = Video(codec=codec, mbit_s=3.0, age=age, step_px=2.0)
        out.update(stage.pixels(image, ctx).tobytes())
print(out.hexdigest())
"""


def test_two_processes_make_equal_bytes() -> None:
    pytest.importorskip("av")
    made = {
        subprocess.run(
            [sys.executable, "-c", _TWICE.format(path=sys.path)],
            capture_output=True, text=True, check=True,
        ).stdout
        for _ in range(2)
    }  # fmt: skip
    assert len(made) == 1
    assert len(made.pop().strip()) == 64
