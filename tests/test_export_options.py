# SPDX-License-Identifier: Apache-2.0
"""What all exports share: splits, characters in a given order, plates of two lines."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from making import write_by_hand
from test_export_recognition import FORMATS, READERS

from anprgen.dataset import Dataset
from anprgen.errors import DatasetError
from anprgen.exporters import export
from anprgen.exporters.options import Options, read_charset
from anprgen.exporters.plate_lines import line_pictures, side_by_side

pytest_plugins = ("exported",)  # the fixtures detect, ocr and real

RED, BLUE, GREY = (220, 0, 0), (0, 0, 220), (120, 120, 120)
#: A plate of 100 x 60 with the characters AB over 123, as cells (x0, y0, x1, y1).
CELLS = {
    "A": (20, 6, 40, 28), "B": (50, 6, 70, 28),
    "1": (8, 34, 30, 56), "2": (38, 34, 60, 56), "3": (68, 34, 90, 56),
}  # fmt: skip
SIZE = (100.0, 60.0)
QUADS = {
    "upright": [[30, 40], [230, 40], [230, 160], [30, 160]],
    "turned": [[60, 20], [250, 90], [215, 190], [25, 120]],
    "perspective": [[40, 30], [250, 60], [240, 190], [30, 150]],
}


def moved(quad: list[list[float]], box: tuple[float, ...]) -> np.ndarray:
    w, h = SIZE
    flat = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)
    matrix = cv2.getPerspectiveTransform(flat, np.array(quad, np.float32))
    x0, y0, x1, y1 = box
    corners = np.array([[[x0, y0], [x1, y0], [x1, y1], [x0, y1]]], np.float64)
    return cv2.perspectiveTransform(corners, matrix)[0]


def two_lines(quad: list[list[float]], small: str = "") -> tuple[np.ndarray, dict[str, Any]]:
    """A picture (uint8 [220, 280, 3]) of the upper cells in red, the lower in blue, and labels."""
    picture = np.zeros((220, 280, 3), np.uint8)
    cv2.fillPoly(picture, [np.round(np.array(quad) - 0.5).astype(np.int32)], GREY)
    characters = []
    for char, box in CELLS.items():
        cell, line = moved(quad, box), int(char.isdigit())
        cv2.fillPoly(picture, [np.round(cell - 0.5).astype(np.int32)], BLUE if line else RED)
        characters.append(
            {"char": char, "line": line, "position": len(characters), "large": char not in small,
             "quad": cell.tolist(), "box": [*cell.min(0), *cell.max(0)], "visible": 1.0}
        )  # fmt: skip
    side = np.hypot(*(np.roll(quad, -1, 0) - np.array(quad)).T)
    plate = {
        "quad": quad, "characters": characters, "width_px": (side[0] + side[2]) / 2,
        "height_px": (side[1] + side[3]) / 2, "lines": ["AB", "123"],
        "ocr_text": "".join(c for c in CELLS if c not in small),
    }  # fmt: skip
    return picture, plate


def shares(picture: np.ndarray) -> tuple[float, float, float]:
    """How much of it is red, blue, and black (outside the plate)."""
    r, _, b = (picture[..., i].astype(int) for i in range(3))
    return tuple(float(x.mean()) for x in (r > b + 60, b > r + 60, picture.max(-1) < 40))  # type: ignore[return-value]


@pytest.mark.parametrize("quad", QUADS.values(), ids=QUADS)
def test_a_line_is_cut_without_the_other(quad: list[list[float]]) -> None:
    picture, plate = two_lines(quad)
    lines = line_pictures(picture, plate, 0.08)
    assert lines is not None
    assert [text for text, _ in lines] == ["AB", "123"]
    for (_, line), (wanted, other), cells in zip(lines, ((0, 1), (1, 0)), ("AB", "123")):
        boxes = np.array([CELLS[c] for c in cells])
        (x0, y0), (x1, y1) = boxes[:, :2].min(0), boxes[:, 2:].max(0)
        covered = ((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])).sum()
        grown = (x1 - x0 + 0.16 * (y1 - y0)) * 1.16 * (y1 - y0)
        found = shares(line)
        # What was drawn is a px wider than what was meant.
        assert found[wanted] == pytest.approx(covered / grown, abs=0.1)
        assert found[other] < 0.005
        assert found[2] < 0.005


def test_lines_beside_each_other_have_one_height() -> None:
    picture, plate = two_lines(QUADS["turned"])
    lines = line_pictures(picture, plate, 0.0)
    assert lines is not None
    upper, lower = (pixels for _, pixels in lines)
    half = cv2.resize(lower, None, fx=0.5, fy=0.5)
    both = side_by_side([upper, half])
    assert both.shape[0] == upper.shape[0]
    scaled = half.shape[1] * upper.shape[0] / half.shape[0]
    assert both.shape[1] == pytest.approx(upper.shape[1] + scaled, abs=2)
    assert shares(both[:, : upper.shape[1]])[1] < 0.005
    assert shares(both[:, upper.shape[1] :])[0] < 0.005


def test_a_line_outside_the_picture_is_none() -> None:
    picture, plate = two_lines(QUADS["upright"])
    assert line_pictures(picture[:, 60:], shifted(plate, -60), 0.08) is None
    # The margin alone may leave it: it becomes smaller.
    lines = line_pictures(picture[:, 46:], shifted(plate, -46), 0.2)
    assert lines is not None


def shifted(plate: dict[str, Any], dx: float) -> dict[str, Any]:
    text = json.loads(json.dumps(plate))
    for quad in (text["quad"], *(c["quad"] for c in text["characters"])):
        for point in quad:
            point[0] += dx
    return text


@pytest.fixture(scope="module")
def stacked(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Crops, of which the even ones show a plate of two lines."""
    root = tmp_path_factory.mktemp("stacked") / "d"
    dataset = write_by_hand(root, 40)
    for path in root.glob("shards/*/records.jsonl"):
        lines = []
        for record in map(json.loads, path.read_text("utf-8").splitlines()):
            if record["index"] % 2 == 0:
                picture, plate = two_lines(QUADS["turned"])
                record["plates"][0] |= plate
                record["image"] |= {"width": 280, "height": 220}
                cv2.imwrite(str(dataset.image_path(record)), picture[..., ::-1])
            lines.append(json.dumps(record, ensure_ascii=False) + "\n")
        path.write_text("".join(lines), "utf-8")
    return Dataset.open(root)


@pytest.mark.parametrize("name", ["fast-plate-ocr", "filename", "lmdb", "paddleocr-rec"])
@pytest.mark.parametrize("lines", ["separate", "side-by-side"])
def test_lines_have_their_own_texts(
    name: str, lines: str, stacked: Dataset, tmp_path: Path
) -> None:
    export(stacked, name, tmp_path / "x", Options(lines=lines))
    found = [row for rows in READERS[name](tmp_path / "x").values() for row in rows]
    records = list(stacked.records())
    whole = [r for r in records if r["index"] % 2]
    want = [(stacked.image_path(r).read_bytes(), r["plates"][0]["ocr_text"]) for r in whole]
    assert sorted(row for row in found if row[0][:2] == b"\xff\xd8") == sorted(want)
    cut = [row for row in found if row[0][:2] != b"\xff\xd8"]
    texts = ["AB", "123"] if lines == "separate" else ["AB123"]
    assert sorted(text for _, text in cut) == sorted(texts * (len(records) - len(whole)))
    for data, text in cut:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), 1)[..., ::-1]
        red, blue, black = shares(pixels)
        assert black < 0.01
        assert (red > 0.2) == ("AB" in text)
        assert (blue > 0.2) == ("123" in text)


def test_pictures_for_detectors_have_no_lines(stacked: Dataset, tmp_path: Path) -> None:
    for name in ("coco", "webdataset"):
        with pytest.raises(DatasetError, match="--lines is for easyocr"):
            export(stacked, name, tmp_path / name, Options(lines="separate"))
    with pytest.raises(DatasetError, match="no lines 'split'"):
        Options(lines="split")


@pytest.mark.parametrize("name", FORMATS)
def test_a_single_split_is_the_same_as_in_all(name: str, ocr: Dataset, tmp_path: Path) -> None:
    export(ocr, name, tmp_path / "all")
    export(ocr, name, tmp_path / "test", Options(splits=("test",)))
    whole, part = tmp_path / "all", tmp_path / "test"
    files = {p.relative_to(part): p.read_bytes() for p in part.rglob("*") if p.is_file()}
    files.pop(Path("export.json"))
    assert all((whole / name).read_bytes() == data for name, data in files.items())
    # Whatever names a split names this one; alphabets and settings have no split in their names.
    assert any("test" in str(name) for name in files)
    assert not any(s in str(name) for name in files for s in ("train", "val"))


def test_detectors_of_a_single_split(detect: Dataset, tmp_path: Path) -> None:
    count = sum(r["split"] == "val" for r in detect.records())
    assert count
    for name in ("coco", "yolo-pose", "voc", "tao-kitti", "webdataset"):
        notes = export(detect, name, tmp_path / name, Options(splits=("val",))).notes
        assert not any("no pictures in" in note for note in notes)
    coco = json.loads((tmp_path / "coco/annotations/instances_val.json").read_text())
    assert len(coco["images"]) == count
    assert len(list((tmp_path / "yolo-pose/images/val").iterdir())) == count
    assert not list((tmp_path / "yolo-pose/images/train").iterdir())
    assert len(list((tmp_path / "voc/Annotations").iterdir())) == count
    assert [p.name for p in (tmp_path / "tao-kitti").iterdir() if p.is_dir()] == ["val"]
    assert {p.name[:3] for p in (tmp_path / "webdataset").glob("*.tar")} == {"val"}
    with pytest.raises(DatasetError, match="no split 'trian'"):
        Options(splits=("trian",))


def test_a_charset_decides_the_order(ocr: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "charset.txt"
    path.write_text("".join(f"{c}\n" for c in "9876543210ZCBA"))
    options = Options(charset=read_charset(path))
    export(ocr, "paddleocr-rec", tmp_path / "p", options)
    assert (tmp_path / "p/dict.txt").read_text() == path.read_text()
    export(ocr, "fast-plate-ocr", tmp_path / "f", options)
    assert 'alphabet: "9876543210ZCBA_"' in (tmp_path / "f/plate_config.yaml").read_text()
    export(ocr, "yolo-characters", tmp_path / "y", options)
    assert '  10: "Z"\n' in (tmp_path / "y/data.yaml").read_text()


def test_characters_outside_are_listed_with_counts(ocr: Dataset, tmp_path: Path) -> None:
    root = tmp_path / "d"
    shutil.copytree(ocr.root, root)
    path = root / "shards/000000/records.jsonl"
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for n in range(3):
        lines[n]["plates"][0]["ocr_text"] = "ÄÖ12" if n else "Ä12"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    options = Options(charset=tuple("0123456789BC"))
    for name in ("paddleocr-rec", "coco", "yolo-characters"):
        with pytest.raises(DatasetError, match=r"Ä \(U\+00C4\) 3, Ö \(U\+00D6\) 2\n"):
            export(Dataset.open(root), name, tmp_path / name, options)
        assert not (tmp_path / name).exists()


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b"A\nB\nA\n", "'A' stands in lines 1 and 3"),
        (b"A\nBC\n", "line 2 is 'BC'"),
        (b"A\n\nB\n", "line 2 is ''"),
        (b"A\n \n", "line 2 is ' '"),
        (b"\xff\xfe", "not UTF-8"),
    ],
)
def test_a_charset_that_is_none(data: bytes, match: str, tmp_path: Path) -> None:
    path = tmp_path / "c.txt"
    path.write_bytes(data)
    with pytest.raises(DatasetError, match=match):
        read_charset(path)
    with pytest.raises(DatasetError, match="cannot read it"):
        read_charset(tmp_path / "nowhere.txt")
