# SPDX-License-Identifier: Apache-2.0
"""COCO: images/<split>/ and annotations/instances_<split>.json with boxes, corners, masks, text.

File names are relative to the split's folder of pictures. Numbers are px; (0, 0) is the outer
corner of the top left px, as COCO has it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from anprgen.dataset import Dataset
from anprgen.errors import DatasetError, nearest
from anprgen.exporters.options import Options
from anprgen.exporters.staging import Staging, suffix_of
from anprgen.exporters.visible import corners, cut_box, mask_area, mask_of, outlines

_CATEGORY = {
    "id": 1,
    "name": "plate",
    "supercategory": "vehicle",
    "keypoints": ["tl", "tr", "br", "bl"],
    "skeleton": [[1, 2], [2, 3], [3, 4], [4, 1]],
}
_MASKS = ("polygon", "rle")


def export(dataset: Dataset, staging: Staging, options: Options) -> None:
    """Writes pictures and one JSON a split.

    Raises:
        DatasetError: an unknown kind of masks.
    """
    if options.masks not in _MASKS:
        raise DatasetError(f"no masks {options.masks!r}", hint=nearest(options.masks, list(_MASKS)))
    files = {split: _File(staging, split) for split in staging.splits}
    annotation_id = 0
    try:
        for record in staging.pictures(dataset):
            image, split = record["image"], record["split"]
            width, height = image["width"], image["height"]
            name = record["id"] + suffix_of(record)
            staging.picture(f"images/{split}/{name}", dataset.image_path(record))
            image_id = record["index"] + 1  # COCO counts from 1, and the same in every export.
            files[split].images.append(
                {"id": image_id, "width": width, "height": height, "file_name": name}
            )
            for plate in record["plates"]:
                if (box := cut_box(plate, width, height)) is None:
                    staging.leave_out("plates without enough of them in the picture")
                    continue
                annotation_id += 1
                made = _annotation(plate, box, width, height, options.masks)
                files[split].add({"id": annotation_id, "image_id": image_id, **made})
    finally:
        for file in files.values():
            file.close()
    staging.tell_empty({split: len(file.images) for split, file in files.items()})
    staging.note("corner AP in pycocotools needs kpt_oks_sigmas of length 4")


class _File:
    """One split's JSON. Annotations go to the disk at once: their outlines fill a memory."""

    def __init__(self, staging: Staging, split: str) -> None:
        staging.folder(f"images/{split}")
        self.images: list[dict[str, Any]] = []
        self._between = ""
        path = staging.file(f"annotations/instances_{split}.json")
        self._file = path.open("w", encoding="utf-8", newline="\n")
        # No date: the same dataset gives the same bytes.
        head = {
            "info": {"description": "synthetic licence plates by anprgen"},
            "licenses": [],
            "categories": [_CATEGORY],
        }
        self._file.write(_json(head)[:-1] + ',"annotations":[')

    def add(self, annotation: Mapping[str, Any]) -> None:
        self._file.write(self._between + _json(annotation))
        self._between = ","

    def close(self) -> None:
        """Writes the pictures after the annotations and ends the file."""
        self._file.write('],"images":' + _json(self.images) + "}\n")
        self._file.close()


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _annotation(
    plate: Mapping[str, Any],
    box: tuple[float, float, float, float],
    width: int,
    height: int,
    masks: str,
) -> dict[str, Any]:
    x0, y0, x1, y1 = box
    points = corners(plate, width, height)
    return {
        "category_id": 1,
        "bbox": [round(v, 3) for v in (x0, y0, x1 - x0, y1 - y0)],
        "area": mask_area(plate),
        "iscrowd": 0,
        "segmentation": _segmentation(plate, masks),
        "keypoints": [round(v, 3) for point in points for v in point],
        "num_keypoints": sum(v > 0 for _, _, v in points),
        "attributes": {
            "plate_text": plate["ocr_text"],
            "text": plate["text"],
            "design": plate["design"],
            "variant": plate["variant"],
            "series": plate["series"],
            "legibility": plate["legibility"],
            "truncated": plate["truncated"],
        },
    }


def _segmentation(plate: Mapping[str, Any], masks: str) -> Any:
    """Polygons along px borders, which most tools want; runs where a mask has holes."""
    rings = outlines(mask_of(plate)) if masks == "polygon" else None
    if rings is None:
        return {"size": list(plate["mask"]["size"]), "counts": list(plate["mask"]["counts"])}
    return [[v for point in ring for v in point] for ring in rings]
