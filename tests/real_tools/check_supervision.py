# SPDX-License-Identifier: Apache-2.0
"""supervision loads COCO, Ultralytics' detect, obb and segment, and Pascal VOC."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import supervision as sv
from truth import SPLITS, Counts, Truth, corners_apart, main, whole_box

#: px that a box may move: outlines of masks are simplified.
_WITHIN_PX = {"coco": 0.01, "yolo-detect": 0.01, "voc": 0.01, "yolo-segment": 1.0}


def check(name: str, root: Path, truth: Truth) -> Counts:
    counts = Counts("supervision", sv.__version__)
    for split in SPLITS:
        pictures = truth.of(split)
        if not pictures:
            continue
        seen = set()
        for path, pixels, found in loaded(name, root, split, set(pictures)):
            picture = pictures[Path(path).stem]
            seen.add(Path(path).stem)
            assert pixels.shape[:2] == (picture["height"], picture["width"])
            key = "visible_box" if name == "yolo-segment" else "box"
            boxes = [p[key] for p in picture["plates"]]
            if name == "voc":
                boxes = [whole_box(box) for box in boxes]
            assert len(found) == len(boxes), (path, len(found), len(boxes))
            if name == "yolo-obb":
                quads = found.data["xyxyxyxy"] if len(boxes) else []
                for quad, plate in zip(quads, picture["plates"]):
                    apart = corners_apart(quad, plate["rectangle"])
                    assert apart <= 0.01, (path, apart)
            else:
                moved = np.abs(found.xyxy - np.array(boxes).reshape(-1, 4))
                assert moved.max(initial=0) <= _WITHIN_PX[name], (path, moved.max())
            counts.images += 1
            counts.labels += len(boxes)
        assert seen == pictures.keys(), name
    return counts


def loaded(name: str, root: Path, split: str, stems: set[str]) -> sv.DetectionDataset:
    if name == "coco":
        return sv.DetectionDataset.from_coco(
            str(root / "images" / split), str(root / f"annotations/instances_{split}.json")
        )
    if name == "voc":
        every = sv.DetectionDataset.from_pascal_voc(
            str(root / "JPEGImages"), str(root / "Annotations")
        )
        listed = (root / f"ImageSets/Main/{split}.txt").read_text().split()
        assert set(listed) == stems
        return [row for row in every if Path(row[0]).stem in stems]
    return sv.DetectionDataset.from_yolo(
        str(root / "images" / split), str(root / "labels" / split), str(root / "data.yaml"),
        is_obb=name == "yolo-obb",
    )  # fmt: skip


if __name__ == "__main__":
    main(check)
