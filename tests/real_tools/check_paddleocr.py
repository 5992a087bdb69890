# SPDX-License-Identifier: Apache-2.0
"""PaddleOCR's own datasets (SimpleDataSet, LMDBDataSet) with the label encoders of its trainers."""

from __future__ import annotations

import logging
import sys
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from truth import SPLITS, Counts, Truth, main, readable, sha256

# Its training code is inside the package `paddleocr` (2.x) and calls itself `ppocr`.
sys.path.insert(0, str(find_spec("paddleocr").submodule_search_locations[0]))

from ppocr.data.lmdb_dataset import LMDBDataSet
from ppocr.data.simple_dataset import SimpleDataSet


class Strict(logging.Logger):
    """PaddleOCR logs a broken line and takes the next one; here that is an error."""

    def error(self, message: object, *_: object, **__: object) -> None:
        raise AssertionError(message)


def check(name: str, root: Path, truth: Truth) -> Counts:
    did = {
        "paddleocr-rec": "SimpleDataSet, CTCLabelEncode, RecResizeImg",
        "paddleocr-det": "SimpleDataSet, DetLabelEncode",
        "lmdb": "LMDBDataSet, CTCLabelEncode, RecResizeImg",
    }[name]
    counts = Counts("paddleocr", version("paddleocr"), did=did)
    for split in SPLITS:
        if name == "paddleocr-det":
            detection(root, split, truth, counts)
        elif (found := texts(name, root, split)) is not None:
            wanted = readable(truth, split)
            assert sorted(found) == sorted((k, p["plates"][0]["text"]) for k, p in wanted.items())
            counts.images += len(found)
            counts.labels += len(found)
        else:
            assert not readable(truth, split)
    return counts


def dataset(kind: Any, root: Path, lists: list[str], transforms: list[Any], **more: Any) -> Any:
    data = {"data_dir": str(root), "label_file_list": lists, "transforms": transforms}
    config = {
        "Global": more,
        "Eval": {"dataset": data, "loader": {"shuffle": False, "batch_size_per_card": 1}},
    }
    return kind(config, "Eval", Strict("paddle"))


def texts(name: str, root: Path, split: str) -> list[tuple[str, str]] | None:
    """(sha256 of the picture's file, text that the label's classes say) of a split."""
    lists = [str(root / f"rec_gt_{split}.txt")]
    characters = root / ("charset.txt" if name == "lmdb" else "dict.txt")
    if not (root / split).exists() if name == "lmdb" else not Path(lists[0]).stat().st_size:
        return None
    transforms = [
        {"Keep": None},
        {"DecodeImage": {"img_mode": "BGR", "channel_first": False}},
        {"CTCLabelEncode": None},
        {"RecResizeImg": {"image_shape": [3, 48, 320]}},
        {"KeepKeys": {"keep_keys": ["image", "label", "length", "file"]}},
    ]
    import ppocr.data.imaug as imaug

    imaug.Keep = Keep
    kind, folder = (LMDBDataSet, root / split) if name == "lmdb" else (SimpleDataSet, root)
    usual = {"max_text_length": 25, "character_dict_path": str(characters)}
    data = dataset(kind, folder, lists, transforms, **usual)
    classes = data.ops[2].character
    assert classes[0] == "blank"
    out = []
    for n in range(len(data)):
        picture, label, length, file = data[n]
        assert picture.shape == (3, 48, 320)
        assert np.isfinite(picture).all()
        out.append((file, "".join(classes[i] for i in label[: int(length)])))
    return out


class Keep:
    """Notes which file a sample is: the datasets hand pictures on without their names."""

    def __init__(self, **_: Any) -> None:
        pass

    def __call__(self, data: dict[str, Any]) -> dict[str, Any]:
        return {**data, "file": sha256(bytes(data["image"]))}


def detection(root: Path, split: str, truth: Truth, counts: Counts) -> None:
    path = root / f"det_gt_{split}.txt"
    wanted = {k: p for k, p in truth.of(split).items() if p["plates"]}
    names = [line.split("\t")[0] for line in path.read_text("utf-8").splitlines()]
    assert [Path(name).stem for name in names] == list(wanted)
    if not wanted:
        return
    transforms = [
        {"DecodeImage": {"img_mode": "BGR", "channel_first": False}},
        {"DetLabelEncode": None},
        {"KeepKeys": {"keep_keys": ["image", "polys", "texts", "ignore_tags"]}},
    ]
    data = dataset(SimpleDataSet, root, [str(path)], transforms)
    assert len(data) == len(wanted)
    for n, picture in enumerate(wanted.values()):
        image, polygons, said, ignored = data[n]
        assert image.shape[:2] == (picture["height"], picture["width"])
        quads = np.array([p["quad"] for p in picture["plates"]])
        assert np.abs(polygons - quads).max() <= 0.01
        assert said == [p["text"] if p["readable"] else "###" for p in picture["plates"]]
        assert ignored.tolist() == [not p["readable"] for p in picture["plates"]]
        counts.images += 1
        counts.labels += len(quads)


if __name__ == "__main__":
    main(check)
