# SPDX-License-Identifier: Apache-2.0
"""py-motmetrics loads MOTChallenge, and finds the truth perfect against itself."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import motmetrics
import numpy as np
from truth import SPLITS, Counts, Truth, main, sha256

_METRICS = ["mota", "motp", "idf1", "num_switches", "num_objects"]


def check(name: str, root: Path, truth: Truth) -> Counts:
    did = "loaded; MOTA and IDF1 of the truth against itself 1"
    counts = Counts("motmetrics", version("motmetrics"), did=did)
    for split in SPLITS:
        for sequence, frames in truth.sequences(split).items():
            folder = root / f"plates-{split}" / sequence
            # Its own advice for true boxes: those that are marked 0 are not considered.
            table = motmetrics.io.loadtxt(str(folder / "gt/gt.txt"), "mot15-2D", min_confidence=1)
            assert len(table) == sum(len(f["plates"]) for f in frames)
            for k, frame in enumerate(frames, 1):
                assert sha256((folder / f"img1/{k:06d}.jpg").read_bytes()) == frame["sha256"]
                counts.images += 1
                for plate in frame["plates"]:
                    row = table.loc[(k, plate["track"])]
                    box = [row.X, row.Y, row.X + row.Width, row.Y + row.Height]
                    assert np.abs(np.subtract(box, plate["box_amodal"])).max() <= 0.01
                    assert abs(row.Visibility - plate["visible"]) <= 1e-3
                    counts.labels += 1
            best = scores(table, table)
            assert (best.mota, best.idf1, best.num_switches) == (1, 1, 0), best
            assert best.num_objects == len(table)
            exchanged = table.reset_index()
            late = exchanged.FrameId > len(frames) // 2
            exchanged.loc[late, "Id"] = exchanged.loc[late, "Id"].replace({1: 3, 3: 1})
            worse = scores(table, exchanged.set_index(["FrameId", "Id"]))
            assert worse.num_switches > 0
            assert worse.idf1 < 1
    return counts


def scores(truth, found):  # type: ignore[no-untyped-def]
    """A row of metrics at an overlap of one half."""
    both = motmetrics.utils.compare_to_groundtruth(truth, found, "iou", distth=0.5)
    made = motmetrics.metrics.create().compute(both, metrics=_METRICS, name="plates")
    return made.loc["plates"]


if __name__ == "__main__":
    main(check)
