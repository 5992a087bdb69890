# SPDX-License-Identifier: Apache-2.0
"""A picture of any size in a network's input of one size: shrunk or enlarged, centred, padded."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from anprgen.errors import ModelError

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]

#: Grey of what is beside the picture.
PADDING = 114


@dataclass(frozen=True)
class Letterbox:
    """Where a picture lies in the input: px there = px of the picture * `scale` + (left, top)."""

    scale_x: float
    scale_y: float
    left: int
    top: int

    def to_input(self, points: F32) -> F32:
        """Px of the picture [..., 2] -> px of the input; (0, 0) is the first pixel's corner."""
        scale, shift = self._arrays()
        return np.asarray(points * scale + shift, np.float32)

    def to_picture(self, points: F32) -> F32:
        """The inverse of `to_input`."""
        scale, shift = self._arrays()
        return np.asarray((points - shift) / scale, np.float32)

    def _arrays(self) -> tuple[F32, F32]:
        scale = np.array((self.scale_x, self.scale_y), np.float32)
        return scale, np.array((self.left, self.top), np.float32)


def fitted(width: int, height: int, into_width: int, into_height: int) -> tuple[int, int]:
    """The size, in whole px, that a picture has in a letterbox."""
    scale = min(into_width / width, into_height / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def letterbox(image: U8, height: int, width: int) -> tuple[U8, Letterbox]:
    """A picture, uint8 [h, w, 3] -> uint8 [height, width, 3] and where it lies there.

    Raises:
        ModelError: it is no such picture, or empty.
    """
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
        raise ModelError(
            f"a picture is {image.dtype} {list(image.shape)}",
            hint="pictures are uint8 [h, w, 3] in the order BGR",
        )
    h, w = image.shape[:2]
    size = fitted(w, h, width, height)
    how = cv2.INTER_AREA if size[0] < w else cv2.INTER_LINEAR
    small = cv2.resize(image, size, interpolation=how)
    left, top = (width - size[0]) // 2, (height - size[1]) // 2
    out = np.full((height, width, 3), PADDING, np.uint8)
    out[top : top + size[1], left : left + size[0]] = small
    return out, Letterbox(size[0] / w, size[1] / h, left, top)
