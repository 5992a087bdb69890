# SPDX-License-Identifier: Apache-2.0
"""Tracks of five low and five high pictures of one plate, for super-resolution from many frames.

As in UFPR-SR-Plates (arXiv:2505.06393) and the ICPR 2026 competition on low-resolution plates:
``<split>/<design>/track_00001/`` with lr-001.png to lr-005.png, hr-001.png to hr-005.png and
annotations.json (`plate_layout`, `plate_text`, and the `corners` of the plate in each picture, px).
Low are the five smallest shows of a track, high the five largest, each in the order of time; all
are whole in their frames and legible (with `Options.illegible` the low ones need not be).
"""

from __future__ import annotations

import json
from statistics import median
from typing import Any

from anprgen.dataset import Dataset
from anprgen.exporters.options import Options, is_readable, label_of
from anprgen.exporters.recognition import encode_png, pixels_of, window_of
from anprgen.exporters.sequence_tracks import chosen
from anprgen.exporters.staging import Staging
from anprgen.sequences.best_shot import character_height_px
from anprgen.sequences.reader import Sequence
from anprgen.sequences.tracks import Show, Track

#: Pictures of each kind, and how many times as high the plates of the high ones must be at least.
EACH, LEAST_RATIO = 5, 1.5
#: The share of a plate that must be seen in a picture.
_LEAST_VISIBLE = 0.9
_CORNERS = ("top-left", "top-right", "bottom-right", "bottom-left")


def export(dataset: Dataset, staging: Staging, options: Options) -> None:
    """Writes a folder a track that has enough shows, and tracks.jsonl of all."""
    count = 0
    for sequence, tracks in chosen(dataset, staging):
        for track in tracks:
            shows = pick(track, options)
            if isinstance(shows, str):
                staging.leave_out(shows)
                continue
            count += 1
            folder = f"{sequence.split}/{track.design}/track_{count:05d}"
            _write(dataset, staging, options, folder, sequence, track, *shows)
    if not count:
        staging.note("no track has pictures of both kinds: make longer sequences")


def pick(track: Track, options: Options) -> tuple[list[Show], list[Show]] | str:
    """The low and the high shows of a track in the order of time, or why it has none."""
    whole = [
        s for s in track.seen
        if not s.plate["truncated"] and s.plate["visible"] >= _LEAST_VISIBLE
    ]  # fmt: skip
    whole.sort(key=lambda s: (character_height_px(s.plate), s.frame))
    high = [s for s in whole if is_readable(s.plate, Options())][-EACH:]
    rest = [s for s in whole if is_readable(s.plate, options) and s not in high]
    low = rest[:EACH]
    if min(len(low), len(high)) < EACH:
        return f"tracks with fewer than {2 * EACH} whole, legible shows (--illegible: low ones too)"
    heights = [median(character_height_px(s.plate) for s in shows) for shows in (low, high)]
    if heights[1] < LEAST_RATIO * heights[0]:
        return f"tracks whose largest shows are not {LEAST_RATIO} times as high as the smallest"
    low, high = (sorted(shows, key=lambda s: s.frame) for shows in (low, high))
    return low, high


def _write(
    dataset: Dataset,
    staging: Staging,
    options: Options,
    folder: str,
    sequence: Sequence,
    track: Track,
    low: list[Show],
    high: list[Show],
) -> None:
    corners: dict[str, Any] = {}
    frames: dict[str, int] = {}
    for kind, shows in (("lr", low), ("hr", high)):
        for n, show in enumerate(shows, 1):
            record, name = sequence.records[show.frame], f"{kind}-{n:03d}.png"
            window = window_of(record, show.plate, options.margin)
            assert window is not None  # Most of the plate is seen.
            staging.data(f"{folder}/{name}", encode_png(pixels_of(dataset, record, window)))
            corners[name] = {
                where: [round(float(x) - window[0], 2), round(float(y) - window[1], 2)]
                for where, (x, y) in zip(_CORNERS, show.plate["quad"])
            }
            frames[name] = show.frame
    about = {
        "plate_layout": track.design,
        "plate_text": label_of(low[0].plate),
        "corners": corners,
        "sequence": sequence.name,
        "track": track.number,
        "frames": frames,
    }
    text = json.dumps(about, ensure_ascii=False, indent=1)
    staging.text(f"{folder}/annotations.json", text + "\n")
