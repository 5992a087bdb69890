# SPDX-License-Identifier: Apache-2.0
"""What formats for text recognition share: one picture a plate, and the text to learn.

Datasets of the task ocr are crops already; from whole frames (detect, sequence) the plates are cut
out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from anprgen.config import WHOLE_FRAMES
from anprgen.dataset import Dataset
from anprgen.exporters.options import Options, is_readable, label_of, large_lines
from anprgen.exporters.plate_lines import line_pictures, side_by_side
from anprgen.exporters.staging import Selection, Staging, read_picture, suffix_of
from anprgen.exporters.visible import cut_box
from anprgen.samples import Pixels, Record


@dataclass(frozen=True)
class Crop:
    """One plate to learn: its file's stem and suffix, its split and its text.

    Either `source`, a picture of the dataset as it is, or `png`, a plate or line that was cut out;
    `plate` is its record.
    """

    stem: str
    suffix: str
    split: str
    label: str
    source: Path | None
    plate: Mapping[str, Any]
    png: bytes = b""

    def place(self, staging: Staging, name: str) -> None:
        """Puts the picture into the export under `name`."""
        if self.source is None:
            staging.data(name, self.png)
        else:
            staging.picture(name, self.source)

    def data(self) -> bytes:
        """The picture's file, encoded.

        Raises:
            DatasetError: it is not there any more.
        """
        return self.png if self.source is None else read_picture(self.source)


@dataclass(frozen=True)
class Reading:
    """A plate with a text to learn, before its pixels are read.

    `number` counts the plates of the picture; `window` is what is cut out of it, in whole px
    (left, top, right, bottom), or None where the whole picture is the crop.
    """

    record: Record
    number: int
    plate: Mapping[str, Any]
    label: str
    window: tuple[int, int, int, int] | None


def readings(dataset: Dataset, chosen: Selection, options: Options) -> Iterator[Reading]:
    """Every plate that has a text to learn, by index; what is left out is counted in `chosen`."""
    cut = is_cut(dataset)
    for record in chosen.pictures(dataset):
        for n, plate in _readable(record, chosen, options):
            if not cut:
                yield Reading(record, n, plate, label_of(plate), None)
                break  # The picture is the crop of plate 0; a second plate is not its text.
            window = window_of(record, plate, options.margin)
            if window is None:
                chosen.leave_out("plates without enough of them in the picture")
                continue
            yield Reading(record, n, plate, label_of(plate), window)


def crops(dataset: Dataset, staging: Staging, options: Options) -> Iterator[Crop]:
    """Every plate that has a text to learn, with its picture, by index.

    A plate of two lines comes as `options.lines` says, one of a single line always whole.
    """
    for r in readings(dataset, staging, options):
        stem = r.record["id"] if r.window is None else f"{r.record['id']}_{r.number}"
        if options.lines != "joined" and len(large_lines(r.plate)) > 1:
            yield from _line_crops(dataset, staging, options, r, stem)
        elif r.window is None:
            source = dataset.image_path(r.record)
            yield Crop(stem, suffix_of(r.record), r.record["split"], r.label, source, r.plate)
        else:
            png = encode_png(pixels_of(dataset, r.record, r.window))
            yield Crop(stem, ".png", r.record["split"], r.label, None, r.plate, png)


def pixels_of(
    dataset: Dataset, record: Record, window: tuple[int, int, int, int] | None = None
) -> Pixels:
    """A picture of the dataset, or a window of it, as uint8 [h, w, 3] RGB.

    Raises:
        DatasetError: it cannot be read.
    """
    pixels = dataset.pixels(record)
    if window is None:
        return pixels
    left, top, right, bottom = window
    return pixels[top:bottom, left:right]


def encode_png(pixels: Pixels) -> bytes:
    """Pixels (uint8 [h, w, 3] RGB) as PNG: nothing is compressed a second time."""
    _, data = cv2.imencode(".png", pixels[:, :, ::-1])
    return data.tobytes()


def is_cut(dataset: Dataset) -> bool:
    """Whether plates are cut out of street pictures; else the pictures are plates already."""
    return dataset.manifest.identity["config"]["task"] in WHOLE_FRAMES


def _line_crops(
    dataset: Dataset, staging: Staging, options: Options, reading: Reading, stem: str
) -> Iterator[Crop]:
    plate, split = reading.plate, reading.record["split"]
    lines = line_pictures(pixels_of(dataset, reading.record), plate, options.margin)
    if lines is None:
        staging.leave_out("plates of two lines that reach out of the picture")
    elif options.lines == "separate":
        for k, (text, pixels) in enumerate(lines, 1):
            png = encode_png(pixels)
            yield Crop(f"{stem}_line{k}", ".png", split, text, None, plate, png)
    else:
        png = encode_png(side_by_side([pixels for _, pixels in lines]))
        label = "".join(text for text, _ in lines)
        yield Crop(f"{stem}_lines", ".png", split, label, None, plate, png)


def write_lists(
    staging: Staging, name: str, lists: Mapping[str, Sequence[str]], header: str = ""
) -> None:
    """A text file of lines a split, its `name` with {split} in it; notes those that are empty."""
    for split, lines in lists.items():
        text = "".join(f"{line}\n" for line in lines)
        staging.text(name.format(split=split), f"{header}\n{text}" if header else text)
    tell_empty(staging, {split: len(lines) for split, lines in lists.items()})


def write_alphabet(staging: Staging, name: str, dataset: Dataset, options: Options) -> None:
    """The characters in the order of their classes, one a line."""
    staging.text(name, "".join(f"{c}\n" for c in staging.texts(dataset, options).characters))


def tell_empty(staging: Staging, counts: Mapping[str, int]) -> None:
    """Notes the splits that have nothing."""
    for split, count in counts.items():
        if not count:
            staging.note(f"the list of {split} is empty: make more samples")


def _readable(
    record: Record, chosen: Selection, options: Options
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """(number, plate) of a picture's plates that have a text to learn."""
    if not record["plates"]:
        chosen.leave_out("pictures without a plate")
    for n, plate in enumerate(record["plates"]):
        if not is_readable(plate, options):
            chosen.leave_out("plates that nobody can read (--illegible keeps them)")
        elif not label_of(plate):
            chosen.leave_out("plates without a text")
        else:
            yield n, plate


def window_of(
    record: Record, plate: Mapping[str, Any], margin: float
) -> tuple[int, int, int, int] | None:
    """The plate's box with a margin, in whole px inside the picture; None where nothing is left."""
    width, height = record["image"]["width"], record["image"]["height"]
    box = cut_box(plate, width, height)
    if box is None:
        return None
    x0, y0, x1, y1 = box
    dx, dy = margin * (x1 - x0), margin * (y1 - y0)
    left, top = max(0, int(np.floor(x0 - dx))), max(0, int(np.floor(y0 - dy)))
    right, bottom = min(width, int(np.ceil(x1 + dx))), min(height, int(np.ceil(y1 + dy)))
    return left, top, right, bottom
