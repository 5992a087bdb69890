# SPDX-License-Identifier: Apache-2.0
"""A user's own environment pictures: equirectangular .hdr and .exr files of one folder.

Each is reduced to the size that the scene uses; what is bright in it becomes the sun there, as
in the pictures that come with Blender.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anprgen.colour import LUMA
from anprgen.errors import ConfigError
from anprgen.light import SHIPPED_HDRIS
from anprgen.picture_folder import Kind

#: Size that pictures are reduced to: what blender/surroundings.py works with.
WIDTH, HEIGHT = 256, 128
MOST_WIDTH = 16384
_KIND = Kind(
    "--hdri",
    "environment picture",
    "equirectangular .hdr and .exr files",
    (".hdr", ".exr"),
    500,
    1 << 30,
    dict.fromkeys(SHIPPED_HDRIS, "a picture that comes with anprgen"),
)
_HALF_MAX = 65504.0  # the largest half float: a sun that says "infinite" is that bright


@dataclass(frozen=True)
class Environment:
    """One picture: linear light [HEIGHT, WIDTH, 3] float32, top row first, and its colour.

    `rgb` (luminance 1) is that of the light on an upright plane, averaged over the compass.
    """

    picture: NDArray[np.float32]
    rgb: tuple[float, float, float]


@dataclass(frozen=True)
class HdriFolder:
    """A folder of environment pictures: where they lie, and the digests of their bytes, by name."""

    root: Path
    digests: Mapping[str, str]

    @classmethod
    def open(cls, root: Path) -> HdriFolder:
        """The pictures of a folder (not of its subfolders), each read once to see that it can be.

        Raises:
            ConfigError: no such folder, none in it, too many, two of one name, or one that is
                damaged, too large or not twice as wide as high.
        """
        files = _KIND.find(root)
        digests = {name: _KIND.digest(path) for name, path in files.items()}
        for name, path in files.items():
            _read(path, digests[name])
        return cls(root, digests)

    def get(self, name: str) -> Environment:
        """The picture by its name.

        Raises:
            ConfigError: it is not there any more, or its bytes are others.
        """
        return _read(_KIND.path(self.root, name), self.digests[name])


@lru_cache(maxsize=64)
def _read(path: Path, digest: str) -> Environment:
    """The picture of a file whose bytes must have this digest."""
    import cv2

    _KIND.check(path, digest)
    # OpenCV asks for this word before it reads the format: its readers had faults in the past.
    os.environ.setdefault("OPENCV_IO_ENABLE_OPENEXR", "1")
    try:
        data = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        data = None
    if data is None or data.ndim != 3 or data.shape[2] < 3:
        raise ConfigError(
            "not a colour picture that can be read: damaged, or of another kind than its name",
            where=str(path),
            hint="save it again as Radiance .hdr or OpenEXR .exr",
        )
    height, width = data.shape[:2]
    if abs(width - 2 * height) > 2:
        raise ConfigError(
            f"{width} x {height} px is not twice as wide as high",
            where=str(path),
            hint="it takes whole equirectangular panoramas",
        )
    if not WIDTH <= width <= MOST_WIDTH:
        raise ConfigError(
            f"{width} px wide", where=str(path), hint=f"from {WIDTH} to {MOST_WIDTH} px"
        )
    rgb = np.nan_to_num(data[..., 2::-1].astype(np.float32), posinf=_HALF_MAX, neginf=0.0)
    np.clip(rgb, 0.0, _HALF_MAX, out=rgb)
    small = cv2.resize(rgb, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    elevation = np.pi / 2 - (np.arange(HEIGHT) + 0.5) / HEIGHT * np.pi
    colour = (small * (np.cos(elevation) ** 2)[:, None, None]).sum((0, 1), dtype=np.float64)
    light = float(colour @ LUMA)
    if not light > 0:
        raise ConfigError("it is black", where=str(path), hint="leave it out")
    r, g, b = (float(c) for c in (colour / light).round(4))
    return Environment(np.ascontiguousarray(small, np.float32), (r, g, b))
