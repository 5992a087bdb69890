# SPDX-License-Identifier: Apache-2.0
"""Makes fonts/sinhala.ttf: the Sinhala words of Sri Lankan plates, from an OFL font.

    python fonts/make_sinhala.py path/to/NotoSansSinhala-Bold.ttf

Each word is shaped with uharfbuzz, its parts are united, and the ink is scaled to the cap height:
sri by itself, the three prefixes of the forces together, so that they keep one size. A word is one
glyph at a private code point; anprgen finds it by its text. Needs uharfbuzz and shapely. The
result is checked in, so a normal build does not run this.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from shapely import affinity
from shapely.geometry import Polygon
from shapely.ops import unary_union

FONTS = Path(__file__).resolve().parent
sys.path[:0] = [str(FONTS), str(FONTS.parent)]

from build import CAP_UNITS, GAP_MM, UNITS_PER_MM, draw, finish  # noqa: E402

from anprgen.clusters import CLUSTERS  # noqa: E402
from anprgen.glyphs import flatten  # noqa: E402

#: Words that share a scale.
GROUPS = (
    ("\u0dc1\u0dca\u200d\u0dbb\u0dd3",),  # sri
    (
        "\u0dba\u0dd4\u0dc4",  # army
        "\u0db1\u0dcf\u0dc4",  # navy
        "\u0d9c\u0dd4\u0dc0\u0db1\u0dca",  # air force
    ),
)


def shaped_area(path: Path, word: str) -> Polygon:
    """The united ink of a word in font units, y up."""
    import uharfbuzz as hb

    font = hb.Font(hb.Face(hb.Blob.from_file_path(str(path))))
    buffer = hb.Buffer()
    buffer.add_str(word)
    buffer.guess_segment_properties()
    hb.shape(font, buffer)
    tt = TTFont(path)
    glyph_set = tt.getGlyphSet()
    parts, at = [], 0
    for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        pen = DecomposingRecordingPen(glyph_set)
        glyph_set[font.glyph_to_string(info.codepoint)].draw(pen)
        part = Polygon()
        for ring in flatten(pen.value, 0.2):
            part = part.symmetric_difference(Polygon(ring).buffer(0))
        parts.append(affinity.translate(part, at + position.x_offset, position.y_offset))
        at += position.x_advance
    return unary_union(parts)


def in_cells(areas: list[Polygon]) -> list[Polygon]:
    """Words in cell millimetres, y down: together as high as the capitals, each at its left."""
    bottom, top = min(a.bounds[1] for a in areas), max(a.bounds[3] for a in areas)
    mm = CAP_UNITS / UNITS_PER_MM / (top - bottom)
    return [
        affinity.affine_transform(a, [mm, 0, 0, -mm, -a.bounds[0] * mm, top * mm]) for a in areas
    ]


def main(argv: list[str]) -> int:
    """Command line: the source font's path."""
    if len(argv) != 1:
        print(__doc__)
        return 2
    source = Path(argv[0])
    areas = [a for words in GROUPS for a in in_cells([shaped_area(source, w) for w in words])]
    codes = [CLUSTERS[word] for words in GROUPS for word in words]
    names = [f"uni{code:04X}" for code in codes]
    fb = FontBuilder(1000, isTTF=True)
    fb.setupGlyphOrder([".notdef", *names])
    fb.setupCharacterMap(dict(zip(codes, names, strict=True)))
    glyphs = dict(zip(names, map(draw, areas), strict=True))
    fb.setupGlyf({".notdef": TTGlyphPen(None).glyph(), **glyphs})
    metrics = {".notdef": (500, 0)}
    for name, area in zip(names, areas, strict=True):
        cell = float(np.round(area.bounds[2], 1))
        metrics[name] = (round((cell + GAP_MM) * UNITS_PER_MM), fb.font["glyf"][name].xMin)
    fb.setupHorizontalMetrics(metrics)
    owner = str(TTFont(source)["name"].getDebugName(0))
    data = finish(fb, "anprgen Sinhala", f"{owner}; changes by the anprgen authors")
    (FONTS / "sinhala.ttf").write_bytes(data)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
