# SPDX-License-Identifier: Apache-2.0
"""NVIDIA TAO's readers: LPRNet (a text file a picture) and OCRNet (one list a split)."""

from __future__ import annotations

from anprgen.dataset import Dataset
from anprgen.exporters.options import Options
from anprgen.exporters.recognition import crops, tell_empty, write_alphabet, write_lists
from anprgen.exporters.staging import Staging

_LPRNET_LENGTH, _OCRNET_LENGTH = 8, 25


def lprnet(dataset: Dataset, staging: Staging, options: Options) -> None:
    """``<split>/images``, ``<split>/labels`` with one line each, ``characters_list.txt``."""
    counts = dict.fromkeys(staging.splits, 0)
    for split in staging.splits:
        staging.folder(f"{split}/images")
        staging.folder(f"{split}/labels")
    for crop in crops(dataset, staging, options):
        crop.place(staging, f"{crop.split}/images/{crop.stem}{crop.suffix}")
        staging.text(f"{crop.split}/labels/{crop.stem}.txt", crop.label + "\n")
        counts[crop.split] += 1
    tell_empty(staging, counts)
    _characters(dataset, staging, options, _LPRNET_LENGTH)
    staging.note("LPRNet's blank is the last class, after the characters of the list")


def ocrnet(dataset: Dataset, staging: Staging, options: Options) -> None:
    """``<split>/images``, ``<split>/gt_list.txt``, ``characters_list.txt``.

    Path and text stand apart by a tab: `dataset_convert` splits there, its loader at any blank.
    """
    lists: dict[str, list[str]] = {split: [] for split in staging.splits}
    for crop in crops(dataset, staging, options):
        name = f"{crop.stem}{crop.suffix}"
        crop.place(staging, f"{crop.split}/images/{name}")
        lists[crop.split].append(f"{name}\t{crop.label}")
    write_lists(staging, "{split}/gt_list.txt", lists)
    _characters(dataset, staging, options, _OCRNET_LENGTH)
    staging.note("OCRNet's blank is class 0, before the characters of the list")


def _characters(dataset: Dataset, staging: Staging, options: Options, usual: int) -> None:
    write_alphabet(staging, "characters_list.txt", dataset, options)
    if (longest := staging.texts(dataset, options).longest) > usual:
        staging.note(f"set max_label_length to {longest} or more")
