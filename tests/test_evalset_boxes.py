# SPDX-License-Identifier: Apache-2.0
"""The set's eval.py on boxes, against pycocotools."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from readers import read_labels, read_manifest
from scoring import SetOf, numbers

pytest_plugins = ("evalsets",)  # the fixtures plates, pictures and set_of


def detections(folder: Path) -> list[np.ndarray]:
    """Boxes near the plates and elsewhere, [n, 5] a picture: x0 y0 x1 y1 score in picture px."""
    rng = np.random.default_rng(3)
    out = []
    for label in read_labels(folder):
        found = [
            [*(np.array(plate["box"]) + rng.normal(0, 3, 4)), rng.uniform(0.3, 1)]
            for plate in label["plates"]
        ]
        for _ in range(2):
            x, y = rng.uniform(0, 60, 2)
            found.append([x, y, x + 40, y + 20, rng.uniform(0.05, 0.7)])
        boxes = np.clip(np.array(found), 0, [label["width"], label["height"]] * 2 + [1])
        out.append(boxes[np.argsort(-boxes[:, 4])])
    return out


def coco_precision(folder: Path, said: list[np.ndarray]) -> tuple[float, float]:
    """AP50 and AP50-95 by pycocotools."""
    labels = read_labels(folder)
    boxes = [(i, p["box"]) for i, label in enumerate(labels) for p in label["plates"]]

    def xywh(box: Any) -> list[float]:
        return [box[0], box[1], box[2] - box[0], box[3] - box[1]]

    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = {
            "images": [{"id": i} for i in range(len(labels))],
            "categories": [{"id": 1}],
            "annotations": [
                {
                    "id": n, "image_id": i, "category_id": 1, "bbox": xywh(box), "iscrowd": 0,
                    "area": xywh(box)[2] * xywh(box)[3],
                }
                for n, (i, box) in enumerate(boxes, 1)
            ],
        }  # fmt: skip
        truth.createIndex()
        rows = [
            {"image_id": i, "category_id": 1, "bbox": xywh(box), "score": box[4]}
            for i, found in enumerate(said)
            for box in found.tolist()
        ]
        judged = COCOeval(truth, truth.loadRes(rows), "bbox")
        judged.evaluate()
        judged.accumulate()
        judged.summarize()
    return judged.stats[1], judged.stats[0]


@pytest.mark.parametrize("form", ["finished", "to thin out"])
def test_boxes_score_as_coco_scores_them(form: str, set_of: SetOf, tmp_path: Path) -> None:
    folder = set_of("yolo")
    said, labels = detections(folder), read_labels(folder)
    padded = read_manifest(folder)["padded"]
    rows = np.zeros((padded, 8, 6), np.float64)
    for row, found, label in zip(rows, said, labels):
        place = label["letterbox"]
        corner = np.array([place["left"], place["top"]] * 2)
        row[: len(found), :4] = found[:, :4] * place["scale"] + corner
        row[: len(found), 4] = found[:, 4]
    if form == "to thin out":  # Centre and size, each box twice: the second is not to count.
        x0, y0, x1, y1, score = np.moveaxis(rows[:, :, :5], 2, 0)
        rows = np.stack([(x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0, score], axis=1)
        again = rows * [[[1], [1], [1], [1], [0.9]]]
        rows = np.concatenate([rows, again], axis=2)
    np.save(tmp_path / "out.npy", rows)
    found = numbers(folder, tmp_path, tmp_path / "out.npy")
    ap50, ap = coco_precision(folder, said)
    assert 0.2 < ap < ap50 < 1
    assert found["AP50"] == pytest.approx(ap50, abs=1e-6)
    assert found["AP50_95"] == pytest.approx(ap, abs=1e-6)
    assert found["plates"] == sum(len(label["plates"]) for label in labels)
    assert 0 < found["recall"] <= 1
    assert sum(cell["count"] for cell in found["factors"]["size"].values()) == found["plates"]
