# SPDX-License-Identifier: Apache-2.0
"""Texts: from logits or class numbers, and how right they are."""

import unicodedata
from collections import Counter

import numpy as np
from eval_outputs import Problem


def decode_rows(rows, decode):
    """Rows of logits [n, places, classes] or of class numbers [n, places] -> texts."""
    classes, kind = decode["classes"], decode["kind"]
    count = len(classes)
    if rows.ndim == 2 and kind == "slots" and not _are_ids(rows, count):
        # fast-plate-ocr says all logits of a plate in one row.
        if rows.shape[1] % count:
            raise Problem(
                "rows of %d numbers are no multiple of the set's %d classes: another charset?"
                % (rows.shape[1], count)
            )
        rows = rows.reshape(len(rows), -1, count)
    if rows.ndim == 3:
        if rows.shape[2] != count:
            raise Problem(
                "the output %s has %d classes, the set %d: another charset, or the time first?"
                % (rows.shape, rows.shape[2], count)
            )
        rows = rows.argmax(axis=2)
    if rows.ndim != 2:
        raise Problem("an output of shape %s is no text" % (rows.shape,))
    ids = rows.astype(np.int64)
    if (ids != rows).any() or ids.max() >= count:
        raise Problem("the output holds no class numbers of 0 to %d" % (count - 1))
    special = decode.get("blank_index", decode.get("pad_index", decode.get("eos_index")))
    return [_text(row, kind, special, classes) for row in ids.tolist()]


def _are_ids(rows, count):
    return not (rows != np.floor(rows)).any() and rows.min() >= -1 and rows.max() < count


def _text(row, kind, special, classes):
    if kind == "eos" and special in row:
        row = row[: row.index(special)]
    if kind == "ctc":
        row = [c for i, c in enumerate(row) if i == 0 or c != row[i - 1]]
    # Below 0 is padding that some programs put behind the text.
    return "".join(classes[c] for c in row if c >= 0 and c != special)


def normal_form(text):
    """As two texts are compared: composed, without case, blanks, hyphens, full stops."""
    text = unicodedata.normalize("NFC", text).upper()
    return "".join(c for c in text if not c.isspace() and c not in "-.\u00b7")


def align(right, said):
    """The fewest edits from `right` to `said`: [(character, character)], "" for none."""
    wide = len(said) + 1
    cost = [list(range(wide))]
    for i, a in enumerate(right, 1):
        line = [i]
        for j, b in enumerate(said, 1):
            line.append(min(cost[i - 1][j] + 1, line[j - 1] + 1, cost[i - 1][j - 1] + (a != b)))
        cost.append(line)
    i, j, edits = len(right), len(said), []
    while i or j:
        if i and j and cost[i][j] == cost[i - 1][j - 1] + (right[i - 1] != said[j - 1]):
            i, j = i - 1, j - 1
            if right[i] != said[j]:
                edits.append((right[i], said[j]))
        elif i and cost[i][j] == cost[i - 1][j] + 1:
            i -= 1
            edits.append((right[i], ""))
        else:
            j -= 1
            edits.append(("", said[j]))
    return edits


def interval(right, count):
    """Wilson's 95 % interval of a share."""
    z = 1.96
    share, square = right / float(count), z * z / count
    middle = (share + square / 2) / (1 + square)
    half = z * (share * (1 - share) / count + square / (4 * count)) ** 0.5 / (1 + square)
    return max(0.0, middle - half), min(1.0, middle + half)


class Tally(object):
    """Sums over some samples."""

    def __init__(self):
        self.count = self.exact = self.strict = self.edits = self.characters = 0

    def add(self, exact, strict, edits, characters):
        self.count += 1
        self.exact += exact
        self.strict += strict
        self.edits += edits
        self.characters += characters

    def numbers(self):
        return {
            "count": self.count,
            "exact": self.exact / float(self.count),
            "strict": self.strict / float(self.count),
            "character_error_rate": self.edits / float(max(1, self.characters)),
            "exact_interval_95": interval(self.exact, self.count),
        }


def score_text(texts, labels, pairs):
    """(lines to print, numbers, share of exact texts); a missing text (None) is wrong."""
    whole, factors, confusions = Tally(), {}, Counter()
    for said, label in zip(texts, labels):
        right, got = normal_form(label["text"]), normal_form(said or "")
        edits = align(right, got)
        exact = said is not None and right == got
        values = (exact, said == label["text"], len(edits), len(right))
        confusions.update(edits)
        whole.add(*values)
        for factor, name in sorted(label["plates"][0]["factors"].items()):
            factors.setdefault(factor, {}).setdefault(name, Tally()).add(*values)
    numbers = whole.numbers()
    numbers["missing"] = sum(text is None for text in texts)
    numbers["factors"] = dict(
        (factor, dict((name, tally.numbers()) for name, tally in tallies.items()))
        for factor, tallies in factors.items()
    )
    listed = sorted(confusions.items(), key=lambda item: (-item[1], item[0]))
    numbers["confusions"] = [[a, b, n] for (a, b), n in listed]
    return _lines(numbers, pairs), numbers, numbers["exact"]


def _lines(numbers, pairs):
    low, high = numbers["exact_interval_95"]
    yield "samples               %d" % numbers["count"]
    if numbers["missing"]:
        yield "missing, so wrong     %d" % numbers["missing"]
    yield "exact                 %.4f (95 %% interval %.4f to %.4f)" % (numbers["exact"], low, high)
    yield (
        "strict                %.4f (as written: case, blanks and hyphens too)" % numbers["strict"]
    )
    yield "character error rate  %.4f" % numbers["character_error_rate"]
    yield ""
    yield "%-12s%-12s%8s%10s%10s" % ("factor", "class", "samples", "exact", "CER")
    for factor in sorted(numbers["factors"]):
        for name, n in sorted(numbers["factors"][factor].items()):
            cells = (factor, name, n["count"], n["exact"], n["character_error_rate"])
            yield "%-12s%-12s%8d%10.4f%10.4f" % cells
    if numbers["confusions"] and pairs > 0:
        yield ""
        yield "confusions: right -> read"
        for a, b, n in numbers["confusions"][:pairs]:
            yield "  %s -> %s  %d" % (a or "(nothing)", b or "(nothing)", n)
