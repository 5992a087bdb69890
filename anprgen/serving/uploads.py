# SPDX-License-Identifier: Apache-2.0
"""Pictures that visitors send: bounded in bytes as they arrive, in px before they are decoded."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator

import numpy as np
from PIL import Image, UnidentifiedImageError

from anprgen.errors import AnprgenError
from anprgen.photo_file import opaque, upright
from anprgen.samples import Pixels

MOST_BYTES = 25 * 1024 * 1024
#: Phones take pictures of up to 48.8 million px (8064 x 6048); more is no snapshot.
MOST_PX = 50_000_000
LEAST_PX = 8
#: A progressive JPEG of a camera has ten scans; each one more goes over the whole picture again.
MOST_SCANS = 100
FORMATS = ("JPEG", "PNG", "WEBP")


class UploadError(AnprgenError):
    """What was sent is not taken; `status` is HTTP's."""

    def __init__(self, message: str, status: int, *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.status = status


async def body(chunks: AsyncIterator[bytes], announced: str | None) -> bytes:
    """A request's body.

    Raises:
        UploadError: nothing was sent, or more than `MOST_BYTES`; the rest is not read.
    """
    large = UploadError(
        f"larger than {MOST_BYTES >> 20} MiB", 413, hint="send a smaller or more compressed picture"
    )
    if announced is not None and announced.isdigit() and int(announced) > MOST_BYTES:
        raise large
    got = bytearray()
    async for chunk in chunks:
        got += chunk
        if len(got) > MOST_BYTES:
            raise large
    if not got:
        raise UploadError("nothing was sent", 400, hint="send the file of a picture as the body")
    return bytes(got)


def decode(data: bytes) -> Pixels:
    """The picture in a file, uint8 BGR [h, w, 3], upright as its EXIF says.

    Raises:
        UploadError: it is none, broken, too small, or has more than `MOST_PX` or `MOST_SCANS`.
    """
    hint = "send a JPEG, PNG or WebP"
    if data[:2] == b"\xff\xd8" and data.count(b"\xff\xda") > MOST_SCANS:
        raise UploadError("this JPEG has too many scans", 422, hint="save it again")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            w, h = opened.size
            if w * h > MOST_PX:
                raise UploadError(f"{w} × {h} px are too many", 413, hint="send a smaller one")
            if min(w, h) < LEAST_PX:
                raise UploadError(f"only {w} × {h} px", 422)
            rgb = np.asarray(opaque(upright(opened)), np.uint8)
    except UnidentifiedImageError:
        raise UploadError("this is no picture", 422, hint=hint) from None
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as e:
        raise UploadError(f"this picture is broken: {e}", 422, hint=hint) from None
    return np.ascontiguousarray(rgb[:, :, ::-1])
