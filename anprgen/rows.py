# SPDX-License-Identifier: Apache-2.0
"""Rows: elements set side by side, so that fields of any length and what is between them fit.

A row has a place and an alignment; its elements keep their own heights and y, and take x from it.
An element with `gap_mm` stands that far to the right of all before it; one without is centred on
the element before it (a seal above a seal). What is not drawn, or is empty, takes no place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from anprgen import elements
from anprgen.design import Element, Layout, PlateDesign
from anprgen.elements import Shift
from anprgen.registration import Registration

Span = tuple[float, float]
_ANCHOR = {"left": 0.0, "center": 0.5, "right": 1.0}


def in_rows(
    design: PlateDesign,
    layout: Layout,
    drawn: Mapping[int, Element],
    registration: Registration,
    shifts: Mapping[int, Shift],
) -> dict[int, Shift]:
    """The shifts of the drawn elements, by number, after their rows have placed them."""
    out = dict(shifts)
    for name, row in layout.rows.items():
        members = [i for i, e in drawn.items() if e.spec.get("row") == name]
        spans = {i: _span(design, drawn[i], registration, shifts[i]) for i in members}
        members = [i for i in members if spans[i][1] > spans[i][0]]
        gaps = [
            drawn[i].spec["gap_mm"] * shifts[i].sx if "gap_mm" in drawn[i].spec else None
            for i in members
        ]
        lefts = _side_by_side([spans[i] for i in members], gaps)
        if not lefts:
            continue
        ends = [x + spans[i][1] - spans[i][0] for i, x in zip(members, lefts)]
        start = min(lefts) + _ANCHOR[row.get("align", "center")] * (max(ends) - min(lefts))
        for i, left in zip(members, lefts):
            s = shifts[i]
            at = row["x_mm"] * s.sx + left - start
            out[i] = replace(s, dx=s.dx + at - spans[i][0])
    return out


def _side_by_side(spans: Sequence[Span], gaps: Sequence[float | None]) -> list[float]:
    """Left edges, of which the first is 0."""
    lefts: list[float] = []
    middle = right = 0.0
    for (x0, x1), gap in zip(spans, gaps):
        if not lefts:
            left = 0.0
        elif gap is None:
            left = middle - (x1 - x0) / 2
        else:
            left = right + gap
        middle = left + (x1 - x0) / 2
        right = max(right, left + x1 - x0)
        lefts.append(left)
    return lefts


def _span(design: PlateDesign, element: Element, registration: Registration, s: Shift) -> Span:
    """Where an element would begin and end without a row, apart from its random shift, mm."""
    still = replace(s, dx=0.0)
    if element.kind not in ("run", "text"):
        box = still.box(element.spec["box_mm"])
        return box[0], box[2]
    if element.kind == "run":
        chars = [char for char, _ in elements.run_glyphs(element, registration)]
    else:
        chars = list(element.spec["text"])
    letters, _ = elements.set_line(elements.face_of(design, element), chars, element, still)
    return (letters[0].left, letters[-1].left + letters[-1].cell) if letters else (0.0, 0.0)
