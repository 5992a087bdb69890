# SPDX-License-Identifier: Apache-2.0
"""Datasets to export, made once."""

from __future__ import annotations

import pytest
from making import make
from moving import write_sequences

from anprgen.dataset import Dataset


@pytest.fixture(scope="session")
def detect(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Street pictures: one in five without a plate, one in seven with a truncated one."""
    root = tmp_path_factory.mktemp("detect") / "d"
    make(root, 120, workers=2, task="detect")
    return Dataset.open(root)


@pytest.fixture(scope="session")
def ocr(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    root = tmp_path_factory.mktemp("ocr") / "d"
    make(root, 60, workers=2)
    return Dataset.open(root)


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """The shipped design, whole frames by the flat renderer, two plates on each vehicle."""
    root = tmp_path_factory.mktemp("real") / "d"
    overrides = {
        "frame.size": "640x360", "scene.plates": 2, "scene.place": "none",
        "view.width_px": {"uniform": [50, 200]},
    }  # fmt: skip
    make(root, 12, workers=2, task="detect", real=True, overrides=overrides)
    return Dataset.open(root)


@pytest.fixture(scope="session")
def sequence(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Four whole sequences in shards of ten frames: two for train, one for val, one for test."""
    return write_sequences(tmp_path_factory.mktemp("sequence") / "d")
