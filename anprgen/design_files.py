# SPDX-License-Identifier: Apache-2.0
"""The files that a design names: faces and drawings of its own, and shipped drawings.

What they hold decides pixels, so their digests are part of a dataset's identity, and those of its
own are kept with it (`anprgen.kept_designs`). Shipped faces are left out: the identity has one
digest of all in fonts/.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING

from anprgen.errors import AnprgenError, DesignError
from anprgen.resources import designs_dir

if TYPE_CHECKING:
    from anprgen.design import Element, PlateDesign

#: What faces and drawings of a design's own end in.
OWN = (".ttf", ".otf", ".svg")
#: Of all of one design together: every dataset keeps a copy, and the largest faces have 20 MiB.
MOST_BYTES = 64 << 20


def is_own(name: str) -> bool:
    """Whether a name is the path of a design's own file, and not one of what is shipped."""
    return name.lower().endswith(OWN)


def leads_out(name: str) -> bool:
    """Whether a path is no place in the design's folder or below it, on any system."""
    path = PureWindowsPath(name)  # It splits at / too, and knows drives.
    return bool(path.drive or path.root or ".." in path.parts or "\\" in name)


def named(element: Element) -> Iterator[tuple[str, str]]:
    """The files that an element is drawn from, in any of its options: JSON key and name."""
    for made in [element.option(k) for k in range(len(element.options))] or [element]:
        if is_own(face := made.spec.get("face", "")):
            yield "face", face
        if made.kind == "art":
            yield "name", made.spec["name"]


def all_named(design: PlateDesign) -> Iterator[tuple[str, str]]:
    """The files that a whole design is drawn from: JSON path and name."""
    for layout in design.layouts.values():
        for element in layout.elements:
            for key, name in named(element):
                yield f"{element.where}.{key}", name


def read(path: Path, digest: str | None, error: type[AnprgenError]) -> bytes:
    """The bytes of a file that was looked at before; raises `error` where they are others now."""
    data = path.read_bytes()
    if digest not in (None, hashlib.sha256(data).hexdigest()):
        raise error(
            "this file was changed after the design was read",
            where=str(path),
            hint="leave a design's files as they are while a dataset is built",
        )
    return data


def digests(design: PlateDesign) -> dict[str, str]:
    """SHA-256 of each file by its name in the design.

    One that is not there is left out: `anprgen.lint` tells of those that are needed.

    Raises:
        DesignError: a file cannot be read, or they are too large.
    """
    folder, room = Path(design.path).parent, MOST_BYTES
    found: dict[str, str] = {}
    for at, name in all_named(design):
        path = folder / name if is_own(name) else designs_dir() / "art" / f"{name}.svg"
        if name in found or not path.is_file():
            continue
        where = f"{design.path}: {at}"
        try:
            room -= path.stat().st_size
            if room < 0:
                raise DesignError(
                    f"with {name!r} its files are larger than {MOST_BYTES >> 20} MiB",
                    where=where,
                    hint="leave glyphs out that the design does not write (pyftsubset)",
                )
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError as e:
            raise DesignError(f"cannot read {name!r}: {e.strerror}", where=where) from None
    return found
