# SPDX-License-Identifier: Apache-2.0
"""plates.jsonl: a line for each picture, on the disk before the next one is read.

A folder is continued only with the same models and the same source, so that its lines belong
together; a line that a kill cut off is made again.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from anprgen.files import write_json
from anprgen.json_file import read_json
from anprgen.models.plates import PlateReader
from anprgen.reading.sources import ReadError

FORMAT = "anprgen-read/1"
LINES, RECIPE = "plates.jsonl", "read.json"


def recipe_of(plates: PlateReader, place: Path, every: int) -> dict[str, Any]:
    """What decides the lines: the models' files, the source, and how it is gone through."""
    models = {
        model.card.kind: {
            "name": model.card.name,
            "sha256": hashlib.sha256(model.session.path.read_bytes()).hexdigest(),
        }
        for model in (plates.detector, plates.reader)
        if model is not None
    }
    source = str(place.resolve())
    return {
        "format": FORMAT, "source": source, "every": every, "margin": plates.margin,
        "models": models,
    }  # fmt: skip


def settle(out: Path, recipe: Mapping[str, Any]) -> None:
    """Begins a folder or finds that it can be continued.

    Raises:
        ReadError: it holds something else, or was made with other models or another source.
    """
    path = out / RECIPE
    if not path.exists():
        if other := sorted(p.name for p in out.iterdir() if not p.name.startswith(".")):
            raise ReadError(
                f"this folder is not empty and no reading of ours (it holds {other[0]})",
                where=str(out),
                hint="name an empty or new folder with -o",
            )
        write_json(path, recipe)
        return
    have = read_json(path, ReadError)
    have = have if isinstance(have, dict) else {}
    if differ := sorted(k for k in have.keys() | recipe.keys() if have.get(k) != recipe.get(k)):
        raise ReadError(
            f"this folder holds a reading with another {', '.join(differ)}",
            where=str(path),
            hint="read into another folder with -o",
        )


class Lines:
    """The lines of a folder: where those that are there begin, and a way to add more.

    Lines stay on the disk: a film of a day has millions.
    """

    def __init__(self, path: Path) -> None:
        """Raises ReadError where the file is not one of ours."""
        self.path = path
        self.plates = self.broken = 0
        self._begin: dict[str | int, int] = {}
        self._end = 0
        self._file: BinaryIO | None = None
        if path.exists():
            self._read()

    def __len__(self) -> int:
        return len(self._begin)

    def __contains__(self, key: str | int) -> bool:
        return key in self._begin

    def line(self, key: str | int) -> dict[str, Any]:
        """The line of a picture that is there."""
        with open(self.path, "rb") as file:
            file.seek(self._begin[key])
            said: dict[str, Any] = json.loads(file.readline())
        return said

    def add(self, line: Mapping[str, Any]) -> None:
        """Writes a line out before it returns."""
        if self._file is None:
            self._file = open(self.path, "ab")
        data = (json.dumps(line, ensure_ascii=False) + "\n").encode()
        self._file.write(data)
        self._file.flush()
        self._note(line, len(data))

    def _note(self, line: Mapping[str, Any], length: int) -> None:
        self._begin[line.get("frame", line["file"])] = self._end
        self._end += length
        self.plates += len(line.get("plates", ()))
        self.broken += "error" in line

    def _read(self) -> None:
        with open(self.path, "rb") as file:
            for number, data in enumerate(file, 1):
                if not data.endswith(b"\n"):
                    break  # cut off by a kill
                try:
                    self._note(json.loads(data), len(data))
                except (ValueError, KeyError, TypeError, AttributeError) as e:
                    raise ReadError(
                        f"line {number} is not one of ours: {e}",
                        where=str(self.path),
                        hint="read into another folder with -o",
                    ) from None
        if self._end < self.path.stat().st_size:
            os.truncate(self.path, self._end)

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
