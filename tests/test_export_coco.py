# SPDX-License-Identifier: Apache-2.0
"""COCO files as pycocotools reads them."""

from __future__ import annotations

import contextlib
import io
import math
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from anprgen.dataset import Dataset
from anprgen.exporters import export
from anprgen.exporters.options import Options
from anprgen.exporters.visible import mask_of, outlines
from anprgen.splits import SPLITS

pytest_plugins = ("exported",)  # the fixtures detect, ocr and real


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
