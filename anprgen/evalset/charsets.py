# SPDX-License-Identifier: Apache-2.0
"""A reader's characters: where they come from, and which class each of them is."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from anprgen.errors import DatasetError
from anprgen.evalset.presets import Preset
from anprgen.exporters.options import read_charset

#: The word that asks for the characters of the dataset instead of a file.
DATASET = "dataset"


@dataclass(frozen=True)
class Charset:
    """Characters in the order of their classes, and the classes themselves.

    `classes[i]` is what class i says; "" for the blank, the padding or the end, which is the class
    `special` (None for detectors).
    """

    characters: tuple[str, ...]
    classes: tuple[str, ...]
    special: int | None

    def ids(self, text: str) -> list[int]:
        """The classes of a text's characters."""
        return [self.classes.index(c) for c in text]


def charset_of(
    preset: Preset, wish: str | None, found: Mapping[str, int], exported: Callable[[], list[str]]
) -> Charset:
    """The characters that a reader knows.

    `wish` is a file (a character a line, or fast-plate-ocr's plate_config.yaml), the word
    ``dataset``, or None for the preset's own; `found` counts the characters of the texts to read;
    `exported` says those of the whole dataset in the order of the exports' classes.

    Raises:
        DatasetError: the file cannot be used, or texts have characters that the reader lacks.
    """
    if preset.is_detector:
        return Charset((), (), None)
    own = preset.charset if wish is None else ""
    if wish is None or wish == DATASET:
        characters = list(own) or exported()
    else:
        characters = _read(Path(wish))
    pad = preset.decode.pad
    readable = tuple(c for c in characters if c != pad)
    if foreign := {c: n for c, n in found.items() if c not in readable}:
        listed = ", ".join(f"{c!r} {n} times" for c, n in sorted(foreign.items()))
        raise DatasetError(
            f"the reader's {len(readable)} characters lack {len(foreign)} of the texts: {listed}",
            hint="name its own with --charset FILE (a character a line, in the order of its"
            " classes), or --charset dataset for a reader trained on an export of this dataset",
        )
    if pad and pad in characters:  # The padding is a class among the others, wherever it stands.
        classes = ["" if c == pad else c for c in characters]
    else:
        first, last = preset.decode.special == "first", preset.decode.special == "last"
        classes = [""] * first + characters + [" "] * preset.decode.space_last + [""] * last
    return Charset(readable, tuple(classes), classes.index(""))


def _read(path: Path) -> list[str]:
    """The characters of a file, in its order."""
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        text = ""  # read_charset says what is wrong.
    if (alphabet := re.search(r"^alphabet:\s*(.+?)\s*$", text, re.MULTILINE)) is None:
        return list(read_charset(path))
    characters = list(_scalar(alphabet[1]))
    if twice := [c for c, n in Counter(characters).items() if n > 1]:
        raise DatasetError(f"{twice[0]!r} stands twice in the alphabet", where=str(path))
    return characters


def _scalar(text: str) -> str:
    """A YAML scalar: bare, in single quotes, or in double quotes (JSON's rules)."""
    if text[:1] == '"':
        try:
            return str(json.loads(text))
        except ValueError:
            return text.strip('"')
    return text[1:-1].replace("''", "'") if text[:1] == "'" else text
