# SPDX-License-Identifier: Apache-2.0
"""What every exporter understands, and a plate's text to learn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anprgen.errors import DatasetError, nearest
from anprgen.sequences.film import CODECS
from anprgen.splits import SPLITS

#: What becomes of a plate of two lines in formats for readers.
LINES = ("joined", "separate", "side-by-side")


@dataclass(frozen=True)
class Options:
    """What every exporter understands.

    `partial`: go on though samples are missing. `link`: hard links instead of copies of pictures.
    `illegible`: keep plates that nobody can read (formats with text). `margin`: around a plate
    that is cut out of a picture, of the plate's box. `masks`: COCO's ``polygon`` or ``rle``.
    `splits`: those to export. `lines`: a plate of two lines as one picture (``joined``), a picture
    a line (``separate``), or both lines beside each other in one (``side-by-side``). `charset`:
    the characters in the order of their classes; None: those of the dataset, by code point.
    `license`: under which the user gives the data away (formats with a data card). `codec` and
    `mbit_s`: of films, None for what is usual for their size (`anprgen.sequences.film`).

    Raises:
        DatasetError: an unknown split, codec or kind of lines, a margin outside 0 to 1, or a
            bitrate outside 0.01 to 1000 Mbit/s.
    """

    partial: bool = False
    link: bool = False
    illegible: bool = False
    margin: float = 0.08
    masks: str = "polygon"
    splits: tuple[str, ...] = SPLITS
    lines: str = "joined"
    charset: tuple[str, ...] | None = None
    license: str | None = None
    codec: str = "h264"
    mbit_s: float | None = None

    def __post_init__(self) -> None:
        for split in self.splits:
            if split not in SPLITS:
                raise DatasetError(f"no split {split!r}", hint=nearest(split, list(SPLITS)))
        if not self.splits:
            raise DatasetError("no split to export", hint=f"known: {', '.join(SPLITS)}")
        if self.lines not in LINES:
            raise DatasetError(f"no lines {self.lines!r}", hint=nearest(self.lines, list(LINES)))
        if not 0 <= self.margin <= 1:
            raise DatasetError(f"--margin {self.margin}: it must be from 0 to 1")
        if self.codec not in CODECS:
            raise DatasetError(f"no codec {self.codec!r}", hint=nearest(self.codec, list(CODECS)))
        if self.mbit_s is not None and not 0.01 <= self.mbit_s <= 1000:
            raise DatasetError(f"--mbit-s {self.mbit_s}: it must be from 0.01 to 1000")


def read_charset(path: Path) -> tuple[str, ...]:
    """The characters of a file, one a line: what exports write as dict.txt or charset.txt.

    Raises:
        DatasetError: it cannot be read, a line is not one character, or one comes twice.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as e:
        raise DatasetError(f"cannot read it: {e.strerror}", where=str(path)) from None
    except UnicodeDecodeError:
        raise DatasetError("not UTF-8", where=str(path)) from None
    found: dict[str, int] = {}
    for n, line in enumerate(text.rstrip("\r\n").split("\n"), 1):
        character = line.rstrip("\r")
        if len(character) != 1 or character.isspace() or not character.isprintable():
            raise DatasetError(
                f"line {n} is {character!r}, not one character that can be seen",
                where=str(path),
                hint="a charset has one character a line, and none for blank or padding",
            )
        if character in found:
            raise DatasetError(
                f"{character!r} stands in lines {found[character]} and {n}", where=str(path)
            )
        found[character] = n
    return tuple(found)


def large_lines(plate: Mapping[str, Any]) -> list[list[Mapping[str, Any]]]:
    """The large characters of each line that has some, from the top, in reading order."""
    lines: dict[int, list[Mapping[str, Any]]] = {}
    for c in plate["characters"]:
        if c["large"]:
            lines.setdefault(c["line"], []).append(c)
    return [sorted(lines[k], key=lambda c: int(c["position"])) for k in sorted(lines)]


def line_text(line: Iterable[Mapping[str, Any]]) -> str:
    """What a line of characters says."""
    return "".join(c["char"] for c in line)


def is_readable(plate: Mapping[str, Any], options: Options) -> bool:
    """Whether a plate's text is to be learnt."""
    return options.illegible or plate["legibility"] != "illegible"


def label_of(plate: Mapping[str, Any]) -> str:
    """The text to learn, without whitespace.

    Raises:
        DatasetError: a character would break a list of lines.
    """
    label = "".join(str(plate["ocr_text"]).split())
    if not label.isprintable():
        raise DatasetError(f"the text {label!r} has characters that no list can hold")
    return label
