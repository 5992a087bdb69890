# SPDX-License-Identifier: Apache-2.0
"""What formats for detection share: pictures with the plates that are in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from anprgen.dataset import Dataset
from anprgen.exporters.options import Options, is_readable, label_of
from anprgen.exporters.staging import Staging, suffix_of
from anprgen.exporters.visible import cut_box

#: The text of what ICDAR's and PaddleOCR's tools ignore; other tools would learn it.
IGNORED = "###"


@dataclass(frozen=True)
class Object:
    """One plate in a picture: its box inside it, its four corners (maybe outside), its text.

    `text` is empty where nobody can read the plate.
    """

    box: tuple[float, float, float, float]
    quad: list[tuple[float, float]]
    text: str
    plate: Mapping[str, Any]


@dataclass(frozen=True)
class Frame:
    """A picture of the dataset with its plates; `stem` and `suffix` name its file."""

    record: Mapping[str, Any]
    split: str
    stem: str
    suffix: str
    width: int
    height: int
    objects: list[Object]


def frames(dataset: Dataset, staging: Staging, options: Options) -> Iterator[Frame]:
    """Every picture, by index, with the plates of which enough is in it."""
    for record in staging.pictures(dataset):
        image = record["image"]
        width, height = image["width"], image["height"]
        objects = []
        for plate in record["plates"]:
            box = cut_box(plate, width, height)
            if box is None:
                staging.leave_out("plates without enough of them in the picture")
                continue
            text = label_of(plate) if is_readable(plate, options) else ""
            quad = [(float(x), float(y)) for x, y in plate["quad"]]
            objects.append(Object(box, quad, text, plate))
        yield Frame(
            record, record["split"], record["id"], suffix_of(record), width, height, objects
        )


def place(dataset: Dataset, staging: Staging, frame: Frame, name: str) -> None:
    """Puts a frame's picture into the export."""
    staging.picture(name, dataset.image_path(dict(frame.record)))
