# SPDX-License-Identifier: Apache-2.0
"""Exporters: readers of a finished dataset that write what a training tool accepts.

One format a file, one function ``export(dataset, staging, options)``. A package adds its own with
an entry point of the group ``anprgen.exporters``: name -> such a function.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path

from anprgen.dataset import Dataset
from anprgen.errors import DatasetError, nearest
from anprgen.exporters.staging import Staging, publish, target_of

GROUP = "anprgen.exporters"

_OURS = {
    "coco": "anprgen.exporters.coco:export",
    "cvat": "anprgen.exporters.cvat:export",
    "easyocr": "anprgen.exporters.easyocr:export",
    "fast-plate-ocr": "anprgen.exporters.fast_plate_ocr:export",
    "filename": "anprgen.exporters.filename:export",
    "hf-imagefolder": "anprgen.exporters.recognition_json:imagefolder",
    "icdar": "anprgen.exporters.text_detection:icdar",
    "lmdb": "anprgen.exporters.lmdb:export",
    "mmocr": "anprgen.exporters.recognition_json:mmocr",
    "paddleocr-det": "anprgen.exporters.text_detection:paddleocr",
    "paddleocr-rec": "anprgen.exporters.paddleocr_rec:export",
    "tao-kitti": "anprgen.exporters.boxes_text:kitti",
    "tao-lprnet": "anprgen.exporters.tao_ocr:lprnet",
    "tao-ocdnet": "anprgen.exporters.text_detection:icdar",
    "tao-ocrnet": "anprgen.exporters.tao_ocr:ocrnet",
    "voc": "anprgen.exporters.boxes_text:voc",
    "webdataset": "anprgen.exporters.webdataset:export",
    "wpod": "anprgen.exporters.text_detection:wpod",
    "yolo-characters": "anprgen.exporters.yolo_detect:characters",
    "yolo-detect": "anprgen.exporters.yolo_detect:export",
    "yolo-obb": "anprgen.exporters.yolo_polygon:obb",
    "yolo-pose": "anprgen.exporters.yolo_pose:export",
    "yolo-segment": "anprgen.exporters.yolo_polygon:segment",
}


@dataclass(frozen=True)
class Options:
    """What every exporter understands.

    `partial`: go on though samples are missing. `link`: hard links instead of copies of pictures.
    `illegible`: keep plates that nobody can read (formats with text). `margin`: around a plate
    that is cut out of a picture, of the plate's box. `masks`: COCO's ``polygon`` or ``rle``.
    """

    partial: bool = False
    link: bool = False
    illegible: bool = False
    margin: float = 0.08
    masks: str = "polygon"


Exporter = Callable[[Dataset, Staging, Options], None]


@dataclass(frozen=True)
class Result:
    """Where the export lies, how many files it has, and what the user should know about it."""

    out: Path
    files: int
    notes: list[str] = field(default_factory=list)


def names() -> list[str]:
    """Names of all formats, installed ones included."""
    return sorted({*_OURS, *(point.name for point in entry_points(group=GROUP))})


def find(name: str) -> Exporter:
    """The exporter of a format.

    Raises:
        DatasetError: there is none of that name.
    """
    if name in _OURS:
        module, _, function = _OURS[name].partition(":")
        ours: Exporter = getattr(importlib.import_module(module), function)
        return ours
    for point in entry_points(group=GROUP):
        if point.name == name:
            theirs: Exporter = point.load()
            return theirs
    raise DatasetError(f"there is no format {name!r}", hint=nearest(name, names()))


def export(dataset: Dataset, name: str, out: Path, options: Options = Options()) -> Result:
    """Writes a dataset in the format `name` into the folder `out`; a second run writes the same.

    Raises:
        DatasetError: unknown format, unfinished dataset, or a folder that is something else.
    """
    exporter = find(name)
    target = target_of(dataset, name, out)
    notes = unfinished(dataset, options.partial)
    with Staging(target, link=options.link) as staging:
        exporter(dataset, staging, options)
        publish(staging)
        return Result(out, len(staging.files), notes + staging.notes())


def unfinished(dataset: Dataset, partial: bool) -> list[str]:
    """What of the samples asked for is not there, as notes.

    Raises:
        DatasetError: some are not made yet, and `partial` is not set.
    """
    notes = []
    wanted = dataset.manifest.requested
    if missing := dataset.count_missing(wanted):
        ranges = [f"{r.first}..{r.stop - 1}" for r in dataset.missing(wanted)]
        shown = ", ".join(ranges[:4]) + (", ..." if len(ranges) > 4 else "")
        text = f"{missing} of {wanted} samples are not made yet (in {shown})"
        if not partial:
            raise DatasetError(
                text,
                where=str(dataset.root),
                hint="run the same `anprgen build` again, it continues; or export with --partial",
            )
        notes.append(text)
    if failed := len(dataset.failures()):
        notes.append(f"{failed} samples could not be made (failures.jsonl) and are not in")
    return notes
