# SPDX-License-Identifier: Apache-2.0
"""Ultralytics' label rules, in their strictest form."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml_lite

from anprgen.dataset import Dataset
from anprgen.exporters import export
from anprgen.splits import SPLITS

pytest_plugins = ("exported",)  # the fixtures detect, ocr and real


def ultralytics_rows(image: Path, keypoints: tuple[int, int] | None) -> np.ndarray:
    """The checks of Ultralytics' verify_image_label, in their strictest form."""
    label = Path(str(image).replace("/images/", "/labels/")).with_suffix(".txt")
    assert label.is_file()
    data = image.read_bytes()
    assert data.endswith(b"\xff\xd9"), "it would be rewritten on disk"
    height, width = cv2.imdecode(np.frombuffer(data, np.uint8), 1).shape[:2]
    assert min(height, width) >= 10
    text = label.read_text("utf-8").strip()
    if not text:
        return np.zeros((0, 5))
    rows = np.array([line.split() for line in text.splitlines()], np.float64)
    columns = 5 + (keypoints[0] * keypoints[1] if keypoints else 0)
    assert rows.shape[1] == columns
    points = rows[:, 1:5]
    if keypoints:
        xyv = rows[:, 5:].reshape(len(rows), *keypoints)
        assert set(np.unique(xyv[..., 2])) <= {0, 1, 2}
        assert np.all(xyv[xyv[..., 2] == 0] == 0)
        points = np.concatenate([points.reshape(-1, 2), xyv[..., :2].reshape(-1, 2)])
    assert points.min() >= 0
    assert points.max() <= 1
    assert set(rows[:, 0]) == {0}
    assert len(np.unique(rows, axis=0)) == len(rows)
    half = rows[:, 3:5] / 2
    assert np.all(rows[:, 1:3] - half >= -1e-6)
    assert np.all(rows[:, 1:3] + half <= 1 + 1e-6)
    return rows


def check_yolo(dataset: Dataset, out: Path, keypoints: tuple[int, int] | None) -> int:
    data = yaml_lite.load((out / "data.yaml").read_text("utf-8"))
    assert "path" not in data  # A relative one is looked for elsewhere.
    assert data["names"] == {0: "plate"}
    if keypoints:
        assert data["kpt_shape"] == list(keypoints)
        assert sorted(data["flip_idx"]) == [0, 1, 2, 3]
    count = 0
    records = {r["id"]: r for r in dataset.records()}
    for split in SPLITS:
        folder = out / data[split]
        assert folder.is_dir()
        for image in folder.iterdir():
            record = records[image.stem]
            assert record["split"] == split
            rows = ultralytics_rows(image, keypoints)
            assert len(rows) == len(record["plates"])
            for row, plate in zip(rows, record["plates"]):
                w, h = record["image"]["width"], record["image"]["height"]
                x0, y0, x1, y1 = plate["box"]
                assert row[1:5] * [w, h, w, h] == pytest.approx(
                    [(x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0], abs=0.01
                )
            count += 1
    return count


def test_yolo_detect(detect: Dataset, tmp_path: Path) -> None:
    export(detect, "yolo-detect", tmp_path / "y")
    assert check_yolo(detect, tmp_path / "y", None) == 120


def test_yolo_pose(detect: Dataset, tmp_path: Path) -> None:
    export(detect, "yolo-pose", tmp_path / "y")
    assert check_yolo(detect, tmp_path / "y", (4, 3)) == 120
    # Sample 3 reaches over the left edge: its left corners are not there.
    record = detect.record("3")
    row = (tmp_path / f"y/labels/{record['split']}/{record['id']}.txt").read_text().split()
    assert row[5:8] == row[14:17] == ["0", "0", "0"]
    assert row[10] == row[13] == "2"
    # Sample 5 is a background.
    empty = detect.record("5")
    assert not (tmp_path / f"y/labels/{empty['split']}/{empty['id']}.txt").read_text()


def test_pictures_of_two_splits_are_left_out(real: Dataset, tmp_path: Path) -> None:
    mixed = sum(r["split"] == "mixed" for r in real.records())
    assert 0 < mixed < 12
    result = export(real, "yolo-pose", tmp_path / "y")
    assert any(f"{mixed} pictures that show registrations of two" in n for n in result.notes)
    assert check_yolo(real, tmp_path / "y", (4, 3)) == 12 - mixed
