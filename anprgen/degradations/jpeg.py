# SPDX-License-Identifier: Apache-2.0
"""The file: 8 bits and JPEG."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from anprgen.degradations.stage import Context, Image, Kind, Stage, eight_bit
from anprgen.distributions import Choice, Quantiles
from anprgen.parameters import drawn


@dataclass(frozen=True)
class Jpeg(Stage):
    """The last JPEG generation; its bytes are what a dataset stores."""

    name: ClassVar[str] = "jpeg"
    kind: ClassVar[Kind] = Kind.CODEC
    order: ClassVar[int] = 90

    quality: int = drawn(
        Quantiles(((0, 62), (0.15, 75), (0.5, 88), (0.8, 95), (1, 99))),
        "JPEG quality of the file",
        low=1,
        high=100,
    )
    subsampling: str = drawn(
        Choice({"420": 0.75, "422": 0.1, "444": 0.15}), "resolution of the colours"
    )

    def encode(self, image: Image, ctx: Context) -> bytes:
        """The file of a float picture in 0..1."""
        return encode(image, round(self.quality), self.subsampling)

    def pixels(self, image: Image, ctx: Context) -> Image:
        return decode(self.encode(image, ctx))


def encode(image: Image, quality: int, subsampling: str) -> bytes:
    """JPEG file of an RGB picture, float 0..1 or uint8."""
    import cv2

    if image.dtype != np.uint8:
        image = eight_bit(image)
    factor = getattr(cv2, f"IMWRITE_JPEG_SAMPLING_FACTOR_{subsampling}")
    _, data = cv2.imencode(
        ".jpg",
        cv2.cvtColor(image, cv2.COLOR_RGB2BGR),
        [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, factor],
    )
    return bytes(data)


def decode(data: bytes) -> Image:
    """uint8 RGB of a JPEG file."""
    import cv2

    bgr = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB))
