# SPDX-License-Identifier: Apache-2.0
"""EasyOCR's trainer: a folder a split with pictures and ``labels.csv`` (``filename,words``).

It splits a line at its first comma, so names hold none; texts may.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from anprgen.dataset import Dataset
from anprgen.exporters.recognition import alphabet, crops, write_lists
from anprgen.exporters.staging import Staging
from anprgen.splits import SPLITS

if TYPE_CHECKING:
    from anprgen.exporters import Options


def export(dataset: Dataset, staging: Staging, options: Options) -> None:
    """Writes a folder a split; the characters come as a note for the trainer's YAML."""
    lists: dict[str, list[str]] = {split: [] for split in SPLITS}
    labels = []
    for crop in crops(dataset, staging, options):
        name = f"{crop.stem}{crop.suffix}"
        crop.place(staging, f"{crop.split}/{name}")
        lists[crop.split].append(f"{name},{crop.label}")
        labels.append(crop.label)
    write_lists(staging, "{split}/labels.csv", lists, "filename,words")
    staging.note(f"in the trainer's YAML: number and symbol empty, lang_char {_quoted(labels)}")


def _quoted(labels: list[str]) -> str:
    return "'" + "".join(alphabet(labels)).replace("'", "''") + "'"
