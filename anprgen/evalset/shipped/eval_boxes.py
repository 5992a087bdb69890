# SPDX-License-Identifier: Apache-2.0
"""Boxes of plates: from Ultralytics' outputs, and how right they are (COCO's average precision)."""

import numpy as np
from eval_outputs import Problem

THRESHOLDS = np.arange(50, 100, 5) / 100.0
#: As in Ultralytics' validation: boxes below this score cannot change the result.
LEAST_SCORE = 0.001


def score_boxes(rows, labels, decode):
    """(lines to print, numbers, AP50)."""
    said = [
        to_picture(boxes_of(row, decode["iou"], decode["most"]), label)
        for row, label in zip(rows, labels)
    ]
    # Best first over all pictures, equal scores in the order of the pictures.
    order = sorted(
        ((i, j) for i, found in enumerate(said) for j in range(len(found))),
        key=lambda at: (-said[at[0]][at[1], 4], at),
    )
    total = sum(len(label["plates"]) for label in labels)
    curves = []
    for threshold in THRESHOLDS:
        hits = [_hits(found, label, threshold) for found, label in zip(said, labels)]
        curves.append([hits[i][j] for i, j in order])
    precisions = [average_precision(curve, total) for curve in curves]
    numbers = {
        "count": len(labels),
        "plates": total,
        "AP50": precisions[0],
        "AP50_95": float(np.mean(precisions)),
    }
    numbers.update(_at_score(said, labels, decode["score"]))
    return _lines(numbers, decode["score"]), numbers, numbers["AP50"]


def boxes_of(row, iou, most):
    """One picture's output -> [n, 5]: x0 y0 x1 y1 in px of the tensor, and score; best first.

    Either [4 + classes (+ more), n]: centre and size, to be thinned out; or [n, 6], finished.
    """
    if row.ndim != 2:
        raise Problem("an output of shape %s is not one of Ultralytics'" % (row.shape,))
    if row.shape[1] == 6 and row.shape[0] != 6:
        found = row[:, :5]
        return found[found[:, 4] >= LEAST_SCORE][:most]
    if row.shape[0] < 5:
        raise Problem("an output of %d rows has no boxes with scores" % row.shape[0])
    x, y, w, h, score = row[:5]
    found = np.stack([x - w / 2, y - h / 2, x + w / 2, y + h / 2, score], axis=1)
    found = found[found[:, 4] >= LEAST_SCORE]
    found = found[np.argsort(-found[:, 4], kind="mergesort")]
    kept = []
    while len(found) and len(kept) < most:
        kept.append(found[0])
        found = found[1:][overlap(found[0], found[1:]) <= iou]
    return np.array(kept).reshape(-1, 5)


def to_picture(found, label):
    """Px of the tensor -> px of the picture, cut to it."""
    place = label["letterbox"]
    out = np.array(found, dtype=np.float64)
    out[:, [0, 2]] = np.clip((out[:, [0, 2]] - place["left"]) / place["scale"], 0, label["width"])
    out[:, [1, 3]] = np.clip((out[:, [1, 3]] - place["top"]) / place["scale"], 0, label["height"])
    return out


def overlap(box, others):
    """Intersection over union of one box with others [n, 4 or more]."""
    low = np.maximum(box[:2], others[:, :2])
    high = np.minimum(box[2:4], others[:, 2:4])
    shared = np.prod(np.maximum(high - low, 0), axis=1)
    areas = np.prod(others[:, 2:4] - others[:, :2], axis=1)
    return shared / np.maximum((box[2] - box[0]) * (box[3] - box[1]) + areas - shared, 1e-9)


def match(found, label, threshold):
    """For each found box the number of the plate it hits, or -1; a plate is hit once."""
    free = [np.array(plate["box"], dtype=np.float64) for plate in label["plates"]]
    taken, out = set(), []
    for box in found:
        best, at = threshold, -1
        for i, plate in enumerate(free):
            share = overlap(box, plate[None])[0]
            if i not in taken and share >= best:
                best, at = share, i
        taken.add(at)
        out.append(at)
        taken.discard(-1)
    return out


def average_precision(curve, total):
    """COCO's: the mean of the best precision at 101 recalls; `curve` is hits, best score first."""
    if not total:
        return float("nan")
    hits = np.cumsum(np.array(curve, dtype=np.float64))
    recall = hits / total
    precision = hits / np.arange(1, len(hits) + 1)
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    places = np.searchsorted(recall, np.linspace(0, 1, 101), side="left")
    return float(np.sum(precision[places[places < len(precision)]]) / 101)


def _hits(found, label, threshold):
    return [at >= 0 for at in match(found, label, threshold)]


def _at_score(said, labels, score):
    """Precision and recall at one score, recall by factor; IoU 0.5."""
    right = wrong = 0
    factors = {}
    for found, label in zip(said, labels):
        hits = match(found[found[:, 4] >= score], label, 0.5)
        right += sum(at >= 0 for at in hits)
        wrong += sum(at < 0 for at in hits)
        for i, plate in enumerate(label["plates"]):
            for factor, name in plate["factors"].items():
                cell = factors.setdefault(factor, {}).setdefault(name, [0, 0])
                cell[0] += 1
                cell[1] += i in hits
    plates = sum(len(label["plates"]) for label in labels)
    return {
        "precision": right / float(max(1, right + wrong)),
        "recall": right / float(max(1, plates)),
        "factors": dict(
            (factor, dict((k, {"count": n, "recall": r / float(n)}) for k, (n, r) in cells.items()))
            for factor, cells in factors.items()
        ),
    }


def _lines(numbers, score):
    yield "pictures   %d with %d plates" % (numbers["count"], numbers["plates"])
    yield "AP50       %.4f" % numbers["AP50"]
    yield "AP50-95    %.4f" % numbers["AP50_95"]
    yield "precision  %.4f, recall %.4f at score %s, IoU 0.5" % (
        numbers["precision"],
        numbers["recall"],
        score,
    )
    yield ""
    yield "%-12s%-12s%8s%10s" % ("factor", "class", "plates", "recall")
    for factor in sorted(numbers["factors"]):
        for name, n in sorted(numbers["factors"][factor].items()):
            yield "%-12s%-12s%8d%10.4f" % (factor, name, n["count"], n["recall"])
