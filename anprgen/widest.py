# SPDX-License-Identifier: Apache-2.0
"""The widest registrations that a series can write on a layout, in the faces that write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from anprgen.design import Element, Layout, PlateDesign
from anprgen.elements import face_of
from anprgen.glyphs import Face
from anprgen.registration import Field, Registration, Series

_HEIGHT_MM = 75.0  # at which plates take glyphs from a face, which keeps them


def widest(
    design: PlateDesign, layout: Layout, series: Series, options: Sequence[int]
) -> list[Registration]:
    """Registrations of which at least one is the widest in each element.

    A run is widest where its glyphs together are, slots where the glyph in each slot is, so that
    a field can have several widest values.
    """
    drawn = [e for e in layout.chosen(options) if not e.spec.get("absent")]
    found: dict[str, list[str]] = {}
    for f in series.fields:
        own = [value for e in drawn if f.name in e.fields for value in _widest(design, e, f)]
        found[f.name] = list(dict.fromkeys(own)) or [
            next(iter(_values(f, dict.fromkeys(f.alphabet, 1.0))))
        ]
    return [
        series.write({name: values[min(k, len(values) - 1)] for name, values in found.items()})
        for k in range(max(map(len, found.values())))
    ]


def _widest(design: PlateDesign, element: Element, field: Field) -> list[str]:
    """The widest values of a field in an element that writes it."""
    face = face_of(design, element)
    width = {glyph: _width_mm(face, element, glyph) for glyph in field.alphabet}
    glyphs = _values(field, width)
    if element.kind == "run":
        gap = element.spec["spacing_mm"]
        return [max(glyphs, key=lambda value: sum(width[g] + gap for g in glyphs[value]))]
    # The longest come first: of slots that are all as wide, one of these fills most.
    values = sorted(glyphs, key=lambda value: -len(glyphs[value]))
    return [
        max(
            (value for value in values if len(glyphs[value]) > slot),
            key=lambda value: width[glyphs[value][slot]],
        )
        for slot in range(len(glyphs[values[0]]))
    ]


def _width_mm(face: Face, element: Element, glyph: str) -> float:
    spec = element.spec
    slots = element.kind == "slots"
    stretch = 1.0 if slots else spec.get("stretch", 1.0)
    if glyph == " ":
        return 0.0 if slots else float(spec.get("blank_mm", 0.4 * spec["height_mm"] * stretch))
    if "cell_mm" in spec:
        return float(spec["cell_mm"])
    cell = face.glyph(glyph, _HEIGHT_MM).cell_mm
    return float(cell * spec["height_mm"] / _HEIGHT_MM * stretch)


def _values(field: Field, width: Mapping[str, float]) -> Mapping[str, Sequence[str]]:
    """Values of a field, its widest among them, and the glyphs of each."""
    if field.values is not None:
        return field.glyphs_of_values
    if field.characters is not None:
        live = [[c for c, weight in p.items() if weight > 0] for p in field.characters]
        value = "".join(max(position, key=width.__getitem__) for position in live)
        return {value: value}
    assert field.number is not None
    wide = max("0123456789", key=width.__getitem__)
    return {number: number for number in _numbers(*field.number, wide)}


@lru_cache(maxsize=256)
def _numbers(first: int, last: int, digits: int, wide: str) -> tuple[str, ...]:
    """Numbers as written, with the widest of all among them, and of each place.

    A number in a range is one of its bounds, or agrees with one up to a digit and is free after
    that: there it has the digit that is `wide`.
    """
    found: set[str] = set()
    for n in range(digits, max(digits, len(str(last))) + 1):
        low, high = max(first, 10 ** (n - 1) if n > digits else 0), min(last, 10**n - 1)
        for bound in (str(low).zfill(n), str(high).zfill(n)):
            made = {bound[:i] + d + wide * (n - i - 1) for i in range(n) for d in "0123456789"}
            found |= {text for text in (bound, *made) if low <= int(text) <= high}
    return tuple(sorted(found))
