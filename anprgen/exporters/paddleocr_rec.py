# SPDX-License-Identifier: Apache-2.0
"""PaddleOCR text recognition: ``rec_gt_<split>.txt`` with ``path<TAB>text``, and dict.txt.

Train with ``Train.dataset.data_dir`` set to this folder and ``label_file_list`` to the lists.
Datasets of the task detect are cut into one picture a plate.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from anprgen.dataset import Dataset
from anprgen.errors import DatasetError
from anprgen.exporters.staging import Staging
from anprgen.exporters.visible import cut_box
from anprgen.samples import Record, decode
from anprgen.splits import SPLITS

if TYPE_CHECKING:
    from anprgen.exporters import Options

#: PaddleOCR's configurations drop longer labels in silence and take another picture instead.
_USUAL_LENGTH = 25


def export(dataset: Dataset, staging: Staging, options: Options) -> None:
    """Writes pictures, lists and the character dictionary."""
    lists: dict[str, list[str]] = {split: [] for split in SPLITS}
    cut = dataset.manifest.identity["config"]["task"] == "detect"
    for record in staging.pictures(dataset):
        split = record["split"]
        for n, plate in readable(record, staging, illegible=options.illegible):
            label = label_of(plate)
            if cut:
                name = f"images/{split}/{record['id']}_{n}.png"
                data = _cut(dataset, record, plate, options.margin)
                if data is None:
                    staging.leave_out("plates without enough of them in the picture")
                    continue
                staging.data(name, data)
            else:
                name = f"images/{split}/{record['id']}{_suffix(record)}"
                staging.picture(name, dataset.image_path(record))
            lists[split].append(f"{name}\t{label}")
            if not cut:
                break  # The picture is the crop of plate 0; a second plate is not its text.
    for split, lines in lists.items():
        staging.text(f"rec_gt_{split}.txt", "".join(f"{line}\n" for line in lines))
        if not lines:
            staging.note(f"the list of {split} is empty: make more samples")
    labels = [line.split("\t")[1] for lines in lists.values() for line in lines]
    # No line for the blank: PaddleOCR puts it before the first character by itself.
    staging.text("dict.txt", "".join(f"{c}\n" for c in sorted(set("".join(labels)))))
    if (longest := max(map(len, labels), default=0)) > _USUAL_LENGTH:
        staging.note(f"set max_text_length to {longest} or more: shorter drops labels in silence")


def readable(
    record: Record, staging: Staging, *, illegible: bool
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """(number, plate) of a picture's plates that have a text to learn."""
    if not record["plates"]:
        staging.leave_out("pictures without a plate")
    for n, plate in enumerate(record["plates"]):
        if plate["legibility"] == "illegible" and not illegible:
            staging.leave_out("plates that nobody can read (--illegible keeps them)")
        elif not label_of(plate):
            staging.leave_out("plates without a text")
        else:
            yield n, plate


def label_of(plate: Mapping[str, Any]) -> str:
    """The text to learn, without whitespace.

    Raises:
        DatasetError: a character would break a list of lines.
    """
    label = "".join(str(plate["ocr_text"]).split())
    if not label.isprintable():
        raise DatasetError(f"the text {label!r} has characters that no list can hold")
    return label


def _suffix(record: Record) -> str:
    return "." + str(record["image"]["file"]).rpartition(".")[2]


def _cut(dataset: Dataset, record: Record, plate: Mapping[str, Any], margin: float) -> bytes | None:
    """The plate with a margin as PNG: nothing is compressed a second time."""
    width, height = record["image"]["width"], record["image"]["height"]
    box = cut_box(plate, width, height)
    if box is None:
        return None
    x0, y0, x1, y1 = box
    dx, dy = margin * (x1 - x0), margin * (y1 - y0)
    left, top = max(0, int(np.floor(x0 - dx))), max(0, int(np.floor(y0 - dy)))
    right, bottom = min(width, int(np.ceil(x1 + dx))), min(height, int(np.ceil(y1 + dy)))
    try:
        pixels = decode(dataset.image_path(record).read_bytes())
    except (OSError, ValueError) as e:
        raise DatasetError(
            f"{record['image']['file']}: {e}", hint="`anprgen verify` tells what is damaged"
        ) from None
    done, data = cv2.imencode(".png", pixels[top:bottom, left:right, ::-1])
    return data.tobytes() if done else None
