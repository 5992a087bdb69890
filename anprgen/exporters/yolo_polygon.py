# SPDX-License-Identifier: Apache-2.0
"""Ultralytics with polygons: oriented boxes (obb) and outlines (segment).

An oriented box is a rectangle, so it loses the perspective; the format pose keeps the corners.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np

from anprgen.dataset import Dataset
from anprgen.exporters import yolo
from anprgen.exporters.options import Options
from anprgen.exporters.staging import Staging
from anprgen.exporters.visible import Box, mask_of, oriented_box

#: How far a simplified outline may be from the mask's, px.
_TOLERANCE_PX = 0.6


def obb(dataset: Dataset, staging: Staging, options: Options) -> None:
    """``0 x1 y1 x2 y2 x3 y3 x4 y4``: the smallest rectangle about what of the plate is inside.

    Where that reaches out of the picture, the upright one.
    """
    staging.note("a mirrored plate is no plate: train with fliplr=0")
    yolo.write(dataset, staging, "yolo obb train fliplr=0", _rectangle)


def segment(dataset: Dataset, staging: Staging, options: Options) -> None:
    """``0 x1 y1 x2 y2 ...``: the outline of the plate's largest visible piece."""
    staging.note("a mirrored plate is no plate: train with fliplr=0")
    yolo.write(dataset, staging, "yolo segment train fliplr=0", _outline)


def _rectangle(
    plate: Mapping[str, Any], _: Box, width: int, height: int
) -> list[tuple[int, list[float]]]:
    corners = oriented_box(plate, width, height)
    return [(0, (corners / (width, height)).ravel().tolist())] if len(corners) else []


def _outline(
    plate: Mapping[str, Any], _: Box, width: int, height: int
) -> list[tuple[int, list[float]]]:
    mask = mask_of(plate).astype(np.uint8)
    # Contours run through px centres: twice as fine, they run along the px' borders.
    fine = np.kron(mask, np.ones((2, 2), np.uint8))
    found, _ = cv2.findContours(fine, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not found:
        return []
    largest = max(found, key=cv2.contourArea)
    points = cv2.approxPolyDP(largest, 2 * _TOLERANCE_PX, closed=True)[:, 0].astype(np.float64)
    points = (points + 0.5) / 2
    if len(points) < 3:
        return []
    return [(0, (points / (width, height)).ravel().tolist())]
