# SPDX-License-Identifier: Apache-2.0
"""What formats of sequences share: those to export, their frames as JPEG, and tracks.jsonl.

tracks.jsonl has a line a track, whatever the format: text, design, the frames (from 0) in which
some of it is seen, and the best of them to read.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import cv2

from anprgen.dataset import Dataset
from anprgen.exporters.recognition import pixels_of
from anprgen.exporters.staging import Staging, suffix_of
from anprgen.samples import Record
from anprgen.sequences.best_shot import best_shot
from anprgen.sequences.reader import Sequence, whole_sequences
from anprgen.sequences.tracks import Track, tracks_of
from anprgen.splits import SPLITS

TRACKS = "tracks.jsonl"
#: JPEG's quality where a frame of the dataset is none.
_QUALITY = 95


def chosen(dataset: Dataset, staging: Staging) -> Iterator[tuple[Sequence, tuple[Track, ...]]]:
    """The whole sequences of the splits to export, with their tracks; writes tracks.jsonl.

    Raises:
        DatasetError: as `whole_sequences` does.
    """
    lines, counts = [], Counter[str]()
    for sequence in whole_sequences(dataset, staging.leave_out):
        if sequence.split in staging.splits:
            tracks = tracks_of(sequence)
            lines += [json.dumps(_line(sequence, t), ensure_ascii=False) + "\n" for t in tracks]
            counts[sequence.split] += 1
            yield sequence, tracks
        elif sequence.split not in SPLITS:
            staging.leave_out("sequences that show registrations of two splits")
    staging.text(TRACKS, "".join(lines))
    for split in staging.splits:
        if not counts[split]:
            staging.note(f"no sequences in {split}: make more before training")


def _line(sequence: Sequence, track: Track) -> dict[str, Any]:
    return {
        "sequence": sequence.name,
        "split": sequence.split,
        "track": track.number,
        "text": track.text,
        "design": track.design,
        "frames": track.frames,
        "best": best_shot(track).to_json(),
    }


def place_jpeg(dataset: Dataset, staging: Staging, record: Record, name: str) -> None:
    """A frame under `name`, which ends in .jpg: as it is, or encoded where it is no JPEG.

    Raises:
        DatasetError: it cannot be read.
    """
    if suffix_of(record) == ".jpg":
        staging.picture(name, dataset.image_path(record))
        return
    pixels = pixels_of(dataset, record)
    _, data = cv2.imencode(".jpg", pixels[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    staging.data(name, data.tobytes())
