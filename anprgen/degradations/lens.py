# SPDX-License-Identifier: Apache-2.0
"""Lens distortion (Brown-Conrady) and lateral chromatic aberration.

The model is D. C. Brown, "Close-range camera calibration" (1971), with two radial and two
decentring coefficients on coordinates divided by the focal length; it maps undistorted to
distorted coordinates. Coefficients are drawn as displacements at the frame's corner, relative to
the corner's radius, so that a telephoto lens bends its picture as much as a wide one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from anprgen.degradations.interpolate import TAPS_PX, half_pixels
from anprgen.degradations.stage import Context, Image, Kind, OpticalAxis, Stage
from anprgen.distributions import Choice, Normal
from anprgen.errors import ConfigError, RenderError
from anprgen.geometry import Points, Window, to_opencv
from anprgen.parameters import drawn

_BAND_PX = 60_000  # px that are resampled at a time


@dataclass(frozen=True)
class Lens(Stage):
    """Radial and decentring distortion; red and blue a little larger or smaller than green."""

    name: ClassVar[str] = "lens"
    kind: ClassVar[Kind] = Kind.OPTICS

    radial: float = drawn(
        Normal(-0.02, 0.02, -0.06, 0.04),
        "k1 r^2 at the frame's corner; below 0 is barrel",
        high=0.4,
    )
    radial_2: float = drawn(
        Normal(0, 0.005, -0.012, 0.012), "k2 r^4 at the frame's corner", high=0.2
    )
    decentre_x: float = drawn(
        Normal(0, 0.0006, -0.002, 0.002), "p2 r at the frame's corner", high=0.05
    )
    decentre_y: float = drawn(
        Normal(0, 0.0006, -0.002, 0.002), "p1 r at the frame's corner", high=0.05
    )
    red_px: float = drawn(
        Choice([(Normal(0, 0.25, -0.6, 0.6), 0.75), (Normal(0, 0.7, -1.2, 1.2), 0.25)]),
        "red against green at the frame's corner, outwards, px",
        high=20,
    )
    blue_px: float = drawn(
        Choice([(Normal(0, 0.25, -0.6, 0.6), 0.75), (Normal(0, 0.7, -1.2, 1.2), 0.25)]),
        "blue against green at the frame's corner, outwards, px",
        high=20,
    )

    def distort(self, px: Points, axis: OpticalAxis) -> Points:
        """Undistorted frame px (n, 2) -> sensor px, green channel. Forward, exact."""
        corner = _corner_px(axis)
        u = (np.asarray(px, np.float64) - (axis.cx, axis.cy)) / corner
        out = np.empty_like(u)
        out[:, 0], out[:, 1] = self._forward(u[:, 0], u[:, 1])
        return np.asarray(out * corner + (axis.cx, axis.cy))

    def undistort(self, px: Points, axis: OpticalAxis) -> Points:
        """Sensor px (n, 2) -> undistorted frame px, by Newton's method to below 1e-6 px.

        Raises:
            ConfigError: the distortion folds the picture, so that no inverse exists there.
        """
        corner = _corner_px(axis)
        target = ((np.asarray(px, np.float64) - (axis.cx, axis.cy)) / corner).T
        x, y = target
        for _ in range(20):
            error = target - self._forward(x, y)
            if not error.size or np.abs(error).max() * corner < 1e-6:
                return np.asarray(np.stack([x, y], 1) * corner + (axis.cx, axis.cy))
            a, b, d = self._slopes(x, y)
            determinant = a * d - b * b
            determinant[np.abs(determinant) < 0.05] = 0.05
            ex, ey = error / determinant
            x, y = x + (d * ex - b * ey), y + (a * ey - b * ex)
        raise ConfigError(
            f"the lens {self} folds its picture and cannot be undone",
            where="camera.lens",
            hint="keep radial above -0.07 and radial_2 above -0.02",
        )

    def pixels(self, image: Image, ctx: Context) -> Image:
        import cv2

        to = ctx.exposed
        if not any(vars(self).values()):
            y, x = to.y0 - ctx.render.y0, to.x0 - ctx.render.x0
            self._check(np.array([[x + 2, y + 2], [x + to.width - 2, y + to.height - 2]]), image)
            return np.ascontiguousarray(image[y : y + to.height, x : x + to.width])
        sources = self._sources(to, ctx)
        for u, v in sources:
            self._check(np.array([[u.min(), v.min()], [u.max(), v.max()]]) + 0.5, image)
        planes = [_resampled(plane, u, v) for plane, (u, v) in zip(cv2.split(image), sources)]
        # The interpolation swings below 0 beside a lamp; light does not.
        return np.asarray(cv2.merge([cv2.max(plane, 0.0) for plane in planes]))

    def points(self, px: Points, ctx: Context) -> Points:
        return self.distort(px, ctx)

    def reach(self) -> float:
        return max(abs(self.red_px), abs(self.blue_px)) + TAPS_PX

    def _forward(self, x: Points, y: Points) -> tuple[Points, Points]:
        """Distorted coordinates; all are in corner radii."""
        r2 = x * x + y * y
        k = 1 + r2 * (self.radial + r2 * self.radial_2)
        p1, p2 = self.decentre_y, self.decentre_x
        return (
            x * k + 2 * p1 * x * y + p2 * (r2 + 2 * x * x),
            y * k + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y,
        )

    def _slopes(self, x: Points, y: Points) -> tuple[Points, Points, Points]:
        """Derivatives of `_forward`: x' by x, x' by y (which is y' by x), y' by y."""
        r2 = x * x + y * y
        k = 1 + r2 * (self.radial + r2 * self.radial_2)
        dk = 2 * (self.radial + 2 * r2 * self.radial_2)
        p1, p2 = self.decentre_y, self.decentre_x
        return (
            k + x * x * dk + 2 * p1 * y + 6 * p2 * x,
            x * y * dk + 2 * p1 * x + 2 * p2 * y,
            k + y * y * dk + 6 * p1 * y + 2 * p2 * x,
        )

    def _sources(
        self, to: Window, ctx: Context
    ) -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
        """Where each pixel of `to` comes from in the rendered picture, OpenCV's px: R, G, B.

        The map is smooth, so it is solved exactly at a few Chebyshev nodes and interpolated
        (to below 1e-3 px, which a test holds) instead of being solved for each pixel.
        """
        nodes = 5 + math.ceil(max(to.width, to.height) / 200)
        gx, ax = _chebyshev(to.x0, to.width, nodes)
        gy, ay = _chebyshev(to.y0, to.height, nodes)
        grid = np.stack(np.meshgrid(gx, gy), -1).reshape(-1, 2)
        centre = np.array([ctx.cx, ctx.cy])
        scales = 1 + np.array([self.red_px, 0.0, self.blue_px]) / _corner_px(ctx)
        source = self.undistort(
            ((grid - centre) / scales[:, None, None]).reshape(-1, 2) + centre, ctx
        )
        source = to_opencv(source - (ctx.render.x0, ctx.render.y0)).reshape(3, nodes, nodes, 2)
        exact = np.empty((to.height, to.width))  # used again and again: it stays in the cache

        def at_pixels(nodes_: Points) -> NDArray[np.float32]:
            return np.matmul(ay @ nodes_, ax.T, out=exact).astype(np.float32)

        return [(at_pixels(plane[..., 0]), at_pixels(plane[..., 1])) for plane in source]

    def _check(self, px: Points, image: Image) -> None:
        """Refuses to read outside the rendered picture: a border would be invented."""
        height, width = image.shape[:2]
        if (px < TAPS_PX - 0.5).any() or (px > np.array([width, height]) - TAPS_PX + 0.5).any():
            raise RenderError(
                f"the rendered window ({width} x {height} px) is too small for the lens: "
                f"it would read from {px.min(0).round(1)} to {px.max(0).round(1)}",
                hint="take the rendered window from degradations.window_to_render",
            )


def _resampled(plane: Image, u: NDArray[np.float32], v: NDArray[np.float32]) -> Image:
    """The plane at OpenCV's px (u, v), band by band: a band's half pixels stay in the cache."""
    import cv2

    out = np.empty(u.shape, np.float32)
    rows = max(1, _BAND_PX // u.shape[1])
    for start in range(0, len(u), rows):
        band = slice(start, start + rows)
        top = max(0, math.floor(v[band].min()) - 2)
        bottom = math.floor(v[band].max()) + 4
        fine = half_pixels(plane[top:bottom])
        cv2.remap(fine, 2 * u[band], 2 * (v[band] - np.float32(top)), cv2.INTER_LINEAR, out[band])
    return out


def _corner_px(axis: OpticalAxis) -> float:
    """Distance of the frame's corner from the principal point."""
    return math.hypot(axis.cx, axis.cy)


def _chebyshev(start: int, length: int, nodes: int) -> tuple[Points, Points]:
    """Chebyshev nodes over [start, start + length] and the matrix from them to pixel centres."""
    j = np.arange(nodes)
    t = np.cos((2 * j + 1) * np.pi / (2 * nodes))
    weights = (-1.0) ** j * np.sin((2 * j + 1) * np.pi / (2 * nodes))
    at = (np.arange(length) + 0.5) / length * 2 - 1
    gap = at[:, None] - t
    gap[np.abs(gap) < 1e-12] = 1e-12
    matrix = weights / gap
    return start + (t + 1) / 2 * length, matrix / matrix.sum(1, keepdims=True)
