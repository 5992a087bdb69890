# SPDX-License-Identifier: Apache-2.0
"""Design + registration -> artwork: placed outlines and character boxes, in plate mm.

The one artwork of a plate feeds base colour, height, retro-reflection and labels, so that labels
cannot drift from pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from anprgen.art import Art, load_art
from anprgen.design import Element, Layout, PlateDesign, Sheet
from anprgen.geometry import Points
from anprgen.glyphs import Face, Glyph, load_face
from anprgen.registration import Registration, Series, glyphs_of

Box = tuple[float, float, float, float]
Contours = tuple[Points, ...]


@dataclass(frozen=True)
class Mark:
    """Closed outlines painted as one shape (even-odd), in mm.

    `ink` is foil (hot-stamped, embossed, micro-text), print (flat, opaque) or art (flat, thin);
    `color_srgb` None means the sheet's ink; `opacity` 0..1.
    """

    contours: Contours
    ink: str
    color_srgb: tuple[int, int, int] | None = None
    opacity: float = 1.0
    fine: bool = False  # invisible below about 1 px/mm, so it is left out of small textures


@dataclass(frozen=True)
class Picture:
    """A printed drawing in a box (x0, y0, x1, y1) in mm; `color_srgb` replaces its foreground."""

    art: Art
    box_mm: Box
    color_srgb: tuple[int, int, int] | None
    opacity: float


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
    """Everything on one plate, in painting order, and its characters in reading order."""

    size_mm: tuple[float, float]
    corner_radius_mm: float
    sheet: Sheet
    look: str
    marks: tuple[Mark, ...]
    pictures: tuple[Picture, ...]
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
    vary: Sequence[float] = (),
    serial: int = 12345678,
) -> Artwork:
    """Places a registration on a layout.

    `vary` holds numbers in -1..1: two for the plate's size, then four an element (x, y, size,
    width), scaled by the layout's own `vary` share; empty means none.
    """
    size = layout.varied_size(vary)
    sx, sy = size[0] / layout.size_mm[0], size[1] / layout.size_mm[1]
    marks: list[Mark] = []
    pictures: list[Picture] = []
    placed: dict[str, list[Character]] = {}
    if layout.border and border:
        marks.append(_border(layout, size))
    for i, element in enumerate(layout.elements):
        shift = _Shift.of(layout, vary, i, sx, sy)
        if element.spec.get("with_field") and not registration.field(element.spec["with_field"]):
            continue
        if element.kind in ("slots", "run"):
            new, more = _characters(design, element, registration, shift)
            placed[element.spec["field"]] = new
            marks += [Mark(c.contours, element.spec.get("ink", "foil")) for c in new] + more
        elif element.kind == "bar":
            box = shift.box(element.spec["box_mm"])
            marks.append(Mark((_rect(box),), element.spec.get("ink", "foil")))
        elif element.kind == "art":
            pictures.append(_picture(design, element, shift))
        elif element.kind == "serial":
            marks += _serial(design, element, shift, serial)
        elif element.kind == "watermarks" and sheet in element.spec.get("sheets", [sheet]):
            marks += _watermarks(element, shift, size)
    ordered, lines = _reading_order(layout, series, placed)
    return Artwork(
        size_mm=size,
        corner_radius_mm=layout.corner_radius_mm,
        sheet=design.sheets[sheet],
        look=layout.look,
        marks=tuple(marks),
        pictures=tuple(pictures),
        characters=ordered,
        lines=lines,
    )


@dataclass(frozen=True)
class _Shift:
    """Places an element: the plate's scale, and the element's own change."""

    sx: float
    sy: float
    dx: float
    dy: float
    size: float
    width: float

    @classmethod
    def of(cls, layout: Layout, vary: Sequence[float], i: int, sx: float, sy: float) -> _Shift:
        v = list(vary[2 + 4 * i : 6 + 4 * i]) or [0.0] * 4
        share, (w, h) = layout.vary, layout.size_mm
        return cls(
            sx,
            sy,
            share * v[0] * w * 0.15,
            share * v[1] * h * 0.3,
            1 + share * v[2],
            1 + share * v[3],
        )

    def point(self, x: float, y: float) -> tuple[float, float]:
        return x * self.sx + self.dx, y * self.sy + self.dy

    def box(self, b: Sequence[float]) -> Box:
        return (*self.point(b[0], b[1]), *self.point(b[2], b[3]))


def _characters(
    design: PlateDesign, element: Element, registration: Registration, shift: _Shift
) -> tuple[list[Character], list[Mark]]:
    spec = element.spec
    face = load_face(spec["face"], Path(design.path).parent)
    value = registration.field(spec["field"])
    height = spec["height_mm"] * shift.sy * shift.size
    wide = shift.sx * shift.width * spec.get("stretch", 1.0) / shift.sy
    glyphs = [(c, _glyph(face, c, height)) for c in glyphs_of(value)]
    out: list[Character] = []
    more: list[Mark] = []
    if element.kind == "slots":
        for (char, glyph), x in zip(glyphs, spec["x_mm"]):
            left, top = shift.point(x, spec["y_mm"])
            cell = spec["cell_mm"] * shift.sx if "cell_mm" in spec else glyph.cell_mm
            out.append(_place(char, spec["field"], glyph, left, top, cell, wide))
        return out, more
    gap = spec["spacing_mm"] * shift.sx * shift.width
    suffix = [(s, _glyph(face, s, height)) for s in spec.get("suffix", "") if value]
    widths = [g.cell_mm * wide for _, g in glyphs + suffix]
    cx, cy = shift.point(*spec["center_mm"])
    x = cx - (sum(widths) + gap * max(0, len(widths) - 1)) / 2
    for k, ((char, glyph), w) in enumerate(zip(glyphs + suffix, widths)):
        c = _place(char, spec["field"], glyph, x, cy - height / 2, w, wide)
        if k < len(glyphs):
            out.append(c)
        else:
            more.append(Mark(c.contours, spec.get("ink", "foil")))
        x += w + gap
    return out, more


def _glyph(face: Face, char: str, height_mm: float) -> Glyph:
    """The glyph at any height, scaled from one flattened (and cached) at 75 mm."""
    g, k = face.glyph(char, 75.0), height_mm / 75.0
    return replace(
        g, contours=tuple(c * k for c in g.contours), cell_mm=g.cell_mm * k, height_mm=height_mm
    )


def _place(
    char: str, field: str, glyph: Glyph, left: float, top: float, cell: float, wide: float
) -> Character:
    """A glyph centred in its cell of width `cell`; line, position and size are set later."""
    dx = left + (cell - glyph.cell_mm * wide) / 2
    contours = tuple(c * (wide, 1.0) + (dx, top) for c in glyph.contours)
    return Character(
        char, field, 0, 0, False, (left, top, left + cell, top + glyph.height_mm), contours
    )


def _reading_order(
    layout: Layout, series: Series, placed: dict[str, list[Character]]
) -> tuple[tuple[Character, ...], tuple[str, ...]]:
    out: list[Character] = []
    lines: list[str] = []
    order = [(n, name) for n, line in enumerate(layout.lines) for name in line]
    order += [(0, name) for name in placed if name not in {n for _, n in order}]
    counts: dict[int, int] = {}
    for n, name in order:
        for c in placed.get(name, []):
            position = counts[n] = counts.get(n, -1) + 1
            out.append(
                Character(c.char, c.field, n, position, name in series.ocr, c.cell_mm, c.contours)
            )
    for n in range(len(layout.lines)):
        words = ["".join(c.char for c in placed.get(name, [])) for name in layout.lines[n]]
        lines.append(" ".join(w for w in words if w))
    return tuple(out), tuple(lines)


def _rect(b: Box) -> Points:
    return np.array([[b[0], b[1]], [b[2], b[1]], [b[2], b[3]], [b[0], b[3]]], np.float64)


def rounded(b: Box, radius: float) -> Points:
    """Outline of a box with rounded corners, clockwise from the top left, arcs of 8 steps."""
    x0, y0, x1, y1 = b
    r = max(0.0, min(radius, (x1 - x0) / 2, (y1 - y0) / 2))
    if r == 0:
        return _rect(b)
    a = np.linspace(0, np.pi / 2, 9)
    corners = [
        (x0 + r, y0 + r, np.pi),
        (x1 - r, y0 + r, 1.5 * np.pi),
        (x1 - r, y1 - r, 0.0),
        (x0 + r, y1 - r, 0.5 * np.pi),
    ]
    return np.concatenate(
        [np.stack([cx + r * np.cos(a + t), cy + r * np.sin(a + t)], 1) for cx, cy, t in corners]
    )


def _border(layout: Layout, size: tuple[float, float]) -> Mark:
    assert layout.border is not None
    inset, width = layout.border["inset_mm"], layout.border["width_mm"]
    radius = layout.border.get("radius_mm", layout.corner_radius_mm - inset)
    outer = (inset, inset, size[0] - inset, size[1] - inset)
    i = inset + width
    inner = (i, i, size[0] - i, size[1] - i)
    return Mark(
        (rounded(outer, radius), rounded(inner, max(0.0, radius - width / 2))[::-1]),
        "foil" if layout.look == "embossed" else "print",
    )


def _picture(design: PlateDesign, element: Element, shift: _Shift) -> Picture:
    spec = element.spec
    name = spec["name"]
    own = spec.get("color_srgb")
    return Picture(
        art=load_art(Path(design.path).parent / name if name.endswith(".svg") else name),
        box_mm=shift.box(spec["box_mm"]),
        color_srgb=(own[0], own[1], own[2]) if own else None,
        opacity=spec.get("opacity", 1.0),
    )


def _serial(design: PlateDesign, element: Element, shift: _Shift, serial: int) -> list[Mark]:
    x0, y0, x1, y1 = shift.box(element.spec["box_mm"])
    face = load_face(element.spec["face"], Path(design.path).parent)
    text = str(serial)
    step = (x1 - x0) / len(text)
    out = []
    for i, char in enumerate(text):
        glyph = _glyph(face, char, y1 - y0)
        wide = min(1.0, step * 0.8 / glyph.cell_mm)
        contours = tuple(c * (wide, 1.0) + (x0 + i * step, y0) for c in glyph.contours)
        out.append(Mark(contours, "art", None, element.spec.get("opacity", 0.35), fine=True))
    return out


def _watermarks(element: Element, shift: _Shift, size: tuple[float, float]) -> list[Mark]:
    spec = element.spec
    r, pitch = spec["diameter_mm"] / 2, spec["pitch_mm"]
    a = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    circle = np.stack([np.cos(a), np.sin(a)], 1)
    y = shift.point(0, spec["y_mm"])[1]
    out = []
    for x in np.arange(pitch / 2, size[0], pitch):
        at = np.array([x, y])
        out.append(
            Mark(
                (circle * r + at, circle[::-1] * r * 0.86 + at, circle * r * 0.5 + at),
                "art",
                (90, 90, 92),
                spec.get("opacity", 0.1),
            )
        )
    return out
