# SPDX-License-Identifier: Apache-2.0
"""OpenALPR's benchmarks: beside each picture a line ``name x y width height text`` with tabs.

The numbers are whole px: the box grows to the px that the plate touches.
"""

from __future__ import annotations

import math

from anprgen.dataset import Dataset
from anprgen.exporters.frames import frames, place
from anprgen.exporters.options import Options
from anprgen.exporters.staging import Staging


def export(dataset: Dataset, staging: Staging, options: Options) -> None:
    """``<split>/*.jpg`` and ``<split>/*.txt``: pictures with a text to read, a line a plate."""
    counts = dict.fromkeys(staging.splits, 0)
    several = 0
    for frame in frames(dataset, staging, options):
        readable = [o for o in frame.objects if o.text]
        for _ in range(len(frame.objects) - len(readable)):
            staging.leave_out("plates that nobody can read (--illegible keeps them)")
        if not readable:
            staging.leave_out("pictures without a plate to read")
            continue
        counts[frame.split] += 1
        several += len(readable) > 1
        name = f"{frame.stem}{frame.suffix}"
        place(dataset, staging, frame, f"{frame.split}/{name}")
        lines = []
        for o in readable:
            left, top = math.floor(o.box[0]), math.floor(o.box[1])
            right, bottom = math.ceil(o.box[2]), math.ceil(o.box[3])
            lines.append(f"{name}\t{left}\t{top}\t{right - left}\t{bottom - top}\t{o.text}\n")
        staging.text(f"{frame.split}/{frame.stem}.txt", "".join(lines))
    staging.tell_empty(counts)
    if several:
        staging.note(f"OpenALPR's own programs read one plate a picture; {several} have more")
