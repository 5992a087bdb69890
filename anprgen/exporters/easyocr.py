# SPDX-License-Identifier: Apache-2.0
"""EasyOCR's trainer: a folder a split with pictures and ``labels.csv`` (``filename,words``).

It splits a line at its first comma, so names hold none; texts may.
"""

from __future__ import annotations

from anprgen.dataset import Dataset
from anprgen.exporters.options import Options
from anprgen.exporters.recognition import crops, write_lists
from anprgen.exporters.staging import Staging


def export(dataset: Dataset, staging: Staging, options: Options) -> None:
    """Writes a folder a split; the characters come as a note for the trainer's YAML."""
    lists: dict[str, list[str]] = {split: [] for split in staging.splits}
    for crop in crops(dataset, staging, options):
        name = f"{crop.stem}{crop.suffix}"
        crop.place(staging, f"{crop.split}/{name}")
        lists[crop.split].append(f"{name},{crop.label}")
    write_lists(staging, "{split}/labels.csv", lists, "filename,words")
    characters = "".join(staging.texts(dataset, options).characters).replace("'", "''")
    staging.note(f"in the trainer's YAML: number and symbol empty, lang_char '{characters}'")
