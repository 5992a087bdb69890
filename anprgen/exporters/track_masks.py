# SPDX-License-Identifier: Apache-2.0
"""Frames of plates' tracks as palette PNGs: DAVIS' and YouTube-VOS' masks.

A px holds the number of the track that is seen there, 0 elsewhere, in the colours of DAVIS (and
Pascal VOC): the bits of a number, taken in threes, are those of red, green and blue from the top.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from anprgen.dataset import Dataset
from anprgen.exporters.sequence_tracks import chosen
from anprgen.exporters.staging import Staging
from anprgen.exporters.visible import mask_of
from anprgen.samples import Record
from anprgen.sequences.reader import Sequence
from anprgen.sequences.tracks import Track

#: 255 is "void" to readers of DAVIS.
MOST_TRACKS = 254


def with_masks(dataset: Dataset, staging: Staging) -> Iterator[tuple[Sequence, tuple[Track, ...]]]:
    """The `chosen` sequences whose tracks have room in a palette."""
    for sequence, tracks in chosen(dataset, staging):
        if all(track.number <= MOST_TRACKS for track in tracks):
            yield sequence, tracks
        else:
            staging.leave_out("sequences with more tracks than a palette has colours")


def track_ids(record: Record) -> NDArray[np.uint8]:
    """uint8 [h, w]: the number of the track that is seen at each px of a frame, or 0."""
    ids = np.zeros((record["image"]["height"], record["image"]["width"]), np.uint8)
    for plate in record["plates"]:
        ids[mask_of(plate)] = plate["track"]
    return ids


def palette_png(ids: NDArray[np.uint8]) -> bytes:
    """A PNG of mode P whose indices are `ids` (uint8 [h, w])."""
    image = Image.frombytes("P", (ids.shape[1], ids.shape[0]), np.ascontiguousarray(ids).tobytes())
    image.putpalette(palette())
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@cache
def palette() -> bytes:
    """256 colours of DAVIS, RGB: 1 is dark red, 2 dark green, 3 olive ..."""
    colours = np.zeros((256, 3), np.uint8)
    index = np.arange(256).astype(np.uint8)
    for bit in range(8):
        for channel in range(3):
            colours[:, channel] |= ((index >> (3 * bit + channel) & 1) << (7 - bit)).astype(
                np.uint8
            )
    return colours.tobytes()
