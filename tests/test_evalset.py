# SPDX-License-Identifier: Apache-2.0
"""Evaluation sets on disk: layout, bytes, padding, labels, calibration, checksums."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import runpy
import tracemalloc
from collections import Counter
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from making import write_by_hand
from readers import read_labels, read_manifest
from scoring import LIMIT, READERS, SetOf

from anprgen.dataset import Dataset
from anprgen.evalset import Options, presets, write
from anprgen.evalset.calibration import Candidate, choose
from anprgen.evalset.factors import FACTORS, UNKNOWN
from anprgen.evalset.items import items
from anprgen.evalset.survey import Survey, collect_candidates
from anprgen.evalset.tensors import Variant, Writer
from anprgen.exporters.options import Options as ExportOptions
from anprgen.exporters.staging import Staging, target_of
from anprgen.samples import decode
from anprgen.splits import normal_form, split_of_text

pytest_plugins = ("evalsets",)  # the fixtures plates, pictures and set_of

ALL = [*READERS, "yolo"]


def bytes_of(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


@pytest.mark.parametrize("preset", ALL)
def test_tensors_are_the_same_in_all_forms(preset: str, set_of: SetOf) -> None:
    folder = set_of(preset)
    said = read_manifest(folder)
    for variant in said["tensors"]:
        dtype = np.dtype(variant["dtype"]).newbyteorder("<")
        stacked = np.load(folder / variant["npy"], allow_pickle=False)
        assert stacked.shape == (said["padded"], *variant["shape"][1:])
        assert stacked.dtype == dtype
        files = sorted((folder / variant["folder"]).iterdir())
        assert len(files) == said["batches"]
        for i, file in enumerate(files):
            # trtexec takes twice the size for the right one, so the name must tell the type.
            assert file.name == f"{i:06d}.{variant['dtype']}.bin"
            assert file.stat().st_size == np.prod(variant["shape"]) * dtype.itemsize
        raw = np.concatenate([np.fromfile(f, dtype).reshape(variant["shape"]) for f in files])
        np.testing.assert_array_equal(raw, stacked)
        feeds = [
            json.loads(f.read_text("ascii"))
            for f in sorted((folder / variant["polygraphy"]).iterdir())
        ]
        arrays = [
            np.load(io.BytesIO(base64.b64decode(feed[variant["name"]]["array"])))
            for (feed,) in feeds
        ]
        np.testing.assert_array_equal(np.concatenate(arrays), stacked)
        triton = json.loads((folder / variant["triton"]).read_text("ascii"))["data"]
        assert len(triton) == said["count"]
        for row, entry in zip(stacked, triton):
            content = entry[variant["name"]]
            assert content["shape"] == list(row.shape)
            assert base64.b64decode(content["content"]["b64"]) == row.tobytes()


@pytest.mark.parametrize("preset", ALL)
def test_the_last_batch_repeats_its_last_sample(preset: str, set_of: SetOf) -> None:
    folder = set_of(preset)
    said = read_manifest(folder)
    count, padded = said["count"], said["padded"]
    assert padded % said["batch"] == 0
    assert 0 < padded - count < said["batch"]
    assert said["valid_last"] == said["batch"] - (padded - count)
    stacked = np.load(folder / said["tensors"][0]["npy"])
    assert (stacked[count:] == stacked[count - 1]).all()
    assert (stacked[count - 1] != stacked[count - 2]).any()
    with np.load(folder / "labels.npz") as arrays:
        assert arrays["valid"].tolist() == [True] * count + [False] * (padded - count)


def test_the_float_variant_has_the_same_numbers(set_of: SetOf) -> None:
    folder = set_of("fast-plate-ocr")
    small, large = (np.load(folder / v["npy"]) for v in read_manifest(folder)["tensors"])
    assert (small.dtype, large.dtype) == (np.uint8, np.float32)
    np.testing.assert_array_equal(small, large)
    with np.load(folder / "calib/calib.npz") as a, np.load(folder / "calib/calib.float32.npz") as b:
        assert (a["input"].dtype, b["input"].dtype) == (np.uint8, np.float32)
        np.testing.assert_array_equal(a["input"], b["input"])


@pytest.mark.parametrize("preset", READERS)
def test_labels_say_what_is_in_the_dataset(preset: str, set_of: SetOf, plates: Dataset) -> None:
    folder = set_of(preset)
    said, labels = read_manifest(folder), read_labels(folder)
    classes = said["decode"]["classes"]
    records = {r["id"]: r for r in plates.records()}
    readable = [
        r
        for r in records.values()
        if r["split"] == "train" and r["plates"][0]["legibility"] != "illegible"
    ]
    assert [label["source"]["id"] for label in labels] == [r["id"] for r in readable][:LIMIT]
    with np.load(folder / "labels.npz") as arrays:
        ids, lengths = arrays["ids"], arrays["lengths"]
    for i, label in enumerate(labels):
        record = records[label["source"]["id"]]
        assert label["text"] == record["plates"][0]["ocr_text"]
        assert "".join(classes[c] for c in label["ids"]) == label["text"]
        assert ids[i, : lengths[i]].tolist() == label["ids"]
        assert set(ids[i, lengths[i] :].tolist()) <= {-1}
        assert list(label["plates"][0]["factors"]) == list(FACTORS)
        assert UNKNOWN not in label["plates"][0]["factors"].values()
    characters = (folder / "charset.txt").read_text("utf-8").splitlines()
    assert "".join(characters) == said["decode"]["charset"]
    assert [c for c in classes if c and c != " "] == characters


def test_pictures_are_lossless(set_of: SetOf, plates: Dataset) -> None:
    folder = set_of("lprnet-tao")
    for label in read_labels(folder)[:20]:
        source = plates.image_path(plates.record(label["source"]["id"])).read_bytes()
        picture = cv2.imread(str(folder / label["image"]), cv2.IMREAD_UNCHANGED)
        np.testing.assert_array_equal(picture[:, :, ::-1], decode(source))


def test_plates_of_street_pictures_are_cut_out(pictures: Dataset, tmp_path: Path) -> None:
    options = Options(split="train", batch=4, calibrate=4, limit=6)
    write(pictures, "lprnet-tao", tmp_path / "a", options)
    for label in read_labels(tmp_path / "a"):
        picture = cv2.imread(str(tmp_path / "a" / label["image"]))
        assert picture.shape[:2] == (label["height"], label["width"])
        (x0, y0, x1, y1), (top_left, *_) = label["plates"][0]["box"], label["plates"][0]["quad"]
        assert 0 <= x0 < x1 <= label["width"]
        assert 0 <= y0 < y1 <= label["height"]
        yellow = picture[int((y0 + y1) / 2), int((x0 + x1) / 2)]
        np.testing.assert_allclose(yellow, (40, 200, 240), atol=30)  # BGR
        assert abs(top_left[1] - y0) < 0.01


@pytest.mark.parametrize("preset", ALL)
def test_checksums_cover_everything(preset: str, set_of: SetOf) -> None:
    folder = set_of(preset)
    found = bytes_of(folder)
    listed = {f["path"]: f for f in read_manifest(folder)["files"]}
    assert set(found) - set(listed) == {"export.json", "SHA256SUMS", "manifest.json"}
    for name, entry in listed.items():
        assert entry["bytes"] == len(found[name])
        assert entry["sha256"] == hashlib.sha256(found[name]).hexdigest()
    sums = dict(line.split("  ")[::-1] for line in found["SHA256SUMS"].decode().splitlines())
    assert set(sums) == {*listed, "manifest.json"}
    assert sums["manifest.json"] == hashlib.sha256(found["manifest.json"]).hexdigest()


@pytest.mark.parametrize("preset", ["fast-plate-ocr", "yolo"])
def test_a_second_run_writes_the_same_bytes(
    preset: str, plates: Dataset, pictures: Dataset, tmp_path: Path
) -> None:
    dataset = pictures if preset == "yolo" else plates
    options = Options(batch=3, split="train", limit=7, calibrate=6)
    first = write(dataset, preset, tmp_path / "a", options)
    before = bytes_of(tmp_path / "a")
    assert first.files == len(before) - 1  # All but export.json.
    write(dataset, preset, tmp_path / "a", options)
    write(dataset, preset, tmp_path / "b", options)
    assert bytes_of(tmp_path / "a") == bytes_of(tmp_path / "b") == before
    shorter = replace(options, limit=2)
    write(dataset, preset, tmp_path / "a", shorter)
    assert len(bytes_of(tmp_path / "a")) < len(before)


@pytest.mark.parametrize("preset", ALL)
def test_calibration_shares_nothing_with_the_evaluation(preset: str, set_of: SetOf) -> None:
    folder = set_of(preset)
    said = read_manifest(folder)
    samples = json.loads((folder / "calib/manifest.json").read_text("utf-8"))["samples"]
    count = said["calibration"]["count"]
    assert count == len(samples) > 0
    assert count % said["batch"] == 0
    mine = {s["source"]["id"] for s in samples}
    assert len(mine) == count
    assert not mine & {label["source"]["id"] for label in read_labels(folder)}
    texts = {p["text"] for s in samples for p in s["plates"]}
    assert not texts & {p["text"] for label in read_labels(folder) for p in label["plates"]}
    assert {split_of_text(text) for text in texts} <= {"val", "test"}
    for variant in said["tensors"]:
        with np.load(folder / variant["calibration"], allow_pickle=False) as arrays:
            assert arrays.files == [variant["name"]]
            assert arrays[variant["name"]].shape == (count, *variant["shape"][1:])
            assert arrays[variant["name"]].dtype == variant["dtype"]


def test_calibration_comes_from_another_dataset(tmp_path: Path) -> None:
    mine = write_by_hand(tmp_path / "mine", 40)
    write_by_hand(tmp_path / "other", 40, seed=5)
    options = Options(split="train", batch=2, calibrate=6, calibration=tmp_path / "other")
    for _ in range(2):  # the second time the folder holds that set
        write(mine, "lprnet-tao", tmp_path / "set", options)
    said = read_manifest(tmp_path / "set")
    assert said["datasets"]["evaluation"]["seed"] == 0
    assert said["datasets"]["calibration"]["seed"] == 5
    texts = {r["plates"][0]["ocr_text"] for r in Dataset.open(tmp_path / "other").records()}
    samples = json.loads((tmp_path / "set/calib/manifest.json").read_text("utf-8"))["samples"]
    assert {s["plates"][0]["text"] for s in samples} <= texts


@pytest.mark.parametrize("seed", [0, 1])
def test_no_sample_calibrates_whose_light_or_text_is_evaluated(seed: int, tmp_path: Path) -> None:
    """With the same seed another design would show the same light, blur and dirt again."""
    other = write_by_hand(tmp_path / "other", 12, seed=seed)
    text = next(r["plates"][0]["ocr_text"] for r in other.records() if r["index"] == 7)
    found = Survey(addresses={(0, 3), (0, 4)}, registrations={normal_form(text)})
    target = target_of(other, "evalset lprnet-tao", tmp_path / "set")
    preset, staging = presets.find("lprnet-tao"), Staging(target, link=False)
    every = items(other, staging, preset, ExportOptions())
    left = {c.key[0] for c in collect_candidates(found, other, every)}
    assert set(range(12)) - left == ({3, 4, 7} if seed == 0 else {7})


def test_calibration_has_the_dataset_s_mixture() -> None:
    rare = [Candidate(("night",), 0, (i, 0)) for i in range(0, 1000, 10)]
    usual = [Candidate(("day",), 0, (i, 0)) for i in range(1000) if i % 10]
    chosen = choose(rare + usual, 101, 8)
    assert len(chosen) == len(set(chosen)) == 96
    assert abs(Counter(c.stratum[0] for c in chosen)["night"] - 9.6) <= 1
    halves = Counter(c.stratum[0] for c in chosen[:48])
    assert halves["night"] >= 2  # Mixed: not one stratum after the other.
    assert choose(rare + usual, 101, 8) == choose(usual + rare, 101, 8)
    assert choose(rare[:5], 101, 8) == []


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_polygraphy_s_loader_gives_the_batches(
    dtype: str, set_of: SetOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = set_of("fast-plate-ocr")
    said = read_manifest(folder)
    (variant,) = [v for v in said["tensors"] if v["dtype"] == dtype]
    monkeypatch.setenv("DTYPE", dtype)
    script = runpy.run_path(str(folder / "data_loader.py"))
    feeds = list(script["load_data"]())
    assert [list(feed) for feed in feeds] == [["input"]] * said["batches"]
    stacked = np.concatenate([feed["input"] for feed in feeds])
    np.testing.assert_array_equal(stacked, np.load(folder / variant["npy"]))
    calibrating = [feed["input"] for feed in script["calibration"]()]
    assert {batch.shape for batch in calibrating} == {tuple(variant["shape"])}
    assert {str(batch.dtype) for batch in calibrating} == {dtype}
    assert sum(map(len, calibrating)) == said["calibration"]["count"]


def test_memory_does_not_grow_with_the_set(plates: Dataset, tmp_path: Path) -> None:
    preset = presets.find("lprnet-tao")
    variant = Variant(preset, "x", "float32", 4)
    sample = np.zeros(preset.shape, np.float32)
    peaks = []
    for count in (40, 400):
        target = target_of(plates, "evalset lprnet-tao", tmp_path / f"set{count}")
        with Staging(target, link=False) as staging:
            tracemalloc.start()
            with Writer(staging, variant, count) as writer:
                for _ in range(count):
                    writer.add(sample)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    batch = 4 * variant.bytes_a_sample()
    assert peaks[1] < 12 * batch
    assert peaks[1] < peaks[0] + batch
