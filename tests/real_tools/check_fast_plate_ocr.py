# SPDX-License-Identifier: Apache-2.0
"""fast-plate-ocr: its validator, all batches of its loader, and a training step on one."""

from __future__ import annotations

import os
from importlib.metadata import version
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import numpy as np
from fast_plate_ocr.cli.validate_dataset import run_dataset_validation
from fast_plate_ocr.train.data.annotations import read_annotations_csv
from fast_plate_ocr.train.data.dataset import PlateRecognitionPyDataset
from fast_plate_ocr.train.model.config import load_plate_config_from_yaml
from truth import SPLITS, Counts, Truth, main, readable, sha256


def check(name: str, root: Path, truth: Truth) -> Counts:
    did = "validator, all batches of its loader, a training step"
    counts = Counts("fast-plate-ocr", version("fast-plate-ocr"), did=did)
    config = load_plate_config_from_yaml(root / "plate_config.yaml")
    for split in SPLITS:
        path = root / split / "annotations.csv"
        table = read_annotations_csv(path)
        table["image_path"] = [str(path.parent / name) for name in table.image_path]
        errors, warnings, cleaned = run_dataset_validation(table, config, 2, 2)
        assert not errors, errors
        # The alphabet is the whole dataset's: a small split lacks some of it.
        others = [w for w in warnings if not w[1].startswith("Character(s) not found")]
        assert not others, others
        assert len(cleaned) == len(table)
        wanted = readable(truth, split)
        assert sorted(sha256(Path(p).read_bytes()) for p in table.image_path) == sorted(wanted)
        if not len(table):
            continue
        data = PlateRecognitionPyDataset(path, config, batch_size=8, shuffle=False)
        texts = []
        for n in range(len(data)):
            pictures, targets = data[n]
            assert pictures.shape[1:] == (config.img_height, config.img_width, 3)
            texts += [decoded(one, config) for one in targets["plate"]]
        for picture, text in zip(table.image_path, texts, strict=True):
            assert text == wanted[sha256(Path(picture).read_bytes())]["plates"][0]["text"]
            counts.images += 1
            counts.labels += 1
        if split == "train":
            train(data, config)
    return counts


def decoded(one_hot: np.ndarray, config) -> str:
    """The text of a target (slots, characters), without its padding."""
    letters = [
        config.alphabet[i] for i in np.reshape(one_hot, (-1, len(config.alphabet))).argmax(1)
    ]
    return "".join(letters).rstrip(config.pad_char)


def train(data: PlateRecognitionPyDataset, config) -> None:
    """One step of a small network on the loader's first batch lowers its loss there."""
    shape = (config.max_plate_slots, len(config.alphabet))
    picture = keras.Input((config.img_height, config.img_width, 3))
    features = keras.layers.Flatten()(keras.layers.AveragePooling2D(8)(picture / 255.0))
    scores = keras.layers.Dense(shape[0] * shape[1])(features)
    model = keras.Model(picture, keras.layers.Softmax()(keras.layers.Reshape(shape)(scores)))
    model.compile(optimizer=keras.optimizers.Adam(1e-3), loss="categorical_crossentropy")
    pictures, targets = data[0]
    before = model.evaluate(pictures, targets["plate"], verbose=0)
    model.train_on_batch(pictures, targets["plate"])
    after = model.evaluate(pictures, targets["plate"], verbose=0)
    assert np.isfinite(before)
    assert after < before


if __name__ == "__main__":
    main(check)
