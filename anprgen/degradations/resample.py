# SPDX-License-Identifier: Apache-2.0
"""Resampling: the picture was once smaller and has been enlarged again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from anprgen.degradations.stage import Context, Image, Kind, Stage, clipped
from anprgen.distributions import Choice, Uniform
from anprgen.parameters import drawn

_LEAST_HEIGHT = 18  # px that are left of the smallest crops: below, nothing could be read


@dataclass(frozen=True)
class Resample(Stage):
    """Shrinks by `factor` and enlarges to the same size: softer or ringing, geometry unchanged."""

    name: ClassVar[str] = "resample"
    kind: ClassVar[Kind] = Kind.FRAMING
    order: ClassVar[int] = 20

    factor: float = drawn(
        Choice([(1.0, 0.74), (Uniform(0.65, 0.95), 0.18), (Uniform(0.45, 0.65), 0.08)]),
        "size of the smaller picture; 1: there was none",
        low=0.05,
        high=1,
    )
    down: str = drawn(
        Choice({"area": 0.7, "linear": 0.27, "nearest": 0.03}),
        "how it was shrunk; linear and nearest alias",
    )
    up: str = drawn(
        Choice({"linear": 0.4, "cubic": 0.4, "lanczos": 0.17, "nearest": 0.03}),
        "how it was enlarged",
    )

    def pixels(self, image: Image, ctx: Context) -> Image:
        import cv2

        height, width = image.shape[:2]
        factor = max(self.factor, min(1.0, _LEAST_HEIGHT / height))
        if factor >= 1:
            return image
        # cv2.resize maps corners to corners, so both steps undo each other whatever the rounding.
        small = cv2.resize(
            image,
            (max(1, round(width * factor)), max(1, round(height * factor))),
            interpolation=kernel(self.down),
        )
        out = cv2.resize(small, (width, height), interpolation=kernel(self.up))
        return clipped(out)


def kernel(name: str) -> int:
    """OpenCV's number of nearest, linear, cubic, area or lanczos.

    Its plain "nearest" takes the pixel to the upper left; the exact one takes the nearest centre.
    """
    import cv2

    return {
        "nearest": cv2.INTER_NEAREST_EXACT,
        "linear": cv2.INTER_LINEAR,
        "cubic": cv2.INTER_CUBIC,
        "area": cv2.INTER_AREA,
        "lanczos": cv2.INTER_LANCZOS4,
    }[name]
