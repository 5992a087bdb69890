# SPDX-License-Identifier: Apache-2.0
"""Formats for detection, read by the rules of their tools."""

from __future__ import annotations

import json
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import yaml_lite
from truth import whole_box

from anprgen.dataset import Dataset
from anprgen.exporters import export
from anprgen.exporters.visible import cut_box, mask_of, quad_inside
from anprgen.splits import SPLITS

pytest_plugins = ("exported",)  # the fixtures detect, ocr and real

FORMATS = [
    "cvat", "icdar", "openalpr", "paddleocr-det", "tao-kitti", "tao-ocdnet", "voc", "wpod",
    "yolo-characters", "yolo-obb", "yolo-segment",
]  # fmt: skip


def plates_of(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The plates of which enough is in the picture."""
    w, h = record["image"]["width"], record["image"]["height"]
    return [p for p in record["plates"] if cut_box(p, w, h)]


def usable(dataset: Dataset) -> dict[str, dict[str, Any]]:
    return {r["id"]: r for r in dataset.records() if r["split"] in SPLITS}


def yolo_rows(out: Path, record: dict[str, Any]) -> list[np.ndarray]:
    """Ultralytics' strictest rules: shares of the picture, no row twice, classes below nc."""
    path = out / "labels" / record["split"] / f"{record['id']}.txt"
    rows = [np.array(line.split(), np.float64) for line in path.read_text().splitlines()]
    names = yaml_lite.load((out / "data.yaml").read_text("utf-8"))["names"]
    for row in rows:
        assert 0 <= row[1:].min()
        assert row[1:].max() <= 1
        assert 0 <= row[0] < len(names)
    assert len({tuple(r) for r in rows}) == len(rows)
    return rows


def yolo_pairs(
    dataset: Dataset, out: Path
) -> Iterator[tuple[np.ndarray, dict[str, Any], int, int]]:
    """Every row with its plate and its picture's width and height: one row a plate."""
    for record in usable(dataset).values():
        w, h = record["image"]["width"], record["image"]["height"]
        rows, plates = yolo_rows(out, record), plates_of(record)
        assert len(rows) == len(plates)
        for row, plate in zip(rows, plates):
            yield row, plate, w, h


@pytest.mark.parametrize("kind", ["detect", "real"])
def test_obb_bounds_what_is_inside(kind: str, request: Any, tmp_path: Path) -> None:
    dataset: Dataset = request.getfixturevalue(kind)
    export(dataset, "yolo-obb", tmp_path / "y")
    for row, plate, w, h in yolo_pairs(dataset, tmp_path / "y"):
        assert len(row) == 9
        corners = (row[1:].reshape(4, 2) * (w, h)).astype(np.float32)
        polygon = quad_inside(plate, w, h).astype(np.float32)
        both = cv2.intersectConvexConvex(cv2.convexHull(corners), polygon)[0]
        assert both >= 0.97 * cv2.contourArea(polygon)


@pytest.mark.parametrize("kind", ["detect", "real"])
def test_segment_fills_the_mask(kind: str, request: Any, tmp_path: Path) -> None:
    dataset: Dataset = request.getfixturevalue(kind)
    export(dataset, "yolo-segment", tmp_path / "y")
    for row, plate, w, h in yolo_pairs(dataset, tmp_path / "y"):
        assert len(row) >= 7
        fine = np.zeros((h * 4, w * 4), np.uint8)
        points = row[1:].reshape(-1, 2) * (w * 4, h * 4) - 0.5
        cv2.fillPoly(fine, [np.round(points).astype(np.int32)], 1)
        drawn = cv2.resize(fine.astype(np.float32), (w, h), interpolation=cv2.INTER_AREA) > 0.5
        mask = mask_of(plate)
        assert (drawn & mask).sum() / (drawn | mask).sum() > 0.93


def test_characters_have_their_classes_and_boxes(real: Dataset, tmp_path: Path) -> None:
    export(real, "yolo-characters", tmp_path / "y")
    names = yaml_lite.load((tmp_path / "y" / "data.yaml").read_text("utf-8"))["names"]
    seen = 0
    for record in usable(real).values():
        w, h = record["image"]["width"], record["image"]["height"]
        rows = yolo_rows(tmp_path / "y", record)
        found = sorted((str(names[int(r[0])]), *(r[1:] * [w, h, w, h])) for r in rows)
        wanted = []
        for c in (c for p in plates_of(record) for c in p["characters"]):
            x0, y0, x1, y1 = np.clip(c["box"], 0, [w, h, w, h])
            if c["large"] and c["visible"] >= 0.4 and min(x1 - x0, y1 - y0) >= 2:
                wanted.append((c["char"], (x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0))
        for (char, *box), (right, *place) in zip(found, sorted(wanted), strict=True):
            assert char == right
            assert np.abs(np.subtract(box, place)).max() <= 0.01
        seen += len(found)
    assert seen > 20


def test_kitti_has_fifteen_fields(detect: Dataset, tmp_path: Path) -> None:
    export(detect, "tao-kitti", tmp_path / "k")
    for record in usable(detect).values():
        split = tmp_path / "k" / record["split"]
        assert next((split / "images").glob(f"{record['id']}.*")).is_file()
        rows = [
            line.split() for line in (split / f"labels/{record['id']}.txt").read_text().splitlines()
        ]
        w, h = record["image"]["width"], record["image"]["height"]
        boxes = [cut_box(p, w, h) for p in plates_of(record)]
        assert [len(r) for r in rows] == [15] * len(boxes)
        for row, box in zip(rows, boxes):
            assert row[0] == "lpd"
            assert [float(v) for v in row[4:8]] == pytest.approx(box, abs=0.006)
            assert all(float(v) == 0 for v in row[1:4] + row[8:])


def test_voc_counts_px_from_one(detect: Dataset, tmp_path: Path) -> None:
    export(detect, "voc", tmp_path / "v")
    listed = {
        stem: split
        for split in SPLITS
        for stem in (tmp_path / f"v/ImageSets/Main/{split}.txt").read_text().split()
    }
    assert listed == {r["id"]: r["split"] for r in usable(detect).values()}
    for record in usable(detect).values():
        root = ET.parse(tmp_path / f"v/Annotations/{record['id']}.xml").getroot()
        w, h = (int(root.findtext(f"size/{k}") or 0) for k in ("width", "height"))
        assert (w, h) == (record["image"]["width"], record["image"]["height"])
        assert (tmp_path / "v/JPEGImages" / str(root.findtext("filename"))).is_file()
        boxes = [
            [int(b.findtext(k) or -1) for k in ("xmin", "ymin", "xmax", "ymax")]
            for b in root.iter("bndbox")
        ]
        for found, plate in zip(boxes, plates_of(record), strict=True):
            box = cut_box(plate, w, h)
            assert box
            x0, y0, x1, y1 = whole_box(box)
            assert found == [x0 + 1, y0 + 1, x1, y1]
            assert 1 <= found[0] <= found[2] <= w
            assert 1 <= found[1] <= found[3] <= h


@pytest.mark.parametrize("name", ["icdar", "tao-ocdnet"])
def test_icdar_lines_hold_corners_and_text(name: str, detect: Dataset, tmp_path: Path) -> None:
    export(detect, name, tmp_path / "i")
    for split in SPLITS:
        records = [r for r in usable(detect).values() if r["split"] == split]
        images = list((tmp_path / "i" / split / "img").glob("img_*"))
        assert len(images) == len(records)
        for n, record in enumerate(records, 1):
            lines = (tmp_path / f"i/{split}/gt/gt_img_{n}.txt").read_text("utf-8").splitlines()
            for line, plate in zip(lines, plates_of(record), strict=True):
                *numbers, text = line.split(",")
                corners = np.array(numbers, np.int64 if name == "icdar" else float).reshape(4, 2)
                # ICDAR's scripts take whole px alone.
                wanted = np.round(plate["quad"]) if name == "icdar" else np.array(plate["quad"])
                assert np.abs(corners - wanted).max() <= 0.01
                assert text == plate["ocr_text"]


def test_plates_that_ocdnet_drops_are_told(detect: Dataset, tmp_path: Path) -> None:
    root = tmp_path / "d"
    shutil.copytree(detect.root, root)
    path = root / "shards/000000/records.jsonl"
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for record in [r for r in lines if r["plates"]][:2]:
        record["plates"][0]["quad"][0][0] = -50.0
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    said = "OCDNet drops 2 of the plates: a corner is too far outside the picture"
    assert said in export(Dataset.open(root), "tao-ocdnet", tmp_path / "o").notes
    assert said not in export(detect, "tao-ocdnet", tmp_path / "o").notes


def test_paddle_detection_lists_are_json(detect: Dataset, tmp_path: Path) -> None:
    export(detect, "paddleocr-det", tmp_path / "p")
    seen = 0
    for split in SPLITS:
        for line in (tmp_path / f"p/det_gt_{split}.txt").read_text("utf-8").splitlines():
            name, data = line.split("\t")
            assert (tmp_path / "p" / name).is_file()
            boxes = json.loads(data)
            plates = plates_of(usable(detect)[Path(name).stem])
            assert [b["transcription"] for b in boxes] == [p["ocr_text"] for p in plates]
            for box, plate in zip(boxes, plates):
                points = np.array(box["points"])
                assert np.abs(points - np.array(plate["quad"])).max() <= 0.01
                x, y = points.T
                turn = (x * np.roll(y, -1) - np.roll(x, -1) * y).sum()
                assert turn > 0  # clockwise with y down
            seen += len(boxes)
    assert seen == sum(len(plates_of(r)) for r in usable(detect).values())


def test_what_nobody_can_read_is_ignored_or_has_no_text(detect: Dataset, tmp_path: Path) -> None:
    """### is a word of ICDAR's and PaddleOCR's tools; others would learn it as a text."""
    parquet = pytest.importorskip("pyarrow.parquet")
    shutil.copytree(detect.root, tmp_path / "d")
    records = tmp_path / "d/shards/000000/records.jsonl"
    text = records.read_text("utf-8").replace('"clear"', '"illegible"', 40)
    records.write_text(text, "utf-8")
    dataset = Dataset.open(tmp_path / "d")
    plates = [p for r in usable(dataset).values() for p in plates_of(r)]
    hidden = [p for p in plates if p["legibility"] == "illegible"]
    seen = {p["ocr_text"] for p in plates if p["legibility"] != "illegible"}
    assert hidden
    assert seen
    for to in ("hf-parquet", "cvat", "icdar", "paddleocr-det"):
        export(dataset, to, tmp_path / to)
    tables = map(parquet.read_table, (tmp_path / "hf-parquet/data").iterdir())
    rows = [text for t in tables for o in t["objects"].to_pylist() for text in o["text"]]
    xml = [ET.parse(path) for path in (tmp_path / "cvat").glob("*.xml")]
    attributes = [a.text or "" for x in xml for a in x.iterfind(".//attribute[@name='text']")]
    for texts in (rows, attributes):
        assert texts.count("") == len(hidden)
        assert {*texts} == {"", *seen}
    card = (tmp_path / "hf-parquet/README.md").read_text("utf-8")
    assert "| # |" not in card
    assert "| 0 | " not in card.partition("characters of a text")[2].partition("character |")[0]
    icdar = "".join(p.read_text("utf-8") for p in (tmp_path / "icdar").glob("*/gt/*.txt"))
    paddle = "".join(p.read_text("utf-8") for p in (tmp_path / "paddleocr-det").glob("*.txt"))
    assert icdar.count("###") == paddle.count('"###"') == len(hidden)


def test_wpod_lines_are_shares_with_text(detect: Dataset, tmp_path: Path) -> None:
    result = export(detect, "wpod", tmp_path / "w")
    seen = 0
    for record in usable(detect).values():
        path = tmp_path / "w" / record["split"] / f"{record['id']}.txt"
        for line in path.read_text("utf-8").splitlines() if path.is_file() else []:
            parts = line.split(",")
            assert parts[0] == "4"
            assert parts[10] == ""
            xs, ys = (np.array(parts[a:b], float) for a, b in ((1, 5), (5, 9)))
            assert 0 <= min(xs.min(), ys.min())
            assert max(xs.max(), ys.max()) <= 1
            plate = next(p for p in record["plates"] if p["ocr_text"] == parts[9])
            w, h = record["image"]["width"], record["image"]["height"]
            assert np.abs(np.stack([xs * w, ys * h], 1) - np.array(plate["quad"])).max() < 0.01
            seen += 1
    assert seen > 60
    assert any("corner outside" in note for note in result.notes)


def test_openalpr_lines_are_boxes_with_text(detect: Dataset, tmp_path: Path) -> None:
    export(detect, "openalpr", tmp_path / "o")
    seen = 0
    for record in usable(detect).values():
        path = tmp_path / "o" / record["split"] / f"{record['id']}.txt"
        plates = plates_of(record)
        assert path.is_file() == bool(plates)
        lines = path.read_text("utf-8").splitlines() if plates else []
        for line, plate in zip(lines, plates, strict=True):
            name, *numbers, text = line.split("\t")
            assert (path.parent / name).is_file()
            assert text == plate["ocr_text"]
            x, y, w, h = map(int, numbers)
            box = cut_box(plate, record["image"]["width"], record["image"]["height"])
            assert box
            assert (x, y, x + w, y + h) == whole_box(box)
            seen += 1
    assert seen > 60


def test_cvat_declares_the_attributes_it_uses(detect: Dataset, tmp_path: Path) -> None:
    export(detect, "cvat", tmp_path / "c")
    seen = []
    for split in SPLITS:
        root = ET.parse(tmp_path / f"c/{split}.xml").getroot()
        declared = {
            a.findtext("name") for a in root.iter("attribute") if a.find("name") is not None
        }
        images = root.findall("image")
        assert [image.attrib["id"] for image in images] == [str(i) for i in range(len(images))]
        for image in images:
            record = usable(detect)[Path(image.attrib["name"]).stem]
            seen.append(record["id"])
            assert (tmp_path / "c/images" / image.attrib["name"]).is_file()
            assert image.attrib["subset"] == record["split"] == split
            polygons = image.findall("polygon")
            w, h = int(image.attrib["width"]), int(image.attrib["height"])
            for polygon, plate in zip(polygons, plates_of(record), strict=True):
                values = {a.attrib["name"]: a.text for a in polygon.findall("attribute")}
                assert set(values) == declared
                assert values["text"] == plate["ocr_text"]
                points = np.array([p.split(",") for p in polygon.attrib["points"].split(";")])
                inside = quad_inside(plate, w, h)
                assert len(points) == len(inside) >= 3
                assert np.abs(points.astype(float) - inside).max() <= 0.01
    assert sorted(seen) == sorted(usable(detect))


@pytest.mark.parametrize("name", FORMATS)
def test_a_second_run_writes_the_same_bytes(name: str, real: Dataset, tmp_path: Path) -> None:
    export(real, name, tmp_path / "a")
    export(real, name, tmp_path / "b")
    first, second = (
        {p.relative_to(tmp_path / x): p.read_bytes() for p in (tmp_path / x).rglob("*.*")}
        for x in "ab"
    )
    assert first == second
    assert len(first) > 4
