# SPDX-License-Identifier: Apache-2.0
"""Soft round spots strewn over the frame: what lies on the lens, far out of focus."""

from __future__ import annotations

import math

import numpy as np

from anprgen.degradations.stage import Context, Image
from anprgen.parameters import generator


def spots(ctx: Context, path: str, density: float, radius_px: float, softness: float) -> Image:
    """(h, w) of the working window: how much spots cover each pixel, 0 outside them.

    Args:
        ctx: gives the frame, the window and the address of the randomness.
        path: address of the spots; they are the frame's, whatever the window.
        density: mean sum of the spots' areas, of the frame's.
        radius_px: median radius; radii are log-normal with a standard deviation of 0.4.
        softness: share of the radius over which a spot's edge fades, above 0.
    """
    rng = generator(ctx.seed, ctx.still, path)
    area = ctx.frame_width_px * ctx.frame_height_px
    mean_area = math.pi * radius_px**2 * math.exp(2 * 0.4**2)
    count = int(rng.poisson(min(20000.0, density * area / mean_area)))
    place = rng.random((count, 2)) * (ctx.frame_width_px, ctx.frame_height_px)
    radii = radius_px * np.exp(0.4 * rng.standard_normal(count))
    depth = 0.4 + 0.6 * rng.random(count)
    w = ctx.working
    out = np.zeros((w.height, w.width), np.float32)
    for (x, y), r, strength in zip(place - (w.x0, w.y0), radii, depth):
        x0, x1 = max(0, math.floor(x - r)), min(w.width, math.ceil(x + r))
        y0, y1 = max(0, math.floor(y - r)), min(w.height, math.ceil(y + r))
        if x0 >= x1 or y0 >= y1:
            continue
        dx = np.arange(x0, x1, dtype=np.float32) + np.float32(0.5 - x)
        dy = np.arange(y0, y1, dtype=np.float32) + np.float32(0.5 - y)
        edge = (1 - np.sqrt(dx * dx + (dy * dy)[:, None]) / np.float32(r)) / np.float32(softness)
        edge = np.clip(edge, 0, 1)
        out[y0:y1, x0:x1] += np.float32(strength) * edge * edge * (3 - 2 * edge)
    return out
