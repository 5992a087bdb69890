# SPDX-License-Identifier: Apache-2.0
"""Labelled crops: from our datasets as the exports have them, from lists as people write them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from labelled_crops import write_crops
from making import digest, make

from anprgen.dataset import Dataset
from anprgen.errors import DatasetError
from anprgen.exporters import export
from anprgen.exporters.options import Options
from anprgen.labelled import open_labelled, open_photographs, plain
from anprgen.splits import SPLITS, split_of_text


@pytest.mark.parametrize("layout", ["files", "tar"])
def test_a_dataset_gives_what_its_export_gives(layout: str, tmp_path: Path) -> None:
    root = tmp_path / "plates"
    make(root, 30, workers=2, real=True, layout=layout)
    found = open_labelled(root)
    crops = list(found)
    export(Dataset.open(root), "paddleocr-rec", tmp_path / "rec")
    rows = dict(
        line.split("\t")
        for split in SPLITS
        for line in (tmp_path / "rec" / f"rec_gt_{split}.txt").read_text("utf-8").splitlines()
    )
    assert {f"images/{c.split}/{c.name}.jpg": c.text for c in crops} == rows
    assert found.digest == digest(root)
    again = {c.name: c.pixels() for c in open_photographs(tmp_path / "rec")}
    for crop in crops:
        np.testing.assert_array_equal(crop.pixels(), again[f"images/{crop.split}/{crop.name}.jpg"])
    some = list(open_labelled(root, Options(splits=("train",))))
    assert [c.name for c in some] == [c.name for c in crops if c.split == "train"]
    assert 0 < len(some) < len(crops)


def test_lists_as_people_write_them(tmp_path: Path) -> None:
    root = write_crops(
        tmp_path / "real", [("A1", "a·1"), ("B2", " b-2 "), ("C", ""), ("33", "3.3")]
    )
    with open(root / "labels.tsv", "a", encoding="utf-8") as file:
        file.write("# a comment\nimages/none.png\tA1\nno tab\n")
    (root / "images" / "3.png").write_bytes(b"\x89PNG broken")
    found = open_labelled(root)
    crops = list(found)
    assert [c.text for c in crops] == ["A1", "B2"]
    assert [c.split for c in crops] == [split_of_text("A1"), split_of_text("B2")]
    assert crops[0].pixels().shape[2] == 3
    assert found.notes() == [
        "real: left out: 1 rows without a text",
        "real: left out: 2 pictures that cannot be read, images/3.png first",
    ]
    one = open_photographs(root / "labels.tsv")
    assert [c.text for c in one] == ["A1", "B2"]
    assert one.digest == found.digest != ""


def test_pictures_may_be_called_with_a_number_sign(tmp_path: Path) -> None:
    root = write_crops(tmp_path / "real", [("A1", "A1"), ("B2", "B2")])
    (root / "images" / "0.png").rename(root / "#0.png")
    (root / "labels.tsv").write_text(
        "# picture\ttext\n#0.png\tA1\nimages/1.png\tB2\n#images/1.png\tB3\n#\tB4\n", "utf-8"
    )
    found = open_labelled(root)
    assert [c.name for c in found] == ["#0.png", "images/1.png"]
    assert found.notes() == ["real: left out: 2 rows that begin with #"]


def test_what_is_neither_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no such folder"):
        open_labelled(tmp_path / "none")
    with pytest.raises(DatasetError, match=r"labels\.tsv"):
        open_labelled(tmp_path)
    (tmp_path / "labels.tsv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DatasetError, match="UTF-8"):
        list(open_labelled(tmp_path))
    (tmp_path / "labels.tsv").write_text("nothing here\n")
    with pytest.raises(DatasetError, match="no row"):
        list(open_labelled(tmp_path))


def test_plain_texts() -> None:
    assert plain(" wp·cba-82 15.") == "WPCBA8215"
    assert plain("e\u0301") == plain("\u00e9") == "\u00c9"
