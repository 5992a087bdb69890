# SPDX-License-Identifier: Apache-2.0
"""Noise of photographs: measured, taken away, and not added to the camera's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from test_degradations_scene import quiet

from anprgen import backdrop, degradations
from anprgen.arguments import make_config
from anprgen.backdrop import photographed
from anprgen.backgrounds import BackgroundFolder
from anprgen.colour import pixels_to_linear
from anprgen.degradations.clean import clean_picture
from anprgen.matching.noise import noise
from anprgen.photo_noise import noise_of, without_noise
from anprgen.pipeline import make_plan
from anprgen.shot_views import context

SIZE = (400, 640)


def scene(seed: int = 0) -> NDArray[np.float64]:
    """Soft tones in 255ths, a step down in the middle."""
    tones = np.random.default_rng(seed).integers(60, 200, (5, 8, 3), np.uint8)
    soft = cv2.resize(tones, SIZE[::-1], interpolation=cv2.INTER_CUBIC).astype(np.float64)
    soft[:, SIZE[1] // 2 :] *= 0.5
    return soft


def photo(sd: float, seed: int = 0, colour: bool = True) -> NDArray[np.uint8]:
    rng = np.random.default_rng(seed + 1)
    grain = rng.normal(0, sd, (*SIZE, 3 if colour else 1))
    return np.clip(np.rint(scene(seed) + grain), 0, 255).astype(np.uint8)


def root(light: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.sqrt(light) * 255


@settings(max_examples=15, deadline=None)
@given(sd=st.floats(2.0, 10.0), seed=st.integers(0, 99), colour=st.booleans())
def test_noise_is_measured_and_most_of_it_goes(sd: float, seed: int, colour: bool) -> None:
    light = pixels_to_linear(photo(sd, seed, colour))
    truth = root(pixels_to_linear(photo(0, seed)))
    # Three channels of noise of their own make less of luminance.
    expected = sd * (np.linalg.norm((0.2126, 0.7152, 0.0722)) if colour else 1.0)
    assert noise_of(np.sqrt(light)) * 255 == pytest.approx(expected, rel=0.15, abs=0.2)
    kept = without_noise(light)
    assert (root(kept) - truth).std() < 0.4 * (root(light) - truth).std()
    assert kept.mean() == pytest.approx(light.mean(), rel=0.02)
    # The step is as steep as it was.
    across = [r[100:300].mean((0, 2))[310:330] for r in (truth, root(kept))]
    steepest = [np.abs(np.diff(a)).max() for a in across]
    assert steepest[1] > 0.9 * steepest[0]


def test_a_clean_photograph_is_left_as_it_is() -> None:
    light = pixels_to_linear(photo(0))
    assert without_noise(light) is light
    black = np.zeros((*SIZE, 3), np.float32)
    assert without_noise(black) is black


def test_texture_that_is_flat_nowhere_is_not_washed_out() -> None:
    checks = (np.indices(SIZE) // 4).sum(0) % 2 * 120.0 + 60
    light = pixels_to_linear(np.repeat(checks[..., None], 3, 2).astype(np.uint8))
    kept = without_noise(light)
    assert root(kept).std() > 0.97 * root(light).std()


def picture_noise(folder: Path, name: str) -> dict[str, float]:
    """Noise in 8-bit levels of what is behind, in a picture and in the light before the camera."""
    config = make_config(["sri_lanka"], task="detect", backgrounds=folder, renderer="flat")
    overrides = {
        "frame.size": "640x360",
        "background.photo": name,
        "background.zoom": 1.0,
        "background.x": 0.0,
        "background.mirrored": False,
        "view.width_px": 30,
        "light.kind": "overcast",
        "camera.defocus.sigma_px": 0,
    }
    shot = make_plan(replace(config, overrides=overrides)).shot(2)
    camera = quiet(shot.camera)
    camera["sensor"] = replace(camera["sensor"], white_e=2500.0, read_noise_e=3.0)
    camera["exposure"] = replace(camera["exposure"], key=0.25)
    shot = replace(shot, camera=camera)
    light = photographed(shot, BackgroundFolder.open(folder))
    taken = degradations.photograph(light, shot.camera, context(shot))
    before = clean_picture(light, taken.ctx, 1)
    out = {}
    for what, rgb in (("picture", taken.image), ("before", before)):
        grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float64)
        out[what] = noise(grey, np.zeros((*grey.shape, 2)))["noise"]
    return out


def test_the_camera_s_noise_is_not_added_to_the_photograph_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, sd in (("clean", 0), ("noisy", 9)):
        Image.fromarray(photo(sd)).save(tmp_path / f"{name}.png")
    clean, noisy = (picture_noise(tmp_path, name) for name in ("clean", "noisy"))
    monkeypatch.setattr(backdrop, "without_noise", lambda light: light)
    added = picture_noise(tmp_path, "noisy")
    assert added["picture"] > 1.8 * clean["picture"]
    assert noisy["picture"] < 1.08 * clean["picture"]
    assert noisy["before"] < 0.3 * added["before"]
