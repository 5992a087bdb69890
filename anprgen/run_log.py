# SPDX-License-Identifier: Apache-2.0
"""What happens in a run, one JSON object a line, for programs that watch many of them."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from anprgen.errors import ConfigError


class RunLog:
    """Appends events to a file (``-``: standard output); a context manager.

    Every line has ``time`` (UTC, ISO 8601) and ``event``: ``begin`` (dataset, total, done,
    workers, renderer), ``sample`` (index, seconds, device), ``failed`` (index, kind, error),
    ``worker_ended`` (how, index), ``worker_recycled`` (made, memory_mb), ``progress`` (done,
    total, failed, rate, left_s; every ten seconds) and ``end`` (the summary).

    Raises:
        ConfigError: the file cannot be opened.
    """

    def __init__(self, path: Path | None) -> None:
        self._file: TextIO | None = None
        self._own = path is not None and str(path) != "-"
        try:
            if path is not None:
                self._file = open(path, "a", encoding="utf-8") if self._own else sys.stdout
        except OSError as e:
            raise ConfigError(
                f"cannot write it: {e.strerror or e}", where=f"--json-log {path}"
            ) from None

    def __call__(self, event: str, **said: Any) -> None:
        if self._file is None:
            return
        stamp = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"time": stamp, "event": event, **said}, ensure_ascii=False)
        with suppress(OSError):  # A full disk stops the samples; the log is not worth an error.
            self._file.write(line + "\n")
            self._file.flush()

    def __enter__(self) -> RunLog:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None and self._own:
            self._file.close()
