# SPDX-License-Identifier: Apache-2.0
"""Makes fonts/sinhala_sri.ttf: the one cluster (sri) of pre-2000 plates, from an OFL font.

    python fonts/make_sinhala.py path/to/NotoSansSinhala-Bold.ttf

The cluster is shaped with uharfbuzz, its parts are united, and the ink is scaled to the cap
height. It is stored at the private code point U+E000; anprgen finds it by its text too. Needs
uharfbuzz and shapely. The result is checked in, so a normal build does not run this.
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

from anprgen.glyphs import flatten  # noqa: E402

CLUSTER = "\u0dc1\u0dca\u200d\u0dbb\u0dd3"
CODE = 0xE000


def shaped_area(path: Path) -> Polygon:
    """The united ink of the cluster in font units, y up."""
    import uharfbuzz as hb

    font = hb.Font(hb.Face(hb.Blob.from_file_path(str(path))))
    buffer = hb.Buffer()
    buffer.add_str(CLUSTER)
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


def main(argv: list[str]) -> int:
    """Command line: the source font's path."""
    if len(argv) != 1:
        print(__doc__)
        return 2
    area = shaped_area(Path(argv[0]))
    x0, y0, _, y1 = area.bounds
    mm = CAP_UNITS / UNITS_PER_MM / (y1 - y0)
    area = affinity.affine_transform(area, [mm, 0, 0, -mm, -x0 * mm, y1 * mm])
    cell = float(np.round(area.bounds[2], 1))
    fb = FontBuilder(1000, isTTF=True)
    fb.setupGlyphOrder([".notdef", "uniE000"])
    fb.setupCharacterMap({CODE: "uniE000"})
    fb.setupGlyf({".notdef": TTGlyphPen(None).glyph(), "uniE000": draw(area)})
    left = fb.font["glyf"]["uniE000"].xMin
    advance = round((cell + GAP_MM) * UNITS_PER_MM)
    fb.setupHorizontalMetrics({".notdef": (500, 0), "uniE000": (advance, left)})
    owner = str(TTFont(argv[0])["name"].getDebugName(0))
    data = finish(fb, "anprgen Sinhala Sri", f"{owner}; changes by the anprgen authors")
    (FONTS / "sinhala_sri.ttf").write_bytes(data)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
