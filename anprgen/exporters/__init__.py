# SPDX-License-Identifier: Apache-2.0
"""Exporters: readers of a finished dataset that write what a training tool accepts.

One format a file, one function ``export(dataset, staging, options)``. A package adds its own with
an entry point of the group ``anprgen.exporters``: name -> such a function.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path

from anprgen.dataset import Dataset
from anprgen.errors import DatasetError, MissingLibrary, nearest
from anprgen.exporters.options import Options
from anprgen.exporters.recognition import is_cut
from anprgen.exporters.staging import Staging, publish, target_of
from anprgen.files import disk_errors
from anprgen.sequences.reader import is_sequences

GROUP = "anprgen.exporters"
DEFAULTS = Options()

#: Plates with their text: of street pictures they are cut out.
_READERS = {
    "easyocr": "easyocr:export",
    "fast-plate-ocr": "fast_plate_ocr:export",
    "filename": "filename:export",
    "hf-imagefolder": "recognition_json:imagefolder",
    "lmdb": "lmdb:export",
    "mmocr": "recognition_json:mmocr",
    "paddleocr-rec": "paddleocr_rec:export",
    "tao-lprnet": "tao_ocr:lprnet",
    "tao-ocrnet": "tao_ocr:ocrnet",
}
#: Plates as objects in pictures.
_DETECTORS = {
    "coco": "coco:export",
    "cvat": "cvat:export",
    "icdar": "text_detection:icdar",
    "openalpr": "openalpr:export",
    "paddleocr-det": "text_detection:paddleocr",
    "tao-kitti": "boxes_text:kitti",
    "tao-ocdnet": "text_detection:ocdnet",
    "voc": "boxes_text:voc",
    "wpod": "text_detection:wpod",
    "yolo-detect": "yolo_detect:export",
    "yolo-obb": "yolo_polygon:obb",
    "yolo-pose": "yolo_pose:export",
    "yolo-segment": "yolo_polygon:segment",
}
#: Whole sequences: films and tracks.
_VIDEO = {
    "coco-video": "coco_video:export",
    "davis": "davis:export",
    "mot": "mot:export",
    "mp4": "mp4:export",
    "super-resolution": "super_resolution:export",
    "youtube-vos": "youtube_vos:export",
}
#: What a dataset of any task is for.
_BOTH = {
    "croissant": "croissant:export",
    "hf-parquet": "parquet:export",
    "webdataset": "webdataset:export",
    "yolo-characters": "yolo_detect:characters",
}
#: Formats in which plates have no lines of their own.
_WHOLE = {*_DETECTORS, *_VIDEO, "webdataset", "yolo-characters"}
_OURS = {**_READERS, **_DETECTORS, **_VIDEO, **_BOTH}


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
        ours: Exporter = getattr(importlib.import_module(f"{__name__}.{module}"), function)
        return ours
    for point in entry_points(group=GROUP):
        if point.name == name:
            theirs: Exporter = point.load()
            return theirs
    raise DatasetError(
        f"there is no format {name!r}; known: {', '.join(names())}, all",
        hint=nearest(name, names()),
    )


def export(dataset: Dataset, name: str, out: Path, options: Options = DEFAULTS) -> Result:
    """Writes a dataset in the format `name` into the folder `out`; a second run writes the same.

    Raises:
        DatasetError: unknown format, unfinished dataset, a folder that is something else, lines for
            a format without any, characters outside the charset, or the disk refuses.
    """
    exporter = find(name)
    if options.lines != "joined" and name in _WHOLE:
        raise DatasetError(
            f"the format {name} has whole pictures: it cannot have plates' lines {options.lines}",
            hint=f"--lines is for {', '.join(sorted(_READERS))}",
        )
    target = target_of(dataset, name, out)
    notes = unfinished(dataset, options.partial)
    with Staging(target, link=options.link, splits=options.splits) as staging:
        if options.charset is not None:
            staging.texts(dataset, options)  # Refuses at once, not after all pictures are written.
        with disk_errors(staging.root):  # Libraries write by themselves, and closing a file writes.
            exporter(dataset, staging, options)
        publish(staging)
        return Result(out, len(staging.files), notes + staging.notes())


def export_all(
    dataset: Dataset, out: Path, options: Options = DEFAULTS
) -> Iterator[tuple[str, Result | MissingLibrary]]:
    """Exports to every format that fits the dataset, each into its own folder of `out`.

    Crops are for readers, street pictures for detectors and readers, sequences of them for all;
    with `options.lines` only formats that can have lines fit. A format whose library is missing
    comes with its error.

    Raises:
        DatasetError: as `export` does; formats that were written before stay.
    """
    for name in fitting(dataset, options):
        try:
            yield name, export(dataset, name, out / name, options)
        except MissingLibrary as e:
            yield name, e


def fitting(dataset: Dataset, options: Options = DEFAULTS) -> list[str]:
    """Names of the formats that fit a dataset, installed ones included."""
    frames = is_cut(dataset)
    unfit = set() if frames else set(_DETECTORS)
    if not is_sequences(dataset):
        unfit |= set(_VIDEO)
    if options.lines != "joined":
        # Street pictures stay whole in parquet, so they have no lines there.
        unfit |= _WHOLE | ({"hf-parquet", "croissant"} if frames else set())
    return [name for name in names() if name not in unfit]


def unfinished(dataset: Dataset, partial: bool) -> list[str]:
    """What of the samples asked for is not there, as notes.

    Raises:
        DatasetError: some are not made yet, and `partial` is not set.
    """
    notes = []
    wanted, share = dataset.manifest.requested, dataset.manifest.share
    if not share.whole:
        text = f"this is part {share} of a dataset"
        if not partial:
            hint = "join the parts with `anprgen merge`; or export this one with --partial"
            raise DatasetError(text, where=str(dataset.root), hint=hint)
        notes.append(text)
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
