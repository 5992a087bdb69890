# SPDX-License-Identifier: Apache-2.0
"""COCO with videos and tracks: images/<split>/<sequence>/ and annotations/<split>.json.

As mmtracking's CocoVID reads it (`video_id`, `frame_id` from 0, `instance_id`) and as TAO does
(`frame_index`, `tracks`, `track_id`, and what each video was labelled with). Numbers of tracks are
the same in no two sequences.
"""

from __future__ import annotations

from typing import Any

from anprgen.dataset import Dataset
from anprgen.exporters.coco_json import JsonFile, annotation, check_masks
from anprgen.exporters.options import Options
from anprgen.exporters.sequence_tracks import chosen
from anprgen.exporters.staging import Staging, suffix_of
from anprgen.exporters.visible import cut_box
from anprgen.sequences.best_shot import best_shot
from anprgen.sequences.reader import Sequence
from anprgen.sequences.tracks import Track

_TABLES = ("images", "videos", "tracks")


def export(dataset: Dataset, staging: Staging, options: Options) -> None:
    """Writes frames, one JSON a split, and tracks.jsonl.

    Raises:
        DatasetError: an unknown kind of masks.
    """
    check_masks(options)
    files = {
        split: JsonFile(staging, f"annotations/{split}.json", *_TABLES) for split in staging.splits
    }
    ids = {"track": 0, "annotation": 0}
    try:
        for sequence, tracks in chosen(dataset, staging):
            file = files[sequence.split]
            file.tables["videos"].append(_video(sequence))
            numbers = {}
            for track in tracks:
                ids["track"] += 1
                numbers[track.number] = ids["track"]
                file.tables["tracks"].append(_track(ids["track"], sequence, track))
            for k, record in enumerate(sequence.records):
                name = f"{sequence.name}/{k:06d}{suffix_of(record)}"
                staging.picture(f"images/{sequence.split}/{name}", dataset.image_path(record))
                image = {**_image(sequence, k, name), "id": record["index"] + 1}
                file.tables["images"].append(image)
                for plate in record["plates"]:
                    if (box := cut_box(plate, *sequence.size)) is None:
                        staging.leave_out("plates without enough of them in the picture")
                        continue
                    ids["annotation"] += 1
                    number = numbers[plate["track"]]
                    file.add(
                        {
                            "id": ids["annotation"],
                            "image_id": image["id"],
                            "video_id": sequence.number + 1,
                            "track_id": number,
                            "instance_id": number,
                            "visibility": round(float(plate["visible"]), 4),
                            **annotation(plate, box, *sequence.size, options.masks),
                        }
                    )
    finally:
        for file in files.values():
            file.close()


def _video(sequence: Sequence) -> dict[str, Any]:
    width, height = sequence.size
    return {
        "id": sequence.number + 1,
        "name": sequence.name,
        "width": width,
        "height": height,
        "fps": sequence.fps,
        "length": len(sequence.records),
        # TAO's: every plate is labelled, and there is nothing else to look for.
        "neg_category_ids": [],
        "not_exhaustive_category_ids": [],
    }


def _track(number: int, sequence: Sequence, track: Track) -> dict[str, Any]:
    return {
        "id": number,
        "category_id": 1,
        "video_id": sequence.number + 1,
        "plate_text": track.text,
        "design": track.design,
        "best": best_shot(track).to_json(),
    }


def _image(sequence: Sequence, k: int, name: str) -> dict[str, Any]:
    width, height = sequence.size
    return {
        "video_id": sequence.number + 1,
        "video": sequence.name,
        "frame_id": k,
        "frame_index": k,
        "width": width,
        "height": height,
        "file_name": name,
    }
