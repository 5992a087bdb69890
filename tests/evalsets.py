# SPDX-License-Identifier: Apache-2.0
"""Evaluation sets for the tests, made once."""

from __future__ import annotations

from pathlib import Path

import pytest
from making import make
from scoring import LIMIT, SetOf

from anprgen.dataset import Dataset
from anprgen.evalset import Options, write

#: Three in four plates are of the split train: evaluate those, the rest calibrates.
TRAIN = Options(split="train", batch=8, calibrate=16, limit=LIMIT)


@pytest.fixture(scope="session")
def plates(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Crops of the shipped design by the flat renderer."""
    root = tmp_path_factory.mktemp("plates") / "d"
    make(root, 130, workers=2, real=True)
    return Dataset.open(root)


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Street pictures with yellow plates, one in five without."""
    root = tmp_path_factory.mktemp("pictures") / "d"
    make(root, 40, workers=2, task="detect")
    return Dataset.open(root)


@pytest.fixture(scope="session")
def set_of(plates: Dataset, pictures: Dataset, tmp_path_factory: pytest.TempPathFactory) -> SetOf:
    """Makes the set of a preset when it is asked for first; its folder has a blank in its name."""
    root = tmp_path_factory.mktemp("evaluation sets")

    def made(preset: str) -> Path:
        out = root / preset
        if not out.exists():
            detect = preset == "yolo"
            options = Options(split="train", batch=4, calibrate=4, limit=14) if detect else TRAIN
            write(pictures if detect else plates, preset, out, options)
        return out

    return made
