# SPDX-License-Identifier: Apache-2.0
"""Frames as an MP4 file, H.264 or H.265 at a bitrate, the same bytes every time.

One thread, no look-ahead and no bidirectional frames, as cameras stream; an intra frame every two
seconds. The bytes do not depend on which instructions the processor has. Colour is BT.709 with half
the resolution, 16 to 235, and the stream says so. Needs PyAV (``pip install 'anprgen[video]'``).
"""

from __future__ import annotations

import functools
import hashlib
import io
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from anprgen.errors import DatasetError, MissingLibrary, nearest
from anprgen.samples import Pixels

#: Bits a px of the usual bitrate: what street cameras are set to, 2.3 Mbit/s at 1280x720, 25 fps.
_BITS_PX = {"h264": 0.1, "h265": 0.06}
CODECS = tuple(_BITS_PX)

_ENCODERS = {
    "h264": (
        "libx264",
        "x264-params",
        "threads=1:sliced-threads=0:lookahead-threads=1:rc-lookahead=0:sync-lookahead=0:bframes=0:"
        "scenecut=0:mbtree=0:cpu-independent=1:deterministic=1:keyint={keyint}:bitrate={kbit_s}:"
        "vbv-maxrate={kbit_s}:vbv-bufsize={kbit_s}",
    ),
    "h265": (
        "libx265",
        "x265-params",
        "pools=none:frame-threads=1:wpp=0:pmode=0:pme=0:rc-lookahead=0:lookahead-slices=0:bframes=0:"
        "scenecut=0:cutree=0:log-level=none:info=0:keyint={keyint}:bitrate={kbit_s}:"
        "vbv-maxrate={kbit_s}:vbv-bufsize={kbit_s}",
    ),
}
#: How the encoders name themselves in their streams.
_VERSION = re.compile(
    rb"x264 - core [0-9]+(?: r[0-9]+)?|x265 \(build [0-9]+\) - [\x21-\x39\x3b-\x7e]+"
)
_BT709 = 1  # AVCOL_PRI_BT709, AVCOL_TRC_BT709 and AVCOL_SPC_BT709
_LIMITED = 1  # AVCOL_RANGE_MPEG

#: RGB of 8 bit -> Y (16 to 235), Cb and Cr (16 to 240): ITU-R BT.709-6, items 3.2 to 3.5.
_KR, _KB = 0.2126, 0.0722
_LUMA = np.array([_KR, 1 - _KR - _KB, _KB])
_TO_YUV = np.stack(
    [
        _LUMA * 219 / 255,
        (np.array([0, 0, 1]) - _LUMA) / (2 * (1 - _KB)) * 224 / 255,
        (np.array([1, 0, 0]) - _LUMA) / (2 * (1 - _KR)) * 224 / 255,
    ]
)
_TO_YUV = np.concatenate([_TO_YUV, [[16.0], [128.0], [128.0]]], 1)


@dataclass(frozen=True)
class Film:
    """An MP4 file, and what is known of it.

    `width` and `height` are the frames' own; in the stream they are even, the last column or row
    repeated. `frames_sha256` is over the frames' RGB bytes, row by row, before they are encoded.
    """

    data: bytes
    codec: str
    mbit_s: float
    fps: Fraction
    frames: int
    width: int
    height: int
    frames_sha256: str
    encoder: dict[str, str]


def usual_mbit_s(width: int, height: int, fps: float, codec: str) -> float:
    """The bitrate for frames of `width` x `height` px where nobody names one, Mbit/s."""
    return round(width * height * fps * _BITS_PX[codec] / 1e6, 3)


def whole_rate(fps: float) -> Fraction:
    """Frames a second as a fraction: 29.97002997 is 30000/1001."""
    return Fraction(fps).limit_denominator(1001)


def encode(
    frames: Iterable[Pixels], fps: float, codec: str = "h264", mbit_s: float | None = None
) -> Film:
    """The film of some frames (uint8 [h, w, 3] RGB of one size), at a mean bitrate.

    Raises:
        DatasetError: an unknown codec, no frame, or the encoder refuses.
        MissingLibrary: PyAV is not installed.
    """
    if codec not in CODECS:
        raise DatasetError(f"no codec {codec!r}", hint=nearest(codec, list(CODECS)))
    av = _av()
    stream_of = iter(frames)
    first = next(stream_of, None)
    if first is None:
        raise DatasetError("a film needs a frame")
    height, width = first.shape[:2]
    rate = whole_rate(fps)
    if mbit_s is None:
        mbit_s = usual_mbit_s(width, height, fps, codec)
    digest, count, out = hashlib.sha256(), 0, io.BytesIO()
    try:
        # "bitexact" leaves out dates and the names of libraries.
        with av.open(out, "w", format="mp4", options={"fflags": "+bitexact"}) as container:
            stream = _stream(container, codec, rate, width, height, mbit_s)
            for pixels in itertools.chain([first], stream_of):
                digest.update(np.ascontiguousarray(pixels).data)
                frame = av.VideoFrame.from_ndarray(_planes(pixels), format="yuv420p")
                frame.pts, frame.time_base = count, 1 / rate
                count += 1
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    except av.error.FFmpegError as e:
        raise DatasetError(
            f"{_ENCODERS[codec][0]} refuses {width}x{height} px at {mbit_s} Mbit/s ({e.strerror})",
            hint="H.265 wants sides of 16 px or more, both a bitrate that fits the size",
        ) from None
    encoder = {
        "library": _version(codec),
        "pyav": av.__version__,
        "libavcodec": ".".join(map(str, av.library_versions["libavcodec"])),
        "libavformat": ".".join(map(str, av.library_versions["libavformat"])),
        "settings": _settings(codec, rate, mbit_s),
    }
    return Film(
        out.getvalue(), codec, mbit_s, rate, count, width, height, digest.hexdigest(), encoder
    )


def decode_luma(data: bytes) -> Iterator[Pixels]:
    """The luma of every frame of a film, uint8 [h, w] (sides even), in the order of time.

    Raises:
        MissingLibrary: PyAV is not installed.
    """
    av = _av()
    with av.open(io.BytesIO(data)) as container:
        container.streams.video[0].codec_context.thread_count = 1
        for frame in container.decode(video=0):
            planes = frame.to_ndarray()  # yuv420p: (1.5 h, w)
            yield planes[: frame.height]


def luma_of(pixels: Pixels) -> Pixels:
    """The luma that a frame (uint8 [h, w, 3] RGB) goes into the encoder with, uint8, sides even."""
    planes = _planes(pixels)
    return planes[: planes.shape[0] * 2 // 3]


def _stream(
    container: Any, codec: str, rate: Fraction, width: int, height: int, mbit_s: float
) -> Any:
    name, key, _ = _ENCODERS[codec]
    stream = container.add_stream(name, rate=rate)
    context = stream.codec_context
    context.width, context.height = width + width % 2, height + height % 2
    context.pix_fmt, context.thread_count, context.time_base = "yuv420p", 1, 1 / rate
    context.color_primaries = context.color_trc = context.colorspace = _BT709
    context.color_range = _LIMITED
    if codec == "h265":
        context.codec_tag = "hvc1"  # Players of Apple's take no other.
    context.options = {"preset": "medium", key: _settings(codec, rate, mbit_s)}
    return stream


def _settings(codec: str, rate: Fraction, mbit_s: float) -> str:
    keyint, kbit_s = max(1, round(2 * rate)), max(1, round(1000 * mbit_s))
    return _ENCODERS[codec][2].format(keyint=keyint, kbit_s=kbit_s)


@functools.cache
def _version(codec: str) -> str:
    """The encoder and its version: ``x264 - core 165``.

    x265 tells it in a message that also names the processor, so films go without that message.
    """
    av = _av()
    name, key, _ = _ENCODERS[codec]
    context = av.CodecContext.create(name, "w")
    context.width = context.height = 64
    context.pix_fmt, context.time_base = "yuv420p", Fraction(1, 25)
    context.options = {key: "log-level=none:info=1" if codec == "h265" else "threads=1"}
    frame = av.VideoFrame(64, 64, "yuv420p")
    packets = [*context.encode(frame), *context.encode(None)]
    found = _VERSION.search(b"".join([bytes(context.extradata or b""), *map(bytes, packets)]))
    return found[0].decode() if found else name


def _planes(pixels: Pixels) -> NDArray[np.uint8]:
    """Planes of 4:2:0 as PyAV takes them: uint8 [1.5 h, w], both sides made even."""
    height, width = pixels.shape[:2]
    even = cv2.copyMakeBorder(pixels, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
    y, u, v = cv2.split(cv2.transform(even, _TO_YUV))
    half = (y.shape[1] // 2, y.shape[0] // 2)
    chroma = [cv2.resize(plane, half, interpolation=cv2.INTER_AREA).ravel() for plane in (u, v)]
    out = np.concatenate([y.ravel(), *chroma]).reshape(-1, y.shape[1])
    return np.asarray(out, np.uint8)


def _av() -> Any:
    try:
        import av
    except ImportError:
        raise MissingLibrary("films need PyAV, which is not installed", extra="video") from None
    return av
