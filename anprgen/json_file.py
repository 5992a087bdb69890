# SPDX-License-Identifier: Apache-2.0
"""Reads JSON files that people wrote, or sent: bounded, and with words for every fault."""

from __future__ import annotations

import json
import math
from collections import Counter
from pathlib import Path
from typing import Any

from anprgen.errors import AnprgenError

#: Larger than any design or configuration, small enough for any machine.
MOST_BYTES = 16 << 20
#: Nesting that no design or configuration needs; Python's own limit is a thousand calls.
MOST_LEVELS = 64
_LARGEST = 1e15


def read_json(path: Path, error: type[AnprgenError], hint: str | None = None) -> Any:
    """The value in a file of UTF-8 JSON, with or without a byte order mark.

    Numbers are finite and at most 10^15, so that arithmetic with them is safe.

    Raises:
        error: the file cannot be read, is too large, no JSON, nested too deeply, has a number out
            of bounds, or an object with two values for one key.
    """
    where = str(path)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise error(f"larger than {MOST_BYTES >> 20} MiB", where=where)
        value = json.loads(
            path.read_bytes().decode("utf-8-sig"),
            object_pairs_hook=_object,
            parse_constant=_number,
            parse_float=_number,
            parse_int=_whole_number,
        )
    except OSError as e:
        raise error(f"cannot read it: {e.strerror}", where=where) from None
    except UnicodeDecodeError as e:
        raise error(f"not UTF-8 text: {e.reason}", where=where) from None
    except RecursionError:
        value = None
        deep = True
    except ValueError as e:
        raise error(f"not JSON: {e}", where=where, hint=hint) from None
    else:
        deep = _levels(value) > MOST_LEVELS
    if deep:
        raise error(f"nested more than {MOST_LEVELS} deep", where=where, hint=hint)
    if twice := _twice(value):
        raise error("this key stands there twice", where=f"{where}: {twice}", hint="leave one out")
    return value


class _Doubled(dict[str, Any]):
    """An object in which `key` stands twice."""

    key: str


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        value = _Doubled(value)
        value.key = Counter(key for key, _ in pairs).most_common(1)[0][0]
    return value


def _twice(value: Any) -> str:
    """The JSON path of a key that stands twice in its object, or ''."""
    todo = [(value, "$")]
    while todo:
        one, at = todo.pop()
        if isinstance(one, _Doubled):
            return at + _step(one.key)
        if isinstance(one, dict):
            todo += [(v, at + _step(k)) for k, v in one.items()]
        elif isinstance(one, list):
            todo += [(v, f"{at}[{i}]") for i, v in enumerate(one)]
    return ""


def _step(key: str) -> str:
    return f".{key}" if key.isidentifier() else f"[{key!r}]"


def _number(text: str) -> float:
    """NaN, Infinity and 1e999 are no numbers that a file may hold."""
    value = float(text)
    if not math.isfinite(value) or abs(value) > _LARGEST:
        raise ValueError(f"{text[:40]} is out of bounds")
    return value


def _whole_number(text: str) -> int:
    if len(text) > 17:
        raise ValueError(f"{text[:40]} is out of bounds")
    value = int(text)
    if abs(value) > _LARGEST:
        raise ValueError(f"{text} is out of bounds")
    return value


def _levels(value: Any) -> int:
    """How deeply lists and objects are nested, without recursion."""
    deepest, todo = 0, [(value, 1)]
    while todo:
        one, level = todo.pop()
        deepest = max(deepest, level)
        if level > MOST_LEVELS:
            break
        if isinstance(one, dict):
            todo += [(v, level + 1) for v in one.values()]
        elif isinstance(one, list):
            todo += [(v, level + 1) for v in one]
    return deepest
