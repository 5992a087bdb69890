# SPDX-License-Identifier: Apache-2.0
"""Hugging Face's datasets loads parquet and imagefolder, with its defaults."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import Any

import datasets
import numpy as np
from PIL import Image
from truth import SPLITS, Counts, Truth, main, readable, sha256

_NAMES = {"train": "train", "val": "validation", "test": "test"}


def check(name: str, root: Path, truth: Truth) -> Counts:
    counts = Counts("datasets", datasets.__version__)
    with tempfile.TemporaryDirectory() as cache:
        for split, rows in load(name, root, cache).items():
            wanted = truth.of(split) if truth.task == "detect" else None
            rows = rows.cast_column("image", datasets.Image(decode=False))
            seen = set()
            for row in rows:
                data = row["image"]["bytes"] or Path(row["image"]["path"]).read_bytes()
                Image.open(io.BytesIO(data)).load()
                seen.add(sha256(data))
                if wanted is None:
                    assert row["text"] == readable(truth, split)[sha256(data)]["plates"][0]["text"]
                    counts.labels += 1
                else:
                    key = Path(row["image"]["path"]).stem
                    counts.labels += compare(row, wanted[key])
                counts.images += 1
            every = readable(truth, split) if wanted is None else {
                p["sha256"] for p in wanted.values()
            }  # fmt: skip
            assert seen == set(every)
    return counts


def compare(row: dict[str, Any], picture: dict[str, Any]) -> int:
    """How many plates of a whole picture were compared."""
    plates = picture["plates"]
    objects = row["objects"]
    xywh = np.array(objects["bbox"]).reshape(-1, 4)
    xyxy = np.concatenate([xywh[:, :2], xywh[:, :2] + xywh[:, 2:]], 1)
    want = np.array([p["box"] for p in plates]).reshape(-1, 4)
    assert np.abs(xyxy - want).max(initial=0) <= 0.01
    corners = np.array(objects["corners"]).reshape(-1, 4, 2)
    assert (
        np.abs(corners - np.array([p["quad"] for p in plates]).reshape(-1, 4, 2)).max(initial=0)
        <= 0.01
    )
    assert objects["text"] == [p["text"] if p["readable"] else "" for p in plates]
    return len(plates)


def load(name: str, root: Path, cache: str) -> dict[str, Any]:
    kind: dict[str, Any] = {"path": str(root)}
    if name == "hf-imagefolder":
        kind = {"path": "imagefolder", "data_dir": str(root)}
    found = datasets.load_dataset(**kind, cache_dir=cache)
    return {split: found[_NAMES[split]] for split in SPLITS if _NAMES[split] in found}


if __name__ == "__main__":
    main(check)
