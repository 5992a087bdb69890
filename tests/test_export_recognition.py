# SPDX-License-Identifier: Apache-2.0
"""Lists for text recognition, read as the tools read them (their rules are quoted at each)."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import cv2
import lmdb
import numpy as np
import pandas as pd
import pytest

from anprgen.dataset import Dataset
from anprgen.errors import DatasetError
from anprgen.exporters import export, names
from anprgen.exporters.options import Options
from anprgen.splits import SPLITS

pytest_plugins = ("exported",)  # the fixtures detect, ocr and real

FORMATS = [
    "easyocr", "fast-plate-ocr", "filename", "hf-imagefolder", "lmdb", "mmocr", "paddleocr-rec",
    "tao-lprnet", "tao-ocrnet",
]  # fmt: skip
Rows = dict[str, list[tuple[bytes, str]]]


def fast_plate_ocr(root: Path) -> Rows:
    """1.1.0: read_csv with plate_text as str; names beside the list; the config forbids extras."""
    config = dict(
        line.split(": ", 1) for line in (root / "plate_config.yaml").read_text("utf-8").splitlines()
    )
    assert set(config) == {
        "max_plate_slots", "alphabet", "pad_char", "img_height", "img_width", "keep_aspect_ratio",
        "interpolation", "image_color_mode",
    }  # fmt: skip
    alphabet, slots = json.loads(config["alphabet"]), int(config["max_plate_slots"])
    assert json.loads(config["pad_char"]) in alphabet
    assert len(set(alphabet)) == len(alphabet)
    out: Rows = {}
    for split in SPLITS:
        table = pd.read_csv(root / split / "annotations.csv", dtype={"plate_text": str})
        assert list(table.columns) == ["image_path", "plate_text"]  # 1.0.1 unpacks exactly two
        assert not table.isna().any().any()
        for text in table.plate_text:
            assert len(text) <= slots
            assert set(text) <= set(alphabet)
        out[split] = [
            ((root / split / name).read_bytes(), text)
            for name, text in table.itertuples(index=False)
        ]
    return out


def easyocr(root: Path) -> Rows:
    """The trainer's own call: split at the first comma, nothing is NA."""
    out: Rows = {}
    for split in SPLITS:
        table = pd.read_csv(
            root / split / "labels.csv", sep="^([^,]+),", engine="python",
            usecols=["filename", "words"], keep_default_na=False,
        )  # fmt: skip
        out[split] = [
            ((root / split / name).read_bytes(), str(text))
            for name, text in zip(table.filename, table.words)
        ]
    return out


def filename(root: Path) -> Rows:
    """LPRNet in PyTorch: basename up to the first hyphen, then up to the first underscore."""
    return {
        split: [
            (p.read_bytes(), p.stem.split("-")[0].split("_")[0])
            for p in sorted((root / split).iterdir())
        ]
        for split in SPLITS
    }


def hf_imagefolder(root: Path) -> Rows:
    out: Rows = {split: [] for split in SPLITS}
    for split, folder in zip(SPLITS, ("train", "validation", "test")):
        path = root / folder / "metadata.jsonl"
        for line in path.read_text("utf-8").splitlines() if path.is_file() else []:
            row = json.loads(line)
            out[split].append(((root / folder / row["file_name"]).read_bytes(), row["text"]))
    return out


def lmdb_rows(root: Path) -> Rows:
    """DTRB, PARSeq: num-samples, then image-%09d and label-%09d from 1."""
    out: Rows = {split: [] for split in SPLITS}
    for split in SPLITS:
        if not (root / split).is_dir():
            continue
        with (
            lmdb.open(str(root / split), readonly=True, lock=False) as env,
            env.begin() as txn,
        ):
            count = int(txn.get(b"num-samples"))
            for n in range(1, count + 1):
                label = txn.get(f"label-{n:09d}".encode()).decode("utf-8")
                out[split].append((bytes(txn.get(f"image-{n:09d}".encode())), label))
            assert txn.stat()["entries"] == 2 * count + 1
    return out


def mmocr(root: Path) -> Rows:
    out: Rows = {}
    for split in SPLITS:
        data = json.loads((root / f"textrecog_{split}.json").read_text("utf-8"))
        assert data["metainfo"] == {"dataset_type": "TextRecogDataset", "task_name": "textrecog"}
        out[split] = [
            ((root / e["img_path"]).read_bytes(), e["instances"][0]["text"])
            for e in data["data_list"]
        ]
    return out


def paddleocr_rec(root: Path) -> Rows:
    out: Rows = {}
    for split in SPLITS:
        lines = (root / f"rec_gt_{split}.txt").read_text("utf-8").splitlines()
        rows = [line.split("\t") for line in lines]
        out[split] = [((root / name).read_bytes(), label) for name, label in rows]
    return out


def tao_lprnet(root: Path) -> Rows:
    """Pairs by stem; the loader reads the first line."""
    out: Rows = {}
    for split in SPLITS:
        images = {p.stem: p for p in (root / split / "images").iterdir()}
        texts = {p.stem: p.read_text("utf-8") for p in (root / split / "labels").iterdir()}
        assert images.keys() == texts.keys()
        out[split] = [(images[k].read_bytes(), texts[k].strip()) for k in sorted(images)]
    return out


def tao_ocrnet(root: Path) -> Rows:
    """dataset_convert splits at the tab, the loaders at any blank: both must give two parts."""
    out: Rows = {}
    for split in SPLITS:
        rows = []
        for line in (root / split / "gt_list.txt").read_text("utf-8").splitlines():
            assert line.split("\t") == line.split()
            name, label = line.split()
            rows.append(((root / split / "images" / name).read_bytes(), label))
        out[split] = rows
    return out


READERS = {
    "easyocr": easyocr, "fast-plate-ocr": fast_plate_ocr, "filename": filename,
    "hf-imagefolder": hf_imagefolder, "lmdb": lmdb_rows, "mmocr": mmocr,
    "paddleocr-rec": paddleocr_rec, "tao-lprnet": tao_lprnet, "tao-ocrnet": tao_ocrnet,
}  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
def test_every_crop_arrives_with_its_text_and_split(
    name: str, ocr: Dataset, tmp_path: Path
) -> None:
    export(ocr, name, tmp_path / "x")
    found = READERS[name](tmp_path / "x")
    want: Rows = {split: [] for split in SPLITS}
    for record in ocr.records():
        picture = ocr.image_path(record).read_bytes()
        want[record["split"]].append((picture, record["plates"][0]["ocr_text"]))
    assert {k: sorted(v) for k, v in found.items()} == {k: sorted(v) for k, v in want.items()}


@pytest.mark.parametrize("name", FORMATS)
def test_plates_of_frames_are_cut_out(name: str, detect: Dataset, tmp_path: Path) -> None:
    export(detect, name, tmp_path / "x")
    found = [row for rows in READERS[name](tmp_path / "x").values() for row in rows]
    texts = [p["ocr_text"] for r in detect.records() for p in r["plates"]]
    assert sorted(text for _, text in found) == sorted(texts)
    sizes = [cv2.imdecode(np.frombuffer(data, np.uint8), 1).shape for data, _ in found]
    assert min(min(h, w) for h, w, _ in sizes) >= 2


@pytest.mark.parametrize("name", FORMATS)
def test_a_second_run_writes_the_same_bytes(name: str, ocr: Dataset, tmp_path: Path) -> None:
    export(ocr, name, tmp_path / "a")
    export(ocr, name, tmp_path / "b")
    first, second = (
        {str(p.relative_to(tmp_path / x)): p.read_bytes() for p in (tmp_path / x).rglob("*.*")
         if p.is_file()}
        for x in "ab"
    )  # fmt: skip
    assert first == second


def test_texts_that_a_table_would_lose_are_left_out_or_kept(ocr: Dataset, tmp_path: Path) -> None:
    """All-digit texts keep their zeros; NA is kept where it can be, and told where it cannot."""
    root = tmp_path / "d"
    shutil.copytree(ocr.root, root)
    path = root / "shards/000000/records.jsonl"
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    swaps = {0: "0123", 1: "NA", 2: "NULL", 3: "007"}
    for i, text in swaps.items():
        lines[i]["plates"][0]["ocr_text"] = text
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    for name in FORMATS:
        result = export(Dataset.open(root), name, tmp_path / name)
        texts = {text for rows in READERS[name](tmp_path / name).values() for _, text in rows}
        kept = {"0123", "007"} if name == "fast-plate-ocr" else set(swaps.values())
        assert set(swaps.values()) & texts == kept, name
        assert any("nothing" in note for note in result.notes) == (name == "fast-plate-ocr")


def test_lmdb_without_its_library_says_what_to_install(
    ocr: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "lmdb", None)
    with pytest.raises(DatasetError) as error:
        export(ocr, "lmdb", tmp_path / "x")
    assert "anprgen[export]" in str(error.value)


def test_all_are_listed(ocr: Dataset, tmp_path: Path) -> None:
    assert set(FORMATS) <= set(names())
    with pytest.raises(DatasetError, match="lmdb"):
        export(ocr, "lmbd", tmp_path / "x")
    export(ocr, "filename", tmp_path / "y", Options(link=True))
    assert (
        io.BytesIO(next((tmp_path / "y" / "train").iterdir()).read_bytes()).read(2) == b"\xff\xd8"
    )
