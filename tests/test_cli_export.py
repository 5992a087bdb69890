# SPDX-License-Identifier: Apache-2.0
"""`anprgen export` as a user types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from anprgen.cli import app
from anprgen.dataset import Dataset

pytest_plugins = ("exported",)  # the fixtures detect, ocr and real


def said(*words: str | Path, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["export", *map(str, words)])
    assert result.exit_code == code, (result.output, result.exception)
    assert "Traceback" not in result.output
    return result.output


def test_all_formats_of_one_split(ocr: Dataset, tmp_path: Path) -> None:
    words = (ocr.root, "--to", "all", "-o", tmp_path / "x", "--split", "train", "--link")
    output = said(*words, "--license", "cc-by-4.0")
    written = {path.name for path in (tmp_path / "x").iterdir()}
    assert {"paddleocr-rec", "lmdb", "croissant", "webdataset"} <= written
    assert "coco" not in written  # crops are no pictures for detectors
    assert all(name in output for name in written)
    assert '"cc-by-4.0"' in (tmp_path / "x/croissant/README.md").read_text("utf-8")
    described = json.loads((tmp_path / "x/croissant/croissant.json").read_text("utf-8"))
    assert described["license"] == "cc-by-4.0"
    assert not (tmp_path / "x/paddleocr-rec/rec_gt_val.txt").exists()


def test_a_charset_sets_the_order_and_refuses_the_rest(ocr: Dataset, tmp_path: Path) -> None:
    letters = "ZYXWVUTSRQPONMLKJIHGFEDCBA9876543210"
    (tmp_path / "all.txt").write_text("".join(f"{c}\n" for c in letters))
    (tmp_path / "few.txt").write_text("A\nB\n")
    words = (ocr.root, "--to", "paddleocr-rec", "-o")
    said(*words, tmp_path / "x", "--charset", tmp_path / "all.txt")
    assert (tmp_path / "x/dict.txt").read_text("utf-8").replace("\n", "") == letters
    output = said(*words, tmp_path / "y", "--charset", tmp_path / "few.txt", code=2)
    assert "characters outside the charset" in output
    assert not (tmp_path / "y").exists()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--to", "cocoa"), "webdataset"),
        (("--to", "coco", "--lines", "separate"), "whole pictures"),
        (("--to", "lmdb", "--lines", "both"), "joined"),
        (("--to", "lmdb", "--split", "dev"), "no split"),
        (("--to", "lmdb", "--charset", "none.txt"), "cannot read"),
    ],
)
def test_mistakes_are_told(
    words: tuple[str, ...], expected: str, ocr: Dataset, tmp_path: Path
) -> None:
    assert expected in said(ocr.root, "-o", tmp_path / "x", *words, code=2)
    assert not (tmp_path / "x").exists()
