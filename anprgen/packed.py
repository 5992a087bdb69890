# SPDX-License-Identifier: Apache-2.0
"""Shards as tar files (``--layout tar``), as WebDataset reads them, and pictures out of them.

``shards/000003.tar`` holds ``00000750.jpg`` and ``00000750.json`` (its record) of every sample, in
their order, with nothing that differs between two machines. ``shards/000003/`` keeps the
records and the state.
"""

from __future__ import annotations

import io
import os
import tarfile
import tempfile
import threading
from collections import OrderedDict
from pathlib import Path

from anprgen import json_lines
from anprgen.errors import DatasetError
from anprgen.files import TEMPORARY, sync_folder, write_bytes

LAYOUTS = ("files", "tar")
PICTURES = (".jpg", ".png")
#: Pictures taken out of tar files that are kept at hand.
_AT_HAND = 10_000
_HINT = "`anprgen verify` tells what is damaged"


def tar_of(folder: Path) -> Path:
    """The tar file of a finished shard's folder."""
    number = folder.name.removeprefix(".old-").removeprefix(".part-")
    return folder.with_name(f"{number}.tar")


def pack(folder: Path, records: str) -> None:
    """Moves a finished shard's pictures into its tar file; a crash leaves both or the tar.

    Raises:
        DatasetError: a picture is neither in the folder nor in an older tar file, or a record is
            damaged.
    """
    target = tar_of(folder)
    if not any(p.suffix in PICTURES for p in folder.iterdir()):
        return
    listed = [(line, name) for line, _, name in json_lines.pictures(folder / records)]
    pictures = Pictures(folder)
    loose = [folder / name for _, name in listed if (folder / name).exists()]
    temporary = target.with_name(f"{target.name}{TEMPORARY}")
    with open(temporary, "wb") as file:
        with tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as tar:
            for line, name in listed:
                _add(tar, name, pictures.read(name))
                _add(tar, f"{Path(name).stem}.json", line.encode())
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, target)
    sync_folder(target.parent)
    for path in loose:
        path.unlink()


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(data)  # time, owner and mode are those of every TarInfo
    tar.addfile(info, io.BytesIO(data))


class Pictures:
    """The pictures of a finished shard, from its folder or its tar file, indexed once."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._tar = folder, tar_of(folder)
        self._members: dict[str, tuple[int, int]] | None = None  # offset, size

    def read(self, name: str) -> bytes:
        """A picture's file.

        Raises:
            DatasetError: it is in neither, or the tar file is damaged.
        """
        loose = self._folder / name
        if loose.exists():
            return loose.read_bytes()
        if not self._tar.exists():
            raise DatasetError("this picture is missing", where=str(loose), hint=_HINT)
        try:
            if self._members is None:
                with tarfile.open(self._tar, "r:") as tar:
                    found = {m.name: (m.offset_data, m.size) for m in tar if m.isfile()}
                self._members = found
            offset, size = self._members[name]
            with open(self._tar, "rb") as file:
                file.seek(offset)
                return file.read(size)
        except (OSError, KeyError, tarfile.TarError) as e:
            raise DatasetError(
                f"{name} is missing: {e}", where=str(self._tar), hint=_HINT
            ) from None


class Unpacked:
    """Pictures of tar files as files of a temporary folder, the last ten thousand of them."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="anprgen-")
        self._shards: dict[Path, Pictures] = {}
        self._kept: OrderedDict[Path, None] = OrderedDict()
        self._lock = threading.Lock()

    def path(self, folder: Path, name: str) -> Path:
        """A file with the picture `name` of a finished shard.

        Raises:
            DatasetError: the tar file is missing, damaged, or has no such picture.
        """
        target = Path(self._folder.name) / folder.name / name
        with self._lock:
            if target in self._kept:
                self._kept.move_to_end(target)
                return target
            if folder not in self._shards:
                self._shards[folder] = Pictures(folder)
            data = self._shards[folder].read(name)
            target.parent.mkdir(exist_ok=True)
            write_bytes(target, data)
            self._kept[target] = None
            if len(self._kept) > _AT_HAND:
                self._kept.popitem(last=False)[0].unlink(missing_ok=True)
        return target
