# SPDX-License-Identifier: Apache-2.0
"""A folder of real pictures, to look at beside a dataset: they are named by number alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from anprgen.errors import DatasetError
from anprgen.matching import pictures
from anprgen.serving.thumbnails import File, shrunk


class Photographs:
    """The pictures of a folder, found once."""

    def __init__(self, place: Path) -> None:
        """Raises PicturesError where there is none."""
        self.place = place
        self._paths = pictures.find(place)

    def __len__(self) -> int:
        return len(self._paths)

    def name(self, number: int) -> str:
        """A picture's file name."""
        return self._paths[number].name

    def file(self, number: int, width_px: int) -> File:
        """A JPEG of a picture, upright, without what its file says besides.

        Raises:
            DatasetError: there is no such picture, or it cannot be read.
        """
        if not 0 <= number < len(self._paths):
            raise DatasetError(f"there is no picture {number}", where=self.place.name)
        path = self._paths[number]
        try:
            rgb = pictures.read(path).pixels
        except (OSError, ValueError) as e:
            raise DatasetError(f"this picture cannot be read: {e}", where=path.name) from None
        return shrunk(np.ascontiguousarray(rgb[:, :, ::-1]), width_px)
