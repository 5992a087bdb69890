# SPDX-License-Identifier: Apache-2.0
"""Reads the small YAML that exports write: no YAML library is needed for the tests."""

from __future__ import annotations

import json
from typing import Any


def load(text: str) -> dict[Any, Any]:
    """Mappings two deep, whose values are words or lists on one line."""
    top: dict[Any, Any] = {}
    inner: dict[Any, Any] = {}
    for line in text.splitlines():
        if line.lstrip().startswith("#"):
            continue
        key, _, value = line.strip().partition(":")
        into = inner if line.startswith(" ") else top
        if not value.strip():
            inner = into[_scalar(key)] = {}
        else:
            into[_scalar(key)] = _scalar(value.strip())
    return top


def _scalar(text: str) -> Any:
    if text.startswith("["):
        return [_scalar(item.strip()) for item in text[1:-1].split(",")]
    try:
        return json.loads(text)
    except ValueError:
        return text
