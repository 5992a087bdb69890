# SPDX-License-Identifier: Apache-2.0
"""Reads the one kind of OpenEXR file that the Blender worker writes, in a fraction of a ms."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anprgen.errors import RenderError


def read_exr(data: bytes) -> NDArray[np.float32]:
    """Pixels of the worker's EXR: one part, scan lines, uncompressed, float B, G, R."""
    at, window, names = 8, (0, 0, 0, 0), []
    while data[at]:
        end = data.index(b"\0", at)
        name = data[at:end]
        kind_end = data.index(b"\0", end + 1)
        size = int.from_bytes(data[kind_end + 1 : kind_end + 5], "little")
        body = data[kind_end + 5 : kind_end + 5 + size]
        at = kind_end + 5 + size
        if name == b"dataWindow":
            x0, y0, x1, y1 = np.frombuffer(body, "<i4")
            window = (x0, y0, x1, y1)
        elif name == b"compression" and body != b"\0":
            raise RenderError("the render is a compressed EXR, which is not read here")
        elif name == b"channels":
            names = [c.split(b"\0")[0] for c in _channels(body)]
    if names != [b"B", b"G", b"R"]:
        raise RenderError(f"the render has channels {names} instead of B, G, R")
    width, height = int(window[2] - window[0] + 1), int(window[3] - window[1] + 1)
    row = np.dtype([("y", "<i4"), ("size", "<i4"), ("bgr", "<f4", (3, width))])
    lines = np.frombuffer(data, row, height, at + 1 + 8 * height)
    return np.ascontiguousarray(lines["bgr"].transpose(0, 2, 1)[..., ::-1])


def _channels(body: bytes) -> list[bytes]:
    """Entries of an EXR channel list: name, NUL, 16 bytes each."""
    found, at = [], 0
    while body[at]:
        end = body.index(b"\0", at) + 17
        found.append(body[at:end])
        at = end
    return found
