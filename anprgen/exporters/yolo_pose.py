# SPDX-License-Identifier: Apache-2.0
"""Ultralytics pose: the box and the plate's true corners, ``0 cx cy w h (x y v) * 4``.

Oriented boxes would fit a rectangle and lose the perspective; keypoints keep the four corners.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from anprgen.dataset import Dataset
from anprgen.exporters import yolo
from anprgen.exporters.options import Options
from anprgen.exporters.staging import Staging
from anprgen.exporters.visible import Box, corners

_YAML = (
    "kpt_shape: [4, 3]",
    "# Top left, top right, bottom right, bottom left; a mirrored picture swaps left and right.",
    "flip_idx: [1, 0, 3, 2]",
    "kpt_names:",
    "  0: [tl, tr, br, bl]",
)


def export(dataset: Dataset, staging: Staging, options: Options) -> None:
    """Writes images/, labels/ and data.yaml."""
    staging.note("a mirrored plate is no plate: train with fliplr=0")
    yolo.write(dataset, staging, "yolo pose train fliplr=0", _rows, more=_YAML)


def _rows(
    plate: Mapping[str, Any], box: Box, width: int, height: int
) -> list[tuple[int, list[float]]]:
    row = yolo.box_row(box, width, height)
    for x, y, v in corners(plate, width, height):
        row += [x / width, y / height, v] if v else [0, 0, 0]
    return [(0, row)]
