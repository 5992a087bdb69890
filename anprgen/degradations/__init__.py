# SPDX-License-Identifier: Apache-2.0
"""The camera: linear light to a photograph, one stage a file, each with pixels and points.

Stages declare their parameters and how they are drawn; the chain sorts itself by `Kind`.
OpenCV and imgaug are imported when a stage first needs them.
"""

from anprgen.degradations.chain import (
    Photo,
    distort,
    overscan_px,
    photograph,
    points,
    undistort,
    window_to_render,
)
from anprgen.degradations.clean import clean_picture
from anprgen.degradations.registry import (
    REGISTRY,
    check_stages,
    declared_stages,
    draw_stages,
    register,
    stage_classes,
    stages_from_json,
)
from anprgen.degradations.stage import Axis, Context, Kind, Stage, in_order

__all__ = [
    "REGISTRY",
    "Axis",
    "Context",
    "Kind",
    "Photo",
    "Stage",
    "check_stages",
    "clean_picture",
    "declared_stages",
    "distort",
    "draw_stages",
    "in_order",
    "overscan_px",
    "photograph",
    "points",
    "register",
    "stage_classes",
    "stages_from_json",
    "undistort",
    "window_to_render",
]
