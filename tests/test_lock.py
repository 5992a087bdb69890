# SPDX-License-Identifier: Apache-2.0
"""One build at a time in one folder."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from anprgen.errors import DatasetError
from anprgen.lock import FolderLock


def test_two_builds_cannot_share_a_folder(tmp_path: Path) -> None:
    with FolderLock(tmp_path), pytest.raises(DatasetError, match="another build is writing"):
        FolderLock(tmp_path).__enter__()
    with FolderLock(tmp_path):
        pass


def test_a_stale_lock_is_taken_over(tmp_path: Path) -> None:
    (tmp_path / ".lock").write_text(json.dumps({"pid": 2**22 + 1, "host": "here"}))
    with FolderLock(tmp_path):
        assert json.loads((tmp_path / ".lock").read_text())["pid"] == os.getpid()


def test_without_file_locks_the_process_id_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    from anprgen import lock

    monkeypatch.setattr(lock, "fcntl", None)
    owner = {"pid": os.getpid(), "host": socket.gethostname()}
    (tmp_path / ".lock").write_text(json.dumps(owner))
    with pytest.raises(DatasetError):
        FolderLock(tmp_path).__enter__()
    (tmp_path / ".lock").write_text(json.dumps({**owner, "pid": 2**22 + 1}))
    with FolderLock(tmp_path):
        pass
