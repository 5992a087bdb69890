# SPDX-License-Identifier: Apache-2.0
"""Rectified crops: the detector found the plate's corners and made it a rectangle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from anprgen.degradations.framing import Framing
from anprgen.degradations.interpolate import half_pixels
from anprgen.degradations.stage import Context, Image, Kind, Stage, clipped
from anprgen.distributions import Choice, LogUniform, Normal
from anprgen.geometry import Points, rectangle
from anprgen.parameters import drawn, generator


@dataclass(frozen=True)
class Rectify(Stage):
    """A homography from the found corners, with a margin and the detector's errors, to the output.

    The corners shrink towards their middle until all lie in the crop, so no border is invented:
    where the crop cuts the plate, so does the rectified picture. Its size is that of the quad's
    mean sides. Crops only; the corners are plate 0's.
    """

    name: ClassVar[str] = "rectify"
    kind: ClassVar[Kind] = Kind.FRAMING
    order: ClassVar[int] = 12

    apply: bool = drawn(Choice([(False, 0.97), (True, 0.03)]), "whether the crop is rectified")
    margin: float = drawn(
        Normal(0.04, 0.05, -0.08, 0.25), "around the corners, of the plate's sides",
        low=-0.2, high=1,
    )  # fmt: skip
    corner_noise: float = drawn(
        LogUniform(0.005, 0.08),
        "error of each corner (s.d.), of the plate's height",
        high=0.3,
    )

    def picture_size(self, px: tuple[int, int], ctx: Context) -> tuple[int, int]:
        found = self._found(px, ctx)
        if found is None:
            return px
        side = np.hypot(*(np.roll(found, -1, 0) - found).T) / ctx.finer
        width, height = max(8, round((side[0] + side[2]) / 2)), max(8, round(side[[1, 3]].mean()))
        return width * ctx.finer, height * ctx.finer

    def matrix(self, px: tuple[int, int], ctx: Context) -> Points | None:
        """3x3: px of the crop of size `px` -> px of the rectified picture; None if it is not."""
        found = self._found(px, ctx)
        return None if found is None else _homography(found, rectangle(*self.picture_size(px, ctx)))

    def points(self, px: Points, ctx: Context) -> Points:
        m = self.matrix(ctx.size_before(self), ctx)
        return px if m is None else _apply(m, np.asarray(px, np.float64))

    def pixels(self, image: Image, ctx: Context) -> Image:
        import cv2

        before = image.shape[1], image.shape[0]
        m = self.matrix(before, ctx)
        if m is None:
            return image
        # From our px (corner origin) to OpenCV's of the picture with half pixels filled in.
        fine = np.array([[2, 0, -1], [0, 2, -1], [0, 0, 1.0]])
        centre = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1.0]])
        back = fine @ np.linalg.inv(m) @ centre
        out = cv2.warpPerspective(
            half_pixels(image),
            back,
            self.picture_size(before, ctx),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return clipped(out)

    def _found(self, px: tuple[int, int], ctx: Context) -> Points | None:
        """The four corners that the detector says, px of a crop of size `px`."""
        framing = ctx.stages.get("framing")
        if not self.apply or ctx.whole_frame or not ctx.quad or not isinstance(framing, Framing):
            return None
        corners = framing.points(np.array(ctx.quad, np.float64), ctx)
        height = np.hypot(*(np.roll(corners, -1, 0) - corners).T)[[1, 3]].mean()
        noise = generator(ctx.seed, ctx.index, "camera.rectify").standard_normal((4, 2))
        middle = corners.mean(0)
        corners = middle + (corners - middle) * (1 + 2 * self.margin)
        corners = corners + self.corner_noise * height * noise
        inside = np.clip(middle, ctx.finer, np.array(px, np.float64) - ctx.finer)
        way = corners - inside
        with np.errstate(divide="ignore", invalid="ignore"):
            room = np.where(way > 0, (np.array(px) - inside) / way, -inside / way)
        shrink = min(1.0, float(np.nanmin(np.where(way == 0, np.inf, room))))
        return np.asarray(inside + way * shrink)


def _homography(source: Points, target: Points) -> Points:
    """3x3 that takes four points to four others."""
    rows = []
    for (x, y), (u, v) in zip(source, target):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
    return np.append(np.linalg.solve(np.array(rows), target.ravel()), 1.0).reshape(3, 3)


def _apply(m: Points, px: Points) -> Points:
    h = np.concatenate([px, np.ones((len(px), 1))], 1) @ m.T
    return np.asarray(h[:, :2] / h[:, 2:])
