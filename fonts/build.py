# SPDX-License-Identifier: Apache-2.0
"""Builds fonts/<face>.ttf from fonts/src/<face>.txt, or checks that they agree.

    python fonts/build.py            write every face
    python fonts/build.py --check    rebuild in memory, compare outlines, write nothing

10 font units are 1 mm at cap height 75 mm. A glyph's cell begins 4.5 mm after its origin and
its advance is the cell plus 9 mm. Needs fontTools and shapely.
"""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path
from typing import Any

import numpy as np
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

FONTS = Path(__file__).resolve().parent
sys.path.insert(0, str(FONTS))

from quadfit import fit_ring  # noqa: E402
from strokes import FaceSource, all_chars, outline, read_face  # noqa: E402

UNITS_PER_MM = 10
CAP_UNITS = 750
GAP_MM = 9.0
NOISE_MM = 0.004
EPOCH = 3_786_912_000  # 2024-01-01 in seconds since 1904: no build time in the bytes
VENDOR = "ANPG"
VERSION = "1.000"
COPYRIGHT = "Copyright 2026 the anprgen authors"
LICENCE = "This Font Software is licensed under the SIL Open Font License, Version 1.1."
LICENCE_URL = "https://openfontlicense.org"


def glyph_name(char: str) -> str:
    """PostScript glyph name of a character."""
    if char.isascii() and char.isalpha():
        return char
    return "hyphen" if char == "-" else f"uni{ord(char):04X}"


def draw(area: Any) -> Any:
    """A TrueType glyph of a shapely area given in cell millimetres."""
    from shapely.geometry.polygon import orient

    def unit(p: tuple[float, float]) -> tuple[int, int]:
        x = p[0] * UNITS_PER_MM + GAP_MM / 2 * UNITS_PER_MM
        return round(x), round(CAP_UNITS - p[1] * UNITS_PER_MM)

    pen = TTGlyphPen(None)
    parts = [p for p in getattr(area, "geoms", [area]) if p.area > 0.5]
    for part in sorted(parts, key=lambda p: p.bounds):
        part = orient(part.simplify(NOISE_MM), 1.0)
        holes = sorted((h for h in part.interiors), key=lambda h: h.bounds)
        for ring in [part.exterior, *holes]:
            start, segments = fit_ring(np.asarray(ring.coords)[:, :2])
            pen.moveTo(unit(start))
            for control, end in segments:
                if control is None:
                    pen.lineTo(unit(end))
                else:
                    pen.qCurveTo(unit(control), unit(end))
            pen.closePath()
    return pen.glyph()


def build(face: FaceSource) -> bytes:
    """The TTF of one face."""
    names, cmap = [".notdef", "space"], {0x20: "space"}
    glyphs = {".notdef": TTGlyphPen(None).glyph(), "space": TTGlyphPen(None).glyph()}
    advance = {".notdef": 500, "space": 300}
    for char in all_chars(face):
        cell, area = outline(face, char)
        name = glyph_name(char)
        names.append(name)
        cmap[ord(char)] = name
        glyphs[name] = draw(area)
        advance[name] = round((cell + GAP_MM) * UNITS_PER_MM)
    fb = FontBuilder(1000, isTTF=True)
    fb.setupGlyphOrder(names)
    fb.setupCharacterMap(cmap)
    fb.setupGlyf(glyphs)
    table = fb.font["glyf"]
    fb.setupHorizontalMetrics({n: (advance[n], getattr(table[n], "xMin", 0)) for n in names})
    return finish(fb, face.title, COPYRIGHT)


def finish(fb: FontBuilder, title: str, copyright_line: str) -> bytes:
    """Metrics, names and fixed times of a shipped face; returns the file's bytes."""
    fb.setupHorizontalHeader(ascent=900, descent=-200)
    fb.setupNameTable(
        {
            "copyright": copyright_line,
            "familyName": title,
            "styleName": "Regular",
            "uniqueFontIdentifier": f"{VERSION};{VENDOR};{title.replace(' ', '')}",
            "fullName": title,
            "psName": title.replace(" ", "") + "-Regular",
            "version": f"Version {VERSION}",
            "licenseDescription": LICENCE,
            "licenseInfoURL": LICENCE_URL,
        }
    )
    fb.setupOS2(
        achVendID=VENDOR,
        sCapHeight=CAP_UNITS,
        sTypoAscender=900,
        sTypoDescender=-200,
        usWinAscent=900,
        usWinDescent=200,
        fsType=0,
    )
    fb.setupPost()
    fb.updateHead(created=EPOCH, modified=EPOCH, fontRevision=1.0)
    fb.font.recalcTimestamp = False
    out = io.BytesIO()
    fb.save(out)
    return out.getvalue()


def same_outlines(a: bytes, b: bytes) -> bool:
    """Whether two fonts draw the same: advances, and area, centre and extent of each glyph.

    Compared to a few hundredths of a millimetre instead of byte by byte, because the curve fit
    and the tables may change a little with the versions of the libraries.
    """
    from fontTools.pens.boundsPen import BoundsPen
    from fontTools.pens.statisticsPen import StatisticsPen
    from fontTools.ttLib import TTFont

    fonts = [TTFont(io.BytesIO(data)) for data in (a, b)]
    if fonts[0].getBestCmap() != fonts[1].getBestCmap():
        return False
    for name in fonts[0].getGlyphOrder():
        seen = []
        for font in fonts:
            glyphs = font.getGlyphSet()
            bounds, shape = BoundsPen(glyphs), StatisticsPen(glyphset=glyphs)
            glyphs[name].draw(bounds)
            glyphs[name].draw(shape)
            box = bounds.bounds or (0, 0, 0, 0)
            centre = (shape.meanX, shape.meanY) if shape.area else (0.0, 0.0)
            seen.append((glyphs[name].width, *box, *centre, shape.area / 1000))
        if any(abs(x - y) > 0.5 for x, y in zip(*seen)):
            return False
    return True


def main(argv: list[str] | None = None) -> int:
    """Command line; 0 when every face was written, or agrees under --check."""
    parser = argparse.ArgumentParser(description="build the plate faces")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    parser.add_argument("faces", nargs="*", help="face names (default: all in fonts/src)")
    args = parser.parse_args(argv)
    known = {p.stem: p for p in sorted((FONTS / "src").glob("*.txt"))}
    unknown = [n for n in args.faces if n not in known]
    if unknown:
        parser.error(f"no source fonts/src/{unknown[0]}.txt (known: {', '.join(known)})")
    differs = []
    for name in args.faces or known:
        data, target = build(read_face(known[name])), FONTS / f"{name}.ttf"
        if not args.check:
            target.write_bytes(data)
            print(f"{target.name}: {len(data)} bytes")
        elif not target.exists() or not same_outlines(target.read_bytes(), data):
            differs.append(name)
    for name in differs:
        print(f"{name}.ttf differs from its source; run python fonts/build.py {name}")
    return 1 if differs else 0


if __name__ == "__main__":
    sys.exit(main())
