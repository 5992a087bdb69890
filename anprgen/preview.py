# SPDX-License-Identifier: Apache-2.0
"""Contact sheets: pictures side by side, clean and with their labels drawn."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from anprgen.config import Config
from anprgen.errors import ConfigError
from anprgen.files import disk_errors
from anprgen.pipeline import Sample, make_plan
from anprgen.renderers.opening import folders_of, open_renderer
from anprgen.samples import Pixels
from anprgen.workers import cpu_count

MOST = 1000
_GAP_PX, _CAPTION_PX = 6, 16
_COLOURS = {"clear": (40, 220, 60), "hard": (255, 190, 0), "illegible": (255, 60, 60)}
_CHARACTER = (90, 170, 255)
_SHIFT = 4  # fractional bits of OpenCV's coordinates


def preview(
    config: Config,
    n: int,
    out: Path,
    *,
    device: str = "auto",
    executable: Path | None = None,
) -> tuple[Path, Path]:
    """Makes samples 0 to n - 1 and two contact sheets: `out`, and one with labels beside it.

    Raises:
        AnprgenError: the configuration is not usable, nothing renders, the disk refuses.
    """
    if not 1 <= n <= MOST:
        raise ConfigError(f"-n {n}: a contact sheet holds from 1 to {MOST} pictures")
    if out.suffix.lower() not in ("", ".png", ".jpg", ".jpeg", ".webp"):
        raise ConfigError(
            f"{out}: a contact sheet cannot be written as {out.suffix}", hint="use .png"
        )
    samples = list(made_samples(config, range(n), device, executable))
    captions = [_caption(s.record) for s in samples]
    marked = out.with_name(f"{out.stem}-labels{out.suffix or '.png'}")
    clean = out.with_name(f"{out.stem}{out.suffix or '.png'}")
    with disk_errors(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(sheet([s.pixels for s in samples], captions)).save(clean)
        drawn = [draw_labels(s.pixels, s.record) for s in samples]
        Image.fromarray(sheet(drawn, captions)).save(marked)
    return clean, marked


def made_samples(
    config: Config, indices: Iterable[int], device: str, executable: Path | None
) -> Iterator[Sample]:
    """The samples of some indices, made here one after another."""
    plan = make_plan(config)
    threads = cpu_count()
    own = folders_of(config)
    with open_renderer(config.renderer, device, threads, executable, **own) as renderer:
        for index in indices:
            yield plan.sample(index, renderer)


def _caption(record: Mapping[str, Any]) -> str:
    texts = ", ".join(plate["text"].replace("\n", " ") for plate in record["plates"])
    return f"{record['index']} {texts}"


def draw_labels(pixels: Pixels, record: Mapping[str, Any], least_width: int = 320) -> Pixels:
    """A copy with plate corners (first one marked), boxes and character cells drawn.

    Small pictures are enlarged to `least_width` px, so that the lines do not hide what they mark.
    """
    scale = max(1, math.ceil(least_width / pixels.shape[1]))
    size = (pixels.shape[1] * scale, pixels.shape[0] * scale)
    out = cv2.resize(pixels, size, interpolation=cv2.INTER_CUBIC)
    for plate in record["plates"]:
        for character in plate["characters"]:
            if character["visible"] > 0:
                draw_polygon(out, character["quad"], scale, _CHARACTER)
        x0, y0, x1, y1 = plate["box"]
        draw_polygon(out, [(x0, y0), (x1, y0), (x1, y1), (x0, y1)], scale, (255, 0, 255))
        colour = _COLOURS.get(plate["legibility"], (255, 255, 255))
        draw_polygon(out, plate["quad"], scale, colour)
        (x, y) = plate["quad"][0]
        cv2.circle(out, _fixed(x, y, scale), 4 << _SHIFT, colour, -1, cv2.LINE_AA, _SHIFT)
    return np.asarray(out, np.uint8)


def _fixed(x: float, y: float, scale: float) -> tuple[int, int]:
    """Our pixel coordinates in the enlarged picture, as OpenCV's fixed point."""
    one = 1 << _SHIFT
    return round((x * scale - 0.5) * one), round((y * scale - 0.5) * one)


def draw_polygon(
    image: Pixels,
    points: Sequence[Sequence[float]],
    scale: float,
    colour: tuple[int, int, int],
    width: int = 1,
) -> None:
    """Draws a closed outline, `width` px wide; `points` are px of the picture before `scale`."""
    fixed = np.array([[_fixed(x, y, scale)] for x, y in points], np.int32)
    cv2.polylines(image, [fixed], True, colour, width, cv2.LINE_AA, _SHIFT)


def sheet(pictures: Sequence[Pixels], captions: Sequence[str], width_px: int = 1600) -> Pixels:
    """Pictures in rows of equal height, filled from the left, with a line of text below each."""
    aspect = float(np.median([p.shape[1] / p.shape[0] for p in pictures]))
    height = round(min(max(width_px / 6 / aspect, 80), 240))
    rows: list[list[Image.Image]] = [[]]
    used = _GAP_PX
    for pixels in pictures:
        w = max(1, min(width_px - 2 * _GAP_PX, round(pixels.shape[1] * height / pixels.shape[0])))
        if used + w + _GAP_PX > width_px and rows[-1]:
            rows.append([])
            used = _GAP_PX
        rows[-1].append(Image.fromarray(pixels).resize((w, height), Image.Resampling.LANCZOS))
        used += w + _GAP_PX
    pitch = height + _CAPTION_PX + _GAP_PX
    canvas = Image.new("RGB", (width_px, len(rows) * pitch + _GAP_PX), (28, 28, 28))
    pen, font = ImageDraw.Draw(canvas), ImageFont.load_default(12)
    texts = iter(captions)
    for r, row in enumerate(rows):
        x, y = _GAP_PX, _GAP_PX + r * pitch
        for picture in row:
            canvas.paste(picture, (x, y))
            text = next(texts)
            while text and pen.textlength(text, font) > picture.width:
                text = text[:-1]
            pen.text((x, y + height + 1), text, (220, 220, 220), font)
            x += picture.width + _GAP_PX
    return np.asarray(canvas, np.uint8)
