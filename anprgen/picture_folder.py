# SPDX-License-Identifier: Apache-2.0
"""A folder of the user's own pictures: found by name, told apart by the digests of their bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from anprgen.errors import ConfigError


@dataclass(frozen=True)
class Kind:
    """What pictures an option takes.

    `noun` says what they are, `files` the kinds of file for people; `suffixes` are in small
    letters; `taken` maps names that are not free to whose they are.
    """

    option: str
    noun: str
    files: str
    suffixes: tuple[str, ...]
    most_files: int
    most_bytes: int
    taken: Mapping[str, str]

    def find(self, root: Path) -> dict[str, Path]:
        """Name -> file of the pictures of a folder, not of its subfolders, by name.

        Raises:
            ConfigError: no such folder, none in it, too many, or two of one name.
        """
        where = f"{self.option} {root}"
        try:
            found = sorted(
                p for p in root.iterdir() if p.suffix.lower() in self.suffixes and p.is_file()
            )
        except OSError as e:
            raise ConfigError(
                f"cannot read it: {e.strerror}",
                where=where,
                hint=f"name a folder of {self.files}",
            ) from None
        if not found:
            raise ConfigError(
                f"there is no {self.noun} in it",
                where=where,
                hint=f"it takes {self.files}, not those of subfolders",
            )
        if len(found) > self.most_files:
            raise ConfigError(
                f"{len(found)} pictures are more than {self.most_files}",
                where=where,
                hint="leave some out",
            )
        files: dict[str, Path] = {}
        for path in found:
            if path.stem in files or path.stem in self.taken:
                other = files.get(path.stem) or self.taken[path.stem]
                raise ConfigError(
                    f"its name is that of {other}", where=str(path), hint="rename the file"
                )
            files[path.stem] = path
        return files

    def path(self, root: Path, name: str) -> Path:
        """The file of that name, with any of the suffixes in letters of any case.

        Raises:
            ConfigError: it is not there any more.
        """
        for suffix in self.suffixes:
            for written in (suffix, suffix.upper(), suffix.capitalize()):
                if (path := root / f"{name}{written}").is_file():
                    return path
        raise ConfigError(
            f"there is no {self.noun} {name} any more",
            where=str(root),
            hint="put back the file of that time",
        )

    def digest(self, path: Path) -> str:
        """Of a file's bytes, which are not held in memory.

        Raises:
            ConfigError: it is too large, or cannot be read.
        """
        with self._opened(path) as file:
            return hashlib.file_digest(file, _hasher).hexdigest()

    def check(self, path: Path, digest: str) -> None:
        """Raises ConfigError where the file's bytes have another digest."""
        if self.digest(path) != digest:
            raise _changed(path)

    def read(self, path: Path, digest: str | None = None) -> bytes:
        """A file's bytes, which have this `digest` where one is given.

        Raises:
            ConfigError: they have another, it is too large, or cannot be read.
        """
        with self._opened(path) as file:
            data = file.read()
        if digest is not None and digest_of(data) != digest:
            raise _changed(path)
        return data

    @contextmanager
    def _opened(self, path: Path) -> Iterator[BufferedReader]:
        try:
            if path.stat().st_size > self.most_bytes:
                raise ConfigError(
                    f"more than {self.most_bytes >> 20} MiB",
                    where=str(path),
                    hint="make it smaller",
                )
            with path.open("rb") as file:
                yield file
        except OSError as e:
            raise ConfigError(f"cannot read it: {e.strerror}", where=str(path)) from None


def digest_of(data: bytes) -> str:
    """That of `Kind.digest` for a file of these bytes."""
    return _hasher(data).hexdigest()


def _hasher(data: bytes = b"") -> hashlib.blake2b:
    return hashlib.blake2b(data, digest_size=16)


def _changed(path: Path) -> ConfigError:
    return ConfigError(
        "it has changed since the dataset was begun",
        where=str(path),
        hint="put back the file of that time",
    )
