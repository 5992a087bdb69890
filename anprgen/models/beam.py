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

#: Texts kept after each slot, and classes of a slot looked at: what is left out is far below the
#: five best texts' probabilities.
WIDTH, CLASSES = 24, 6


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
    beam: dict[str, tuple[float, float, tuple[tuple[int, int], ...]]] = {"": (1.0, 1.0, ())}
    for slot, row in enumerate(probabilities):
        likely = np.argsort(-row, kind="stable")[:CLASSES]
        grown: dict[str, tuple[float, float, tuple[tuple[int, int], ...]]] = {}
        for text, (total, best, places) in beam.items():
            for k in map(int, likely):
                p = float(row[k])
                if p <= 0:
                    continue
                new = text + charset[k - 1] if k else text
                way = (*places, (slot, k)) if k else places
                have = grown.get(new)
                if have is None:
                    grown[new] = (total * p, best * p, way)
                else:
                    kept = (have[1], have[2]) if have[1] >= best * p else (best * p, way)
                    grown[new] = (have[0] + total * p, *kept)
        order = sorted(grown.items(), key=lambda item: (-item[1][0], item[0]))
        beam = dict(order[: max(WIDTH, top)])
    order = sorted(beam.items(), key=lambda item: (-item[1][0], item[0]))
    return [Hypothesis(text, total, way) for text, (total, _, way) in order[:top]]
