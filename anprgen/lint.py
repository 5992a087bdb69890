# SPDX-License-Identifier: Apache-2.0
"""Checks of a design that need its faces and drawings: glyphs, overlaps, the plate's edge."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from unicodedata import normalize

from anprgen.artwork import Artwork, lay_out
from anprgen.design import Layout, PlateDesign
from anprgen.draw import parameters
from anprgen.elements import face_of
from anprgen.errors import AnprgenError, DesignError
from anprgen.parameters import check_overrides
from anprgen.registration import Series
from anprgen.widest import widest

#: A cell may stand out of the plate by this much before it is a mistake (rounding of measures).
_SLACK_MM = 0.5


@lru_cache(maxsize=64)
def check_design(design: PlateDesign) -> None:
    """Lays out the widest registration of every series on each of its layouts.

    Raises:
        DesignError: a character without a glyph, a missing face or drawing, a character outside
            the plate, two characters that overlap; with the JSON path.
        ConfigError: a parameter that there is none of, or a value out of its bounds.
    """
    check_overrides(design.parameters, parameters(), f"{design.path}: $.plates")
    for series in design.series:
        for key in series.layouts:
            layout = design.layouts[key]
            counts = [len(e.options) for e in layout.elements if e.options]
            for k in range(max(counts, default=1)):
                options = [min(k, n - 1) for n in counts]
                _check_glyphs(design, layout, series, options)
                _check_places(design, layout, series, options)


def _check_glyphs(
    design: PlateDesign, layout: Layout, series: Series, options: Sequence[int]
) -> None:
    by_name = {f.name: f for f in series.fields}
    for element in layout.chosen(options):
        where = f"{design.path}: {element.where}"
        if "face" not in element.spec:
            continue
        try:
            face = face_of(design, element)
        except AnprgenError as e:
            raise DesignError(e.message, where=f"{where}.face", hint=e.hint) from None
        fixed = element.spec.get("text", "") + re.sub(r"\{\w+\}", "", element.spec.get("line", ""))
        needed = {name: by_name[name].alphabet for name in element.fields if name in by_name}
        for name, alphabet in [*needed.items(), ("", set(fixed))]:
            of = f" (field {name} of series {series.id})" if name else ""
            missing = sorted(alphabet - face.chars - {" "})
            if missing:
                whole = all(normalize("NFC", glyph) in face.chars for glyph in missing)
                raise DesignError(
                    f"the face {face.name} has no glyph for {' '.join(missing)}{of}",
                    where=f"{where}.face",
                    hint="write letters and their marks as one character (Unicode's NFC)"
                    if whole
                    else "use another face, or leave these characters out",
                )
            bare = [c for c in sorted(alphabet - {" "}) if not face.glyph(c, 75.0).contours]
            if bare:
                raise DesignError(
                    f"the face {face.name} draws nothing for {' '.join(map(ascii, bare))}{of}",
                    where=f"{where}.face",
                    hint="a plain blank leaves a gap: write that, or leave these characters out",
                )


def _check_places(
    design: PlateDesign, layout: Layout, series: Series, options: Sequence[int]
) -> None:
    for registration in widest(design, layout, series, options):
        try:
            artwork = lay_out(
                design,
                layout,
                series,
                registration,
                sheet=next(iter(layout.sheets)),
                options=options,
            )
        except AnprgenError as e:
            raise DesignError(
                e.message, where=f"{design.path}: $.layouts.{layout.id}", hint=e.hint
            ) from None
        _inside(design, layout, artwork)
        _apart(design, layout, artwork)


def _inside(design: PlateDesign, layout: Layout, artwork: Artwork) -> None:
    w, h = artwork.size_mm
    for c in artwork.characters:
        x0, y0, x1, y1 = c.cell_mm
        if min(x0, y0) < -_SLACK_MM or x1 > w + _SLACK_MM or y1 > h + _SLACK_MM:
            raise DesignError(
                f"character {c.char!r} of the field {c.field} lies outside the plate"
                f" (cell {x0:.1f}, {y0:.1f} to {x1:.1f}, {y1:.1f}; plate {w:g} x {h:g} mm)",
                where=f"{design.path}: {_element(layout, c.field)}",
                hint="move the slot or enlarge the plate",
            )


def _apart(design: PlateDesign, layout: Layout, artwork: Artwork) -> None:
    chars = artwork.characters
    for i, a in enumerate(chars):
        for b in chars[i + 1 :]:
            wide = min(a.cell_mm[2], b.cell_mm[2]) - max(a.cell_mm[0], b.cell_mm[0])
            high = min(a.cell_mm[3], b.cell_mm[3]) - max(a.cell_mm[1], b.cell_mm[1])
            if wide > _SLACK_MM and high > _SLACK_MM:
                raise DesignError(
                    f"characters {a.char!r} ({a.field}) and {b.char!r} ({b.field}) overlap"
                    f" by {wide:.1f} x {high:.1f} mm",
                    where=f"{design.path}: {_element(layout, b.field)}",
                    hint="move one of them",
                )


def _element(layout: Layout, field: str) -> str:
    return next((e.where for e in layout.elements if field in e.fields), "$.layouts")
