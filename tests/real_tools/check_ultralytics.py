# SPDX-License-Identifier: Apache-2.0
"""Ultralytics: its dataset on every split, and a training step on eight pictures."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

os.environ.setdefault("YOLO_AUTOINSTALL", "false")
os.environ.setdefault("YOLO_CONFIG_DIR", tempfile.mkdtemp())

import numpy as np
import ultralytics
from truth import SPLITS, Counts, Truth, corners_apart, main, sha256
from ultralytics import YOLO
from ultralytics.data.dataset import YOLODataset
from ultralytics.data.utils import check_det_dataset

#: format -> (task, architecture; weights are random, nothing is downloaded).
TASKS = {
    "yolo-detect": ("detect", "yolo11n.yaml"),
    "yolo-characters": ("detect", "yolo11n.yaml"),
    "yolo-pose": ("pose", "yolo11n-pose.yaml"),
    "yolo-obb": ("obb", "yolo11n-obb.yaml"),
    "yolo-segment": ("segment", "yolo11n-seg.yaml"),
}
_PICTURES = 8


def check(name: str, root: Path, truth: Truth) -> Counts:
    task, network = TASKS[name]
    did = f"its dataset, a training step on {_PICTURES} pictures"
    counts = Counts("ultralytics", ultralytics.__version__, did=did)
    data = check_det_dataset(str((root / "data.yaml").resolve()), autodownload=False)
    for split in SPLITS:
        wanted = truth.of(split)
        if not wanted:
            continue
        seen = set()
        # `augment` off: nothing is cropped or turned; labels are as they were read.
        found = YOLODataset(img_path=data[split], data=data, task=task, augment=False)
        for label in found.labels:
            path = Path(label["im_file"])
            picture = wanted[path.stem]
            seen.add(path.stem)
            # Ultralytics writes pictures anew that it thinks broken.
            assert sha256(path.read_bytes()) == picture["sha256"]
            assert tuple(label["shape"]) == (picture["height"], picture["width"])
            counts.labels += compare(name, label, picture, data["names"])
            counts.images += 1
        assert seen == wanted.keys(), "Ultralytics called pictures corrupt"
    train(network, root, len(truth.of("train")))
    return counts


def compare(name: str, label: dict[str, Any], picture: dict[str, Any], names: dict) -> int:
    """How many labels of a picture were compared."""
    size = np.array([picture["width"], picture["height"]], float)
    plates = picture["plates"]
    centre, half = label["bboxes"][:, :2] * size, label["bboxes"][:, 2:] * size / 2
    boxes = np.concatenate([centre - half, centre + half], 1)
    if name == "yolo-characters":
        wanted = [(c["char"], c["box"]) for p in plates for c in p["characters"]]
        assert len(wanted) == len(boxes)
        for (char, box), number, got in zip(wanted, label["cls"][:, 0], boxes):
            assert names[int(number)] == char
            assert np.abs(got - box).max() <= 0.01
        return len(wanted)
    assert len(boxes) == len(plates) == len(label["cls"])
    assert not label["cls"].any()
    for n, plate in enumerate(plates):
        if name in ("yolo-detect", "yolo-pose"):
            assert np.abs(boxes[n] - plate["box"]).max() <= 0.01
        if name == "yolo-pose":
            for (x, y, v), corner in zip(label["keypoints"][n], plate["quad"]):
                inside = bool((np.array(corner) >= 0).all() and (corner <= size).all())
                assert bool(v) == inside
                assert not v or np.abs((x, y) * size - corner).max() <= 0.01
        if name == "yolo-obb":
            assert corners_apart(label["segments"][n] * size, plate["rectangle"]) <= 0.01
        if name == "yolo-segment":  # Outlines are simplified by less than a px.
            assert np.abs(boxes[n] - plate["visible_box"]).max() <= 1
    return len(plates)


def train(network: str, root: Path, pictures: int) -> None:
    """One step on eight of the pictures: losses are finite, and weights move."""
    before = {}

    def remember(trainer: Any) -> None:
        assert len(trainer.train_loader.dataset) == _PICTURES
        before.update({k: v.detach().clone() for k, v in trainer.model.named_parameters()})

    with tempfile.TemporaryDirectory() as folder:
        model = YOLO(network)
        model.add_callback("on_train_start", remember)
        model.train(
            data=str((root / "data.yaml").resolve()), epochs=1, batch=_PICTURES, imgsz=160,
            fraction=_PICTURES / pictures, device="cpu", workers=0, plots=False, save=False,
            optimizer="SGD", lr0=0.01, warmup_epochs=0, fliplr=0, verbose=False,
            project=folder, name="run",
        )  # fmt: skip
        losses = model.trainer.loss_items
        losses = losses.values() if isinstance(losses, dict) else losses
        assert np.isfinite([float(loss) for loss in losses]).all()
        moved = [not v.detach().equal(before[k]) for k, v in model.trainer.model.named_parameters()]
        assert sum(moved) > len(moved) / 2


if __name__ == "__main__":
    main(check)
