# SPDX-License-Identifier: Apache-2.0
"""Outlines of plate faces: any TTF or OTF as closed polygons in millimetres.

Frame of a glyph: x right, y DOWN, origin at the top left of its cell at cap height, so the
baseline is at y = height_mm. Shipped faces carry a 9 mm gap (at cap height 75 mm) around the
cell; a face of the user's has none: its cell is the advance.
"""

from __future__ import annotations

import functools
import hashlib
import io
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from anprgen import design_files
from anprgen.clusters import CLUSTERS
from anprgen.errors import AnprgenError, nearest
from anprgen.resources import fonts_dir

Points = npt.NDArray[np.float64]
XY = tuple[float, float]

_VENDOR = "ANPG"
_CAP_MM, _GAP_MM = 75.0, 9.0
_FINER = 4.0
"""Chords are this much closer to the curve than asked: keeps the corners between them blunt."""


class FaceMissing(AnprgenError):
    """There is no such face, or the file is not a font."""


class GlyphMissing(AnprgenError):
    """The face does not draw this character."""


@dataclass(frozen=True, eq=False)
class Glyph:
    """One character as closed polylines, outer and inner, that do not overlap."""

    char: str
    contours: tuple[Points, ...]
    cell_mm: float
    height_mm: float

    @property
    def ink_box_mm(self) -> tuple[float, float, float, float]:
        """(x0, y0, x1, y1) of the ink; an empty glyph gives zeros."""
        if not self.contours:
            return (0.0, 0.0, 0.0, 0.0)
        pts = np.concatenate(self.contours)
        (x0, y0), (x1, y1) = pts.min(axis=0), pts.max(axis=0)
        return float(x0), float(y0), float(x1), float(y1)


@dataclass(frozen=True)
class Face:
    """A face: what it draws, and the sha256 of its file."""

    name: str
    chars: frozenset[str]
    digest: str
    _source: _Source = field(repr=False, compare=False)

    def glyph(self, char: str, height_mm: float, tolerance_mm: float = 0.03) -> Glyph:
        """The outline of `char` at cap height `height_mm`, flattened to the tolerance."""
        if char not in self.chars:
            known = "".join(sorted(c for c in self.chars if len(c) == 1))
            raise GlyphMissing(
                f"face {self.name!r} has no glyph for {char!r}",
                hint=f"it draws {known[:80]}",
            )
        return _glyph(self._source, char, float(height_mm), float(tolerance_mm))


@dataclass(frozen=True, eq=False)
class _Source:
    """An opened font: its glyphs, and what turns font units into millimetres."""

    glyph_set: Any
    names: dict[str, str]
    cap_units: float
    own: bool


def load_face(name: str, search: Path | None = None, digest: str | None = None) -> Face:
    """A face by the name of a file in fonts/, or by path (relative to `search`) to a font.

    Raises:
        FaceMissing: it is not there, no font, or, with `digest`, not the file of this SHA-256.
    """
    return _load(_find(name, search), digest)


@functools.lru_cache(maxsize=256)
def _find(name: str, search: Path | None) -> Path:
    if Path(name).suffix.lower() in (".ttf", ".otf"):
        path = Path(name) if search is None else Path(search) / name
        if path.is_file():
            return path.resolve()
        raise FaceMissing(f"there is no font file {name!r}", where=str(path.parent))
    path = fonts_dir() / f"{name}.ttf"
    if name and Path(name).name == name and path.is_file():
        return path.resolve()
    known = sorted(p.stem for p in fonts_dir().glob("*.ttf"))
    raise FaceMissing(
        f"there is no face {name!r}",
        hint=f"{nearest(name, known)} A path to a .ttf or .otf file works too.",
    )


@functools.lru_cache(maxsize=64)
def _load(path: Path, digest: str | None) -> Face:
    from fontTools.ttLib import TTFont, TTLibError

    data = design_files.read(path, digest, FaceMissing)
    try:
        font = TTFont(io.BytesIO(data), lazy=False)
        cmap = font.getBestCmap() or {}
        glyph_set = font.getGlyphSet()
        own = "OS/2" in font and font["OS/2"].achVendID == _VENDOR
        names = {chr(code): name for code, name in cmap.items()}
        if own:
            clusters = [(text, cmap[code]) for text, code in CLUSTERS.items() if code in cmap]
            names.update(clusters)
        cap = _cap_units(font, glyph_set, names)
    except (TTLibError, KeyError, AttributeError, ValueError) as err:
        raise FaceMissing(f"this file is not a usable font: {err}", where=str(path)) from err
    source = _Source(glyph_set, names, cap, own)
    return Face(path.stem, frozenset(names), hashlib.sha256(data).hexdigest(), source)


def _cap_units(font: Any, glyph_set: Any, names: dict[str, str]) -> float:
    """Cap height in font units: OS/2, else the height of H, else 70 % of the em."""
    stated = float(getattr(font["OS/2"], "sCapHeight", 0) or 0) if "OS/2" in font else 0.0
    if stated > 0:
        return stated
    if "H" in names:
        from fontTools.pens.boundsPen import BoundsPen

        pen = BoundsPen(glyph_set)
        glyph_set[names["H"]].draw(pen)
        if pen.bounds is not None and pen.bounds[3] > 0:
            return float(pen.bounds[3])
    return 0.7 * float(font["head"].unitsPerEm)


@functools.lru_cache(maxsize=4096)
def _glyph(source: _Source, char: str, height_mm: float, tolerance_mm: float) -> Glyph:
    from fontTools.pens.recordingPen import DecomposingRecordingPen

    if height_mm <= 0 or tolerance_mm <= 0:
        raise ValueError("height_mm and tolerance_mm must be positive")
    drawn = source.glyph_set[source.names[char]]
    pen = DecomposingRecordingPen(source.glyph_set)
    drawn.draw(pen)
    mm_per_unit = height_mm / source.cap_units
    gap = _GAP_MM * height_mm / _CAP_MM if source.own else 0.0
    contours = []
    for raw in flatten(pen.value, tolerance_mm / mm_per_unit / _FINER):
        pts = raw * (mm_per_unit, -mm_per_unit) + (-gap / 2, height_mm)
        pts.setflags(write=False)
        contours.append(pts)
    cell = float(drawn.width) * mm_per_unit - gap
    return Glyph(char, tuple(contours), cell, height_mm)


def flatten(commands: list[Any], tolerance: float) -> list[Points]:
    """Closed polylines of recorded pen commands, first point not repeated."""
    return [_closed(line) for line in polylines(commands, tolerance) if len(line) > 2]


def polylines(commands: list[Any], tolerance: float) -> list[list[XY]]:
    """Polylines of recorded pen commands as drawn; closing a path adds no point."""
    from fontTools.pens.basePen import decomposeQuadraticSegment

    rings: list[list[XY]] = []
    for name, args in commands:
        if name == "moveTo":
            rings.append([args[0]])
        elif name == "lineTo":
            rings[-1].append(args[0])
        elif name == "curveTo":
            rings[-1].extend(_steps((rings[-1][-1], *args), tolerance))
        elif name == "qCurveTo":
            if args[-1] is None:  # a TrueType ring without any point on the curve
                start = ((args[0][0] + args[-2][0]) / 2, (args[0][1] + args[-2][1]) / 2)
                rings.append([start])
                args = (*args[:-1], start)
            for control, end in decomposeQuadraticSegment(args):
                rings[-1].extend(_steps((rings[-1][-1], control, end), tolerance))
    return rings


def _steps(ctrl: tuple[XY, ...], tolerance: float) -> list[XY]:
    """Points after the first along a Bézier of degree 2 or 3, chord error under tolerance."""
    pts = np.asarray(ctrl, dtype=np.float64)
    degree = len(pts) - 1
    way = pts[1:] - pts[:-1]
    bend = float(np.hypot(*(way[1:] - way[:-1]).T).max()) * degree * (degree - 1)
    count = max(1, math.ceil(math.sqrt(bend / (8 * tolerance))))
    curve = sum(w * p for w, p in zip(_bernstein(degree, count), pts, strict=True))
    return [(x, y) for x, y in np.asarray(curve).tolist()]


@functools.lru_cache(maxsize=256)
def _bernstein(degree: int, count: int) -> list[Points]:
    """Weights (count, 1) of a curve's control points at even steps after the first."""
    t = np.linspace(0, 1, count + 1)[1:, None]
    return [math.comb(degree, k) * t**k * (1 - t) ** (degree - k) for k in range(degree + 1)]


def _closed(ring: list[XY]) -> Points:
    pts = np.asarray(ring, dtype=np.float64)
    return pts[:-1] if np.allclose(pts[0], pts[-1]) else pts
