# SPDX-License-Identifier: Apache-2.0
"""How sure a reader may be: a temperature, fitted so that confidences are shares of right texts.

Temperature scaling (Guo et al. 2017, "On Calibration of Modern Neural Networks"), but fitted to
whole texts: what a user is told is the probability that all of a plate is right.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anprgen.models.beam import softmax

LOWEST, HIGHEST = 0.25, 8.0
_STEPS = 121


def confidences(logits: NDArray[np.float32], temperature: float) -> NDArray[np.float64]:
    """Probability of each picture's likeliest classes, [n]: logits are [n, slots, classes]."""
    return np.asarray(softmax(logits, temperature).max(-1).prod(-1))


def fit_temperature(logits: NDArray[np.float32], right: NDArray[np.bool_]) -> float:
    """The temperature with the least logarithmic loss of "the text is right", `right` [n].

    Searched on a logarithmic grid from 0.25 to 8. The square of its logarithm is added to the
    loss, a prior that counts as about one picture, so that a set without mistakes does not ask
    for the end of the grid.
    """
    if len(right) == 0:
        return 1.0
    best, least = 1.0, np.inf
    for t in np.geomspace(LOWEST, HIGHEST, _STEPS):
        p = np.clip(confidences(logits, float(t)), 1e-9, 1 - 1e-9)
        loss = -float(np.log(np.where(right, p, 1 - p)).sum())
        loss += float(np.log(t) ** 2)
        if loss < least - 1e-9:
            best, least = float(t), loss
    return best


def expected_calibration_error(
    confidence: NDArray[np.float64], right: NDArray[np.bool_], bins: int = 10
) -> float:
    """ECE: |mean confidence - share right| of even bins of confidence, weighted by their counts."""
    if len(right) == 0:
        return 0.0
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    total = 0.0
    for k in range(bins):
        inside = place == k
        if inside.any():
            gap = confidence[inside].mean() - right[inside].mean()
            total += abs(float(gap)) * float(inside.mean())
    return total
