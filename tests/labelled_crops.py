# SPDX-License-Identifier: Apache-2.0
"""A folder of labelled crops that the network of `networks` reads, with known mistakes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from networks import CHARSET, SLOTS, bands


def some_texts(count: int, seed: int = 0) -> list[str]:
    """Registrations of the small network's characters."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(2, SLOTS, count)
    return ["".join(rng.choice(list(CHARSET), n)) for n in lengths]


def write_crops(root: Path, rows: Sequence[tuple[str, str]]) -> Path:
    """labels.tsv and pictures; a row is (what the picture says, what its label says)."""
    (root / "images").mkdir(parents=True)
    lines = []
    for k, (shown, label) in enumerate(rows):
        name = f"images/{k}.png"
        cv2.imwrite(str(root / name), bands(shown, scale=1 + k % 3))
        lines.append(f"{name}\t{label}\n")
    (root / "labels.tsv").write_text("".join(lines), "utf-8")
    return root
