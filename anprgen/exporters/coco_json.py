# SPDX-License-Identifier: Apache-2.0
"""What COCO's files of pictures and of videos share: a JSON on its way to the disk, annotations."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from anprgen.errors import DatasetError, nearest
from anprgen.exporters.options import Options
from anprgen.exporters.staging import Staging
from anprgen.exporters.visible import corners, mask_area, mask_of, outlines

_CATEGORY = {
    "id": 1,
    "name": "plate",
    "supercategory": "vehicle",
    "keypoints": ["tl", "tr", "br", "bl"],
    "skeleton": [[1, 2], [2, 3], [3, 4], [4, 1]],
}
_MASKS = ("polygon", "rle")


def check_masks(options: Options) -> None:
    """Raises DatasetError for an unknown kind of masks."""
    if options.masks not in _MASKS:
        raise DatasetError(f"no masks {options.masks!r}", hint=nearest(options.masks, list(_MASKS)))


class JsonFile:
    """One split's JSON. Annotations go to the disk at once: their outlines fill a memory.

    `tables` are the lists that stand beside them, by name; they are written when it is closed.
    """

    def __init__(self, staging: Staging, name: str, *tables: str) -> None:
        self.tables: dict[str, list[dict[str, Any]]] = {table: [] for table in tables}
        self._between = ""
        self._file = staging.file(name).open("w", encoding="utf-8", newline="\n")
        # No date: the same dataset gives the same bytes.
        head = {
            "info": {"description": "synthetic licence plates by anprgen"},
            "licenses": [],
            "categories": [_CATEGORY],
        }
        self._file.write(_json(head)[:-1] + ',"annotations":[')

    def add(self, annotation: Mapping[str, Any]) -> None:
        """Writes an annotation."""
        self._file.write(self._between + _json(annotation))
        self._between = ","

    def close(self) -> None:
        """Writes the tables after the annotations and ends the file."""
        tables = "".join(f',"{name}":{_json(rows)}' for name, rows in self.tables.items())
        self._file.write(f"]{tables}}}\n")
        self._file.close()


def annotation(
    plate: Mapping[str, Any],
    box: tuple[float, float, float, float],
    width: int,
    height: int,
    masks: str,
) -> dict[str, Any]:
    """A plate of which `box` is inside the picture, without its ids."""
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


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _segmentation(plate: Mapping[str, Any], masks: str) -> Any:
    """Polygons along px borders, which most tools want; runs where a mask has holes."""
    rings = outlines(mask_of(plate)) if masks == "polygon" else None
    if rings is None:
        return {"size": list(plate["mask"]["size"]), "counts": list(plate["mask"]["counts"])}
    return [[v for point in ring for v in point] for ring in rings]
