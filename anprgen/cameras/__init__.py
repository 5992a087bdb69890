# SPDX-License-Identifier: Apache-2.0
"""Cameras that come with anprgen: each a configuration file beside this one.

A camera sets the distributions of its capture, frame, view, light, lens and codec by their paths,
as a user's own file does; `$about` says in a line what it is. docs/cameras.md has the figures and
where they come from.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from anprgen.config import read_overrides
from anprgen.errors import ConfigError, nearest

_FOLDER = Path(__file__).resolve().parent


def camera_names() -> list[str]:
    """The cameras there are."""
    return sorted(path.stem for path in _FOLDER.glob("*.json"))


def camera_overrides(name: str) -> dict[str, Any]:
    """Parameter paths to distributions of the camera `name`.

    Raises:
        ConfigError: there is no such camera (the nearest are suggested).
    """
    return read_overrides(camera_path(name))


def camera_path(name: str) -> Path:
    """The file of the camera `name`.

    Raises:
        ConfigError: there is no such camera (the nearest are suggested).
    """
    names = camera_names()
    if name not in names:
        raise ConfigError(
            f"there is no camera {name!r}",
            where="--camera",
            hint=f"{nearest(name, names)} (anprgen cameras lists them)",
        )
    return _FOLDER / f"{name}.json"


def camera_about(name: str) -> str:
    """What the camera `name` is, in a line."""
    return str(json.loads(camera_path(name).read_text("utf-8"))["$about"])
