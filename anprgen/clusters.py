# SPDX-License-Identifier: Apache-2.0
"""What of a text is one glyph, and which glyphs a reader reads."""

from __future__ import annotations

import unicodedata

CLUSTERS = {
    "\u0dc1\u0dca\u200d\u0dbb\u0dd3": 0xE000,  # Sinhala: sri
    "\u0dba\u0dd4\u0dc4": 0xE001,  # army
    "\u0db1\u0dcf\u0dc4": 0xE002,  # navy
    "\u0d9c\u0dd4\u0dc0\u0db1\u0dca": 0xE003,  # air force
}
"""Texts that shipped faces draw as one glyph, and the private code point that holds it."""

_JOINER = "\u200d"
_NON_JOINER = "\u200c"


def glyphs_of(value: str) -> list[str]:
    """The glyphs of a field's value: its characters, each with the marks on it, and clusters.

    A cluster is a text that faces draw as one glyph (`CLUSTERS`).
    """
    if value.isascii():
        return list(value)
    out: list[str] = []
    start = 0
    while start < len(value):
        known = [c for c in CLUSTERS if value.startswith(c, start)]
        stop = start + max(map(len, known), default=1)
        while stop < len(value) and (is_mark(value[stop]) or value[stop - 1] == _JOINER):
            stop += 1
        out.append(value[start:stop])
        start = stop
    return out


def is_mark(char: str) -> bool:
    """Whether a character is part of the glyph before it: an accent, a vowel sign, a joiner."""
    return char in (_JOINER, _NON_JOINER) or unicodedata.category(char).startswith("M")


def is_read(glyph: str) -> bool:
    """Whether a glyph is a character (a letter, a digit, a cluster of them): signs are not."""
    return any(c.isalnum() for c in glyph)
