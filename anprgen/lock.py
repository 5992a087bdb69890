# SPDX-License-Identifier: Apache-2.0
"""One build at a time in one folder."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from types import TracebackType

from anprgen.errors import DatasetError

try:
    import fcntl
except ImportError:  # pragma: no cover  (Windows)
    fcntl = None  # type: ignore[assignment]

NAME = ".lock"


class FolderLock:
    """Holds OUT/.lock while a build writes; a context manager.

    The kernel drops an flock when its process dies, whatever killed it, so a lock file that was
    left behind is taken over. Where the file system has no flock, the process id written in the
    file is asked whether it still lives.

    Raises:
        DatasetError: another build holds the folder.
    """

    def __init__(self, root: Path) -> None:
        self.path = root / NAME
        self._handle: int | None = None

    def __enter__(self) -> FolderLock:
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            locked, owner = _flock(handle), _owner(handle)
            if locked is False or (locked is None and _alive(owner)):
                raise DatasetError(
                    f"another build is writing here (process {owner.get('pid', 'unknown')} "
                    f"on {owner.get('host', 'this machine')})",
                    where=str(self.path.parent),
                    hint="wait for it, or build into another folder with -o",
                )
            os.ftruncate(handle, 0)
            text = json.dumps({"pid": os.getpid(), "host": socket.gethostname()})
            os.pwrite(handle, text.encode(), 0)
        except BaseException:
            os.close(handle)
            raise
        self._handle = handle
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._handle is not None:
            # The file stays, empty: removing it would let two waiting builds lock two files.
            os.ftruncate(self._handle, 0)
            os.close(self._handle)
            self._handle = None


def _flock(handle: int) -> bool | None:
    """True when the lock is ours, False when it is someone's, None when there are no locks here."""
    if fcntl is None:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def _owner(handle: int) -> dict[str, object]:
    try:
        data = json.loads(os.pread(handle, 4096, 0) or b"{}")
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _alive(owner: dict[str, object]) -> bool:
    pid = owner.get("pid")
    if not isinstance(pid, int):
        return False
    if owner.get("host") != socket.gethostname():
        return True  # Another machine on a shared folder: nothing here can tell.
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
