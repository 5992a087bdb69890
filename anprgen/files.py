# SPDX-License-Identifier: Apache-2.0
"""Writing so that a crash or a full disk leaves the old file or the new one, never half of one."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from anprgen.errors import DatasetError

TEMPORARY = ".tmp"


def write_bytes(path: Path, data: bytes, *, durable: bool = False) -> None:
    """Writes beside `path`, then renames; `durable` also waits until the disk has it."""
    temporary = path.with_name(f"{path.name}{TEMPORARY}")
    try:
        with open(temporary, "wb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if durable:
        sync_folder(path.parent)


def write_text(path: Path, text: str, *, durable: bool = False) -> None:
    """`write_bytes` of UTF-8 with ``\\n`` line ends on every system."""
    write_bytes(path, text.encode("utf-8"), durable=durable)


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Indented JSON, whole or not at all."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def suffixed(name: Path, suffix: str) -> Path:
    """The file that is called `name` and a suffix, ``a.b`` and ``.json`` giving ``a.b.json``.

    Raises:
        DatasetError: it is a folder's path, and names no file.
    """
    if name.name in ("", "..") or name.is_dir():
        raise DatasetError(
            "this is a folder, and a file's name is wanted", where=str(name),
            hint=f"name it like {name / 'report'}: {suffix} is added",
        )  # fmt: skip
    return name.with_name(f"{name.name}{suffix}")


def fresh(path: Path) -> Path:
    """A path that nothing has yet.

    Raises:
        DatasetError: it is taken.
    """
    if path.exists():
        raise DatasetError(
            "this file exists already", where=str(path), hint="name another with -o, or move it"
        )
    return path


def sync_file(path: Path) -> None:
    """Waits until the disk has the contents of a file."""
    with open(path, "rb") as file:
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Waits until the disk has the names in a folder (some systems cannot, and do it anyway)."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        pass  # Some network file systems refuse; the rename itself is still atomic.
    finally:
        os.close(handle)


def link_or_copy(source: Path, target: Path) -> None:
    """A hard link where the file system can, else a copy."""
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def canonical(value: Any) -> str:
    """JSON on one line that is the same for equal values on every machine.

    Raises:
        ValueError: a number is not finite.
    """
    return json.dumps(
        value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )


def inside(root: Path, relative: str) -> Path:
    """The path of a file named in a record.

    Raises:
        DatasetError: the name leads out of the folder.
    """
    pure = PurePosixPath(relative)
    lexical = not pure.is_absolute() and ".." not in pure.parts and "\\" not in relative
    path = root / pure
    if not lexical or not relative or not path.resolve().is_relative_to(root.resolve()):
        raise DatasetError(f"the path {relative!r} leads out of the folder", where=str(root))
    return path


@contextmanager
def disk_errors(root: Path) -> Iterator[None]:
    """Turns an error of the operating system into a message that says what to do.

    Raises:
        DatasetError: in place of OSError.
    """
    try:
        yield
    except OSError as e:
        raise DatasetError(
            f"cannot write: {e.strerror or e}",
            where=str(e.filename2 or e.filename or root),
            hint="nothing half-written counts as finished; make room (or the folder writable) "
            "and run the same command again, it continues",
        ) from e
