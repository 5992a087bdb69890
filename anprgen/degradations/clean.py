# SPDX-License-Identifier: Apache-2.0
"""The picture that an ideal camera would have taken: same exposure, lens and crop, no faults."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anprgen.degradations.chain import points
from anprgen.degradations.exposure import Exposure
from anprgen.degradations.interpolate import half_pixels
from anprgen.degradations.stage import Context, Image
from anprgen.degradations.tone import Tone
from anprgen.geometry import Points, linear_weights

_NODES_PX = 8  # the way back is solved at every eighth pixel and interpolated
_STEPS = 30


def clean_picture(light: Image, ctx: Context, scale: int = 1) -> NDArray[np.uint8]:
    """What the camera's geometry and exposure alone make of linear light, uint8 RGB [h, w, 3].

    No blur, noise, compression, weather or colour fringe; of the tone curve only sRGB's own.
    Each pixel is looked up where `points` says it comes from, so the photograph's labels, times
    `scale`, are the clean picture's. `light` is that of ``ctx.render.times(scale)``.
    """
    import cv2

    width, height = ctx.picture_px[0] * scale, ctx.picture_px[1] * scale
    exposure = ctx.stages.get("exposure") or Exposure()
    exposed = exposure.pixels(np.ascontiguousarray(light, np.float32), ctx)
    # From one pixel outside to the other, so that nothing is extrapolated.
    x, y = (np.linspace(-1, n + 1, 2 + n // _NODES_PX) for n in (width, height))
    grid = np.stack(np.meshgrid(x, y), -1)
    source = _back(ctx, grid.reshape(-1, 2) / scale).reshape(grid.shape)
    source = (source - (ctx.render.x0, ctx.render.y0)) * scale - 0.5  # OpenCV's centres
    ax, ay = _between(x, width), _between(y, height)
    u, v = ((ay @ source[..., i] @ ax.T).astype(np.float32) for i in (0, 1))
    image = cv2.remap(
        half_pixels(exposed), 2 * u, 2 * v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    display = Tone(power=1.0, contrast=0.0, black=0.0, white=1.0).curve(image)
    return np.asarray(np.rint(display * 255), np.uint8)


def _between(nodes: Points, count: int) -> Points:
    """Matrix (count, len(nodes)) from values at even nodes to `count` pixel centres, linearly."""
    at = (np.arange(count) + 0.5 - nodes[0]) / (nodes[1] - nodes[0])
    return linear_weights(at, len(nodes))


def _back(ctx: Context, output: Points) -> Points:
    """Output px (n, 2) -> undistorted frame px: `points` inverted by a chord method, to 1e-4 px."""
    cx, cy, width, height, _ = ctx.crop
    probe = np.array([[cx, cy], [cx + 1, cy], [cx, cy + 1]])
    origin, right, down = points(ctx, probe)
    inverse = np.linalg.inv(np.stack([right - origin, down - origin], 1))
    px = (output - origin) @ inverse.T + (cx, cy)
    for _ in range(_STEPS):
        error = output - points(ctx, px)
        px = px + error @ inverse.T
        if np.abs(error).max() < 1e-4:
            break
    return np.asarray(px)
