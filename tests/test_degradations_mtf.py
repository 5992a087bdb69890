# SPDX-License-Identifier: Apache-2.0
"""Sharpness as laboratories measure it: a slanted edge's MTF (ISO 12233), edges, motion."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from test_degradations_scene import quiet, scene, stages

from anprgen.degradations.defocus import Defocus
from anprgen.degradations.motion import Motion

_TILT_DEG = 5.0
_BINS = 4  # of the edge profile, a px


def slanted_edge(height: int = 120, width: int = 96, fine: int = 8) -> np.ndarray:
    """Light of an edge that leans by `_TILT_DEG`, integrated over each pixel's area."""
    x = (np.arange(width * fine) + 0.5) / fine
    y = (np.arange(height * fine) + 0.5) / fine
    bright = x[None] - width / 2 > (y[:, None] - height / 2) * math.tan(math.radians(_TILT_DEG))
    light = bright.reshape(height, fine, width, fine).mean((1, 3)) * 0.8 + 0.1
    return np.repeat(light[..., None], 3, 2).astype(np.float32)


def mtf(image: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Contrast at frequencies `at` (cycles a px, across the edge), by ISO 12233's slanted edge."""
    height, width = image.shape[:2]
    y, x = np.mgrid[0:height, 0:width] + 0.5
    tilt = math.radians(_TILT_DEG)
    across = (x - width / 2 - (y - height / 2) * math.tan(tilt)) * math.cos(tilt)
    near = (np.abs(across) < 24) & (np.abs(y - height / 2) < height / 2 - 8)
    slot = np.floor(across[near] * _BINS).astype(int) + 24 * _BINS
    count = np.bincount(slot, minlength=48 * _BINS)
    edge = np.bincount(slot, image[..., 1][near], 48 * _BINS) / np.maximum(count, 1)
    assert (count > 0).all()
    line = np.diff(edge)
    place = (np.arange(len(line)) + 1) / _BINS - 24
    window = 0.54 + 0.46 * np.cos(np.pi * place / 24)
    waves = np.exp(-2j * np.pi * at[:, None] * place) @ (line * window)
    # Bins and differences between them are boxes of their own width.
    return np.abs(waves) / np.abs((line * window).sum()) / np.sinc(at / _BINS) ** 2


def theory(at: np.ndarray, sigma: float, disc: float) -> np.ndarray:
    """A pixel's sinc, and the blur that `Defocus` promises: a Gaussian and a disc of its width."""
    own = math.sqrt(sigma**2 - 1 / 12)  # the kernel's samples are pixel areas, too
    t = (np.arange(4000) + 0.5) / 2000 - 1
    total = np.zeros_like(at)
    for alias in (-1, 0, 1):  # sampling a kernel folds its spectrum
        f = at + alias
        gauss = np.exp(-2 * (np.pi * own * f) ** 2)
        # 2 J1(x) / x of a disc with the radius 2 sigma, as an integral over its chords.
        round_ = np.cos(4 * np.pi * own * f[:, None] * t) @ np.sqrt(1 - t * t) / 1000 / np.pi
        total += np.sinc(f) * ((1 - disc) * gauss + disc * round_)
    return np.sinc(at) * np.abs(total)


FREQUENCIES = np.linspace(0.02, 0.45, 20)


def test_a_sharp_edge_has_the_mtf_of_a_pixel() -> None:
    assert mtf(slanted_edge(), FREQUENCIES) == pytest.approx(np.sinc(FREQUENCIES), abs=0.02)


@pytest.mark.parametrize("sigma", [0.65, 0.9, 1.3, 1.7])
@pytest.mark.parametrize("disc", [0.0, 0.5, 1.0])
def test_defocus_and_pixel_have_the_mtf_of_theory(sigma: float, disc: float) -> None:
    _, ctx = scene(quiet(stages(0)), 0)
    out = Defocus(sigma, disc, 0.0, 0.0).pixels(slanted_edge(), ctx)
    got = mtf(out, FREQUENCIES)
    assert got == pytest.approx(theory(FREQUENCIES, sigma, disc), abs=0.04)
    if disc == 0:  # MTF50 of a Gaussian is at 0.187 / sigma; the pixel's box adds 1/12 px^2
        half = np.interp(-0.5, -got, FREQUENCIES)
        assert half == pytest.approx(0.187 / math.sqrt(sigma**2 + 1 / 12), rel=0.06)


@pytest.mark.parametrize("length", [1.0, 2.5, 4.0, 8.0])
def test_motion_blurs_an_edge_over_the_way_of_the_exposure(length: float) -> None:
    """10 to 90 % of an edge takes 0.8 of a uniform way; across the motion it stays sharp."""
    _, ctx = scene(quiet(stages(0)), 0)
    motion = Motion(length_px=length, angle_deg=0.0, shake=0.0)
    step = np.zeros((41, 41, 3), np.float32)
    step[:, 20:] = 1
    profile = motion.pixels(step, ctx)[20, :, 0]
    # The integral of p (1 - p) over a linear ramp of length L is L / 6; splats add to it.
    extent = 6 * float((profile * (1 - profile)).sum())
    assert length - 0.2 < extent < length + 0.9
    across = motion.pixels(np.ascontiguousarray(step.swapaxes(0, 1)), ctx)[:, 20, 0]
    assert float((across * (1 - across)).sum()) < 1e-6
    twice = replace(motion, length_px=2 * length)
    wider = twice.pixels(step, ctx)[20, :, 0]
    assert 6 * float((wider * (1 - wider)).sum()) == pytest.approx(2 * length, abs=0.9)
