# SPDX-License-Identifier: Apache-2.0
"""What a dataset's pictures rest on beside its configuration: the faces, and what makes renders."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from anprgen.resources import blender_dir, fonts_dir

#: Modules that lay out and draw what Blender shows of a shot.
_DRAWN = (
    "ageing", "art", "artwork", "backdrop", "backgrounds", "elements", "foil", "glyphs", "grunge",
    "illuminant", "mounting", "rows", "sheet", "soil", "surface", "textures", "traffic", "wear",
    "renderers/job", "renderers/lettering",
)  # fmt: skip


def fonts_digest() -> str:
    """SHA-256 over the built faces, by name."""
    folder = fonts_dir()
    return _digest_of(folder, folder.glob("*.ttf"))


def scene_digest() -> str:
    """SHA-256 over what makes renders: Blender's program, and what draws a plate's pictures."""
    here, inside = Path(__file__).parent, blender_dir()
    drawn = _digest_of(here, (here / f"{name}.py" for name in _DRAWN))
    shown = _digest_of(inside, inside.rglob("*.py"))
    return hashlib.sha256((drawn + shown).encode()).hexdigest()


def _digest_of(folder: Path, files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(files):
        name = path.relative_to(folder).as_posix()
        digest.update(name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
