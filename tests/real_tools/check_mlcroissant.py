# SPDX-License-Identifier: Apache-2.0
"""mlcroissant validates croissant.json and reads every record through it."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import mlcroissant
import numpy as np
from truth import SPLITS, Counts, Truth, main, readable, sha256

_NAMES = {"train": "train", "validation": "val", "test": "test"}


def check(name: str, root: Path, truth: Truth) -> Counts:
    counts = Counts("mlcroissant", version("mlcroissant"))
    path = root / "croissant.json"
    described = mlcroissant.Dataset(jsonld=str(path))
    assert not described.metadata.ctx.issues.errors
    for file in json.loads(path.read_text("utf-8"))["distribution"]:
        if file["@type"] == "cr:FileObject":
            assert sha256((root / file["contentUrl"]).read_bytes()) == file["sha256"]
    left = {
        split: list(
            truth.of(split).values() if truth.task == "detect" else readable(truth, split).values()
        )
        for split in SPLITS
    }
    for row in described.records(record_set="default"):
        split = _NAMES[text_of(row["default/split"])]
        image = row["default/image"]
        picture = match(row, left[split], truth.task)
        left[split].remove(picture)
        assert image.size == (picture["width"], picture["height"])
        counts.images += 1
        counts.labels += len(picture["plates"]) if truth.task == "detect" else 1
    assert not any(left.values())
    return counts


def match(row: dict, pictures: list[dict], task: str) -> dict:
    """The picture that a record is of, by all that the record says."""
    for picture in pictures:
        plates = picture["plates"]
        if task != "detect":
            if text_of(row["default/text"]) == plates[0]["text"] and row["default/image"].size == (
                picture["width"],
                picture["height"],
            ):
                return picture
            continue
        objects = row["default/objects"]
        xywh = np.array(objects["default/objects/bbox"], float).reshape(-1, 4)
        boxes = np.array([p["box"] for p in plates], float).reshape(-1, 4)
        same = xywh.shape == boxes.shape and np.allclose(
            np.concatenate([xywh[:, :2], xywh[:, :2] + xywh[:, 2:]], 1), boxes, rtol=0, atol=0.01
        )
        texts = [text_of(t) for t in objects["default/objects/text"]]
        if same and texts == [p["text"] if p["readable"] else "" for p in plates]:
            return picture
    raise AssertionError(f"no picture of the dataset is {row}")


def text_of(value: bytes | str) -> str:
    return value.decode("utf-8") if isinstance(value, bytes) else value


if __name__ == "__main__":
    main(check)
