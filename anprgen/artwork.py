# SPDX-License-Identifier: Apache-2.0
"""Design + registration -> artwork: placed outlines and character boxes, in plate mm.

The one artwork of a plate feeds base colour, height, retro-reflection and labels, so that labels
cannot drift from pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from anprgen import elements, rows
from anprgen.clusters import glyphs_of, is_read
from anprgen.design import Element, Layout, PlateDesign, Sheet
from anprgen.elements import Box, Contours, Mark, Picture, Shift
from anprgen.glyphs import Glyph
from anprgen.registration import Registration, Series
from anprgen.studs import studded


@dataclass(frozen=True)
class Character:
    """One placed character: its cell and outlines in mm, and its place in the reading order."""

    char: str
    field: str
    line: int
    position: int
    large: bool
    cell_mm: Box
    contours: Contours


@dataclass(frozen=True)
class Artwork:
    """Everything on one plate, and its characters in reading order.

    `prints` are flat, in painting order; `marks` stand on them: foil, paint, bare embossing.
    """

    size_mm: tuple[float, float]
    corner_radius_mm: float
    sheet: Sheet
    look: str
    micro_text: str
    prints: tuple[Mark | Picture, ...]
    marks: tuple[Mark, ...]
    characters: tuple[Character, ...]
    lines: tuple[str, ...]


def lay_out(
    design: PlateDesign,
    layout: Layout,
    series: Series,
    registration: Registration,
    *,
    sheet: str,
    border: bool = True,
    options: Sequence[int] = (),
    vary: Sequence[float] = (),
    serial: int = 12345678,
) -> Artwork:
    """Places a registration on a layout.

    `options` says which option each element that has some takes, by default the first. `vary`
    holds numbers in -1..1: two for the plate's size, then four an element (x, y, size, width),
    scaled by the layout's own `vary` share and the element's jitter; empty means none.
    """
    size = layout.varied_size(vary)
    made: list[Mark | Picture] = []
    placed: dict[str, list[Character]] = {}
    if layout.border and border:
        made.append(elements.border(layout, size))
    drawn = {
        i: e for i, e in enumerate(layout.chosen(options)) if _is_drawn(e, sheet, registration)
    }
    shifts = {i: Shift.of(layout, e, vary, i) for i, e in drawn.items()}
    shifts = rows.in_rows(design, layout, drawn, registration, shifts)
    for i, element in drawn.items():
        spec, shift = element.spec, shifts[i]
        if element.kind in ("slots", "run"):
            new, more = _characters(design, element, registration, shift)
            placed |= {name: [c for c in new if c.field == name] for name in element.fields}
            made += [m for c in new for m in _written(element, c.contours)] + more
        elif element.kind == "bar":
            made += _written(element, (elements.rect(shift.box(spec["box_mm"])),))
        elif element.kind == "area":
            made.append(elements.area(element, shift))
        elif element.kind == "text":
            made += elements.text(design, element, shift)
        elif element.kind == "art":
            made.append(elements.picture(design, element, shift))
        elif element.kind == "serial":
            made += elements.serial(design, element, shift, serial)
        elif element.kind == "watermarks":
            made += elements.watermarks(element, shift, size)
    ordered, lines = _reading_order(layout, series, registration, placed)
    flat = [m for m in made if isinstance(m, Picture) or m.ink == "print"]
    return Artwork(
        size_mm=size,
        corner_radius_mm=layout.corner_radius_mm,
        sheet=design.sheets[sheet],
        look=layout.look,
        micro_text=design.micro_text,
        prints=tuple(flat),
        marks=tuple(m for m in made if isinstance(m, Mark) and m.ink != "print"),
        characters=ordered,
        lines=lines,
    )


def _is_drawn(element: Element, sheet: str, registration: Registration) -> bool:
    spec = element.spec
    if spec.get("absent") or sheet not in spec.get("sheets", [sheet]):
        return False
    return not spec.get("with_field") or bool(registration.field(spec["with_field"]))


def _written(element: Element, contours: Contours) -> list[Mark]:
    """The marks, in the ink of an element that belongs to the registration, of one shape of it."""
    spec = element.spec
    whole = Mark(
        contours, spec.get("ink", "foil"), elements.color_of(spec.get("color_srgb")), retro=0.0
    )
    studs = spec.get("studs")
    if not studs:
        return [whole]
    discs = studded(contours, studs["diameter_mm"], studs["pitch_mm"])
    color = elements.color_of(studs.get("color_srgb"))
    fixed = Mark(discs, "paint", color, retro=0.0)
    return [fixed] if color is None else [whole, fixed]


def _characters(
    design: PlateDesign, element: Element, registration: Registration, shift: Shift
) -> tuple[list[Character], list[Mark]]:
    """The characters of its fields, and the marks among them that nobody reads (hyphens)."""
    place = _in_slots if element.kind == "slots" else _in_run
    found = place(design, element, registration, shift)
    return (
        [c for c in found if is_read(c.char)],
        [m for c in found if not is_read(c.char) for m in _written(element, c.contours)],
    )


def _in_slots(
    design: PlateDesign, element: Element, registration: Registration, shift: Shift
) -> list[Character]:
    """The glyphs of a field, each in its slot; a blank leaves its slot empty."""
    spec = element.spec
    face = elements.face_of(design, element)
    height = spec["height_mm"] * shift.sy * shift.size
    wide = shift.sx * shift.width * spec.get("stretch", 1.0) / shift.sy
    out, name = [], spec["field"]
    for char, x in zip(glyphs_of(registration.field(name)), spec["x_mm"]):
        if char == " ":
            continue
        glyph = elements.glyph_at(face, char, height)
        left, top = shift.point(x, spec["y_mm"])
        cell = spec["cell_mm"] * shift.sx if "cell_mm" in spec else glyph.cell_mm
        out.append(_place(char, name, glyph, left, top, cell, wide))
    return out


def _in_run(
    design: PlateDesign, element: Element, registration: Registration, shift: Shift
) -> list[Character]:
    """The glyphs of a line, those between fields too."""
    face = elements.face_of(design, element)
    written = elements.run_glyphs(element, registration)
    letters, top = elements.set_line(face, [char for char, _ in written], element, shift)
    return [
        _place(at.char, name, at.glyph, at.left, top, at.cell, at.wide)
        for at, name in zip(letters, [name for char, name in written if char != " "], strict=True)
    ]


def _place(
    char: str, field: str, glyph: Glyph, left: float, top: float, cell: float, wide: float
) -> Character:
    """A glyph centred in its cell of width `cell`; line, position and size are set later."""
    dx = left + (cell - glyph.cell_mm * wide) / 2
    contours = elements.placed_at(glyph, dx, top, wide)
    return Character(
        char, field, 0, 0, False, (left, top, left + cell, top + glyph.height_mm), contours
    )


def _reading_order(
    layout: Layout,
    series: Series,
    registration: Registration,
    placed: dict[str, list[Character]],
) -> tuple[tuple[Character, ...], tuple[str, ...]]:
    out: list[Character] = []
    lines: list[str] = []
    order = [(n, name) for n, line in enumerate(layout.lines) for name in line]
    order += [(0, name) for name in placed if name not in {n for _, n in order}]
    counts: dict[int, int] = {}
    for n, name in order:
        for c in placed.get(name, []):
            position = counts[n] = counts.get(n, -1) + 1
            out.append(replace(c, line=n, position=position, large=name in series.ocr))
    for n in range(len(layout.lines)):
        words = [registration.field(name) for name in layout.lines[n] if name in placed]
        lines.append(" ".join(w for w in words if w))
    return tuple(out), tuple(lines)
