# SPDX-License-Identifier: Apache-2.0
"""Datasets in object storage (``-o s3://bucket/plates``), through fsspec.

A build makes shards in a folder of this machine, and every finished one moves to the storage: first
its pictures, then its records, last its ``shard.json``, so a shard counts when that is there and
fits the records. Here remain its records; another machine can continue from the storage alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import socket
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType

from anprgen import json_lines, kept_designs, shards
from anprgen import manifest as manifests
from anprgen.errors import ConfigError, DatasetError
from anprgen.files import canonical, inside, write_bytes
from anprgen.packed import PICTURES, tar_of

_LOCK = "lock.json"
#: Protocols of file systems with real folders, which must be there before a file. In object
#: storage there are none, and asking for one could make a bucket.
_WITH_FOLDERS = {"file", "local", "sftp", "ssh", "ftp", "smb", "hdfs", "webhdfs", "arrow_hdfs"}


def is_remote(place: str) -> bool:
    """Whether a word names object storage rather than a folder."""
    return re.match(r"[a-z][a-z0-9+.-]+://", place) is not None


def scratch_of(url: str) -> Path:
    """The folder of this machine that a build into `url` passes through."""
    key = hashlib.sha256(url.encode()).hexdigest()[:16]
    return Path.home() / ".cache" / "anprgen" / key


def has_pictures(folder: Path) -> bool:
    """Whether a finished shard's pictures are here, and not only its records."""
    return tar_of(folder).exists() or any(p.suffix in PICTURES for p in folder.iterdir())


class Remote:
    """A folder in object storage.

    Raises:
        ConfigError: the library for this kind of storage is not installed, or the URL is wrong.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        try:
            import fsspec

            self._fs, self._root = fsspec.core.url_to_fs(self.url)
        except (ImportError, ValueError) as e:
            raise ConfigError(
                f"cannot open it: {e}", where=url, hint="pip install 'anprgen[s3]' for s3://"
            ) from None
        said = self._fs.protocol
        self._has_folders = not _WITH_FOLDERS.isdisjoint([said] if isinstance(said, str) else said)
        self._made: set[str] = set()

    def _at(self, name: str) -> str:
        return f"{self._root}/{name}"

    def read(self, name: str) -> bytes | None:
        """A file's bytes; None where it is not there."""
        with _storage_errors(self.url):
            try:
                return bytes(self._fs.cat_file(self._at(name)))
            except FileNotFoundError:
                return None

    def write(self, name: str, data: bytes) -> None:
        """Puts a file there, whole."""
        with _storage_errors(self.url):
            self._make_folders([name])
            self._fs.pipe_file(self._at(name), data)

    def put(self, files: dict[str, Path]) -> None:
        """Uploads files, by their names there."""
        with _storage_errors(self.url):
            names = list(files)
            self._make_folders(names)
            self._fs.put([str(files[n]) for n in names], [self._at(n) for n in names])

    def _make_folders(self, names: list[str]) -> None:
        """Makes the folders of files where the storage does not do so by itself."""
        if self._has_folders:
            for folder in {self._at(name).rpartition("/")[0] for name in names} - self._made:
                self._fs.makedirs(folder, exist_ok=True)
                self._made.add(folder)

    def get(self, name: str, target: Path) -> None:
        """Downloads a file."""
        data = self.read(name)
        if data is None:
            raise DatasetError(f"{name} is missing", where=self.url)
        target.write_bytes(data)

    def remove(self, name: str) -> None:
        """Deletes a file, if it is there."""
        with _storage_errors(self.url), suppress(FileNotFoundError):
            self._fs.rm_file(self._at(name))

    def names(self, folder: str) -> list[str]:
        """Names of what lies directly in a folder there."""
        with _storage_errors(self.url):
            self._fs.invalidate_cache()
            try:
                found = self._fs.ls(self._at(folder), detail=False)
            except FileNotFoundError:
                return []
        return sorted(str(p).rstrip("/").rpartition("/")[2] for p in found)

    def names_below(self, folder: str) -> list[str]:
        """Names of all files in a folder there and in its own folders, relative to it."""
        at = self._at(folder)
        with _storage_errors(self.url):
            self._fs.invalidate_cache()
            try:
                found = self._fs.find(at)
            except FileNotFoundError:
                return []
        return sorted(str(p).removeprefix(f"{at}/") for p in found)

    def fetch_records(self, root: Path) -> None:
        """Brings manifest, records and states of finished shards into a folder, no pictures."""
        root.mkdir(parents=True, exist_ok=True)
        if (data := self.read(manifests.NAME)) is None:
            return
        (root / shards.FOLDER).mkdir(exist_ok=True)
        write_bytes(root / manifests.NAME, data)
        for name in self.names_below(kept_designs.FOLDER):
            target = inside(root / kept_designs.FOLDER, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            self.get(f"{kept_designs.FOLDER}/{name}", target)
        for name in self.names(shards.FOLDER):
            if re.fullmatch(r"\d{6,}", name):
                self._fetch_shard(root, name)

    def _fetch_shard(self, root: Path, name: str) -> None:
        at = f"{shards.FOLDER}/{name}"
        if (root / at).exists() and has_pictures(root / at):
            return  # Ours is newer: it was finished here and not yet uploaded.
        state, records = self.read(f"{at}/{shards.STATE}"), self.read(f"{at}/{shards.RECORDS}")
        if state is None or records is None:
            return  # An upload that was broken off: it is made, or uploaded, again.
        if json.loads(state)["sha256"] != hashlib.sha256(records).hexdigest():
            return
        failures = self.read(f"{at}/{shards.FAILURES}")
        staging = root / shards.FOLDER / f".new-{name}"
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(parents=True)
        (staging / shards.RECORDS).write_bytes(records)
        (staging / shards.STATE).write_bytes(state)
        if failures is not None:
            (staging / shards.FAILURES).write_bytes(failures)
        shutil.rmtree(root / at, ignore_errors=True)
        os.rename(staging, root / at)

    def fetch_pictures(self, root: Path, number: int) -> None:
        """Brings the pictures of a shard whose records are in `root`."""
        folder = root / shards.folder_name(number)
        tar = f"{shards.FOLDER}/{tar_of(folder).name}"
        if (data := self.read(tar)) is not None:
            write_bytes(tar_of(folder), data)
            return
        for _, record, _ in json_lines.pictures(folder / shards.RECORDS):
            name = record["image"]["file"]
            if not inside(root, name).exists():
                self.get(name, root / name)

    def upload(self, root: Path, number: int) -> None:
        """Moves a finished shard there; its records stay here too."""
        folder = root / shards.folder_name(number)
        at = shards.folder_name(number)
        # A shard that has grown: it counts again when the new state is there.
        pictures = [p for p in folder.iterdir() if p.suffix in PICTURES]
        if tar_of(folder).exists():
            self.put({f"{shards.FOLDER}/{tar_of(folder).name}": tar_of(folder)})
        elif pictures:
            self.put({f"{at}/{p.name}": p for p in sorted(pictures)})
        for name in (shards.FAILURES, shards.RECORDS, shards.STATE):
            if (folder / name).exists():
                self.write(f"{at}/{name}", (folder / name).read_bytes())
        for path in pictures:
            path.unlink()
        tar_of(folder).unlink(missing_ok=True)


class Uploads:
    """Moves shards to a storage while a build goes on; a context manager.

    It holds ``lock.json`` there, so that another machine does not build into the same place.

    Raises:
        DatasetError: another build holds the place; or the storage refuses, at the next shard.
    """

    def __init__(self, remote: Remote, root: Path) -> None:
        self.remote, self.root = remote, root
        self._pool = ThreadPoolExecutor(1)
        self._pending: list[Future[None]] = []
        self._sent: set[str] = set()  # files of designs, which never change
        self._own = {"host": socket.gethostname(), "folder": str(root.resolve())}

    def __enter__(self) -> Uploads:
        data = self.remote.read(_LOCK)
        holder = json.loads(data) if data else self._own
        if holder != self._own:
            raise DatasetError(
                f"a build on {holder.get('host')} in {holder.get('folder')} is writing there",
                where=self.remote.url,
                hint=f"wait for it; if it is dead, delete {self.remote.url}/{_LOCK}",
            )
        self.remote.write(_LOCK, canonical(self._own).encode())
        return self

    def start(self) -> None:
        """Uploads what an earlier run finished and could not upload, and the manifest."""
        self._manifest()
        self._manifest()
        for number, folder in shards.finished(self.root).items():
            if has_pictures(folder):
                self(number)

    def grow(self, number: int) -> None:
        """A finished shard is to be continued: its pictures are needed here."""
        self._wait()  # An upload under way takes pictures from here.
        self.remote.fetch_pictures(self.root, number)

    def __call__(self, number: int) -> None:
        """A shard is finished."""
        for done in [f for f in self._pending if f.done()]:
            self._pending.remove(done)
            done.result()
        self._pending.append(self._pool.submit(self.remote.upload, self.root, number))

    def _wait(self) -> None:
        """Until all is there that was begun."""
        pending, self._pending = self._pending, []
        for done in pending:
            done.result()

    def _manifest(self) -> None:
        self.remote.write(manifests.NAME, (self.root / manifests.NAME).read_bytes())
        for name, path in kept_designs.kept(self.root).items():
            if name not in self._sent:
                self.remote.write(f"{kept_designs.FOLDER}/{name}", path.read_bytes())
                self._sent.add(name)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(wait=True)
        try:
            self._wait()
            if (self.root / manifests.NAME).exists():
                self._manifest()
        finally:
            with suppress(DatasetError):
                self.remote.remove(_LOCK)


@contextmanager
def _storage_errors(url: str) -> Iterator[None]:
    """Turns what a storage's library raises into a message; a missing file stays one."""
    try:
        yield
    except (FileNotFoundError, DatasetError):
        raise
    except Exception as e:  # Each kind of storage has errors of its own.
        raise DatasetError(
            f"the storage refuses: {type(e).__name__}: {str(e)[:300]}",
            where=url,
            hint="what is finished stays on this machine; the same command goes on",
        ) from e
