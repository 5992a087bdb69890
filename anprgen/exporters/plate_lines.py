# SPDX-License-Identifier: Apache-2.0
"""The lines of a plate as pictures of their own, or beside each other in one.

A line is the rectangle about its large characters, straight on the plate: it is cut along the
plate's own axes and straightened, so a tilted plate's other line does not look in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from anprgen.exporters.options import large_lines, line_text
from anprgen.geometry import Points, bounds, rectangle, to_opencv

#: How far the edge of a line may be outside the picture, px: less than one px is its edge px.
_OUTSIDE_PX = 0.5
#: Shares of the margin that are tried until the line is inside the picture.
_SHARES = (1.0, 0.75, 0.5, 0.25, 0.0)


@dataclass(frozen=True)
class Line:
    """The large characters of one line, and their place on the straightened plate, px."""

    text: str
    box: tuple[float, float, float, float]


def line_pictures(
    pixels: NDArray[np.uint8], plate: Mapping[str, Any], margin: float
) -> list[tuple[str, NDArray[np.uint8]]] | None:
    """(text, uint8 [h, w, 3]) of each line, from the top; None where one leaves the picture.

    `pixels` is the picture, uint8 [h, w, 3]; `margin` is a share of the line's height, and ends
    half-way to the other line.
    """
    quad = np.array(plate["quad"], np.float64)
    flat = rectangle(plate["width_px"], plate["height_px"])
    to_plate = _homography(quad, flat)
    lines = _lines(plate, to_plate)
    out = []
    for line in lines:
        found = _cut(pixels, np.linalg.inv(to_plate), line, lines, margin)
        if found is None:
            return None
        out.append((line.text, found))
    return out


def side_by_side(pictures: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """All lines in one row, uint8 [h, w, 3], scaled to the height of the highest."""
    height = max(p.shape[0] for p in pictures)
    scaled = [
        p
        if p.shape[0] == height
        else cv2.resize(
            p, (max(1, round(p.shape[1] * height / p.shape[0])), height),
            interpolation=cv2.INTER_CUBIC,
        )
        for p in pictures
    ]  # fmt: skip
    return np.ascontiguousarray(np.concatenate(scaled, 1), dtype=np.uint8)


def _lines(plate: Mapping[str, Any], to_plate: Points) -> list[Line]:
    lines = []
    for here in large_lines(plate):
        cells = np.array([c["quad"] for c in here], np.float64).reshape(-1, 2)
        lines.append(Line(line_text(here), bounds(_moved(to_plate, cells))))
    return lines


def _cut(
    pixels: NDArray[np.uint8],
    to_picture: Points,
    line: Line,
    lines: Sequence[Line],
    margin: float,
) -> NDArray[np.uint8] | None:
    height, width = pixels.shape[:2]
    x0, y0, x1, y1 = line.box
    for share in _SHARES:
        around = share * margin * (y1 - y0)
        up = min([around, *((y0 - o.box[3]) / 2 for o in lines if o.box[1] < y0)])
        down = min([around, *((o.box[1] - y1) / 2 for o in lines if o.box[1] > y0)])
        box = (x0 - around, y0 - max(0.0, up), x1 + around, y1 + max(0.0, down))
        w, h = (max(2, round(box[i + 2] - box[i])) for i in (0, 1))
        corners = _moved(to_picture, rectangle(box[2] - box[0], box[3] - box[1]) + box[:2])
        if corners.min() < -_OUTSIDE_PX or np.any(corners > np.add((width, height), _OUTSIDE_PX)):
            continue
        warp = _homography(to_opencv(corners), to_opencv(rectangle(w, h)))
        made = cv2.warpPerspective(
            pixels, warp, (w, h), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )
        return np.asarray(made, np.uint8)
    return None


def _homography(source: Points, target: Points) -> Points:
    """The 3x3 matrix that moves four points to four others."""
    return np.asarray(
        cv2.getPerspectiveTransform(source.astype(np.float32), target.astype(np.float32)),
        np.float64,
    )


def _moved(matrix: Points, points: Points) -> Points:
    moved = np.concatenate([points, np.ones((len(points), 1))], 1) @ matrix.T
    return np.asarray(moved[:, :2] / moved[:, 2:])
