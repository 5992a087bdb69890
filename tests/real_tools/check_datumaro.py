# SPDX-License-Identifier: Apache-2.0
"""Datumaro imports COCO, CVAT, Pascal VOC and Ultralytics' detect, with its defaults."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

import datumaro
import numpy as np
from truth import SPLITS, Counts, Truth, main, sha256, whole_box

_IMPORTERS = {"coco": "coco", "cvat": "cvat", "voc": "voc", "yolo-detect": "yolo"}
_KIND = {"cvat": "polygon"}


def check(name: str, root: Path, truth: Truth) -> Counts:
    counts = Counts("datumaro", version("datumaro"), did="imported")
    found = datumaro.Dataset.import_from(str(root), _IMPORTERS[name])
    seen = {split: set() for split in SPLITS}
    for item in found:
        key = Path(item.id).name
        picture = truth.of(item.subset)[key]
        seen[item.subset].add(key)
        assert sha256(Path(item.media.path).read_bytes()) == picture["sha256"]
        assert item.media.data.shape[:2] == (picture["height"], picture["width"])
        kind = _KIND.get(name, "bbox")
        mine = [a for a in item.annotations if a.type.name == kind]
        # Datumaro sorts annotations: from left to right both have the same order.
        mine.sort(key=lambda a: np.reshape(a.points, (-1, 2)).mean(0)[0])
        key = "inside" if kind == "polygon" else "box"
        plates = sorted(picture["plates"], key=lambda p: np.reshape(p[key], (-1, 2)).mean(0)[0])
        for annotation, plate in zip(mine, plates, strict=True):
            compare(name, annotation, plate)
            counts.labels += 1
        counts.images += 1
    assert all(seen[split] == truth.of(split).keys() for split in SPLITS)
    return counts


def compare(name: str, annotation: Any, plate: dict[str, Any]) -> None:
    points = np.array(annotation.points)
    if name == "cvat":
        wanted = np.array(plate["inside"])
        assert np.abs(points.reshape(-1, 2) - wanted).max() <= 0.01
        assert annotation.attributes["text"] == (plate["text"] if plate["readable"] else "")
        return
    wanted = np.array(plate["box"])
    if name == "voc":  # Whole px, counted from 1; Datumaro takes numbers as they stand.
        wanted = np.add(whole_box(plate["box"]), [1, 1, 0, 0])
    assert np.abs(points - wanted).max() <= 0.01, (points, wanted)
    if name == "coco":
        assert annotation.attributes["plate_text"] == plate["text"]


if __name__ == "__main__":
    main(check)
