# SPDX-License-Identifier: Apache-2.0
"""MOTChallenge: ``plates-<split>/<sequence>/`` with img1, gt/gt.txt and seqinfo.ini.

A row of gt.txt is ``frame, track, left, top, width, height, flag, class, visibility`` (MOT16,
arXiv:1603.00831). Frames, tracks and px count from 1: the outer corner of the top left px is
(1, 1), so what reads it takes 1 away. A box is the whole plate's, also where it is hidden or
reaches out of the picture, and `visibility` is the share that is seen. The flag is 0 where too
little is in the picture to be found. The class is 1, the only one that TrackEval evaluates (it
calls it pedestrian); ``seqmaps/plates-<split>.txt`` is where it looks for the names.
"""

from __future__ import annotations

from anprgen.dataset import Dataset
from anprgen.exporters.options import Options
from anprgen.exporters.sequence_tracks import chosen, place_jpeg
from anprgen.exporters.staging import Staging
from anprgen.exporters.visible import cut_box
from anprgen.sequences.reader import Sequence

BENCHMARK = "plates"
_CLASS = 1


def export(dataset: Dataset, staging: Staging, options: Options) -> None:
    """Writes a folder a sequence, the maps of sequences that TrackEval reads, and tracks.jsonl."""
    names: dict[str, list[str]] = {split: [] for split in staging.splits}
    for sequence, _ in chosen(dataset, staging):
        folder = f"{BENCHMARK}-{sequence.split}/{sequence.name}"
        for k, record in enumerate(sequence.records, 1):
            place_jpeg(dataset, staging, record, f"{folder}/img1/{k:06d}.jpg")
        staging.text(f"{folder}/gt/gt.txt", "".join(f"{row}\n" for row in rows(sequence)))
        staging.text(f"{folder}/gt/labels.txt", "plate\n")  # CVAT's name for class 1.
        staging.text(f"{folder}/seqinfo.ini", _about(sequence))
        names[sequence.split].append(sequence.name)
    for split, listed in names.items():
        text = "".join(f"{name}\n" for name in ["name", *listed])
        staging.text(f"seqmaps/{BENCHMARK}-{split}.txt", text)
    staging.note(
        f"TrackEval: GT_FOLDER {staging.target.out.resolve()}, BENCHMARK {BENCHMARK}, "
        "SPLIT_TO_EVAL train, val or test"
    )


def rows(sequence: Sequence) -> list[str]:
    """The rows of a sequence's gt.txt."""
    out = []
    for k, record in enumerate(sequence.records, 1):
        for plate in record["plates"]:
            x0, y0, x1, y1 = (float(v) for v in plate["box_amodal"])
            box = ",".join(f"{v:.3f}" for v in (x0 + 1, y0 + 1, x1 - x0, y1 - y0))
            flag = int(cut_box(plate, *sequence.size) is not None)
            seen = f"{plate['visible']:.4f}"
            out.append(f"{k},{plate['track']},{box},{flag},{_CLASS},{seen}")
    return out


def _about(sequence: Sequence) -> str:
    width, height = sequence.size
    lines = {
        "name": sequence.name,
        "imDir": "img1",
        "frameRate": f"{sequence.fps:.6g}",
        "seqLength": len(sequence.records),
        "imWidth": width,
        "imHeight": height,
        "imExt": ".jpg",
    }
    return "[Sequence]\n" + "".join(f"{key}={value}\n" for key, value in lines.items())
