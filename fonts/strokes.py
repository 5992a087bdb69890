# SPDX-License-Identifier: Apache-2.0
"""Stroke sources of the shipped faces: read the text files, turn a glyph into an outline.

Lengths are millimetres at cap height 75; x right from the left edge of the glyph's cell,
y DOWN from cap height. A glyph is the union of its strokes and fills, minus its cuts,
clipped to its cell, with corners rounded as the face says, and its accents, which may stand
above cap height or below the baseline. Needs shapely (build time only).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fontTools.pens.recordingPen import RecordingPen
from fontTools.svgLib.path import parse_path
from pen import QUAD_SEGS, Point, stroke
from shapely import affinity, set_precision
from shapely.geometry import Polygon, box
from shapely.ops import unary_union

CAP_MM = 75.0
STEP_MM = 0.5
SLIVER_MM = 0.02
GRID_MM = 0.001

XYMap = Callable[[Point], Point]


@dataclass(frozen=True)
class Op:
    """One drawing step: kind is line | miter | fill | cut | accent, path an SVG path string."""

    kind: str
    path: str
    pen: tuple[float, float] | None = None
    ends: str | None = None


@dataclass
class GlyphSource:
    """A glyph as written: cell width in mm, and steps, or the glyph it copies and its accents."""

    char: str
    cell: float
    ops: list[Op] = field(default_factory=list)
    like: tuple[str, str] | None = None


@dataclass
class FaceSource:
    """A face file: pen (width of upright, of level strokes), corner radii, glyphs."""

    name: str
    title: str = ""
    pen: tuple[float, float] = (10.0, 10.0)
    round: tuple[float, float] = (0.0, 0.0)
    ends: str = "butt"
    base: FaceSource | None = None
    cells: dict[str, float] = field(default_factory=dict)
    glyphs: dict[str, GlyphSource] = field(default_factory=dict)


class SourceError(ValueError):
    """A face file that cannot be read; the message names the file and line."""


def _pair(text: str, sep: str | None = None) -> tuple[float, float]:
    a, b = text.split(sep)
    return float(a), float(b)


def _op(kind: str, rest: str) -> Op:
    pen: tuple[float, float] | None = None
    ends: str | None = None
    while (head := rest.split(None, 1)[0]) and "=" in head:
        key, value = head.split("=")
        if key == "pen":
            pen = _pair(value, "x")
        elif key == "ends" and value in ("butt", "round"):
            ends = value
        else:
            raise ValueError(f"unknown option {head!r}")
        rest = rest.split(None, 1)[1]
    return Op(kind, rest, pen, ends)


def read_face(path: Path) -> FaceSource:
    """Read one face file (and, first, the face it is based on)."""
    face = FaceSource(path.stem)
    glyph: GlyphSource | None = None
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = raw.split("#", 1)[0].strip()
        if not line:
            continue
        word, _, rest = line.partition(" ")
        try:
            if word == "glyph":
                char, cell = rest.split()
                glyph = face.glyphs.setdefault(char, GlyphSource(char, float(cell)))
                if glyph.ops or glyph.like:
                    raise ValueError(f"glyph {char} is drawn twice")
            elif word in ("line", "miter", "fill", "cut", "accent", "like"):
                if glyph is None:
                    raise ValueError(f"{word} before the first glyph")
                if word == "like":
                    other, _, how = rest.partition(" ")
                    glyph.like = (other, how.strip())
                else:
                    glyph.ops.append(_op(word, rest.strip()))
            else:
                _set_header(face, word, rest, path)
        except (ValueError, IndexError, OSError) as err:
            raise SourceError(f"{path.name}:{number}: {err}") from err
    return face


def _set_header(face: FaceSource, word: str, rest: str, path: Path) -> None:
    if word == "face":
        face.name = rest
    elif word == "title":
        face.title = rest
    elif word == "pen":
        face.pen = _pair(rest)
    elif word == "round":
        face.round = _pair(rest)
    elif word == "ends":
        face.ends = rest
    elif word == "cells":
        chars, width = rest.split()
        face.cells.update(dict.fromkeys(chars, float(width)))
    elif word == "base":
        face.base = read_face(path.parent / f"{rest}.txt")
        face.round, face.ends, face.pen = face.base.round, face.base.ends, face.base.pen
        face.cells = dict(face.base.cells)
    else:
        raise ValueError(f"unknown word {word!r}")


def _flatten(path: str) -> list[list[Point]]:
    """Polylines of an SVG path; curves in steps of about STEP_MM."""
    pen = RecordingPen()
    parse_path(path, pen)
    out: list[list[Point]] = []
    for name, args in pen.value:
        if name == "moveTo":
            out.append([args[0]])
        elif name == "lineTo":
            out[-1].append(args[0])
        elif name in ("curveTo", "qCurveTo"):
            ctrl = [out[-1][-1], *args]
            length = sum(math.dist(a, b) for a, b in zip(ctrl, ctrl[1:], strict=False))
            steps = max(4, math.ceil(length / STEP_MM))
            out[-1].extend(_bezier(ctrl, i / steps) for i in range(1, steps + 1))
        elif name == "closePath":
            if math.dist(out[-1][0], out[-1][-1]) < 1e-4:
                out[-1].pop()
            out[-1].append(out[-1][0])
    return out


def _bezier(ctrl: list[Point], t: float) -> Point:
    pts = ctrl
    while len(pts) > 1:
        pts = [
            (a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t)
            for a, b in zip(pts, pts[1:], strict=False)
        ]
    return pts[0]


def _axis_map(v: float, size0: float, pen0: float, size1: float, pen1: float) -> float:
    """Stretch the space between the pen's centre lines, keep the pen-wide margins."""
    a, b = pen0 / 2, size0 - pen0 / 2
    if v < a:
        return v * pen1 / pen0
    if v > b:
        return size1 - (size0 - v) * pen1 / pen0
    return pen1 / 2 + (v - a) * (size1 - pen1) / (size0 - pen0)


def outline(face: FaceSource, char: str) -> tuple[float, Any]:
    """(cell width in mm, shapely area) of one glyph of a face."""
    source, owner = _find(face, char)
    if source.like is not None:
        cell, area = _copy(face, char, *source.like)
    else:
        cell = source.cell if owner is face else face.cells.get(char, source.cell)

    def place(p: Point) -> Point:
        if owner is face:
            return p
        return (
            _axis_map(p[0], source.cell, owner.pen[0], cell, face.pen[0]),
            _axis_map(p[1], CAP_MM, owner.pen[1], CAP_MM, face.pen[1]),
        )

    scale = (face.pen[0] / owner.pen[0], face.pen[1] / owner.pen[1])
    drawn = [(op.kind, _op_area(op, face, owner, scale, place)) for op in source.ops]
    accents = unary_union([a for kind, a in drawn if kind == "accent"])
    if source.like is None:
        ink = [a for kind, a in drawn if kind not in ("cut", "accent")]
        cuts = [a for kind, a in drawn if kind == "cut"]
        area = unary_union(ink).intersection(box(0, 0, cell, CAP_MM))
        if cuts:
            area = area.difference(unary_union(cuts))
        area = _rounded(area, *face.round)
    if accents.is_empty:
        return cell, area
    accents = accents.intersection(box(0, -CAP_MM, cell, 2 * CAP_MM))
    return cell, _clean(area.union(_rounded(accents, *face.round)))


def _copy(face: FaceSource, char: str, other: str, how: str) -> tuple[float, Any]:
    """Glyph `other` of a face: turned by half a turn, pressed down to a height, or as it is."""
    cell, area = outline(face, other)
    if how == "rot":
        area = affinity.rotate(area, 180, origin=(cell / 2, CAP_MM / 2))
    elif how:
        try:
            high = float(how) / CAP_MM
        except ValueError:
            raise SourceError(f"{face.name}: {char}: unknown copy {how!r}") from None
        area = affinity.scale(area, 1.0, high, origin=(0, CAP_MM))
    return cell, area


def _find(face: FaceSource, char: str) -> tuple[GlyphSource, FaceSource]:
    at: FaceSource | None = face
    while at is not None:
        if char in at.glyphs:
            return at.glyphs[char], at
        at = at.base
    raise SourceError(f"{face.name}: no glyph {char!r}")


def _op_area(
    op: Op, face: FaceSource, owner: FaceSource, scale: tuple[float, float], place: XYMap
) -> Any:
    parts = []
    pen = op.pen or owner.pen
    pen = (pen[0] * scale[0], pen[1] * scale[1])
    for pts in _flatten(op.path):
        moved = [place(p) for p in pts]
        if op.kind in ("fill", "cut"):
            parts.append(Polygon(moved).buffer(0))
        else:
            parts.append(stroke(moved, pen, op.kind == "miter", op.ends or face.ends))
    return unary_union(parts)


def _rounded(area: Any, convex: float, concave: float) -> Any:
    """Round outer corners to radius `convex` and inner corners to radius `concave`."""
    area = _clean(area)
    if concave > 0:
        closed = area.buffer(concave, quad_segs=QUAD_SEGS).buffer(-concave, quad_segs=QUAD_SEGS)
        area = _clean(area.union(_solid(_snap(closed).difference(area))))
    if convex > 0:
        opened = area.buffer(-convex, quad_segs=QUAD_SEGS).buffer(convex, quad_segs=QUAD_SEGS)
        area = _clean(area.difference(_solid(area.difference(_snap(opened)))))
    return area


def _snap(area: Any) -> Any:
    return set_precision(area, GRID_MM)


def _solid(pieces: Any) -> Any:
    """The pieces that are more than a sliver along an edge."""
    parts = getattr(pieces, "geoms", [pieces])
    return unary_union([p for p in parts if not p.buffer(-SLIVER_MM).is_empty])


def _clean(area: Any) -> Any:
    """The same area without spikes and cracks thinner than a sliver."""
    for by in (-SLIVER_MM, 2 * SLIVER_MM, -SLIVER_MM):
        area = area.buffer(by, join_style="mitre")
    return _snap(area)


def all_chars(face: FaceSource) -> list[str]:
    """Every character a face draws, sorted."""
    chars = set(face.glyphs)
    if face.base is not None:
        chars |= set(all_chars(face.base))
    return sorted(chars)
