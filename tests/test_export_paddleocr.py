# SPDX-License-Identifier: Apache-2.0
"""PaddleOCR's lists, read by its own rules."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import pytest

from anprgen.dataset import Dataset
from anprgen.errors import DatasetError
from anprgen.exporters import export
from anprgen.exporters.options import Options, label_of
from anprgen.splits import SPLITS

pytest_plugins = ("exported",)  # the fixtures detect, ocr and real


def paddle_list(folder: Path, split: str) -> list[tuple[Path, str]]:
    """SimpleDataSet's reading of a list, strictly."""
    data = (folder / f"rec_gt_{split}.txt").read_bytes()
    assert not data.startswith(b"\xef\xbb\xbf")
    out = []
    for line in data.decode("utf-8").split("\n")[:-1]:
        parts = line.strip("\r\n").split("\t")
        assert len(parts) == 2, line
        name, label = parts
        assert (folder / name).is_file()
        assert 0 < len(label) <= 25
        assert not any(c.isspace() for c in label)
        out.append((folder / name, label))
    return out


def test_paddle_lists_of_crops(ocr: Dataset, tmp_path: Path) -> None:
    result = export(ocr, "paddleocr-rec", tmp_path / "p")
    found = {split: paddle_list(tmp_path / "p", split) for split in SPLITS}
    texts = {r["id"]: r["plates"][0]["ocr_text"] for r in ocr.records()}
    assert {p.stem: label for rows in found.values() for p, label in rows} == texts
    labels = {split: {label for _, label in rows} for split, rows in found.items()}
    assert not labels["train"] & labels["test"]
    assert not labels["train"] & labels["val"]
    # BaseRecLabelEncode: one character a line, and every label can be written with them.
    lines = (tmp_path / "p" / "dict.txt").read_text("utf-8").split("\n")[:-1]
    assert all(len(line) == 1 for line in lines)
    assert len(set(lines)) == len(lines)
    assert set("".join(texts.values())) == set(lines)
    assert result.files == 60 + 4


def test_paddle_cuts_plates_out(detect: Dataset, tmp_path: Path) -> None:
    export(detect, "paddleocr-rec", tmp_path / "p", Options(margin=0.1))
    rows = [row for split in SPLITS for row in paddle_list(tmp_path / "p", split)]
    plates = {f"{r['id']}_{n}": p for r in detect.records() for n, p in enumerate(r["plates"])}
    assert {p.stem: label for p, label in rows} == {k: p["ocr_text"] for k, p in plates.items()}
    for path, _ in rows:
        height, width = cv2.imread(str(path)).shape[:2]
        x0, y0, x1, y1 = plates[path.stem]["box"]
        assert x1 - x0 <= width <= 1.2 * (x1 - x0) + 2
        assert y1 - y0 <= height <= 1.2 * (y1 - y0) + 2


def test_paddle_leaves_out_what_nobody_can_read(ocr: Dataset, tmp_path: Path) -> None:
    root = tmp_path / "d"
    shutil.copytree(ocr.root, root)
    path = root / "shards/000000/records.jsonl"
    path.write_text(path.read_text("utf-8").replace('"clear"', '"illegible"', 7), "utf-8")
    result = export(Dataset.open(root), "paddleocr-rec", tmp_path / "p")
    assert any("7 plates that nobody can read" in note for note in result.notes)
    kept = export(Dataset.open(root), "paddleocr-rec", tmp_path / "q", Options(illegible=True))
    assert kept.files == result.files + 7


def test_paddle_labels() -> None:
    assert label_of({"ocr_text": "CBA 8215"}) == "CBA8215"
    assert label_of({"ocr_text": "අ1234"}) == "අ1234"
    with pytest.raises(DatasetError):
        label_of({"ocr_text": "A\u200b\x00"})
