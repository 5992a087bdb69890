# SPDX-License-Identifier: Apache-2.0
"""Draws the poster of the README: a texture and a photograph of every design that is shipped.

python docs/poster.py docs/designs.png
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from anprgen.colour import linear_to_srgb
from anprgen.condition import Make
from anprgen.config import Config
from anprgen.design import load_design, shipped_designs
from anprgen.pipeline import make_plan
from anprgen.renderers.opening import open_renderer
from anprgen.textures import rasterize

_CELL_W, _CELL_H, _TITLE, _COLUMNS = 360, 150, 18, 2
_SEED = 4
#: A frank look at the plate: near, sharp and in daylight, else as drawn.
_LOOK = {
    "view.width_px": 380,
    "view.yaw_deg": {"uniform": [-25, 25]},
    "view.roll_deg": {"uniform": [-3, 3]},
    "light.kind": {"choice": [["sun", 1], ["hdri", 2], ["overcast", 1]]},
    "crop.loose": 0.06,
    "crop.rotation_deg": 0,
    "camera.colour.grey": False,
}


def _fitted(picture: np.ndarray) -> Image.Image:
    """The picture (RGB) on a cell of the poster."""
    h, w = picture.shape[:2]
    k = min((_CELL_W - 12) / w, (_CELL_H - 12) / h)
    size = max(1, round(w * k)), max(1, round(h * k))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if k < 1 else cv2.INTER_CUBIC)
    cell = Image.new("RGB", (_CELL_W, _CELL_H), (40, 42, 46))
    cell.paste(Image.fromarray(small), ((_CELL_W - size[0]) // 2, (_CELL_H - size[1]) // 2))
    return cell


def _pictures(name: str, renderer: object) -> tuple[np.ndarray, np.ndarray]:
    """(texture, photograph) of one plate of a design: the first that its series mostly draw."""
    plan = make_plan(Config(seed=_SEED, designs=((name, 1.0),), overrides=_LOOK))
    design = load_design(name)
    likely = max(design.series, key=lambda s: s.weight).id
    index = next(i for i in range(999) if plan.shot(i).plates[0].registration.series == likely)
    (artwork,) = plan.artworks(plan.shot(index))
    size = tuple(round(v * 2) for v in artwork.size_mm)
    texture = linear_to_srgb(rasterize(artwork, Make(), (size[0], size[1])).base_color)
    return texture, plan.sample(index, renderer).pixels  # type: ignore[arg-type]


def main(target: Path) -> None:
    """Writes the poster."""
    names = shipped_designs()
    rows = -(-len(names) // _COLUMNS)
    width = 2 * _CELL_W * _COLUMNS
    poster = Image.new("RGB", (width, rows * (_CELL_H + _TITLE)), (40, 42, 46))
    pen, font = ImageDraw.Draw(poster), ImageFont.load_default(13)
    with open_renderer("blender") as renderer:
        for i, name in enumerate(names):
            x, y = (i % _COLUMNS) * 2 * _CELL_W, (i // _COLUMNS) * (_CELL_H + _TITLE)
            pen.text((x + 6, y + 2), f"{name}: {load_design(name).title}", (220, 220, 220), font)
            for k, picture in enumerate(_pictures(name, renderer)):
                poster.paste(_fitted(picture), (x + k * _CELL_W, y + _TITLE))
    poster.save(target, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
