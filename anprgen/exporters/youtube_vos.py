# SPDX-License-Identifier: Apache-2.0
"""YouTube-VOS: ``<split>/JPEGImages``, ``<split>/Annotations`` and ``<split>/meta.json``.

All frames have masks, which are those of DAVIS; meta.json names the frames of each object.
"""

from __future__ import annotations

import json
from typing import Any

from anprgen.dataset import Dataset
from anprgen.exporters.options import Options
from anprgen.exporters.sequence_tracks import place_jpeg
from anprgen.exporters.staging import Staging
from anprgen.exporters.track_masks import palette_png, track_ids, with_masks

#: What YouTube-VOS calls our splits.
_FOLDERS = {"train": "train", "val": "valid", "test": "test"}


def export(dataset: Dataset, staging: Staging, options: Options) -> None:
    """Writes frames, masks, meta.json a split, and tracks.jsonl."""
    videos: dict[str, dict[str, Any]] = {split: {} for split in staging.splits}
    for sequence, tracks in with_masks(dataset, staging):
        folder = _FOLDERS[sequence.split]
        for k, record in enumerate(sequence.records):
            where = f"{sequence.name}/{k:05d}"
            place_jpeg(dataset, staging, record, f"{folder}/JPEGImages/{where}.jpg")
            staging.data(f"{folder}/Annotations/{where}.png", palette_png(track_ids(record)))
        videos[sequence.split][sequence.name] = {
            "objects": {
                str(t.number): {"category": "plate", "frames": [f"{k:05d}" for k in t.frames]}
                for t in tracks
            }
        }
    for split, found in videos.items():
        text = json.dumps({"videos": found}, indent=0, ensure_ascii=False)
        staging.text(f"{_FOLDERS[split]}/meta.json", text + "\n")
