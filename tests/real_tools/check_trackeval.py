# SPDX-License-Identifier: Apache-2.0
"""TrackEval loads MOTChallenge, DAVIS and TAO (coco-video): the truth scores 1 against itself."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import trackeval
from truth import SPLITS, Counts, Truth, main, sha256

_QUIET = {"PRINT_CONFIG": False}
_EVALUATOR = {
    **_QUIET, "PRINT_RESULTS": False, "OUTPUT_SUMMARY": False, "OUTPUT_DETAILED": False,
    "PLOT_CURVES": False, "TIME_PROGRESS": False, "BREAK_ON_ERROR": True, "LOG_ON_ERROR": None,
}  # fmt: skip


def check(name: str, root: Path, truth: Truth) -> Counts:
    did = "loaded; HOTA and IDF1 of the truth against itself 1"
    counts = Counts("trackeval", version("trackeval"), did=did)
    for split in SPLITS:
        if not truth.of(split):
            continue
        with tempfile.TemporaryDirectory() as folder:
            dataset, pictures = _KINDS[name](root, split, Path(folder), truth)
            results = evaluated(dataset)
        sequences = truth.sequences(split)
        assert set(results) - {"COMBINED_SEQ"} == set(sequences)
        for sequence, frames in sequences.items():
            [found] = results[sequence].values()
            assert found["HOTA"]["HOTA"].min() == found["HOTA"]["HOTA"].max() == 1
            assert found["Identity"]["IDF1"] == 1
            # Masks have every px, boxes are of plates of which there is enough.
            tracks = [
                f["shown"] if name == "davis" else [p["track"] for p in f["plates"]] for f in frames
            ]
            count = sum(map(len, tracks))
            assert found["Count"]["GT_Dets"] == found["Count"]["Dets"] == count
            assert found["Count"]["GT_IDs"] == len({t for frame in tracks for t in frame})
            for k, frame in enumerate(frames):
                assert sha256(pictures(sequence, k).read_bytes()) == frame["sha256"]
                counts.images += 1
            counts.labels += count
    return counts


def evaluated(dataset: Any) -> dict[str, Any]:
    """Metrics by sequence of the tracker called ours."""
    metrics = [trackeval.metrics.HOTA(_QUIET), trackeval.metrics.Identity(_QUIET)]
    with contextlib.redirect_stdout(io.StringIO()):
        found, _ = trackeval.Evaluator(_EVALUATOR).evaluate([dataset], metrics)
    [by_tracker] = found.values()
    return dict(by_tracker["ours"])


Pictures = Callable[[str, int], Path]


def mot(root: Path, split: str, work: Path, truth: Truth) -> tuple[Any, Pictures]:
    ours = work / f"plates-{split}/ours/data"
    ours.mkdir(parents=True)
    for sequence in truth.sequences(split):
        rows = (root / f"plates-{split}/{sequence}/gt/gt.txt").read_text().splitlines()
        found = [row.split(",") for row in rows]
        # A tracker says boxes and how sure it is; none finds a plate that is hidden.
        lines = [",".join([*row[:6], "1", "-1", "-1", "-1"]) for row in found if row[6] == "1"]
        # TrackEval takes the eighth number of ten for a class where it can be one.
        (ours / f"{sequence}.txt").write_text("\n".join(lines) + "\n")
    dataset = trackeval.datasets.MotChallenge2DBox(
        {
            **_QUIET, "GT_FOLDER": str(root), "TRACKERS_FOLDER": str(work),
            "BENCHMARK": "plates", "SPLIT_TO_EVAL": split, "TRACKERS_TO_EVAL": ["ours"],
        }
    )  # fmt: skip
    return dataset, lambda s, k: root / f"plates-{split}/{s}/img1/{k + 1:06d}.jpg"


def davis(root: Path, split: str, work: Path, truth: Truth) -> tuple[Any, Pictures]:
    [masks] = (root / "Annotations").iterdir()
    shutil.copytree(masks, work / "ours/data")
    listed = {"test": "test-dev"}.get(split, split)
    dataset = trackeval.datasets.DAVIS(
        {
            **_QUIET, "GT_FOLDER": str(masks), "TRACKERS_FOLDER": str(work),
            "TRACKERS_TO_EVAL": ["ours"],
            "SEQMAP_FILE": str(root / f"ImageSets/2017/{listed}.txt"),
        }
    )  # fmt: skip
    return dataset, lambda s, k: root / f"JPEGImages/{masks.name}/{s}/{k:05d}.jpg"


def tao(root: Path, split: str, work: Path, truth: Truth) -> tuple[Any, Pictures]:
    (work / "gt").mkdir()
    shutil.copyfile(root / f"annotations/{split}.json", work / "gt/truth.json")
    said = json.loads((work / "gt/truth.json").read_text("utf-8"))
    keys = ("image_id", "category_id", "bbox", "track_id", "video_id")
    found = [{**{k: a[k] for k in keys}, "score": 1.0} for a in said["annotations"]]
    (work / "trackers/ours/data").mkdir(parents=True)
    (work / "trackers/ours/data/ours.json").write_text(json.dumps(found))
    dataset = trackeval.datasets.TAO(
        {
            **_QUIET, "GT_FOLDER": str(work / "gt"), "TRACKERS_FOLDER": str(work / "trackers"),
            "TRACKERS_TO_EVAL": ["ours"], "MAX_DETECTIONS": 0,
        }
    )  # fmt: skip
    files = {(i["video"], i["frame_index"]): i["file_name"] for i in said["images"]}
    return dataset, lambda s, k: root / "images" / split / files[s, k]


_KINDS = {"coco-video": tao, "davis": davis, "mot": mot}


if __name__ == "__main__":
    main(check)
