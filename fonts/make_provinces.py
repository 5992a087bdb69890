# SPDX-License-Identifier: Apache-2.0
"""Makes cn_provinces.ttf and cn_provinces_wide.ttf: characters of Chinese plates, from an OFL font.

    python fonts/make_provinces.py path/to/NotoSansCJK-Regular.ttc

Each character is fitted into the plate's cell (half as wide as high; on rear plates of lorries a
third wider than high) and its strokes are made heavier again by what the squeeze took. Needs
shapely. The result is checked in, so a normal build does not run this.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont
from shapely import affinity
from shapely.geometry import Polygon

FONTS = Path(__file__).resolve().parent
sys.path[:0] = [str(FONTS), str(FONTS.parent)]

from build import CAP_UNITS, GAP_MM, UNITS_PER_MM, draw, finish  # noqa: E402

from anprgen.glyphs import flatten  # noqa: E402

PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
#: Face: cell, and what is added to each side of a stroke, mm at cap height 75.
FACES = {"cn_provinces": (37.5, 0.9), "cn_provinces_wide": (100.0, 1.6)}


def main(argv: list[str]) -> int:
    """Command line: the source collection's path."""
    if len(argv) != 1:
        print(__doc__)
        return 2
    fonts = TTCollection(argv[0]).fonts
    source = next(f for f in fonts if str(f["name"].getDebugName(1)).endswith("SC"))
    for face, (cell, heavier) in FACES.items():
        (FONTS / f"{face}.ttf").write_bytes(made(source, face, cell, heavier))
    return 0


def made(source: TTFont, face: str, cell: float, heavier: float) -> bytes:
    """The TTF with every province's character fitted into `cell` mm."""
    glyph_set, cmap = source.getGlyphSet(), source.getBestCmap()
    cap_mm = CAP_UNITS / UNITS_PER_MM
    names = {c: f"uni{ord(c):04X}" for c in PROVINCES}
    glyphs = {".notdef": TTGlyphPen(None).glyph()}
    for char, name in names.items():
        pen = DecomposingRecordingPen(glyph_set)
        glyph_set[cmap[ord(char)]].draw(pen)
        area = Polygon()
        for ring in flatten(pen.value, 0.5):
            area = area.symmetric_difference(Polygon(ring).buffer(0))
        x0, y0, x1, y1 = area.bounds
        sx = (cell - 2 * heavier) / (x1 - x0)
        sy = (cap_mm - 2 * heavier) / (y1 - y0)
        b = heavier
        # Into mm with y down from cap height, as `draw` takes it.
        area = affinity.affine_transform(area, [sx, 0, 0, -sy, b - x0 * sx, b + y1 * sy])
        glyphs[name] = draw(area.buffer(b, quad_segs=4).simplify(0.05))
    fb = FontBuilder(1000, isTTF=True)
    fb.setupGlyphOrder([".notdef", *names.values()])
    fb.setupCharacterMap({ord(c): name for c, name in names.items()})
    fb.setupGlyf(glyphs)
    advance = round((cell + GAP_MM) * UNITS_PER_MM)
    metrics = {name: (advance, fb.font["glyf"][name].xMin) for name in names.values()}
    fb.setupHorizontalMetrics({".notdef": (500, 0), **metrics})
    owner = str(source["name"].getDebugName(0))
    title = " ".join(["anprgen CN Provinces", *(["Wide"] if face.endswith("wide") else [])])
    return finish(fb, title, f"{owner}; changes by the anprgen authors")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
