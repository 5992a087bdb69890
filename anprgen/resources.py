# SPDX-License-Identifier: Apache-2.0
"""Finds the data folders (plate_designs, fonts, blender) in a checkout and in a wheel."""

from __future__ import annotations

from pathlib import Path

from anprgen.errors import AnprgenError

_PACKAGE = Path(__file__).resolve().parent


def _folder(name: str) -> Path:
    # A wheel carries the folder inside the package; a checkout has it beside the package.
    for base in (_PACKAGE, _PACKAGE.parent):
        if (base / name).is_dir():
            return base / name
    raise AnprgenError(
        f"the folder {name}/ is missing from this installation",
        where=str(_PACKAGE),
        hint="install anprgen again from its wheel or from a complete checkout",
    )


def designs_dir() -> Path:
    """Folder of the plate designs that ship with anprgen."""
    return _folder("plate_designs")


def fonts_dir() -> Path:
    """Folder of the plate faces (built TTFs and their sources)."""
    return _folder("fonts")


def blender_dir() -> Path:
    """Folder of the program that runs inside Blender."""
    return _folder("blender")
