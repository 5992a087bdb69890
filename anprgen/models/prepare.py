# SPDX-License-Identifier: Apache-2.0
"""A crop becomes a reader's input: the same code when a network learns and when it reads.

Two steps, so that a set of crops can be kept small in memory: `shrink` to grey bytes, then
`standardise` to float32.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from anprgen.errors import ModelError

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]

#: Added to a picture's standard deviation: an even picture's noise is not blown up to contrast.
FLOOR = 8.0


def shrink(image: U8, height: int, width: int) -> U8:
    """A crop, uint8 [h, w, 3] BGR or [h, w] grey -> uint8 [height, width] grey, stretched.

    Wider crops are averaged over areas, others interpolated.

    Raises:
        ModelError: it is no such picture, or empty.
    """
    whole = image.ndim == 2 or (image.ndim == 3 and image.shape[2] == 3)
    if image.dtype != np.uint8 or not whole or 0 in image.shape:
        raise ModelError(
            f"a picture is {image.dtype} {list(image.shape)}",
            hint="crops are uint8 [h, w, 3] in the order BGR, or [h, w] grey",
        )
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY) if image.ndim == 3 else image
    how = cv2.INTER_AREA if grey.shape[1] > width else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(grey, (width, height), interpolation=how), np.uint8)


def standardise(greys: U8) -> F32:
    """Uint8 [n, h, w] -> float32 [n, 1, h, w]: less each picture's mean, by its deviation + 8."""
    x = greys.astype(np.float32)
    mean = x.mean((1, 2), keepdims=True)
    deviation = x.std((1, 2), keepdims=True)
    return np.asarray(((x - mean) / (deviation + FLOOR))[:, None], np.float32)


def prepare(images: Sequence[U8], height: int, width: int) -> F32:
    """Crops of any size, uint8 BGR -> float32 [n, 1, height, width]."""
    greys = np.zeros((len(images), height, width), np.uint8)
    for k, image in enumerate(images):
        greys[k] = shrink(image, height, width)
    return standardise(greys)
