# SPDX-License-Identifier: Apache-2.0
"""Files of one JSON object a line, as finished shards have them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from anprgen.errors import DatasetError

_ANEW = "delete the shard's folder and run the same build again: it is made anew"


def entries(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every line of a shard's file, and what it says; all of them have an ``id``.

    Raises:
        DatasetError: the file cannot be read, or a line is something else.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, ValueError) as e:
        raise DatasetError(f"this shard is damaged: {e}", where=str(path), hint=_ANEW) from None
    for number, line in enumerate(lines, 1):
        try:
            entry = json.loads(line)
            name = entry.get("id") if isinstance(entry, dict) else None
            if not isinstance(name, str) or Path(name).name != name:  # It names a file.
                raise ValueError("no object with an id")
        except (ValueError, RecursionError) as e:
            raise _damaged(path, number, e) from None
        yield line, entry


def pictures(path: Path) -> Iterator[tuple[str, dict[str, Any], str]]:
    """`entries` of a shard's records, each with the name of its picture in the shard's folder.

    Raises:
        DatasetError: as `entries`, or a record names no picture.
    """
    for number, (line, record) in enumerate(entries(path), 1):
        try:
            name = Path(record["image"]["file"]).name
        except (KeyError, TypeError) as e:
            raise _damaged(path, number, f"it names no picture ({e})") from None
        yield line, record, name


def _damaged(path: Path, number: int, why: object) -> DatasetError:
    where = f"{path}, line {number}"
    return DatasetError(f"this shard is damaged: {why}", where=where, hint=_ANEW)
