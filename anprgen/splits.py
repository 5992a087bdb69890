# SPDX-License-Identifier: Apache-2.0
"""Which of train, val and test a picture belongs to: no registration stands in two of them.

A registration's split is a hash of its large glyphs, and of nothing else: not of the seed, the
index, the design or the number of samples. So the guarantee holds inside a dataset, while it
grows, and between datasets that are trained on together.

A picture that shows registrations of different splits can stand in none of them. Its split is
`MIXED`, and exporters leave it out. (`draw` may prefer companions of plate 0's split, with
`split_of_text`, so that few pictures are lost; the guarantee does not depend on it.)
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

SPLITS = ("train", "val", "test")
MIXED = "mixed"
RULE = "blake2b of ocr_text, 80/10/10, version 1"

_SALT = "anprgen-split/1"
_UPPER = (("train", 0.8), ("val", 0.9), ("test", 1.0))


def normal_form(ocr_text: str) -> str:
    """The text as compared between splits: composed, without whitespace, without case."""
    return unicodedata.normalize("NFC", "".join(ocr_text.split())).casefold()


def split_of_text(ocr_text: str) -> str:
    """The split of one registration: 80 % train, 10 % val, 10 % test of all registrations."""
    return _split_of(f"text/{normal_form(ocr_text)}")


def split_of_picture(ocr_texts: Iterable[str], seed: int, index: int) -> str:
    """The split of a picture from the registrations in it; `MIXED` where they disagree.

    A picture without a registration is a background: its seed and index decide, which is that of
    its render where one gives several photographs.
    """
    splits = {split_of_text(text) for text in ocr_texts if normal_form(text)}
    if not splits:
        return _split_of(f"background/{seed}/{index}")
    return splits.pop() if len(splits) == 1 else MIXED


def split_of_record(record: Mapping[str, Any], seed: int) -> str:
    """The split of a sample's record."""
    if sequence := record.get("sequence"):  # one split for all its frames
        return split_of_picture(sequence["ocr_texts"], seed, sequence["number"])
    texts = (plate["ocr_text"] for plate in record["plates"])
    render = record.get("shot", {}).get("render_index", record["index"])
    return split_of_picture(texts, seed, render)


def _split_of(key: str) -> str:
    digest = hashlib.blake2b(f"{_SALT}/{key}".encode(), digest_size=8).digest()
    u = (int.from_bytes(digest, "little") >> 11) / (1 << 53)
    return next(name for name, upper in _UPPER if u < upper)
