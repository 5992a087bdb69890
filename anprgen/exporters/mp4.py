# SPDX-License-Identifier: Apache-2.0
"""Clips: <split>/<sequence>.mp4, and <sequence>.json with what each frame shows.

The JSON's frames and objects are named as DeepStream's metadata: NvDsFrameMeta's `frame_num` and
`buf_pts` (ns), NvDsObjectMeta's `object_id`, `class_id`, `obj_label` and `rect_params` (left, top,
width, height in px, inside the frame). The same encoder gives the same bytes; its version, its
settings, the sum of the file and that of the frames before it stand in the JSON too.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from anprgen.dataset import Dataset
from anprgen.exporters.options import Options
from anprgen.exporters.recognition import pixels_of
from anprgen.exporters.sequence_tracks import chosen
from anprgen.exporters.staging import Staging
from anprgen.exporters.visible import cut_box
from anprgen.sequences.best_shot import best_shot
from anprgen.sequences.film import Film, encode
from anprgen.sequences.reader import Sequence
from anprgen.sequences.tracks import Plate, Track

_NS = 10**9


def export(dataset: Dataset, staging: Staging, options: Options) -> None:
    """Writes a clip and its JSON a sequence, and tracks.jsonl.

    Raises:
        DatasetError: as `film.encode` does; PyAV is not installed.
    """
    for sequence, tracks in chosen(dataset, staging):
        pixels = (pixels_of(dataset, record) for record in sequence.records)
        film = encode(pixels, sequence.fps, options.codec, options.mbit_s)
        name = f"{sequence.split}/{sequence.name}"
        staging.data(f"{name}.mp4", film.data)
        text = json.dumps(_described(sequence, tracks, film), ensure_ascii=False, indent=1)
        staging.text(f"{name}.json", text + "\n")


def _described(sequence: Sequence, tracks: tuple[Track, ...], film: Film) -> dict[str, Any]:
    return {
        "clip": f"{sequence.name}.mp4",
        "sha256": hashlib.sha256(film.data).hexdigest(),
        "frames_sha256": film.frames_sha256,
        "codec": film.codec,
        "mbit_s": film.mbit_s,
        "encoder": film.encoder,
        "width": film.width,
        "height": film.height,
        "fps": str(film.fps),
        "labels": ["plate"],
        "tracks": [
            {
                "object_id": track.number,
                "text": track.text,
                "design": track.design,
                "best": best_shot(track).to_json(),
            }
            for track in tracks
        ],
        "frames": [
            {
                "frame_num": k,
                "buf_pts": int(k * _NS / film.fps),
                "objects": [
                    _object(plate, box)
                    for plate in record["plates"]
                    if (box := cut_box(plate, *sequence.size))
                ],
            }
            for k, record in enumerate(sequence.records)
        ],
    }


def _object(plate: Plate, box: tuple[float, float, float, float]) -> dict[str, Any]:
    x0, y0, x1, y1 = box
    rect = {"left": x0, "top": y0, "width": x1 - x0, "height": y1 - y0}
    return {
        "object_id": plate["track"],
        "class_id": 0,
        "obj_label": "plate",
        "rect_params": {side: round(value, 3) for side, value in rect.items()},
        "text": plate["ocr_text"],
        "quad": [[round(float(v), 3) for v in corner] for corner in plate["quad"]],
        "visible": round(float(plate["visible"]), 4),
        "legibility": plate["legibility"],
        "speed_kmh": plate["speed_kmh"],
        "distance_m": plate["distance_m"],
        "moved_px": plate["moved_px"],
    }
