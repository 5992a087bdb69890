# SPDX-License-Identifier: Apache-2.0
"""Finds and reads the photographs of a folder."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anprgen.errors import AnprgenError

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")
#: A list of pictures that stands in for them, as recognition sets have it.
LIST = "labels.tsv"
_MOST_PIXELS, _LONGEST_PX = 100_000_000, 30_000
_LEAST_PX = 8


class PicturesError(AnprgenError):
    """A folder of photographs is not usable."""


@dataclass(frozen=True)
class Picture:
    """One photograph as it is on disk.

    `pixels` is uint8 RGB [h, w, 3], upright as its EXIF says; `tables` are the JPEG's
    quantisation tables, 64 numbers each, luminance first (empty for other formats), and
    `sampling` the resolution of its colours (``444``, ``422``, ``420`` or empty).
    """

    name: str
    pixels: NDArray[np.uint8]
    tables: tuple[tuple[int, ...], ...] = ()
    sampling: str = ""


def find(place: Path) -> list[Path]:
    """The pictures of a folder and its subfolders, or those that a list names, in order.

    A list is a text file with a path a line, relative to it; anything after a TAB is left alone.
    A folder without pictures may hold one named labels.tsv.

    Raises:
        PicturesError: it is not there, cannot be read, or holds none.
    """
    try:
        if place.is_file():
            found = _listed(place)
        elif not place.is_dir():
            raise PicturesError(
                "there is no such folder", where=str(place), hint="name a folder of photographs"
            )
        else:
            found = sorted(
                p for p in place.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file()
            )
            if not found and (place / LIST).is_file():
                found = _listed(place / LIST)
    except OSError as e:
        raise PicturesError(f"cannot read it: {e.strerror or e}", where=str(place)) from None
    if not found:
        raise PicturesError(
            "there is no picture in it",
            where=str(place),
            hint=f"looked for {', '.join(SUFFIXES)}, in subfolders too, and for {LIST}",
        )
    return found


def _listed(path: Path) -> list[Path]:
    if path.suffix.lower() in SUFFIXES:
        raise PicturesError(
            "this is a picture, not a folder", where=str(path), hint="name its folder"
        )
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise PicturesError("not UTF-8 text", where=str(path)) from None
    names = [line.split("\t")[0].strip() for line in lines]
    return [path.parent / name for name in names if name and not name.startswith("#")]


def read(path: Path) -> Picture:
    """One picture.

    Raises:
        ValueError: it is broken, too small or too large.
        OSError: it cannot be read.
    """
    return decode(path.read_bytes(), path.name)


def decode(data: bytes, name: str = "") -> Picture:
    """The picture in the bytes of a file; raises ValueError where there is none."""
    from PIL import Image, JpegImagePlugin, UnidentifiedImageError

    from anprgen.photo_file import FORMATS, opaque, upright

    if data[:2] == b"\xff\xd8" and b"\xff\xd9" not in data[-4096:]:
        raise ValueError("the JPEG is cut off")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            if opened.width * opened.height > _MOST_PIXELS or max(opened.size) > _LONGEST_PX:
                raise ValueError(f"{opened.width} x {opened.height} px are too many")
            tables: tuple[tuple[int, ...], ...] = ()
            sampling = ""
            if isinstance(opened, JpegImagePlugin.JpegImageFile):
                found = opened.quantization
                tables = tuple(tuple(found[k]) for k in sorted(found))
                code = JpegImagePlugin.get_sampling(opened)
                sampling = {0: "444", 1: "422", 2: "420"}.get(code, "")
            pixels = np.asarray(opaque(upright(opened)), np.uint8)
    except UnidentifiedImageError:
        raise ValueError("not a picture") from None
    except (OSError, SyntaxError, Image.DecompressionBombError) as e:
        raise ValueError(f"broken: {e}") from None
    if min(pixels.shape[:2]) < _LEAST_PX:
        raise ValueError(f"only {pixels.shape[1]} x {pixels.shape[0]} px")
    return Picture(name, pixels, tables, sampling)
