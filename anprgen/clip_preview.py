# SPDX-License-Identifier: Apache-2.0
"""A sequence to look at: an animation with its tracks drawn, and a strip of some of its frames."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Sequence as Many
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from anprgen.dataset import Dataset
from anprgen.errors import ConfigError, DatasetError
from anprgen.files import disk_errors, write_bytes
from anprgen.preview import draw_polygon, sheet
from anprgen.samples import Pixels, Record, decode
from anprgen.sequences.best_shot import best_shot
from anprgen.sequences.film import encode, usual_mbit_s
from anprgen.sequences.reader import Sequence, find_sequence
from anprgen.sequences.tracks import Plate, tracks_of

#: Widest frame by what it goes into, px: a GIF of more would have tens of megabytes.
_WIDEST_PX = {".gif": 640, ".mp4": 1280, ".png": 480}
#: Height of a strip's frames, px, and how many.
_STRIP_PX, _STRIP = 240, 6
#: Plates below this height, px, have a thin outline; height of a label and its usual width, px.
_THIN_PX, _LINE_PX, _LABEL_PX = 20, 15, 130
_COLOURS = ((255, 90, 80), (70, 200, 255), (120, 230, 90), (255, 200, 40), (210, 130, 255))


def preview_sequence(dataset: Dataset, out: Path, number: int | None = None) -> list[Path]:
    """Writes an animation of one sequence (the first whole one) to `out`, and a strip beside it.

    To a .png goes the strip alone; returned is what was written. Labels are a plate's outline, its
    track, text and speed; a star marks a track's best shot.

    Raises:
        ConfigError: `out` is neither .gif, .mp4 nor .png.
        DatasetError: the dataset has no such sequence, a picture cannot be read, the disk refuses.
        MissingLibrary: an .mp4 without PyAV.
    """
    suffix = out.suffix.lower() or ".gif"
    if suffix not in _WIDEST_PX:
        raise ConfigError(
            f"{out}: an animation cannot be written as {out.suffix}", hint="use .gif, .mp4 or .png"
        )
    sequence = find_sequence(dataset, number)
    strip = out if suffix == ".png" else out.with_name(f"{out.stem}-strip.png")
    made = [] if suffix == ".png" else [out.with_name(out.stem + suffix)]
    with disk_errors(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        for path in made:
            _write_animation(path, drawn(dataset, sequence, _WIDEST_PX[suffix]), sequence)
        Image.fromarray(_strip(dataset, sequence)).save(strip)
    return [*made, strip]


def drawn(dataset: Dataset, sequence: Sequence, widest_px: int = 1280) -> Iterator[Pixels]:
    """Every frame with its labels, uint8 [h, w, 3] RGB, at most `widest_px` wide."""
    best = {track.number: best_shot(track).frame for track in tracks_of(sequence)}
    for k, record in enumerate(sequence.records):
        yield _labelled(_pixels(dataset, record), record["plates"], k, best, widest_px)


def _pixels(dataset: Dataset, record: Record) -> Pixels:
    try:
        return decode(dataset.image_path(record).read_bytes())
    except (OSError, ValueError) as e:
        raise DatasetError(
            f"{record['image']['file']}: {e}", hint="`anprgen verify` tells what is damaged"
        ) from None


def _labelled(
    pixels: Pixels, plates: Many[Plate], k: int, best: Mapping[int, int], widest_px: int
) -> Pixels:
    height, width = pixels.shape[:2]
    scale = min(1.0, widest_px / width)
    size = (round(width * scale), max(1, round(height * scale)))
    canvas = np.array(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    seen = [plate for plate in plates if plate["visible"] > 0]
    for plate in seen:
        width = 2 if plate["height_px"] * scale > _THIN_PX else 1
        draw_polygon(canvas, plate["quad"], scale, _colour(plate), width)
    image = Image.fromarray(canvas)
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(13)
    taken: list[tuple[float, float]] = []
    for plate in seen:
        number = int(plate["track"])
        star = "*" if best.get(number) == k else ""
        text = f"{star}{number} {plate['ocr_text']} {float(plate['speed_kmh']):.0f} km/h"
        x = min(max(0.0, plate["quad"][0][0] * scale), image.width - pen.textlength(text, font))
        y = max(0.0, min(y for _, y in plate["quad"]) * scale - _LINE_PX - 2)
        while any(abs(x - a) < _LABEL_PX and abs(y - b) < _LINE_PX for a, b in taken):
            y += _LINE_PX  # Below what stands there.
        taken.append((x, y))
        pen.text((x, y), text, _colour(plate), font, stroke_width=2, stroke_fill=(0, 0, 0))
    return np.asarray(image, np.uint8)


def _colour(plate: Plate) -> tuple[int, int, int]:
    return _COLOURS[(int(plate["track"]) - 1) % len(_COLOURS)]


def _strip(dataset: Dataset, sequence: Sequence) -> Pixels:
    """Some frames from the first to the last, side by side, labelled."""
    count = len(sequence.records)
    wanted = sorted({round(i) for i in np.linspace(0, count - 1, min(_STRIP, count))})
    best = {track.number: best_shot(track).frame for track in tracks_of(sequence)}
    pictures, captions = [], []
    for k in wanted:
        record = sequence.records[k]
        pixels = _pixels(dataset, record)
        pictures.append(_labelled(pixels, record["plates"], k, best, _WIDEST_PX[".png"]))
        captions.append(f"{sequence.name} frame {k}, {k / sequence.fps:.2f} s")
    aspect = sequence.size[0] / sequence.size[1]
    return sheet(pictures, captions, width_px=len(wanted) * (round(_STRIP_PX * aspect) + 8) + 8)


def _write_animation(path: Path, frames: Iterator[Pixels], sequence: Sequence) -> None:
    """A film, or a GIF that begins again; GIF counts time in hundredths of a second."""
    if path.suffix == ".mp4":
        width, height = sequence.size
        much = 4 * usual_mbit_s(width, height, sequence.fps, "h264")  # Lines stay sharp.
        write_bytes(path, encode(frames, sequence.fps, mbit_s=much).data)
        return
    # One palette a frame, without dither: it would crawl.
    first, *others = (Image.fromarray(f).quantize(dither=Image.Dither.NONE) for f in frames)
    hundredths = max(2, round(100 / sequence.fps))  # Browsers slow down shorter ones.
    first.save(path, "GIF", save_all=True, append_images=others, loop=0, duration=10 * hundredths)
