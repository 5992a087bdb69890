# SPDX-License-Identifier: Apache-2.0
"""Readers' lists in JSON: MMOCR's textrecog, and Hugging Face's imagefolder.

Neither takes CSV here: it would turn 0123 into 123 and NA into nothing.
"""

from __future__ import annotations

import json
from typing import Any

from anprgen.dataset import Dataset
from anprgen.exporters.options import Options
from anprgen.exporters.recognition import crops, tell_empty, write_alphabet
from anprgen.exporters.staging import Staging


def mmocr(dataset: Dataset, staging: Staging, options: Options) -> None:
    """``textrecog_<split>.json``, pictures and dict.txt."""
    lists: dict[str, list[dict[str, Any]]] = {split: [] for split in staging.splits}
    for crop in crops(dataset, staging, options):
        name = f"images/{crop.split}/{crop.stem}{crop.suffix}"
        crop.place(staging, name)
        lists[crop.split].append({"img_path": name, "instances": [{"text": crop.label}]})
    meta = {"dataset_type": "TextRecogDataset", "task_name": "textrecog"}
    for split, found in lists.items():
        text = json.dumps({"metainfo": meta, "data_list": found}, ensure_ascii=False, indent=0)
        staging.text(f"textrecog_{split}.json", text + "\n")
    tell_empty(staging, {split: len(found) for split, found in lists.items()})
    write_alphabet(staging, "dict.txt", dataset, options)


def imagefolder(dataset: Dataset, staging: Staging, options: Options) -> None:
    """``train``, ``validation`` and ``test`` with pictures and metadata.jsonl."""
    folders = {"train": "train", "val": "validation", "test": "test"}
    lists: dict[str, list[str]] = {split: [] for split in staging.splits}
    for crop in crops(dataset, staging, options):
        name = f"{crop.stem}{crop.suffix}"
        crop.place(staging, f"{folders[crop.split]}/{name}")
        row = {"file_name": name, "text": crop.label}
        lists[crop.split].append(json.dumps(row, ensure_ascii=False))
    for split, lines in lists.items():
        if lines:  # an empty list makes the loader fail
            staging.text(f"{folders[split]}/metadata.jsonl", "".join(f"{line}\n" for line in lines))
    tell_empty(staging, {split: len(lines) for split, lines in lists.items()})
