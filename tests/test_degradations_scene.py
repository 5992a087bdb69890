# SPDX-License-Identifier: Apache-2.0
"""A small scene for tests of the camera: stripes of light, a context around them."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anprgen import degradations as deg
from anprgen.geometry import Points, Window, bounds, rectangle, rotation
from anprgen.parameters import Draw, unit


def stages(index: int, seed: int = 0) -> dict[str, Any]:
    return dict(deg.draw_stages(Draw(seed, index, {})))


def quiet(some: dict[str, Any]) -> dict[str, Any]:
    """The same geometry without noise, compression and weather."""
    change: dict[str, dict[str, Any]] = {
        "sensor": {
            "white_e": 1e8,
            "read_noise_e": 0.0,
            "row_noise": 0.0,
            "bits": 12,
            "mosaic": "bayer",
        },
        "denoise": {"lightness": 0.0, "colour_px": 0.0},
        "demosaic": {"method": "edge"},
        "glare": {"bloom": 0.0, "veil": 0.0},
        "weather": {"effect": "none"},
        "recording": {"quality": 0},
        "resample": {"factor": 1.0},
        "jpeg": {"quality": 100, "subsampling": "444"},
        "tone": {"contrast": 0.0, "black": 0.0, "white": 1.0, "power": 1.0},
        "colour": {"saturation": 1.0, "grey": False},
        "exposure": {"key": 0.08, "warmth": 0.0, "tint": 0.0},
        "sharpen": {"amount": 0.0},
        "sodium": {"share": 0.0},
        "lens_dirt": {"density": 0.0},
        "lens_rain": {"density": 0.0},
        "flare": {"strength": 0.0},
        "fixed_pattern": {"prnu": 0.0, "dsnu_e": 0.0, "column_e": 0.0},
        "blooming": {"spill": 0.0, "smear": 0.0},
        "flicker": {"depth": 0.0},
        "temporal": {"strength": 0.0},
        "local_tone": {"strength": 0.0},
        "interlace": {"shift_px": 0.0},
        "video": {"codec": "none"},
        "rectify": {"apply": False},
        "cut": {"share": 0.0},
        "resize": {"enlarge": 1.0, "stretch": 0.0},
    }
    return {n: replace(s, **change.get(n, {})) for n, s in some.items()}


def scene(
    some: dict[str, Any],
    index: int,
    size: tuple[int, int] = (150, 60),
    turn: float = 0.0,
    scale: float = 1.0,
) -> tuple[NDArray[np.float32], deg.Context]:
    """Stripes in the rendered window of a crop somewhere in a 1920 x 1080 frame."""
    width, height = size
    x, y = 250 + int(1400 * unit(9, index, "x")), 150 + int(780 * unit(9, index, "y"))
    focal = 960 / math.tan(math.radians(14 + 46 * unit(9, index, "fov")) / 2)
    cx, cy = x + width / 2, y + height / 2
    corners = (rectangle(width, height) - (width / 2, height / 2)) @ rotation("z", turn)[:2, :2].T
    x0, y0, x1, y1 = bounds(corners + (cx, cy))
    window = Window(math.floor(x0 + 1e-9), math.floor(y0 + 1e-9), 0, 0)
    window = replace(
        window, width=math.ceil(x1 - 1e-9) - window.x0, height=math.ceil(y1 - 1e-9) - window.y0
    )
    render = deg.window_to_render(some, focal, 960.0, 540.0, window)
    ctx = deg.Context(
        frame_width_px=1920,
        frame_height_px=1080,
        focal_px=focal,
        cx=960.0,
        cy=540.0,
        window=window,
        render=render,
        crop=(cx, cy, float(width), float(height), turn),
        output_px=(round(width * scale), round(height * scale)),
        seed=0,
        index=index,
        stages=some,
        quad=tuple(map(tuple, (corners * 0.8 + (cx, cy)).tolist())),
    )
    i, j = np.meshgrid(np.arange(render.width), np.arange(render.height))
    light = 0.05 + 0.6 * ((i // 7 + j // 11) % 2)
    return np.repeat(light[..., None], 3, 2).astype(np.float32), ctx


def spots(ctx: deg.Context, some: dict[str, Any]) -> tuple[Points, NDArray[np.float32]]:
    """Gaussian dots of light at odd places of the rendered window, undistorted frame px."""
    w = ctx.render
    rng = np.random.Generator(np.random.Philox(key=ctx.index))
    nodes = np.stack(
        np.meshgrid(np.arange(20, w.width - 15, 24), np.arange(18, w.height - 12, 22)), -1
    ).reshape(-1, 2)
    at = nodes + rng.random(nodes.shape) + (w.x0, w.y0)
    y, x = np.mgrid[0 : w.height, 0 : w.width] + 0.5
    light = np.zeros((w.height, w.width))
    for px, py in at - (w.x0, w.y0):
        light += np.exp(-0.5 * ((x - px) ** 2 + (y - py) ** 2) / 1.8**2)
    return at, np.repeat((light + 0.01)[..., None], 3, 2).astype(np.float32)


def dots(width: int, height: int) -> tuple[Points, NDArray[np.float32]]:
    """Gaussian dots at odd places of a display picture, px of it, and the picture."""
    x, y = np.meshgrid(np.arange(20, width - 20, 25), np.arange(20, height - 20, 24))
    at = np.stack([x.ravel(), y.ravel()], 1) + np.array([0.3, 0.7])
    return at, dotted(at, width, height)


def dotted(at: Points, width: int, height: int) -> NDArray[np.float32]:
    y, x = np.mgrid[0:height, 0:width] + 0.5
    image = sum(np.exp(-0.5 * ((x - px) ** 2 + (y - py) ** 2) / 2.0**2) for px, py in at)
    return np.repeat(np.asarray(image)[..., None], 3, 2).astype(np.float32)


def offsets(image: NDArray[np.float32], at: Points, radius: int = 7) -> Points:
    """How far the dots' centroids lie from where they should, (n, 2) px; inner dots only."""
    height, width = image.shape[:2]
    out = []
    for x, y in at:
        i, j = int(x), int(y)
        if radius < i < width - radius - 1 and radius < j < height - radius - 1:
            part = image[j - radius : j + radius + 1, i - radius : i + radius + 1, 1]
            weight = np.maximum(part - 0.02, 0)
            jj, ii = np.mgrid[j - radius : j + radius + 1, i - radius : i + radius + 1] + 0.5
            out.append([(ii * weight).sum() / weight.sum() - x,
                        (jj * weight).sum() / weight.sum() - y])  # fmt: skip
    return np.array(out).reshape(-1, 2)
