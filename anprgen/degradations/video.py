# SPDX-License-Identifier: Apache-2.0
"""Video compression: H.264 or H.265 at a bitrate, after an intra frame or at one.

Needs PyAV (``pip install 'anprgen[video]'``), so its share is 0 until a configuration asks.
"""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np

from anprgen.degradations.stage import Context, Image, Kind, Stage, eight_bit
from anprgen.degradations.temporal import along_motion
from anprgen.distributions import Choice, Distribution, Integer, LogUniform
from anprgen.errors import ConfigError
from anprgen.parameters import drawn

_UNIT = 16  # px of a macroblock; pictures are padded to whole ones, on the frame's own grid
_FRAMES_A_SECOND = 25
_DETAIL = 3.0  # bits that a plate's edges get, of the frame's mean by area: an assumption
_TRIES = 4  # encodings that look for the quantiser
_LEAST_PX = 64  # sides below that x265 refuses

#: One thread, no look-ahead, no bidirectional frames, no code that depends on the processor: equal
#: pictures give equal bytes.
_ENCODERS = {
    "h264": (
        "libx264",
        "x264-params",
        "threads=1:sliced-threads=0:lookahead-threads=1:rc-lookahead=0:sync-lookahead=0:bframes=0:"
        "scenecut=0:keyint=250:mbtree=0:cpu-independent=1:deterministic=1:ipratio=1.4:qp={qp}",
    ),
    "h265": (
        "libx265",
        "x265-params",
        "pools=none:frame-threads=1:wpp=0:pmode=0:pme=0:rc-lookahead=0:lookahead-slices=0:bframes=0:"
        "scenecut=0:keyint=250:cutree=0:log-level=none:info=0:qp={qp}",
    ),
}


@dataclass(frozen=True)
class Video(Stage):
    """The picture as frame `age` of a stream: an intra frame, then frames predicted from others.

    Earlier frames are the picture itself, moved back along the motion by `step_px` a frame. The
    quantiser is sought so that the stream has `mbit_s`, at 25 frames a second, for the whole frame;
    a crop gets three times its share by area, for road and sky need little. Colour has half the
    resolution. Labels belong to frame `age`.
    """

    name: ClassVar[str] = "video"
    kind: ClassVar[Kind] = Kind.DISPLAY
    order: ClassVar[int] = 85

    codec: str = drawn(
        Choice({"none": 1.0, "h264": 0.0, "h265": 0.0}), "none, h264 or h265; needs PyAV"
    )
    mbit_s: float = drawn(
        LogUniform(0.7, 8.0), "bitrate of the whole frame's stream, Mbit/s", low=0.01, high=1000
    )
    age: int = drawn(Integer(0, 5), "frames since the last intra frame; 0: an intra frame", high=12)
    step_px: float = drawn(LogUniform(0.3, 8.0), "way between two frames, sensor px", high=100)

    @classmethod
    def check(cls, overrides: Mapping[str, Distribution]) -> None:
        override = overrides.get("camera.video.codec")
        if override is None or importlib.util.find_spec("av") is not None:
            return
        options = override.options if isinstance(override, Choice) else ((override.at(0.5), 1.0),)
        if any(weight > 0 and codec != "none" for codec, weight in options):
            raise _without_pyav("config: $['camera.video.codec']")

    def pixels(self, image: Image, ctx: Context) -> Image:
        if self.codec == "none":
            return image
        frames, (top, left) = self._frames(image, ctx)
        height, width = image.shape[:2]
        share = width * height / (ctx.frame_width_px * ctx.frame_height_px)
        share = min(1.0, _DETAIL * share)
        target = self.mbit_s * 1e6 / _FRAMES_A_SECOND / 8 * share  # bytes a frame
        coded = _at_bitrate(frames, self.codec, target)
        yuv = _decoded(coded, self.codec)[round(self.age)]
        rgb = _whole_rgb(yuv)[top : top + height, left : left + width]
        return rgb.astype(np.float32) / np.float32(255)

    def _frames(self, image: Image, ctx: Context) -> tuple[list[Image], tuple[int, int]]:
        """Planes of 4:2:0 of frame 0, 1, ..., the picture at `age`; and its place in them.

        There are some after it where it comes early, or nothing would tell the bytes of a
        predicted frame.
        """
        import cv2

        top, left = ctx.working.y0 % _UNIT, ctx.working.x0 % _UNIT
        height, width = image.shape[:2]
        low = max(_LEAST_PX, -(-(top + height) // _UNIT) * _UNIT) - top - height
        right = max(_LEAST_PX, -(-(left + width) // _UNIT) * _UNIT) - left - width
        eight = eight_bit(image)
        dx, dy = along_motion(ctx, self.step_px)
        out = []
        age = round(self.age)
        for k in range(-age, max(age, 2) - age + 1):
            move = np.array([[1, 0, k * dx], [0, 1, k * dy]], np.float64)
            moved = eight
            if k:
                moved = cv2.warpAffine(
                    eight, move, (width, height), borderMode=cv2.BORDER_REPLICATE
                )
            whole = cv2.copyMakeBorder(moved, top, low, left, right, cv2.BORDER_REPLICATE)
            out.append(np.asarray(cv2.cvtColor(whole, cv2.COLOR_RGB2YUV_I420)))
        return out, (top, left)


def _av() -> Any:
    try:
        import av
    except ImportError:
        raise _without_pyav("camera.video.codec") from None
    return av


def _without_pyav(where: str) -> ConfigError:
    return ConfigError(
        "video compression needs PyAV, which is not installed",
        where=where,
        hint="pip install 'anprgen[video]'",
    )


def _at_bitrate(frames: list[Image], codec: str, target: float) -> list[bytes]:
    """Packets at the quantiser that comes nearest to `target` bytes a frame, in a few tries."""
    tried: dict[int, tuple[float, list[bytes]]] = {}  # quantiser: octaves above the target, packets
    qp = 30
    for _ in range(_TRIES):
        coded = _encoded(frames, codec, qp)
        tried[qp] = math.log2(_bytes_a_frame(coded) / target), coded
        too_many = max((q for q, (octaves, _) in tried.items() if octaves > 0), default=None)
        too_few = min((q for q, (octaves, _) in tried.items() if octaves <= 0), default=None)
        if too_many is None or too_few is None:
            at = qp + 6 * tried[qp][0]  # 6 steps double the quantiser, which about halves the bytes
        else:
            a, b = tried[too_many][0], tried[too_few][0]
            at = too_many + (too_few - too_many) * a / (a - b)
        qp = min(51, max(10, round(at)))
        if qp in tried:
            break
    return min(tried.values(), key=lambda t: abs(t[0]))[1]


def _encoded(frames: list[Image], codec: str, qp: int) -> list[bytes]:
    """One packet a frame at a fixed quantiser; `frames` are planes of 4:2:0, (1.5 h, w) uint8."""
    av = _av()
    name, key, settings = _ENCODERS[codec]
    encoder = av.CodecContext.create(name, "w")
    rows, encoder.width = frames[0].shape
    encoder.height, encoder.pix_fmt = rows * 2 // 3, "yuv420p"
    encoder.framerate, encoder.time_base = _FRAMES_A_SECOND, Fraction(1, _FRAMES_A_SECOND)
    encoder.thread_count = 1
    encoder.options = {"preset": "veryfast", key: settings.format(qp=qp)}
    packets = []
    for i, planes in enumerate(frames):
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.pts = i
        packets += encoder.encode(frame)
    return [bytes(packet) for packet in packets + encoder.encode(None)]


def _decoded(coded: list[bytes], codec: str) -> list[Image]:
    """The frames of packets, as planes of 4:2:0."""
    av = _av()
    decoder = av.CodecContext.create({"h264": "h264", "h265": "hevc"}[codec], "r")
    decoder.thread_count = 1
    frames = [f for data in coded for f in decoder.decode(av.Packet(data))]
    frames += decoder.decode(None)
    return [np.asarray(frame.to_ndarray()) for frame in frames]


def _bytes_a_frame(coded: list[bytes]) -> float:
    """Mean bytes in a stream of one such intra frame and predicted ones of two seconds."""
    count = 2 * _FRAMES_A_SECOND
    first, *others = (float(len(data)) for data in coded)
    return max(1.0, (first + (count - 1) * sum(others) / len(others)) / count)


def _whole_rgb(yuv: Image) -> Image:
    import cv2

    return np.asarray(cv2.cvtColor(yuv, cv2.COLOR_YUV2RGB_I420))
