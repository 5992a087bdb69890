# SPDX-License-Identifier: Apache-2.0
"""How well plates are found: recall, precision, and how far off their corners are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anprgen.models.quads import overlap, width_px

F32 = NDArray[np.float32]

#: A plate is found by a quadrilateral that has so much in common with its own.
IOU = 0.5
_THRESHOLDS = tuple(round(0.05 * k, 2) for k in range(2, 19))


@dataclass(frozen=True)
class Answer:
    """What was found in one picture, and what is there; all in px of the same picture.

    `found` are (confidence, corners [4, 2]), the surest first; of the plates [n, 4, 2] those not
    `wanted` [n] count neither as missed nor, where they are found, as wrong.
    """

    found: Sequence[tuple[float, F32]]
    plates: F32
    wanted: NDArray[np.bool_]


def scores(answers: Sequence[Answer], threshold: float) -> dict[str, Any]:
    """Recall, precision, their harmonic mean, and the corners of what was found.

    `corner` is the median, over the plates found, of the mean distance of the four corners as a
    share of the plate's width; `corner_90` the value that nine in ten keep below. None where
    nothing is found. `count` is the number of wanted plates.
    """
    right = wrong = count = 0
    distances: list[float] = []
    for answer in answers:
        hits, false = _matched(answer, threshold)
        right, wrong = right + len(hits), wrong + false
        distances += hits
        count += int(answer.wanted.sum())
    recall = right / count if count else 1.0
    precision = right / (right + wrong) if right + wrong else 1.0
    both = 2 * recall * precision / (recall + precision) if recall + precision else 0.0
    return {
        "recall": round(recall, 4),
        "precision": round(precision, 4),
        "f1": round(both, 4),
        "corner": round(median(distances), 4) if distances else None,
        "corner_90": round(float(np.quantile(distances, 0.9)), 4) if distances else None,
        "count": count,
    }


def best_threshold(answers: Sequence[Answer]) -> float:
    """The confidence around which recall and precision have the best harmonic mean.

    Around: the mean over five steps of 0.05, because few plates make single steps accidental.
    """
    means = [scores(answers, t)["f1"] for t in _THRESHOLDS]
    around = np.convolve(np.pad(means, 2, mode="edge"), np.ones(5) / 5, mode="valid")
    best = np.flatnonzero(around >= around.max() - 1e-9)
    return _THRESHOLDS[int(best[len(best) // 2])]


def _matched(answer: Answer, threshold: float) -> tuple[list[float], int]:
    """Corner distances of the wanted plates that were found, and how many answers are wrong."""
    taken: set[int] = set()
    hits: list[float] = []
    wrong = 0
    for confidence, quad in answer.found:
        if confidence < threshold:
            continue
        common = [
            overlap(quad, plate) if k not in taken else 0.0 for k, plate in enumerate(answer.plates)
        ]
        # A wanted plate before one that is not: these may lie on each other.
        order = sorted(range(len(common)), key=lambda k: (answer.wanted[k], common[k]))
        best = next((k for k in reversed(order) if common[k] >= IOU), None)
        if best is None:
            wrong += 1
            continue
        taken.add(best)
        if answer.wanted[best]:
            plate = answer.plates[best]
            off = float(np.hypot(*(quad - plate).T).mean())
            hits.append(off / max(width_px(plate), 1e-6))
    return hits, wrong
