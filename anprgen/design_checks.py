# SPDX-License-Identifier: Apache-2.0
"""Checks of a design against itself; `anprgen.lint` adds those that need faces and drawings."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, Any

from anprgen.clusters import is_mark
from anprgen.design_files import is_own, leads_out, named
from anprgen.errors import DesignError, nearest
from anprgen.registration import Series

if TYPE_CHECKING:
    from anprgen.design import Layout, PlateDesign


def check_structure(design: PlateDesign) -> None:
    """What a schema cannot say: references, weights, ranges, slots.

    Raises:
        DesignError: with the design's path and the JSON path of the first fault.
    """

    def fail(message: str, where: str, hint: str | None = None) -> None:
        raise DesignError(message, where=f"{design.path}: {where}", hint=hint)

    if sum(s.weight for s in design.series) <= 0:
        fail("no series has a weight above 0, so nothing can be drawn", "$.series")
    seen: set[str] = set()
    for i, s in enumerate(design.series):
        at = f"$.series[{i}]"
        if s.id in seen:
            fail(f"the id {s.id!r} is used twice", f"{at}.id")
        seen.add(s.id)
        names = [f.name for f in s.fields]
        if len(set(names)) < len(names):
            fail("two fields have one name", f"{at}.fields")
        used = _template_fields(s.template, f"{at}.text", fail)
        for name in [*used, *s.ocr]:
            if name not in names:
                fail(f"there is no field {name!r}", at, nearest(name, names))
        for name in s.ocr:
            if name not in used:
                fail(f"the text does not write the field {name!r}", f"{at}.text")
        if sum(s.layouts.values()) <= 0:
            fail("no layout has a weight above 0", f"{at}.layouts")
        for j, f in enumerate(s.fields):
            where = f"{at}.fields[{j}]"
            if f.number and f.number[0] > f.number[1]:
                fail("first is above last, so no number can be drawn", f"{where}.number")
            for weights in ([f.values] if f.values else []) + list(f.characters or ()):
                if sum(weights.values()) <= 0:
                    fail("no value has a weight above 0, so nothing can be drawn", where)
            for k, position in enumerate(f.characters or ()):
                if marks := [ascii(c) for c in position if is_mark(c)]:
                    fail(
                        f"{' '.join(marks)} stands on another character and has no place",
                        f"{where}.characters[{k}]",
                        "write whole letters, or give the field as values",
                    )
        for key in s.layouts:
            if key not in design.layouts:
                fail(
                    f"there is no layout {key!r}",
                    f"{at}.layouts",
                    nearest(key, list(design.layouts)),
                )
            _check_slots(design.layouts[key], s, fail)
    for key, layout in design.layouts.items():
        for sheet in layout.sheets:
            if sheet not in design.sheets:
                fail(
                    f"there is no sheet {sheet!r}",
                    f"$.layouts.{key}.sheets",
                    nearest(sheet, list(design.sheets)),
                )
        if sum(layout.sheets.values()) <= 0:
            fail("no sheet has a weight above 0", f"$.layouts.{key}.sheets")
        _check_conditions(design, layout, fail)
        _check_files(layout, fail)


def _check_files(layout: Layout, fail: Any) -> None:
    """Faces and drawings of its own lie in the design's folder: a dataset keeps them with it."""
    for e in layout.elements:
        for key, name in named(e):
            if is_own(name) and leads_out(name):
                fail(
                    f"the path {name!r} leads out of the design's folder",
                    f"{e.where}.{key}",
                    "put the file beside the design or in a folder there; its path has / only",
                )


def _check_conditions(design: PlateDesign, layout: Layout, fail: Any) -> None:
    """The sheets, fields and rows of elements exist, and options have a weight."""
    fields = {f.name for s in design.series for f in s.fields}
    shared: dict[str, list[float]] = {}
    for e in layout.elements:
        weights = [o["weight"] for o in e.options]
        if "choice" in e.spec and shared.setdefault(e.spec["choice"], weights) != weights:
            fail(
                f"elements of the choice {e.spec['choice']!r} have options of different weights",
                f"{e.where}.options",
                "give them as many options, with the same weights in the same order",
            )
        if e.options and sum(o["weight"] for o in e.options) <= 0:
            fail("no option has a weight above 0", f"{e.where}.options")
        for made in (e, *(e.option(k) for k in range(len(e.options)))):
            for sheet in made.spec.get("sheets", ()):
                if sheet not in design.sheets:
                    fail(f"there is no sheet {sheet!r}", e.where, nearest(sheet, [*design.sheets]))
            for name in (*made.fields, *filter(None, [made.spec.get("with_field")])):
                if name not in fields:
                    fail(f"there is no field {name!r}", e.where, nearest(name, sorted(fields)))
            row = made.spec.get("row")
            if row is not None and row not in layout.rows:
                fail(f"there is no row {row!r}", e.where, nearest(row, [*layout.rows]))


def _template_fields(template: str, where: str, fail: Any) -> list[str]:
    """The fields that a template writes; only plain ``{name}`` is allowed."""
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError as e:
        fail(f"{e}", where, "write each part as {name}")
    for _, name, spec, conversion in parts:
        if name is not None and (spec or conversion or not name.isidentifier()):
            fail(f"only plain fields can be written, as {{name}}, not {template!r}", where)
    return [name for _, name, _, _ in parts if name]


def _check_slots(layout: Layout, series: Series, fail: Any) -> None:
    placed = {name for e in layout.elements for name in e.fields}
    for name in series.ocr:
        if name not in placed:
            fail(
                f"series {series.id} writes the field {name!r}, but no element places it",
                f"$.layouts.{layout.id}.elements",
            )
    in_lines = {name for line in layout.lines for name in line}
    for name in series.ocr:
        if name not in in_lines:
            fail(
                f"the field {name!r} is in no line of the reading order",
                f"$.layouts.{layout.id}.lines",
            )
    by_name = {f.name: f for f in series.fields}
    for e in layout.elements:
        if e.kind == "slots" and e.spec["field"] in by_name:
            longest = by_name[e.spec["field"]].longest
            if longest > len(e.spec["x_mm"]):
                fail(
                    f"{len(e.spec['x_mm'])} slots for a field of up to {longest} characters"
                    f" (series {series.id})",
                    e.where,
                )
