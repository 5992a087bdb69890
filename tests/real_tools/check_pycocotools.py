# SPDX-License-Identifier: Apache-2.0
"""pycocotools loads COCO, of pictures and of videos: boxes, corners, masks, tracks."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import numpy as np
from pycocotools.coco import COCO
from truth import SPLITS, Counts, Truth, main, sha256


def check(name: str, root: Path, truth: Truth) -> Counts:
    counts = Counts("pycocotools", version("pycocotools"))
    for split in SPLITS:
        stem = split if name == "coco-video" else f"instances_{split}"
        coco = COCO(str(root / f"annotations/{stem}.json"))
        places = {(p.get("sequence"), p.get("frame")): k for k, p in truth.of(split).items()}
        names = {v["id"]: v["name"] for v in coco.dataset.get("videos", [])}
        tracks: dict[int, tuple[str, int]] = {}
        seen = set()
        for image_id, image in coco.imgs.items():
            path = root / "images" / split / image["file_name"]
            video = names.get(image.get("video_id"))
            key = path.stem if video is None else places[video, image["frame_id"]]
            picture = truth.of(split)[key]
            assert sha256(path.read_bytes()) == picture["sha256"]
            seen.add(key)
            found = coco.loadAnns(coco.getAnnIds(imgIds=[image_id]))
            for annotation, plate in zip(found, picture["plates"], strict=True):
                x, y, w, h = annotation["bbox"]
                assert np.abs(np.subtract([x, y, x + w, y + h], plate["box"])).max() <= 0.01
                assert annotation["attributes"]["plate_text"] == plate["text"]
                assert coco.annToMask(annotation).sum() == annotation["area"] > 0
                if video is not None:
                    known = tracks.setdefault(annotation["track_id"], (video, plate["track"]))
                    assert known == (video, plate["track"])
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
