# SPDX-License-Identifier: Apache-2.0
"""Text detection: PaddleOCR's lists, ICDAR's files (TAO OCDNet's too), corners for WPOD.

ICDAR's own scripts read whole px alone; the others read floats (PaddleOCR's `DetLabelEncode`,
TAO OCDNet's `ICDAR2015Dataset`), so nothing is rounded away there.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from anprgen.dataset import Dataset
from anprgen.exporters.frames import IGNORED, Frame, frames, place
from anprgen.exporters.options import Options
from anprgen.exporters.staging import Staging

#: OCDNet's loader drops a plate with a number at or below this.
_FAR_PX = -50


def paddleocr(dataset: Dataset, staging: Staging, options: Options) -> None:
    """``det_gt_<split>.txt``: path, tab, JSON of texts and corners clockwise from the top left."""
    lists: dict[str, list[str]] = {split: [] for split in staging.splits}
    for frame in frames(dataset, staging, options):
        if not frame.objects:
            staging.leave_out("pictures without a plate (the tool takes none)")
            continue
        name = f"images/{frame.split}/{frame.stem}{frame.suffix}"
        place(dataset, staging, frame, name)
        found = [
            {
                "transcription": o.text or IGNORED,
                "points": [[round(v, 3) for v in p] for p in o.quad],
            }
            for o in frame.objects
        ]
        lists[frame.split].append(f"{name}\t{json.dumps(found, ensure_ascii=False)}")
    for split, lines in lists.items():
        staging.text(f"det_gt_{split}.txt", "".join(f"{line}\n" for line in lines))
    staging.tell_empty({split: len(lines) for split, lines in lists.items()})


def icdar(dataset: Dataset, staging: Staging, options: Options) -> None:
    """``<split>/img/img_N.jpg`` and ``<split>/gt/gt_img_N.txt``: eight numbers and the text."""
    _icdar(dataset, staging, options, lambda px: str(round(px)))


def ocdnet(dataset: Dataset, staging: Staging, options: Options) -> None:
    """The same for TAO OCDNet, with parts of px."""
    if far := _icdar(dataset, staging, options, lambda px: f"{px:.3f}"):
        staging.note(f"OCDNet drops {far} of the plates: a corner is too far outside the picture")


def _icdar(
    dataset: Dataset, staging: Staging, options: Options, written: Callable[[float], str]
) -> int:
    """How many plates have a corner that OCDNet's loader refuses."""
    far, counts = 0, dict.fromkeys(staging.splits, 0)
    for frame in frames(dataset, staging, options):
        counts[frame.split] += 1
        number = counts[frame.split]
        place(dataset, staging, frame, f"{frame.split}/img/img_{number}{frame.suffix}")
        lines = []
        for o in frame.objects:
            numbers = ",".join(written(v) for p in o.quad for v in p)
            lines.append(f"{numbers},{o.text or IGNORED}\n")
            far += min(v for p in o.quad for v in p) <= _FAR_PX
        staging.text(f"{frame.split}/gt/gt_img_{number}.txt", "".join(lines))
    staging.tell_empty(counts)
    staging.note(f"{IGNORED} marks plates that nobody can read: the tools ignore them")
    return far


def wpod(dataset: Dataset, staging: Staging, options: Options) -> None:
    """A text file beside each picture: ``4,x1,x2,x3,x4,y1,y2,y3,y4,TEXT,`` in shares of it."""
    counts = dict.fromkeys(staging.splits, 0)
    for frame in frames(dataset, staging, options):
        inside = [o for o in frame.objects if _all_inside(o.quad, frame)]
        for _ in range(len(frame.objects) - len(inside)):
            staging.leave_out("plates with a corner outside the picture")
        if not inside:
            staging.leave_out("pictures without a whole plate")
            continue
        counts[frame.split] += 1
        place(dataset, staging, frame, f"{frame.split}/{frame.stem}{frame.suffix}")
        lines = []
        for o in inside:
            xs = [f"{x / frame.width:.6f}" for x, _ in o.quad]
            ys = [f"{y / frame.height:.6f}" for _, y in o.quad]
            lines.append(",".join(["4", *xs, *ys, o.text, ""]) + "\n")
        staging.text(f"{frame.split}/{frame.stem}.txt", "".join(lines))
    staging.tell_empty(counts)


def _all_inside(quad: list[tuple[float, float]], frame: Frame) -> bool:
    return all(0 <= x <= frame.width and 0 <= y <= frame.height for x, y in quad)
