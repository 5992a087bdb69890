# SPDX-License-Identifier: Apache-2.0
"""lmdb opens the databases read-only, as deep-text-recognition-benchmark and its heirs do."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import lmdb
from truth import SPLITS, Counts, Truth, main, readable, sha256


def check(name: str, root: Path, truth: Truth) -> Counts:
    counts = Counts("lmdb", version("lmdb"))
    for split in SPLITS:
        wanted = readable(truth, split)
        if not wanted:
            assert not (root / split).exists()
            continue
        seen = set()
        with lmdb.open(str(root / split), readonly=True, lock=False, readahead=False) as database:
            with database.begin() as transaction:
                for n in range(1, int(transaction.get(b"num-samples")) + 1):
                    key = sha256(transaction.get(f"image-{n:09d}".encode()))
                    text = transaction.get(f"label-{n:09d}".encode()).decode("utf-8")
                    assert text == wanted[key]["plates"][0]["text"]
                    seen.add(key)
                    counts.images += 1
                    counts.labels += 1
        assert seen == wanted.keys()
    return counts


if __name__ == "__main__":
    main(check)
