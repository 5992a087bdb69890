# SPDX-License-Identifier: Apache-2.0
"""A design's elements that are not the registration: bands, texts, drawings, serials, marks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from anprgen.art import Art, load_art
from anprgen.clusters import glyphs_of
from anprgen.design import Element, Layout, PlateDesign
from anprgen.design_files import is_own
from anprgen.geometry import Points
from anprgen.glyphs import Face, Glyph, load_face
from anprgen.registration import Registration

Box = tuple[float, float, float, float]
Contours = tuple[Points, ...]
Color = tuple[int, int, int]


@dataclass(frozen=True)
class Mark:
    """Closed outlines painted as one shape (even-odd), in mm.

    `ink` is foil (hot-stamped, with micro-text), paint (rolled onto the embossing), blind
    (embossed, bare) or print (flat); `color_srgb` None means the sheet's ink; `opacity` and
    `retro` (what is left of the sheeting's retro-reflection) are those of print.
    """

    contours: Contours
    ink: str
    color_srgb: Color | None = None
    opacity: float = 1.0
    retro: float = 0.3
    fine: bool = False  # invisible below about 1 px/mm, so it is left out of small textures


@dataclass(frozen=True)
class Picture:
    """A printed drawing in a box (x0, y0, x1, y1) in mm; `color_srgb` replaces its foreground.

    `retro` is what each of its layers leaves of the sheeting's retro-reflection.
    """

    art: Art
    box_mm: Box
    color_srgb: Color | None
    opacity: float
    retro: float = 0.3


@dataclass(frozen=True)
class Shift:
    """Places an element: the plate's scale, and the element's own change."""

    sx: float
    sy: float
    dx: float
    dy: float
    size: float
    width: float

    @classmethod
    def of(cls, layout: Layout, element: Element, vary: Sequence[float], i: int) -> Shift:
        """Of element `i`; `vary` holds numbers in -1..1, see `anprgen.artwork.lay_out`.

        Elements of one group take the numbers of its first.
        """
        size = layout.varied_size(vary)
        if (group := element.spec.get("group")) is not None:
            i = next(k for k, e in enumerate(layout.elements) if e.spec.get("group") == group)
        v = list(vary[2 + 4 * i : 6 + 4 * i]) or [0.0] * 4
        share, (w, h) = layout.vary, layout.size_mm
        jx, jy = element.spec.get("jitter_mm", (0.0, 0.0))
        return cls(
            size[0] / w,
            size[1] / h,
            share * v[0] * w * 0.15 + jx * v[0],
            share * v[1] * h * 0.3 + jy * v[1],
            1 + share * v[2],
            1 + share * v[3],
        )

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of the design is on this plate, mm."""
        return x * self.sx + self.dx, y * self.sy + self.dy

    def box(self, b: Sequence[float]) -> Box:
        """Where a box of the design is on this plate, mm."""
        return (*self.point(b[0], b[1]), *self.point(b[2], b[3]))


def color_of(spec: object) -> Color | None:
    """An sRGB colour of a design as a tuple, or None."""
    return (int(spec[0]), int(spec[1]), int(spec[2])) if isinstance(spec, (list, tuple)) else None


def rect(b: Box) -> Points:
    """The corners of a box, clockwise from the top left."""
    return np.array([[b[0], b[1]], [b[2], b[1]], [b[2], b[3]], [b[0], b[3]]], np.float64)


def _arcs() -> Points:
    a = np.array([np.pi, 1.5 * np.pi, 0.0, 0.5 * np.pi])[:, None] + np.linspace(0, np.pi / 2, 9)
    return np.stack([np.cos(a), np.sin(a)], -1)


_ARCS = _arcs()  # of the unit circle, a corner each, clockwise from the top left


def rounded(b: Box, radius: float) -> Points:
    """Outline of a box with rounded corners, clockwise from the top left, arcs of 8 steps."""
    x0, y0, x1, y1 = b
    r = max(0.0, min(radius, (x1 - x0) / 2, (y1 - y0) / 2))
    if r == 0:
        return rect(b)
    centres = np.array([[x0 + r, y0 + r], [x1 - r, y0 + r], [x1 - r, y1 - r], [x0 + r, y1 - r]])
    return np.asarray((centres[:, None] + r * _ARCS).reshape(-1, 2))


def border(layout: Layout, size: tuple[float, float]) -> Mark:
    """The line around the edge of a plate of `size` mm."""
    assert layout.border is not None
    inset, width = layout.border["inset_mm"], layout.border["width_mm"]
    radius = layout.border.get("radius_mm", layout.corner_radius_mm - inset)
    outer = (inset, inset, size[0] - inset, size[1] - inset)
    i = inset + width
    inner = (i, i, size[0] - i, size[1] - i)
    return Mark(
        (rounded(outer, radius), rounded(inner, max(0.0, radius - width / 2))[::-1]),
        layout.border.get("ink", "foil"),
        color_of(layout.border.get("color_srgb")),
    )


def glyph_at(face: Face, char: str, height_mm: float) -> Glyph:
    """The glyph at any height, scaled from one flattened (and cached) at 75 mm."""
    g, k = face.glyph(char, 75.0), height_mm / 75.0
    return replace(
        g, contours=tuple(c * k for c in g.contours), cell_mm=g.cell_mm * k, height_mm=height_mm
    )


def face_of(design: PlateDesign, element: Element) -> Face:
    """The face an element is written in."""
    name = element.spec["face"]
    return load_face(name, Path(design.path).parent, design.files.get(name))


def run_glyphs(element: Element, registration: Registration) -> list[tuple[str, str]]:
    """The glyphs of a run, each with the field it is of ('' between fields)."""
    spec = element.spec
    if "line" not in spec:
        value = registration.field(spec["field"])
        glyphs = [*glyphs_of(value), *(spec.get("suffix", "") if value else "")]
        return [(glyph, spec["field"]) for glyph in glyphs]
    out: list[tuple[str, str]] = []
    for between, name in re.findall(r"([^{}]*)(?:\{(\w+)\})?", spec["line"]):
        out += [(char, "") for char in between]
        out += [(glyph, name) for glyph in glyphs_of(registration.field(name))]
    return out


def placed_at(glyph: Glyph, left: float, top: float, wide: float) -> Contours:
    """A glyph's outlines, `wide` times as wide, with the corner of its cell at (left, top) mm."""
    scale, at = np.array([wide, 1.0]), np.array([left, top])
    return tuple(c * scale + at for c in glyph.contours)


@dataclass(frozen=True)
class Letter:
    """One glyph of a line of text: its cell's left edge and width, mm; its outlines are scaled."""

    char: str
    glyph: Glyph
    left: float
    cell: float
    wide: float


def set_line(
    face: Face, chars: Sequence[str], element: Element, shift: Shift
) -> tuple[list[Letter], float]:
    """A centred line of glyphs, squeezed to `max_width_mm`, and its top, mm; blanks leave a gap."""
    spec = element.spec
    height = spec["height_mm"] * shift.sy * shift.size
    wide = shift.sx * shift.width * spec.get("stretch", 1.0) / shift.sy
    gap = spec["spacing_mm"] * shift.sx * shift.width
    glyphs = [None if c == " " else glyph_at(face, c, height) for c in chars]
    blank = spec["blank_mm"] * shift.sx * shift.width if "blank_mm" in spec else 0.4 * height * wide
    widths = [blank if g is None else g.cell_mm * wide for g in glyphs]
    total = sum(widths) + gap * max(0, len(widths) - 1)
    most = spec.get("max_width_mm", 0.0) * shift.sx
    k = most / total if 0 < most < total else 1.0
    cx, cy = shift.point(*spec["center_mm"])
    x = cx - k * total / 2
    out = []
    for char, glyph, width in zip(chars, glyphs, widths):
        if glyph is not None:
            out.append(Letter(char, glyph, x, k * width, k * wide))
        x += k * (width + gap)
    return out, cy - height / 2


def area(element: Element, shift: Shift) -> Mark:
    """A filled box, or its outline where `line_mm` is given."""
    spec = element.spec
    box = shift.box(spec["box_mm"])
    radius, line = spec.get("radius_mm", 0.0), spec.get("line_mm", 0.0)
    contours: Contours = (rounded(box, radius),)
    if line > 0:
        inner = (box[0] + line, box[1] + line, box[2] - line, box[3] - line)
        contours = (contours[0], rounded(inner, max(0.0, radius - line))[::-1])
    return Mark(
        contours,
        spec.get("ink", "print"),
        color_of(spec.get("color_srgb")),
        spec.get("opacity", 1.0),
        spec.get("retro", 0.3),
    )


def text(design: PlateDesign, element: Element, shift: Shift) -> list[Mark]:
    """A fixed text that is no part of the registration: a country's letters, a slogan."""
    spec = element.spec
    letters, top = set_line(face_of(design, element), spec["text"], element, shift)
    return [
        Mark(
            placed_at(at.glyph, at.left, top, at.wide),
            spec.get("ink", "print"),
            color_of(spec.get("color_srgb")),
            spec.get("opacity", 1.0),
            spec.get("retro", 0.3),
            fine=spec["height_mm"] < 6,
        )
        for at in letters
    ]


def picture(design: PlateDesign, element: Element, shift: Shift) -> Picture:
    """A drawing in its box."""
    spec = element.spec
    name = spec["name"]
    return Picture(
        art=load_art(
            Path(design.path).parent / name if is_own(name) else name, design.files.get(name)
        ),
        box_mm=shift.box(spec["box_mm"]),
        color_srgb=color_of(spec.get("color_srgb")),
        opacity=spec.get("opacity", 1.0),
        retro=spec.get("retro", 0.3),
    )


def serial(design: PlateDesign, element: Element, shift: Shift, number: int) -> list[Mark]:
    """The laser serial number."""
    x0, y0, x1, y1 = shift.box(element.spec["box_mm"])
    face = face_of(design, element)
    digits = str(number)
    step = (x1 - x0) / len(digits)
    out = []
    for i, char in enumerate(digits):
        glyph = glyph_at(face, char, y1 - y0)
        wide = min(1.0, step * 0.8 / glyph.cell_mm)
        contours = placed_at(glyph, x0 + i * step, y0, wide)
        out.append(Mark(contours, "print", None, element.spec.get("opacity", 0.35), fine=True))
    return out


def watermarks(element: Element, shift: Shift, size: tuple[float, float]) -> list[Mark]:
    """A row of round marks in the sheeting."""
    spec = element.spec
    r, pitch = spec["diameter_mm"] / 2, spec["pitch_mm"]
    a = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    circle = np.stack([np.cos(a), np.sin(a)], 1)
    y = shift.point(0, spec["y_mm"])[1]
    out = []
    for x in np.arange(pitch / 2, size[0], pitch):
        at = np.array([x, y])
        rings = (circle * r + at, circle[::-1] * r * 0.86 + at, circle * r * 0.5 + at)
        out.append(Mark(rings, "print", (90, 90, 92), spec.get("opacity", 0.1)))
    return out
