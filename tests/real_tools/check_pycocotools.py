# SPDX-License-Identifier: Apache-2.0
"""pycocotools loads COCO: boxes, corners, masks."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import numpy as np
from pycocotools.coco import COCO
from truth import SPLITS, Counts, Truth, main, sha256


def check(name: str, root: Path, truth: Truth) -> Counts:
    counts = Counts("pycocotools", version("pycocotools"))
    for split in SPLITS:
        coco = COCO(str(root / f"annotations/instances_{split}.json"))
        seen = set()
        for image_id, image in coco.imgs.items():
            path = root / "images" / split / image["file_name"]
            picture = truth.of(split)[path.stem]
            assert sha256(path.read_bytes()) == picture["sha256"]
            seen.add(path.stem)
            found = coco.loadAnns(coco.getAnnIds(imgIds=[image_id]))
            for annotation, plate in zip(found, picture["plates"], strict=True):
                x, y, w, h = annotation["bbox"]
                assert np.abs(np.subtract([x, y, x + w, y + h], plate["box"])).max() <= 0.01
                assert annotation["attributes"]["plate_text"] == plate["text"]
                assert coco.annToMask(annotation).sum() == annotation["area"] > 0
                for (px, py, v), corner in zip(
                    np.reshape(annotation["keypoints"], (4, 3)), plate["quad"]
                ):
                    assert not v or np.abs(np.subtract([px, py], corner)).max() <= 0.01
                counts.labels += 1
            counts.images += 1
        assert seen == truth.of(split).keys()
    return counts


if __name__ == "__main__":
    main(check)
