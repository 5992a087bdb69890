# SPDX-License-Identifier: Apache-2.0
"""Line art of a plate (emblems, holograms) as filled polygons in millimetres.

A small part of SVG: one `viewBox` in millimetres, and `path` and `circle` with fill, stroke,
stroke-width and opacity. Frame: x right, y DOWN, origin at the top left of the picture.
"""

from __future__ import annotations

import functools
import math
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from anprgen import design_files
from anprgen.errors import AnprgenError
from anprgen.glyphs import Points, polylines
from anprgen.resources import designs_dir

FOREGROUND = "fg"
_TOLERANCE_MM = 0.006
_COLOR = re.compile(r"#[0-9a-f]{6}")
_ALLOWED = {
    "path": {"d", "fill", "stroke", "stroke-width", "opacity"},
    "circle": {"cx", "cy", "r", "fill", "stroke", "stroke-width", "opacity"},
}


class ArtError(AnprgenError):
    """The picture is missing, or uses a part of SVG that is not supported."""


@dataclass(frozen=True, eq=False)
class ArtShape:
    """Polygons of one colour: `fg` (the plate's foreground) or `#rrggbb`.

    A fill is even-odd: outer rings and holes. A stroke (`even_odd` False) is many pieces that
    overlap: their union is the ink, so put all into one mask before blending with opacity.
    """

    contours: tuple[Points, ...]
    color: str
    opacity: float
    even_odd: bool


@dataclass(frozen=True, eq=False)
class Art:
    """A picture: its size, and its shapes from back to front."""

    name: str
    size_mm: tuple[float, float]
    shapes: tuple[ArtShape, ...]


@functools.lru_cache(maxsize=64)
def load_art(name: str | Path, digest: str | None = None) -> Art:
    """Art by the name of a file in plate_designs/art (no suffix) or by path to an SVG.

    Raises:
        ArtError: it is not there, not supported, or, with `digest`, not the file of this SHA-256.
    """
    path = Path(name)
    if path.suffix.lower() != ".svg":
        path = designs_dir() / "art" / f"{name}.svg"
    if not path.is_file():
        known = sorted(p.stem for p in (designs_dir() / "art").glob("*.svg"))
        raise ArtError(f"there is no art {str(name)!r}", hint=f"known: {', '.join(known)}")
    return _load(path.resolve(), digest)


@functools.lru_cache(maxsize=32)
def _load(path: Path, digest: str | None) -> Art:
    data = design_files.read(path, digest, ArtError)
    try:
        root = ET.fromstring(data.decode("utf-8"))
        x0, y0, width, height = (float(v) for v in root.attrib["viewBox"].split())
    except (ET.ParseError, KeyError, ValueError, UnicodeDecodeError) as err:
        raise ArtError(f"not an SVG with a viewBox: {err}", where=str(path)) from err
    shapes: list[ArtShape] = []
    for element in root:
        tag = element.tag.rsplit("}", 1)[-1]
        unknown = set(element.attrib) - _ALLOWED.get(tag, set())
        if tag not in _ALLOWED or unknown:
            what = f"<{tag}>" if tag not in _ALLOWED else f"{sorted(unknown)[0]} of <{tag}>"
            raise ArtError(
                f"{what} is not supported",
                where=str(path),
                hint="use path and circle with fill, stroke, stroke-width, opacity only",
            )
        try:
            shapes += _shapes(tag, element.attrib, np.array([x0, y0]))
        except (KeyError, ValueError, IndexError) as err:
            raise ArtError(f"bad <{tag}>: {err}", where=str(path)) from err
    return Art(path.stem, (width, height), tuple(shapes))


def _shapes(tag: str, attrib: dict[str, str], origin: Points) -> list[ArtShape]:
    lines = [_circle(attrib)] if tag == "circle" else _path(attrib["d"])
    lines = [line - origin for line in lines]
    opacity = float(attrib.get("opacity", "1"))
    out = []
    fill = _color(attrib.get("fill", "currentColor"))
    if fill is not None:
        closed = tuple(_ring(line) for line in lines if len(line) > 2)
        out.append(ArtShape(closed, fill, opacity, True))
    stroke = _color(attrib.get("stroke", "none"))
    if stroke is not None:
        half = float(attrib.get("stroke-width", "1")) / 2
        if half <= 0:
            raise ValueError("stroke-width must be positive")
        pieces = tuple(p for line in lines for p in _stroke(line, half))
        out.append(ArtShape(pieces, stroke, opacity, False))
    return out


def _color(text: str) -> str | None:
    if text in ("none", "currentColor"):
        return None if text == "none" else FOREGROUND
    if not _COLOR.fullmatch(text.lower()):
        raise ValueError(f"colour {text!r} is not #rrggbb, currentColor or none")
    return text.lower()


def _circle(attrib: dict[str, str]) -> Points:
    r = float(attrib["r"])
    if r <= 0:
        raise ValueError("r must be positive")
    step = 2 * math.acos(max(0.0, 1 - _TOLERANCE_MM / r))
    t = np.linspace(0, 2 * math.pi, max(12, math.ceil(2 * math.pi / step)) + 1)
    ring = np.column_stack([np.cos(t), np.sin(t)]) * r
    ring[-1] = ring[0]
    return np.asarray(ring + (float(attrib["cx"]), float(attrib["cy"])))


def _path(d: str) -> list[Points]:
    """Polylines of an SVG path; a closed one ends where it starts."""
    from fontTools.pens.recordingPen import RecordingPen
    from fontTools.svgLib.path import parse_path

    pen = RecordingPen()
    parse_path(d, pen)
    ends = [name for name, _ in pen.value if name in ("closePath", "endPath")]
    lines = polylines(pen.value, _TOLERANCE_MM)
    out = []
    for line, end in zip(lines, ends, strict=True):
        pts = np.asarray(line, dtype=np.float64)
        open_gap = end == "closePath" and not np.allclose(pts[0], pts[-1])
        out.append(np.vstack([pts, pts[:1]]) if open_gap else pts)
    return out


def _ring(line: Points) -> Points:
    return line[:-1] if np.allclose(line[0], line[-1]) else line


def _stroke(line: Points, half: float) -> list[Points]:
    """A pen of width 2 * half along a polyline: a quad per segment, a disc per inner corner."""
    step = np.diff(line, axis=0)
    length = np.hypot(step[:, 0], step[:, 1])
    line = np.vstack([line[:1], line[1:][length > 1e-9]])
    step, length = step[length > 1e-9], length[length > 1e-9]
    normal = np.column_stack([-step[:, 1], step[:, 0]]) / length[:, None] * half
    quads = [
        np.array([a + n, b + n, b - n, a - n])
        for a, b, n in zip(line[:-1], line[1:], normal, strict=True)
    ]
    corners = line[:-1] if np.allclose(line[0], line[-1]) else line[1:-1]
    t = np.linspace(0, 2 * math.pi, 12, endpoint=False)
    disc = np.column_stack([np.cos(t), np.sin(t)]) * half
    return quads + [disc + c for c in corners]
