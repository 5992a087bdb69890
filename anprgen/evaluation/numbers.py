# SPDX-License-Identifier: Apache-2.0
"""Counts answers: accuracies with intervals, confusions, calibration, factors, differences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anprgen.evaluation.answers import Answer, Answers
from anprgen.evaluation.factors import classes
from anprgen.labelled import plain
from anprgen.models.calibration import expected_calibration_error
from anprgen.scoring import alignment, edits, fold, interval, resampled

TOP = (1, 2, 3, 5)
#: Confused pairs told, classes of a factor with words, and bins of confidence.
PAIRS, CLASSES, BINS = 30, 16, 10
#: Registrations below which a bootstrap says too little.
FEW = 30

F64 = NDArray[np.float64]


def measure(
    found: Answers, described: Sequence[Mapping[str, str]], seed: int = 0
) -> dict[str, Any]:
    """Everything that is said of one model."""
    answers = found.answers
    return {
        "model": found.model,
        "count": len(answers),
        "registrations": len({a.registration for a in answers}),
        "unsayable": found.unsayable,
        "scores": scores(answers, seed),
        "top": {str(k): _share([(a.place() or 99) <= k for a in answers]) for k in TOP},
        "confusions": confusions(answers),
        "calibration": calibration(answers),
        "factors": by_factor(answers, described, seed),
    }


def scores(answers: Sequence[Answer], seed: int = 0) -> dict[str, dict[str, float]]:
    """Exact and strict accuracy and the character error rate, each with its 95 % interval."""
    top, bottom = _edits(answers)
    return {
        "exact": _share_with_interval(answers, "exact", seed),
        "strict": _share_with_interval(answers, "strict", seed),
        "cer": _with_interval(top, bottom, [a.registration for a in answers], seed),
    }


def by_factor(
    answers: Sequence[Answer], described: Sequence[Mapping[str, str]], seed: int = 0
) -> dict[str, list[dict[str, Any]]]:
    """Factor -> its classes in order: how many, exact accuracy, interval.

    Factors of one class are left out; of words the most frequent classes are told.
    """
    places: dict[str, dict[str, list[int]]] = {}
    for i, factors in enumerate(described):
        for factor, word in factors.items():
            places.setdefault(factor, {}).setdefault(word, []).append(i)
    out = {}
    for factor, words in places.items():
        if len(words) < 2:
            continue
        order = classes(factor)
        if order is None:
            order = sorted(words, key=lambda w: (-len(words[w]), w))[:CLASSES]
        out[factor] = [
            {"class": w, "count": len(words[w]), **_of([answers[i] for i in words[w]], seed)}
            for w in order
            if w in words
        ]
    return out


def confusions(answers: Sequence[Answer]) -> list[dict[str, Any]]:
    """Which character was read as which, the most frequent first; "" is none.

    `share` is of all times the wanted character stood there (of all characters, for insertions).
    """
    pairs: Counter[tuple[str, str]] = Counter()
    stood: Counter[str] = Counter()
    for a in answers:
        want, got = plain(a.want), plain(a.reading.text)
        stood.update(want)
        if want != got:
            pairs.update(p for p in alignment(got, want) if p[0] != p[1])
    every = max(1, sum(stood.values()))
    ordered = sorted(pairs.items(), key=lambda item: (-item[1], item[0]))[:PAIRS]
    return [
        {"want": w, "got": g, "count": n, "share": round(n / (stood[w] if w else every), 4)}
        for (w, g), n in ordered
    ]


def calibration(answers: Sequence[Answer]) -> dict[str, Any]:
    """Confidences against shares of right (strict) texts, in ten even bins, and their ECE."""
    sure = np.array([a.reading.confidence for a in answers])
    right = _hits(answers, "strict") > 0
    place = np.minimum((sure * BINS).astype(int), BINS - 1)
    bins = []
    for k in range(BINS):
        inside = place == k
        if inside.any():
            bins.append(
                {
                    "low": k / BINS,
                    "high": (k + 1) / BINS,
                    "count": int(inside.sum()),
                    "confidence": round(float(sure[inside].mean()), 4),
                    "right": round(float(right[inside].mean()), 4),
                    "ends": [round(v, 4) for v in wilson(int(right[inside].sum()), inside.sum())],
                }
            )
    return {"ece": round(expected_calibration_error(sure, right, BINS), 4), "bins": bins}


def differences(found: Sequence[Answers], seed: int = 0) -> list[dict[str, Any]]:
    """Exact accuracy of each further model less the first's, paired over registrations."""
    out = []
    for other in found[1:]:
        groups = [a.registration for a in other.answers]
        ones = np.ones(len(groups))
        a, b = (resampled(_hits(f.answers, "exact"), ones, groups, seed) for f in (found[0], other))
        low, high = np.percentile(b - a, (2.5, 97.5))
        gain = _hits(other.answers, "exact").mean() - _hits(found[0].answers, "exact").mean()
        said = {"value": float(gain), "low": float(low), "high": float(high)}
        out.append(
            {"model": other.model, "than": found[0].model}
            | {k: round(v, 4) for k, v in said.items()}
        )
    return out


def wilson(hits: float, count: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's interval of a share (Wilson 1927): it holds for few, and for none or all."""
    if count <= 0:
        return 0.0, 1.0
    p, s = hits / count, z * z / count
    middle, half = p + s / 2, z * ((p * (1 - p) + s / 4) / count) ** 0.5
    return max(0.0, float((middle - half) / (1 + s))), min(1.0, float((middle + half) / (1 + s)))


def _of(answers: Sequence[Answer], seed: int) -> dict[str, float]:
    said = _share_with_interval(answers, "exact", seed)
    return {"exact": said["value"], "low": said["low"], "high": said["high"]}


def _share_with_interval(answers: Sequence[Answer], how: str, seed: int) -> dict[str, float]:
    """The share of right answers, and its interval over registrations."""
    groups = [a.registration for a in answers]
    said = _with_interval(_hits(answers, how), np.ones(len(answers)), groups, seed)
    # A bootstrap of few is too narrow, of none or all right it has no width: Wilson's interval
    # has. Pictures of one registration are alike, so that many were tried and no more.
    tried = len(set(groups))
    if tried < FEW or said["value"] in (0.0, 1.0):
        low, high = wilson(said["value"] * tried, tried)
        said |= {"low": round(low, 4), "high": round(high, 4)}
    return said


def _with_interval(top: F64, bottom: F64, groups: Sequence[str], seed: int) -> dict[str, float]:
    low, high = interval(top, bottom, groups, seed)
    value = float(top.sum() / max(bottom.sum(), 1e-12))
    return {"value": round(value, 4), "low": round(low, 4), "high": round(high, 4)}


def _hits(answers: Sequence[Answer], how: str) -> F64:
    return np.array([getattr(a, how) for a in answers], np.float64)


def _edits(answers: Sequence[Answer]) -> tuple[F64, F64]:
    pairs = [(fold(plain(a.reading.text)), fold(plain(a.want))) for a in answers]
    top = np.array([edits(got, want) for got, want in pairs], np.float64)
    return top, np.array([len(want) for _, want in pairs], np.float64)


def _share(hits: Sequence[bool]) -> float:
    return round(sum(hits) / max(1, len(hits)), 4)
