# SPDX-License-Identifier: Apache-2.0
"""NVIDIA TAO's readers: LPRNet (a text file a picture) and OCRNet (one list a split)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anprgen.dataset import Dataset
from anprgen.exporters.recognition import alphabet, crops, tell_empty
from anprgen.exporters.staging import Staging
from anprgen.splits import SPLITS

if TYPE_CHECKING:
    from anprgen.exporters import Options

_LPRNET_LENGTH, _OCRNET_LENGTH = 8, 25


def lprnet(dataset: Dataset, staging: Staging, options: Options) -> None:
    """``<split>/images``, ``<split>/labels`` with one line each, ``characters_list.txt``."""
    labels: dict[str, list[str]] = {split: [] for split in SPLITS}
    for split in SPLITS:
        staging.folder(f"{split}/images")
        staging.folder(f"{split}/labels")
    for crop in crops(dataset, staging, options):
        crop.place(staging, f"{crop.split}/images/{crop.stem}{crop.suffix}")
        staging.text(f"{crop.split}/labels/{crop.stem}.txt", crop.label + "\n")
        labels[crop.split].append(crop.label)
    _characters(staging, labels, _LPRNET_LENGTH)
    staging.note("LPRNet's blank is the last class, after the characters of the list")


def ocrnet(dataset: Dataset, staging: Staging, options: Options) -> None:
    """``<split>/images``, ``<split>/gt_list.txt``, ``characters_list.txt``.

    Path and text stand apart by a tab: `dataset_convert` splits there, its loader at any blank.
    """
    lists: dict[str, list[str]] = {split: [] for split in SPLITS}
    labels: dict[str, list[str]] = {split: [] for split in SPLITS}
    for crop in crops(dataset, staging, options):
        name = f"{crop.stem}{crop.suffix}"
        crop.place(staging, f"{crop.split}/images/{name}")
        lists[crop.split].append(f"{name}\t{crop.label}")
        labels[crop.split].append(crop.label)
    for split, lines in lists.items():
        staging.text(f"{split}/gt_list.txt", "".join(f"{line}\n" for line in lines))
    _characters(staging, labels, _OCRNET_LENGTH)
    staging.note("OCRNet's blank is class 0, before the characters of the list")


def _characters(staging: Staging, labels: dict[str, list[str]], usual: int) -> None:
    every = [label for split in labels.values() for label in split]
    staging.text("characters_list.txt", "".join(f"{c}\n" for c in alphabet(every)))
    tell_empty(staging, {split: len(found) for split, found in labels.items()})
    if (longest := max(map(len, every), default=0)) > usual:
        staging.note(f"set max_label_length to {longest} or more")
