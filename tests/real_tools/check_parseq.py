# SPDX-License-Identifier: Apache-2.0
"""PARSeq's own dataset: the tree of databases, its keys, its filters of labels."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
from strhub.data import dataset
from strhub.data.dataset import build_tree_dataset
from strhub.data.utils import Tokenizer
from truth import SPLITS, Counts, Truth, main, readable, sha256


def check(name: str, root: Path, truth: Truth) -> Counts:
    counts = Counts("PARSeq", released(), did="build_tree_dataset, Tokenizer")
    characters = "".join((root / "charset.txt").read_text("utf-8").splitlines())
    tokenizer = Tokenizer(characters)
    for split in SPLITS:
        wanted = readable(truth, split)
        if not wanted:
            assert not (root / split).exists()
            continue
        # Its usual length; Unicode as the exporter's note says.
        data = build_tree_dataset(
            root / split, charset=characters, max_label_len=25,
            normalize_unicode=characters.isascii(),
        )  # fmt: skip
        assert len(data) == len(wanted), "PARSeq dropped samples"
        pictures = list(wanted.values())
        for n in range(len(data)):
            image, label = data[n]
            ids = tokenizer.encode([label])[0].tolist()
            assert (ids[0], ids[-1]) == (tokenizer.bos_id, tokenizer.eos_id)
            # No name comes along: the exporter's order is the dataset's.
            assert label == pictures[n]["plates"][0]["text"]
            assert image.size == (pictures[n]["width"], pictures[n]["height"])
            assert np.asarray(image).shape[2] == 3
            counts.images += 1
            counts.labels += 1
    return counts


def released() -> str:
    """The version, or where its source was taken without one, which source it was."""
    try:
        return version("strhub")
    except PackageNotFoundError:
        return f"(dataset.py, sha256 {sha256(Path(dataset.__file__).read_bytes())[:12]})"


if __name__ == "__main__":
    main(check)
