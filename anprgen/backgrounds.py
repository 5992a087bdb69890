# SPDX-License-Identifier: Apache-2.0
"""A user's own photographs as backgrounds: JPEG, PNG and WebP files of one folder.

Their bytes come from anywhere: formats, sizes and numbers are bounded, and a picture that cannot
be read to its end is named. Colour profiles are not heeded: all count as sRGB.
"""

from __future__ import annotations

import struct
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from anprgen.background import NO_PHOTO
from anprgen.colour import LUMA, pixels_to_linear
from anprgen.errors import ConfigError
from anprgen.photo_file import upright
from anprgen.picture_folder import Kind, digest_of

_FORMATS = ("JPEG", "PNG", "WEBP")
MOST_FILES, MOST_PIXELS = 5000, 80_000_000
LEAST_WIDTH, LEAST_HEIGHT = 320, 180
_KIND = Kind(
    "--backgrounds",
    "photograph",
    ".jpg, .png and .webp files",
    (".jpg", ".jpeg", ".png", ".webp"),
    MOST_FILES,
    64 << 20,
    {NO_PHOTO: "no photograph at all"},
)
#: Longer sides are reduced to this: more than frames show.
LONGEST_PX = 4096
#: Brighter px (linear) are sky and lamps, which say nothing of how things are lit.
_SKY = 0.8
#: From here down, of the height, a photograph shows mostly ground.
_GROUND = 0.45
#: Linear light of the 256 values of sRGB.
LINEAR = pixels_to_linear(np.arange(256))
_BAD = (
    OSError, SyntaxError, ValueError, TypeError, IndexError, KeyError, EOFError, struct.error,
    Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError, OverflowError,
)  # fmt: skip


@dataclass(frozen=True)
class Facts:
    """What a shot must know of a photograph before it is drawn: its size, its light."""

    size_px: tuple[int, int]
    #: Mean linear luminance, 1 for white, of the lower part, where vehicles stand, without lamps.
    level: float


@dataclass(frozen=True)
class BackgroundFolder:
    """A folder of photographs: where they lie, and the digests of their bytes, by name."""

    root: Path
    digests: Mapping[str, str]

    @classmethod
    def open(cls, root: Path) -> BackgroundFolder:
        """The photographs of a folder (not of its subfolders), each read once to see that it can.

        Raises:
            ConfigError: no such folder, none in it, too many, two of one name, or one that is
                damaged, too small or too large.
        """
        files = _KIND.find(root)
        digests = {}
        for name, path in files.items():
            data = _KIND.read(path)
            digests[name] = digest_of(data)
            _decode(data, path, LONGEST_PX // 8)
        return cls(root, digests)

    def facts(self, name: str) -> Facts:
        """Size and light of the photograph by its name.

        Raises:
            ConfigError: it is not there any more, or its bytes are others.
        """
        return _facts(_KIND.path(self.root, name), self.digests[name])

    def picture(self, name: str) -> NDArray[np.uint8]:
        """The photograph by its name: uint8 sRGB [h, w, 3], upright, `Facts.size_px` large.

        Raises:
            ConfigError: it is not there any more, or its bytes are others.
        """
        return _picture(_KIND.path(self.root, name), self.digests[name])


def _decode(data: bytes, path: Path, longest: int) -> NDArray[np.uint8]:
    """Pixels [h, w, 3] (sRGB) of a file, upright, with no side longer than `longest`.

    Raises:
        ConfigError: damaged, of another kind, too small, too large.
    """
    try:
        with warnings.catch_warnings(), Image.open(BytesIO(data), formats=_FORMATS) as image:
            warnings.simplefilter("ignore")
            width, height = image.size
            if width * height > MOST_PIXELS:
                raise ConfigError(
                    f"{width} x {height} px are more than {MOST_PIXELS // 10**6} million",
                    where=str(path),
                    hint="make it smaller",
                )
            image.draft("RGB", (longest, longest))  # a JPEG is decoded at a part of its size
            image.load()
            rgb = np.asarray(upright(image).convert("RGB"), np.uint8)
    except _BAD:
        raise ConfigError(
            "not a picture that can be read to its end: damaged, or of another kind than its name",
            where=str(path),
            hint="save it again as .jpg or .png, or take it out of the folder",
        ) from None
    if min(width, height) < LEAST_HEIGHT or max(width, height) < LEAST_WIDTH:
        raise ConfigError(
            f"{width} x {height} px are too few",
            where=str(path),
            hint=f"from {LEAST_WIDTH} x {LEAST_HEIGHT} px; twice the frame's or more is best",
        )
    if not rgb.any():
        raise ConfigError("it is black", where=str(path), hint="take it out of the folder")
    scale = longest / max(rgb.shape[:2])
    if scale < 1:
        size = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
        rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
    return rgb


@lru_cache(maxsize=2)
def _picture(path: Path, digest: str) -> NDArray[np.uint8]:
    """The photograph of a file whose bytes must have this digest."""
    return _decode(_KIND.read(path, digest), path, LONGEST_PX)


@lru_cache(maxsize=MOST_FILES)
def _facts(path: Path, digest: str) -> Facts:
    rgb = _picture(path, digest)
    scale = min(1.0, 512 / max(rgb.shape[:2]))
    small = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    light = cv2.transform(LINEAR[small], LUMA.astype(np.float32)[None])[int(_GROUND * len(small)) :]
    things = light[light < _SKY]
    level = float(things.mean()) if len(things) > 0.02 * light.size else float(light.mean())
    return Facts((rgb.shape[1], rgb.shape[0]), round(max(level, 1e-3), 5))
