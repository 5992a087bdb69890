# SPDX-License-Identifier: Apache-2.0
"""What a dataset says, as plain JSON: the checks compare what a tool loaded with it.

The checks run in environments without anprgen, so they get this and the export, nothing else.
"""

from __future__ import annotations

import hashlib
import json
import math
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
    """Pictures by id: split, width, height, sha256, and plates, all in px.

    A plate has its box inside the picture, its true corners (`quad`), their outline `inside` the
    picture, the smallest rectangle about that (`rectangle`), the box of its visible px, its text,
    its large characters (`char`, `box`) and whether it can be read. A frame of a sequence also has
    the sequence's name, its number in it and the tracks of which it shows a px (`shown`); its
    plates have their track, their whole box and the share that is seen.
    """

    task: str
    pictures: dict[str, dict[str, Any]] = field(default_factory=dict)

    def sequences(self, split: str) -> dict[str, list[dict[str, Any]]]:
        """The frames of every sequence of a split, in their order, by the sequence's name."""
        found: dict[str, list[dict[str, Any]]] = {}
        for picture in self.of(split).values():
            found.setdefault(picture["sequence"], []).append(picture)
        return {k: sorted(v, key=lambda p: int(p["frame"])) for k, v in sorted(found.items())}

    def of(self, split: str) -> dict[str, dict[str, Any]]:
        return {name: p for name, p in self.pictures.items() if p["split"] == split}

    @classmethod
    def read(cls, path: Path) -> Truth:
        return cls(**json.loads(path.read_text("utf-8")))


def truth_of(dataset: Any) -> Truth:
    """The truth of an `anprgen.dataset.Dataset`: what is in train, val or test."""
    import numpy as np

    from anprgen.exporters.visible import clipped, cut_box, mask_of, oriented_box, quad_inside
    from anprgen.exporters.yolo_detect import LEAST_VISIBLE

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
                "inside": quad_inside(p, *size).tolist(),
                "rectangle": oriented_box(p, *size).tolist(),
                "visible_box": [int(v) for v in _bounds(np.nonzero(mask_of(p)))],
                "text": p["ocr_text"],
                "readable": p["legibility"] != "illegible",
                "characters": [
                    {"char": c["char"], "box": clipped(c["box"], *size)}
                    for c in p["characters"]
                    if c["large"] and c["visible"] >= LEAST_VISIBLE and clipped(c["box"], *size)
                ],
                **{key: p[key] for key in ("track", "visible", "box_amodal") if key in p},
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
            **(_of_sequence(record) if "sequence" in record else {}),
        }
    return Truth(dataset.manifest.identity["config"]["task"], pictures)


def _of_sequence(record: dict[str, Any]) -> dict[str, Any]:
    said = record["sequence"]
    shown = [p["track"] for p in record["plates"] if sum(p["mask"]["counts"][1::2])]
    return {
        "sequence": f"plates-{said['number']:06d}",
        "frame": said["frame"],
        "shown": sorted(shown),
    }


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


def whole_box(box: list[float]) -> tuple[int, int, int, int]:
    """A box that grew to whole px, the edges of which count from 0 (Pascal VOC's from 1)."""
    x0, y0, x1, y1 = box
    return math.floor(x0), math.floor(y0), math.ceil(x1), math.ceil(y1)


def corners_apart(found: Any, wanted: Any) -> float:
    """The farthest of four corners from its nearest of four others, px, each taken once.

    Where they begin does not matter: an oriented box has no first corner.
    """
    import numpy as np

    found, wanted = np.reshape(found, (4, 2)), np.reshape(wanted, (4, 2))
    turns = [np.roll(way, n, 0) for way in (found, found[::-1]) for n in range(4)]
    return float(min(np.abs(turn - wanted).max() for turn in turns))


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def main(check: Any) -> None:
    """A check's command line: FORMAT EXPORT TRUTH -> counts as JSON on the last line."""
    import sys

    counts = check(sys.argv[1], Path(sys.argv[2]), Truth.read(Path(sys.argv[3])))
    print(json.dumps(vars(counts)))
