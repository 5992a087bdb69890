# SPDX-License-Identifier: Apache-2.0
"""Exports, read back by the rules of the tools that train on them."""

from __future__ import annotations

import contextlib
import io
import json
import math
import shutil
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import yaml_lite
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from making import make

from anprgen import exporters, manifest
from anprgen.dataset import Dataset
from anprgen.errors import DatasetError
from anprgen.exporters import Options, export
from anprgen.exporters.paddleocr_rec import label_of
from anprgen.exporters.visible import mask_of, outlines
from anprgen.splits import SPLITS

ALL = ["coco", "paddleocr-rec", "yolo-detect", "yolo-pose"]


@pytest.fixture(scope="module")
def detect(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Street pictures: one in five without a plate, one in seven with a truncated one."""
    root = tmp_path_factory.mktemp("detect") / "d"
    make(root, 120, workers=2, task="detect")
    return Dataset.open(root)


@pytest.fixture(scope="module")
def ocr(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    root = tmp_path_factory.mktemp("ocr") / "d"
    make(root, 60, workers=2)
    return Dataset.open(root)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """The shipped design, whole frames by the flat renderer, two plates in each."""
    root = tmp_path_factory.mktemp("real") / "d"
    overrides = {"frame.size": "640x360", "scene.plates": 2}
    make(root, 12, workers=2, task="detect", real=True, overrides=overrides)
    return Dataset.open(root)


def bytes_of(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


@pytest.mark.parametrize("to", ALL)
def test_a_second_export_has_the_same_bytes(detect: Dataset, tmp_path: Path, to: str) -> None:
    first = export(detect, to, tmp_path / "a")
    before = bytes_of(tmp_path / "a")
    assert first.files == len(before) - 1  # All but export.json.
    export(detect, to, tmp_path / "a")
    assert bytes_of(tmp_path / "a") == before
    export(detect, to, tmp_path / "b", Options(link=True))
    assert bytes_of(tmp_path / "b") == before
    export(detect, to, tmp_path / "b", Options(link=True))
    assert bytes_of(tmp_path / "b") == before
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("to", ALL)
def test_an_export_changes_no_byte_of_its_dataset(
    detect: Dataset, tmp_path: Path, to: str
) -> None:
    before = bytes_of(detect.root)
    export(detect, to, tmp_path / "a", Options(link=True))
    shutil.rmtree(tmp_path / "a")
    assert bytes_of(detect.root) == before


def test_another_folder_is_never_overwritten(ocr: Dataset, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("x")
    (tmp_path / "file").write_text("x")
    export(ocr, "yolo-detect", tmp_path / "yolo")
    before = bytes_of(tmp_path)
    for name in ("mine", "file", "yolo"):
        with pytest.raises(DatasetError):
            export(ocr, "coco", tmp_path / name)
    for folder in (ocr.root, ocr.root / "shards", ocr.root.parent):
        with pytest.raises(DatasetError, match="in or around"):
            export(ocr, "coco", folder)
    assert bytes_of(tmp_path) == before


def test_files_of_others_stay_in_an_export(ocr: Dataset, tmp_path: Path) -> None:
    export(ocr, "yolo-detect", tmp_path / "y")
    (tmp_path / "y" / "labels" / "train.cache").write_text("a trainer's")
    export(ocr, "yolo-detect", tmp_path / "y")
    assert (tmp_path / "y" / "labels" / "train.cache").read_text() == "a trainer's"


def test_a_smaller_export_removes_its_own_files_only(
    ocr: Dataset, detect: Dataset, tmp_path: Path
) -> None:
    export(detect, "coco", tmp_path / "y")
    export(ocr, "coco", tmp_path / "y")
    export(ocr, "coco", tmp_path / "z")
    assert bytes_of(tmp_path / "y") == bytes_of(tmp_path / "z")


def test_a_marker_cannot_delete_files_outside(ocr: Dataset, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("x")
    export(ocr, "coco", tmp_path / "y")
    marker = tmp_path / "y" / "export.json"
    data = json.loads(marker.read_text())
    marker.write_text(json.dumps({**data, "files": [*data["files"], "../victim"]}))
    with pytest.raises(DatasetError):
        export(ocr, "coco", tmp_path / "y")
    assert victim.exists()


def test_an_unfinished_dataset_says_what_is_missing(ocr: Dataset, tmp_path: Path) -> None:
    root = tmp_path / "d"
    shutil.copytree(ocr.root, root)
    manifest.write(root, manifest.read(root).asked_for(300))
    with pytest.raises(DatasetError, match=r"240 of 300 samples.*0\.\.249, 250\.\.299"):
        export(Dataset.open(root), "coco", tmp_path / "e")
    assert not (tmp_path / "e").exists()
    notes = export(Dataset.open(root), "coco", tmp_path / "e", Options(partial=True)).notes
    assert notes[0].startswith("240 of 300")


def test_an_installed_format_is_found(
    ocr: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    point = EntryPoint("texts", "test_exporters:export_texts", exporters.GROUP)
    monkeypatch.setattr(exporters, "entry_points", lambda group: [point])
    assert exporters.names() == sorted([*ALL, "texts"])
    export(ocr, "texts", tmp_path / "t")
    assert len((tmp_path / "t" / "texts.txt").read_text().split()) == 60
    with pytest.raises(DatasetError, match="did you mean texts"):
        exporters.find("text")


def export_texts(dataset: Dataset, staging: Any, options: Options) -> None:
    texts = [r["plates"][0]["ocr_text"] for r in staging.pictures(dataset)]
    staging.text("texts.txt", " ".join(texts))


# --- PaddleOCR ---------------------------------------------------------------------------------


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


# --- Ultralytics -------------------------------------------------------------------------------


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


# --- COCO --------------------------------------------------------------------------------------


@pytest.mark.parametrize("masks", ["polygon", "rle"])
@pytest.mark.parametrize("which", ["detect", "real"])
def test_coco(which: str, masks: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    coco_module = pytest.importorskip("pycocotools.coco")
    dataset: Dataset = request.getfixturevalue(which)
    export(dataset, "coco", tmp_path / "c", Options(masks=masks))
    records = {r["index"] + 1: r for r in dataset.records()}
    seen = 0
    for split in SPLITS:
        with contextlib.redirect_stdout(io.StringIO()):
            coco = coco_module.COCO(str(tmp_path / f"c/annotations/instances_{split}.json"))
        for image_id, image in coco.imgs.items():
            record = records[image_id]
            seen += 1
            assert record["split"] == split
            pixels = cv2.imread(str(tmp_path / "c" / "images" / split / image["file_name"]))
            assert pixels.shape[:2] == (image["height"], image["width"])
            found = coco.loadAnns(coco.getAnnIds(imgIds=[image_id]))
            assert len(found) == len(record["plates"])
            for annotation, plate in zip(found, record["plates"]):
                mask = coco.annToMask(annotation).astype(bool)
                assert np.array_equal(mask, mask_of(plate))
                assert annotation["area"] == mask.sum() > 0
                x, y, w, h = annotation["bbox"]
                assert [x, y, x + w, y + h] == pytest.approx(plate["box"], abs=0.01)
                rows, columns = np.nonzero(mask)
                assert x - 1 <= columns.min()
                assert columns.max() + 1 <= x + w + 1
                assert y - 1 <= rows.min()
                assert rows.max() + 1 <= y + h + 1
                points = np.array(annotation["keypoints"]).reshape(4, 3)
                assert annotation["num_keypoints"] == (points[:, 2] > 0).sum()
                assert np.all(points[points[:, 2] == 0] == 0)
                assert annotation["attributes"]["plate_text"] == plate["ocr_text"]
                assert annotation["id"] > 0
    assert seen == sum(r["split"] in SPLITS for r in records.values())


def test_coco_evaluates_itself_as_perfect(detect: Dataset, tmp_path: Path) -> None:
    coco_module = pytest.importorskip("pycocotools.coco")
    from pycocotools.cocoeval import COCOeval

    export(detect, "coco", tmp_path / "c")
    with contextlib.redirect_stdout(io.StringIO()):
        truth = coco_module.COCO(str(tmp_path / "c/annotations/instances_train.json"))
        keys = ("image_id", "category_id", "bbox", "segmentation", "keypoints")
        mine = [{**{k: a[k] for k in keys}, "score": 0.9} for a in truth.anns.values()]
        for kind in ("bbox", "segm", "keypoints"):
            evaluation = COCOeval(truth, truth.loadRes([dict(m) for m in mine]), kind)
            if kind == "keypoints":
                evaluation.params.kpt_oks_sigmas = np.full(4, 0.05)
            evaluation.evaluate()
            evaluation.accumulate()
            evaluation.summarize()
            assert evaluation.stats[0] == pytest.approx(1.0)


@given(hnp.arrays(bool, st.tuples(st.integers(1, 9), st.integers(1, 9))))
@settings(max_examples=150)
def test_outlines_give_their_mask_back(mask: np.ndarray) -> None:
    mask_api = pytest.importorskip("pycocotools.mask")
    rings = outlines(mask)
    if rings is None:
        assert has_hole(mask)
        return
    if not mask.any():
        assert rings == []
        return
    h, w = mask.shape
    flat = [[float(v) for p in ring for v in p] for ring in rings]
    filled = mask_api.decode(mask_api.merge(mask_api.frPyObjects(flat, h, w))).astype(bool)
    assert np.array_equal(filled, mask)


def has_hole(mask: np.ndarray) -> bool:
    """Background that is cut off from the border, where px touch by their sides only or corners."""
    padded = np.pad(~mask, 1, constant_values=True).astype(np.uint8)
    return any(cv2.connectedComponents(padded, connectivity=c)[0] > 2 for c in (4, 8))


@given(hnp.arrays(bool, st.tuples(st.integers(1, 7), st.integers(1, 7))))
def test_masks_are_read_as_they_were_written(mask: np.ndarray) -> None:
    from fakes import rle

    made = rle(mask)
    assert sum(made["counts"]) == mask.size
    assert np.array_equal(mask_of({"mask": made}), mask)
    assert math.prod(made["size"]) == mask.size
