# SPDX-License-Identifier: Apache-2.0
"""webdataset groups the shards' members and decodes them."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import webdataset
from truth import SPLITS, Counts, Truth, main, sha256


def check(name: str, root: Path, truth: Truth) -> Counts:
    counts = Counts("webdataset", version("webdataset"))
    for split in SPLITS:
        shards = sorted(str(p) for p in root.glob(f"{split}-*.tar"))
        seen = set()
        rows = webdataset.WebDataset(shards, shardshuffle=False) if shards else []
        for row in rows:
            picture = truth.of(split)[row["__key__"]]
            assert sha256(row["jpg"]) == picture["sha256"]
            seen.add(row["__key__"])
            counts.images += 1
        assert seen == truth.of(split).keys()
        decoded = webdataset.WebDataset(shards, shardshuffle=False).decode("rgb8") if shards else []
        for row in decoded:
            picture = truth.of(split)[row["__key__"]]
            assert row["jpg"].shape == (picture["height"], picture["width"], 3)
            assert [p["box"] for p in row["json"]["plates"]] == [
                p["box"] for p in picture["plates"]
            ]
            first = next((p["text"] for p in picture["plates"] if p["readable"]), "")
            assert row["txt"] == first
            counts.labels += len(picture["plates"])
    return counts


if __name__ == "__main__":
    main(check)
