# SPDX-License-Identifier: Apache-2.0
"""A sequence to look at: an animation with its tracks drawn, and a strip of some of its frames."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Sequence as Many
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from anprgen.config import Config
from anprgen.dataset import Dataset
from anprgen.errors import ConfigError
from anprgen.files import disk_errors, write_bytes
from anprgen.preview import draw_polygon, made_samples, sheet
from anprgen.samples import Pixels, decode
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


@dataclass(frozen=True)
class Shown:
    """A sequence, and what gives the pixels of its frame k, uint8 [h, w, 3] RGB."""

    sequence: Sequence
    pixels: Callable[[int], Pixels]


def of_dataset(dataset: Dataset, number: int | None = None) -> Shown:
    """Sequence `number` of a dataset, or its first whole one.

    Raises:
        DatasetError: it has no such sequence; of the pixels: a picture cannot be read.
    """
    sequence = find_sequence(dataset, number)
    return Shown(sequence, lambda k: dataset.pixels(sequence.records[k]))


def of_config(config: Config, number: int, *, device: str, executable: Path | None) -> Shown:
    """Sequence `number` of a configuration of sequences, made now; its files are in memory.

    Raises:
        AnprgenError: the configuration is not usable, nothing renders.
    """
    indices = range(number * config.frames, (number + 1) * config.frames)
    made = [(s.image, s.record) for s in made_samples(config, indices, device, executable)]
    sequence = Sequence(number, "", config.fps, tuple(record for _, record in made))
    return Shown(sequence, lambda k: decode(made[k][0]))


def preview_sequence(shown: Shown, out: Path) -> list[Path]:
    """Writes an animation to `out` and a strip of frames beside it; returns what was written.

    To a .png goes the strip alone. Labels are a plate's outline, its track, text and speed; a star
    marks a track's best shot.

    Raises:
        ConfigError: `out` is neither .gif, .mp4 nor .png.
        DatasetError: a picture cannot be read, the disk refuses.
        MissingLibrary: an .mp4 without PyAV.
    """
    suffix = out.suffix.lower() or ".gif"
    check_animation(out)
    strip = out if suffix == ".png" else out.with_name(f"{out.stem}-strip.png")
    made = [] if suffix == ".png" else [out.with_name(out.stem + suffix)]
    with disk_errors(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        for path in made:
            _write_animation(path, drawn(shown, _WIDEST_PX[suffix]), shown.sequence)
        Image.fromarray(_strip(shown)).save(strip)
    return [*made, strip]


def check_animation(out: Path) -> None:
    """Raises ConfigError where no animation can have this name."""
    if out.suffix.lower() not in ("", *_WIDEST_PX):
        raise ConfigError(
            f"{out}: an animation cannot be written as {out.suffix}", hint="use .gif, .mp4 or .png"
        )


def drawn(
    shown: Shown, widest_px: int = 1280, frames: Iterable[int] | None = None
) -> Iterator[Pixels]:
    """Frames (all) with their labels, uint8 [h, w, 3] RGB, at most `widest_px` wide."""
    records = shown.sequence.records
    best = {track.number: best_shot(track).frame for track in tracks_of(shown.sequence)}
    for k in range(len(records)) if frames is None else frames:
        yield _labelled(shown.pixels(k), records[k]["plates"], k, best, widest_px)


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


def _strip(shown: Shown) -> Pixels:
    """Some frames from the first to the last, side by side, labelled."""
    sequence = shown.sequence
    count = len(sequence.records)
    wanted = sorted({round(i) for i in np.linspace(0, count - 1, min(_STRIP, count))})
    pictures = list(drawn(shown, _WIDEST_PX[".png"], wanted))
    captions = [f"{sequence.name} frame {k}, {k / sequence.fps:.2f} s" for k in wanted]
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
