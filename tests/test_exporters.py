# SPDX-License-Identifier: Apache-2.0
"""Folders of exports: whose they are, what is missing, same bytes again."""

from __future__ import annotations

import json
import shutil
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from anprgen import exporters, manifest
from anprgen.dataset import Dataset
from anprgen.errors import DatasetError, MissingLibrary
from anprgen.exporters import export
from anprgen.exporters.options import Options

pytest_plugins = ("exported",)  # the fixtures detect, ocr and real


ALL = sorted(exporters._OURS)


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
def test_an_export_changes_no_byte_of_its_dataset(detect: Dataset, tmp_path: Path, to: str) -> None:
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


def test_a_picture_that_is_gone_is_named(ocr: Dataset, tmp_path: Path) -> None:
    root = tmp_path / "d"
    shutil.copytree(ocr.root, root)
    next(root.rglob("*.jpg")).unlink()
    with pytest.raises(DatasetError, match="picture of the dataset is gone"):
        export(Dataset.open(root), "paddleocr-rec", tmp_path / "e")
    assert not (tmp_path / "e").exists()


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


def test_all_writes_what_fits(
    ocr: Dataset, detect: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers, both = set(exporters._READERS), set(exporters._BOTH)
    assert set(exporters.fitting(ocr)) == readers | both
    assert set(exporters.fitting(detect)) == set(ALL)
    separate = Options(lines="separate", splits=("test",))
    assert set(exporters.fitting(detect, separate)) == readers
    monkeypatch.setitem(sys.modules, "lmdb", None)
    done = dict(exporters.export_all(ocr, tmp_path / "x", separate))
    assert set(done) == readers | {"croissant", "hf-parquet"}
    assert isinstance(done.pop("lmdb"), MissingLibrary)
    assert {p.name for p in (tmp_path / "x").iterdir()} == set(done)
    export(ocr, "mmocr", tmp_path / "alone", separate)
    assert bytes_of(tmp_path / "alone") == bytes_of(tmp_path / "x" / "mmocr")


def test_an_unknown_format_lists_all(ocr: Dataset, tmp_path: Path) -> None:
    with pytest.raises(DatasetError) as error:
        export(ocr, "cocoo", tmp_path / "x")
    assert all(name in str(error.value) for name in ALL)
    assert "did you mean coco" in str(error.value)
