# SPDX-License-Identifier: Apache-2.0
"""What a dataset says, as plain JSON: the checks compare what a tool loaded with it.

The checks run in environments without anprgen, so they get this and the export, nothing else.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SPLITS = ("train", "val", "test")


@dataclass
class Counts:
    """What was loaded by a real tool and compared one by one."""

    tool: str
    version: str
    images: int = 0
    labels: int = 0
    did: str = "loaded"


@dataclass(frozen=True)
class Truth:
    """Pictures by id: split, width, height, sha256, plates (box, quad, text), all in px."""

    task: str
    pictures: dict[str, dict[str, Any]] = field(default_factory=dict)

    def of(self, split: str) -> dict[str, dict[str, Any]]:
        return {name: p for name, p in self.pictures.items() if p["split"] == split}

    @classmethod
    def read(cls, path: Path) -> Truth:
        return cls(**json.loads(path.read_text("utf-8")))


def truth_of(dataset: Any) -> Truth:
    """The truth of an `anprgen.dataset.Dataset`: what is in train, val or test."""
    import numpy as np

    from anprgen.exporters.visible import cut_box, mask_of

    pictures = {}
    for record in dataset.records():
        if record["split"] not in SPLITS:
            continue
        image = record["image"]
        size = image["width"], image["height"]
        plates = [
            {
                "box": p["box"],
                "quad": p["quad"],
                "visible_box": [int(v) for v in _bounds(np.nonzero(mask_of(p)))],
                "text": p["ocr_text"],
                "readable": p["legibility"] != "illegible",
            }
            for p in record["plates"]
            if cut_box(p, *size)
        ]
        data = dataset.image_path(record).read_bytes()
        pictures[record["id"]] = {
            "split": record["split"],
            "width": size[0],
            "height": size[1],
            "sha256": hashlib.sha256(data).hexdigest(),
            "plates": plates,
        }
    return Truth(dataset.manifest.identity["config"]["task"], pictures)


def _bounds(yx: Any) -> tuple[int, int, int, int]:
    y, x = yx
    return x.min(), y.min(), x.max() + 1, y.max() + 1


def readable(truth: Truth, split: str) -> dict[str, dict[str, Any]]:
    """Crops with a text to learn: by the sha256 of their file, since names differ by format."""
    return {
        p["sha256"]: p
        for p in truth.of(split).values()
        if p["plates"] and p["plates"][0]["readable"]
    }


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def main(check: Any) -> None:
    """A check's command line: FORMAT EXPORT TRUTH -> counts as JSON on the last line."""
    import sys

    counts = check(sys.argv[1], Path(sys.argv[2]), Truth.read(Path(sys.argv[3])))
    print(json.dumps(vars(counts)))
