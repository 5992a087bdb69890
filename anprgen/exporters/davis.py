# SPDX-License-Identifier: Apache-2.0
"""DAVIS 2017: ``JPEGImages/<resolution>/<sequence>``, ``Annotations/...`` and ``ImageSets/2017``.

Masks are palette PNGs whose indices are the numbers of tracks, the same through a sequence.
"""

from __future__ import annotations

from anprgen.dataset import Dataset
from anprgen.exporters.options import Options
from anprgen.exporters.sequence_tracks import place_jpeg
from anprgen.exporters.staging import Staging
from anprgen.exporters.track_masks import palette_png, track_ids, with_masks

#: DAVIS' own reader knows test-dev alone of the sets for testing.
_SETS = {"train": "train", "val": "val", "test": "test-dev"}


def export(dataset: Dataset, staging: Staging, options: Options) -> None:
    """Writes frames, masks, the lists of sequences and tracks.jsonl; frames keep their size."""
    lists: dict[str, list[str]] = {split: [] for split in staging.splits}
    resolution = resolution_of(dataset)
    for sequence, _ in with_masks(dataset, staging):
        for k, record in enumerate(sequence.records):
            where = f"{resolution}/{sequence.name}/{k:05d}"
            place_jpeg(dataset, staging, record, f"JPEGImages/{where}.jpg")
            staging.data(f"Annotations/{where}.png", palette_png(track_ids(record)))
        lists[sequence.split].append(sequence.name)
    for split, names in lists.items():
        text = "".join(f"{name}\n" for name in names)
        staging.text(f"ImageSets/2017/{_SETS[split]}.txt", text)
    staging.note(f"readers of DAVIS need to be told of the resolution {resolution}")


def resolution_of(dataset: Dataset) -> str:
    """``480p`` where all frames are 480 px high, ``Full-Resolution`` where heights differ."""
    heights = {record["image"]["height"] for record in dataset.records()}
    return f"{heights.pop()}p" if len(heights) == 1 else "Full-Resolution"
