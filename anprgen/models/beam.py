# SPDX-License-Identifier: Apache-2.0
"""From the classes of slots to texts: the likeliest, with their probabilities.

Slots are independent given the picture, and class 0 is "no character here", so one text can be
written in several ways ("A_B" and "AB_"): their probabilities are added.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
_Entry = tuple[float, float, tuple[tuple[int, int], ...]]

#: Texts kept after each slot, classes of a slot looked at, and pairs of both that are written out:
#: what is left out is far below the five best texts' probabilities.
WIDTH, CLASSES, PAIRS = 16, 6, 64


@dataclass(frozen=True)
class Hypothesis:
    """A text, its probability, and of its likeliest way of being written (slot, class) pairs."""

    text: str
    probability: float
    places: tuple[tuple[int, int], ...]


def softmax(logits: NDArray[np.floating[Any]], temperature: float = 1.0) -> F64:
    """Probabilities over the last axis."""
    z = np.asarray(logits, np.float64) / temperature
    z = np.exp(z - z.max(-1, keepdims=True))
    return np.asarray(z / z.sum(-1, keepdims=True))


def texts(probabilities: F64, charset: str, top: int = 5) -> list[Hypothesis]:
    """The `top` likeliest texts of one picture, probabilities [slots, 1 + len(charset)]."""
    # text -> (probability, probability of its best way, that way)
    beam: dict[str, _Entry] = {"": (1.0, 1.0, ())}
    width = max(WIDTH, top)
    for slot, row in enumerate(probabilities):
        likely = np.argsort(-row, kind="stable")[:CLASSES]
        kept = list(beam.items())
        products = np.outer([entry[0] for _, entry in kept], row[likely]).ravel()
        best_pairs = np.argsort(-products, kind="stable")[: max(PAIRS, 4 * top)]
        grown: dict[str, _Entry] = {}
        for pair, probability in zip(best_pairs.tolist(), products[best_pairs].tolist()):
            if probability <= 0:
                break
            text, (_, best, places) = kept[pair // len(likely)]
            k = int(likely[pair % len(likely)])
            new = text + charset[k - 1] if k else text
            way = (best * float(row[k]), (*places, (slot, k)) if k else places)
            have = grown.get(new)
            if have is None:
                grown[new] = (probability, *way)
            else:
                grown[new] = (have[0] + probability, *max(way, have[1:], key=_first))
        beam = dict(sorted(grown.items(), key=_order)[:width])
    return [
        Hypothesis(text, p, way) for text, (p, _, way) in sorted(beam.items(), key=_order)[:top]
    ]


def _first(way: tuple[float, tuple[tuple[int, int], ...]]) -> float:
    return way[0]


def _order(item: tuple[str, _Entry]) -> tuple[float, str]:
    """The likeliest first; of equal ones by text."""
    return -item[1][0], item[0]
