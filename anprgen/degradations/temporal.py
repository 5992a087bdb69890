# SPDX-License-Identifier: Apache-2.0
"""Temporal noise reduction: what moves leaves a ghost of where it was in earlier frames."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from anprgen.degradations.stage import Context, Image, Kind, Stage
from anprgen.distributions import Choice, LogUniform, Uniform
from anprgen.parameters import drawn

_FRAMES = 3  # earlier frames that are followed


@dataclass(frozen=True)
class Temporal(Stage):
    """A recursive filter, y = (1 - a) x + a y', over frames in which the plate moves on.

    Earlier frames are this one, moved back against the motion's direction: they have its noise,
    moved as well, so that noise falls as it does in the camera once the step is a pixel or more.
    Where a frame differs from this one by more than `threshold`, the camera sees motion and takes
    less of it (a Gaussian weight). Labels belong to the latest frame. On the square root of light,
    where noise has one size.
    """

    name: ClassVar[str] = "temporal"
    kind: ClassVar[Kind] = Kind.PROCESSING
    order: ClassVar[int] = 25

    strength: float = drawn(
        Choice([(0.0, 0.95), (Uniform(0.3, 0.75), 0.05)]), "a: share of the earlier frames", high=1
    )
    step_px: float = drawn(LogUniform(0.6, 5.0), "way between two frames, sensor px", high=100)
    threshold: float = drawn(
        LogUniform(0.05, 1.0),
        "difference at which motion is noticed, of the square root of a full well",
        low=0.001,
        high=10,
    )

    def pixels(self, image: Image, ctx: Context) -> Image:
        import cv2

        if self.strength <= 0:
            return image
        root = np.sqrt(np.maximum(image, 0))
        dx, dy = along_motion(ctx, self.step_px)
        height, width = root.shape[:2]
        total, weights = root.copy(), np.ones((height, width), np.float32)
        for k in range(1, _FRAMES + 1):
            move = np.array([[1, 0, -k * dx], [0, 1, -k * dy]], np.float64)
            ghost = cv2.warpAffine(root, move, (width, height), borderMode=cv2.BORDER_REPLICATE)
            difference = cv2.transform(cv2.absdiff(ghost, root), np.full((1, 3), 1 / 3, np.float32))
            share = np.float32(self.strength**k) * np.exp(
                -0.5 * (difference / np.float32(self.threshold)) ** 2
            )
            total += share[..., None] * ghost
            weights += share
        total /= weights[..., None]
        return np.asarray(total * total)

    def reach(self) -> float:
        return 0.0 if self.strength <= 0 else float(math.ceil(_FRAMES * self.step_px))


def along_motion(ctx: Context, way_px: float) -> tuple[float, float]:
    """(x, y) of a way in the direction of the plate's motion, px."""
    angle = math.radians(getattr(ctx.stages.get("motion"), "angle_deg", 0.0))
    return way_px * math.cos(angle), way_px * math.sin(angle)
