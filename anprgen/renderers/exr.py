# SPDX-License-Identifier: Apache-2.0
"""Reads the one kind of OpenEXR file that the Blender worker writes, in a fraction of a ms."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from anprgen.errors import RenderError


def read_exr(data: bytes, wanted: Sequence[str]) -> NDArray[np.float32]:
    """Channels [h, w, n] of the worker's EXR: one part, scan lines, uncompressed, all float.

    `wanted` names them without their layer: ``R`` is ``ViewLayer.Combined.R`` too.
    """
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
            names = _channels(body)
    if not set(wanted) <= set(names):
        raise RenderError(f"the render has channels {names}, of {list(wanted)} one is missing")
    width, height = int(window[2] - window[0] + 1), int(window[3] - window[1] + 1)
    row = np.dtype([("y", "<i4"), ("size", "<i4"), ("values", "<f4", (len(names), width))])
    lines = np.frombuffer(data, row, height, at + 1 + 8 * height)["values"]
    return np.stack([lines[:, names.index(name)] for name in wanted], 2)


def _channels(body: bytes) -> list[str]:
    """Names in an EXR channel list (name, NUL, 16 bytes each), without their layers."""
    found, at = [], 0
    while body[at]:
        end = body.index(b"\0", at)
        found.append(body[at:end].decode().rpartition(".")[2])
        at = end + 17
    return found
