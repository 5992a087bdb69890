# SPDX-License-Identifier: Apache-2.0
"""Films: frames in, the same bytes out, as many as the bitrate pays for."""

from __future__ import annotations

import hashlib
import io
import sys
from fractions import Fraction

import numpy as np
import pytest
from moving import FPS, frame_of, street

from anprgen.errors import DatasetError, MissingLibrary
from anprgen.sequences import film
from anprgen.sequences.film import decode_luma, encode, luma_of

av = pytest.importorskip("av")


SIZE, NOISE = (224, 144), 10.0


def noisy(count: int) -> list[np.ndarray]:
    """A street that moves by a px a frame, with white noise on it: uint8 [144, 224, 3]."""
    rng = np.random.default_rng(0)
    out = []
    for k in range(count):
        window = street(0)[:, k % 30 : k % 30 + SIZE[0]]
        out.append(np.clip(window + rng.normal(0, NOISE, window.shape), 0, 255).astype(np.uint8))
    return out


def psnr_db(frames: list[np.ndarray], data: bytes) -> float:
    """Mean PSNR of the luma over all frames, dB."""
    errors = [
        np.mean((luma_of(frame).astype(float) - luma) ** 2)
        for frame, luma in zip(frames, decode_luma(data), strict=True)
    ]
    return float(np.mean([10 * np.log10(255**2 / e) for e in errors]))


@pytest.mark.parametrize("codec", film.CODECS)
def test_more_bits_make_better_pictures(codec: str) -> None:
    frames = noisy(50)
    steps = [0.2, 0.4, 0.8, 1.6, 3.2]
    films = [encode(frames, FPS, codec, mbit_s) for mbit_s in steps]
    for mbit_s, made in zip(steps, films):  # Two seconds, without a look ahead.
        assert len(made.data) * 8 / (50 / FPS) / 1e6 == pytest.approx(mbit_s, rel=0.3)
    quality = [psnr_db(frames, made.data) for made in films]
    assert np.diff(quality).min() > 0.8
    # A quarter of a bit a px shows the street without its noise, which is then the error.
    luma_noise = NOISE * np.hypot.reduce([0.2126, 0.7152, 0.0722]) * 219 / 255
    assert quality[0] == pytest.approx(20 * np.log10(255 / luma_noise), abs=1.0)
    # Once the noise itself is coded, each bit a sample buys 6.02 dB; 4:2:0 has 1.5 samples a px.
    bits = np.diff([m * 1e6 / FPS / np.prod(SIZE) for m in steps])[-1] / 1.5
    assert quality[-1] - quality[-2] == pytest.approx(6.02 * bits, abs=1.0)


@pytest.mark.parametrize("codec", film.CODECS)
def test_equal_frames_give_equal_bytes(codec: str) -> None:
    frames = noisy(12)
    first = encode(frames, FPS, codec)
    assert encode(iter(frames), FPS, codec) == first
    assert encode(frames[:-1], FPS, codec).data != first.data
    rows = b"".join(frame.tobytes() for frame in frames)
    assert first.frames_sha256 == hashlib.sha256(rows).hexdigest()
    assert first.encoder["library"].startswith(
        {"h264": "x264 - core", "h265": "x265 (build"}[codec]
    )
    assert first.encoder["pyav"] == av.__version__
    assert b"Lavf" not in first.data  # No library's version moves the bytes by itself.
    assert b"cpuid" not in first.data  # Nor the processor's name.


@pytest.mark.parametrize("fps", [FPS, 30000 / 1001, 12.5])
@pytest.mark.parametrize("codec", film.CODECS)
def test_players_find_size_time_and_colour(codec: str, fps: float) -> None:
    frames = [frame_of(0, k)[0][:143, :255] for k in range(9)]
    made = encode(frames, fps, codec, 4.0)
    with av.open(io.BytesIO(made.data)) as container:
        stream = container.streams.video[0]
        shown = list(container.decode(video=0))
        assert (stream.codec_context.width, stream.codec_context.height) == (256, 144)
        assert stream.average_rate == made.fps == Fraction(fps).limit_denominator(1001)
        assert [float(f.pts * f.time_base) for f in shown] == pytest.approx(
            [k / made.fps for k in range(9)], abs=1e-4
        )
        # BT.709 and 16 to 235: a reader that believes it gets the colours back.
        context = stream.codec_context
        said = context.colorspace, context.color_range, context.color_primaries, context.color_trc
        assert said == (1, 1, 1, 1)
        for before, after in zip(frames, shown, strict=True):
            rgb = after.to_ndarray(format="rgb24")[:143, :255].astype(float)
            assert np.abs((rgb - before).mean((0, 1))).max() < 2.5


def test_luma_is_that_of_bt_709() -> None:
    primaries = ((255, 0, 0), 63), ((0, 255, 0), 173), ((0, 0, 255), 32)
    for rgb, luma in (((0, 0, 0), 16), ((255, 255, 255), 235), *primaries):
        assert np.all(luma_of(np.full((4, 6, 3), rgb, np.uint8)) == luma), rgb


def test_the_usual_bitrate_follows_size_and_rate() -> None:
    frames = noisy(3)
    made = encode(frames, FPS)
    assert made.mbit_s == pytest.approx(224 * 144 * FPS * 0.1 / 1e6, abs=1e-3)
    assert film.usual_mbit_s(1280, 720, 25, "h264") == pytest.approx(2.304)
    assert film.usual_mbit_s(1280, 720, 25, "h265") < 1.5


def test_mistakes_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    frames = noisy(2)
    with pytest.raises(DatasetError, match="did you mean h265 or h264"):
        encode(frames, FPS, "h266")
    with pytest.raises(DatasetError, match="needs a frame"):
        encode([], FPS)
    with pytest.raises(DatasetError, match="libx265 refuses 8x8 px"):
        encode([np.zeros((8, 8, 3), np.uint8)], FPS, "h265")
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(MissingLibrary, match=r"anprgen\[video\]"):
        encode(frames, FPS)
