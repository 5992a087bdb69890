# SPDX-License-Identifier: Apache-2.0
"""What a track of frames gains a reader: single frames, the best shot, and a vote over all.

    python tests/benchmarks/voting.py SEQUENCES MODEL

Each plate is cut out of its frames along its labelled box with a margin of 5 %, where at least half
of it is seen and it is as wide as `--least` px. The vote is for the text with the largest sum of
confidences.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from anprgen.dataset import Dataset
from anprgen.evaluation.numbers import wilson
from anprgen.models.reader import Reader, Reading
from anprgen.sequences.best_shot import best_shot
from anprgen.sequences.reader import whole_sequences
from anprgen.sequences.tracks import Show, Track, tracks_of

MARGIN = 0.05


def vote(readings: list[Reading]) -> str:
    """The text with the largest sum of confidences."""
    sums: dict[str, float] = defaultdict(float)
    for reading in readings:
        sums[reading.text] += reading.confidence
    return max(sums, key=lambda text: sums[text])


def cut(picture: NDArray[np.uint8], show: Show) -> NDArray[np.uint8]:
    """The plate with its margin."""
    x0, y0, x1, y1 = show.plate["box"]
    dx, dy = MARGIN * (x1 - x0), MARGIN * (y1 - y0)
    h, w = picture.shape[:2]
    rows = slice(max(0, round(y0 - dy)), min(h, round(y1 + dy)))
    return picture[rows, max(0, round(x0 - dx)) : min(w, round(x1 + dx))]


def shows(track: Track, least_px: float) -> list[Show]:
    """Where it can be tried."""
    return [s for s in track.shows if s.plate["visible"] >= 0.5 and s.plate["width_px"] >= least_px]


def main() -> None:
    """Prints one line a way of reading."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sequences", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("--least", type=float, default=24.0, help="least width of a plate, px")
    options = parser.parse_args()
    dataset, reader = Dataset.open(options.sequences), Reader.open(options.model, threads=1)
    single: list[bool] = []
    best: list[bool] = []
    voted: list[bool] = []
    for sequence in whole_sequences(dataset, print):
        pictures = [cv2.imread(str(dataset.image_path(r))) for r in sequence.records]
        for track in tracks_of(sequence):
            own = shows(track, options.least)
            if not own:
                continue
            readings = reader.read([cut(pictures[s.frame], s) for s in own])
            right = [reading.text == track.text for reading in readings]
            single += right
            chosen = best_shot(Track(track.number, track.text, track.design, tuple(own))).frame
            best.append(right[[s.frame for s in own].index(chosen)])
            voted.append(vote(readings) == track.text)
    for name, found in (("single frames", single), ("best shot", best), ("vote", voted)):
        low, high = wilson(sum(found), len(found))
        print(f"{name}: {np.mean(found):.3f} ({low:.2f} to {high:.2f}) of {len(found)}")


if __name__ == "__main__":
    main()
