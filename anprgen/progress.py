# SPDX-License-Identifier: Apache-2.0
"""How a build tells what it does: a bar on a terminal, plain lines anywhere else."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:  # rich is imported only when there is a terminal
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

_LINE_EVERY_S = 10.0


class Progress:
    """Notes and a rate with the time left; a context manager. Writes to `stream` (stderr).

    `unit` says what is counted.
    """

    def __init__(self, stream: TextIO | None = None, *, unit: str = "samples") -> None:
        self._unit = unit
        self._stream = stream or sys.stderr
        self._bar: Bar | None = None
        self._task: TaskID | None = None
        self._done = self._first = self._total = 0
        self._begun = self._told = time.monotonic()
        self._lines: list[int] = []

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
        elif self._lines and self._lines[-1] != self._done:
            self._line()

    def note(self, text: str) -> None:
        """One line of text."""
        if self._bar is not None:
            self._bar.console.print(text, markup=False, highlight=False, soft_wrap=True)
        else:
            print(text, file=self._stream, flush=True)

    def begin(self, done: int, total: int) -> None:
        """`done` of `total` samples exist."""
        self._done = self._first = done
        self._total, self._begun = total, time.monotonic()
        self._told = self._begun
        if self._stream.isatty():
            self._bar = _bar(self._stream)
            self._bar.start()
            self._task = self._bar.add_task(self._unit, total=total, completed=done, rate="")

    def advance(self, count: int = 1) -> None:
        """`count` more samples exist."""
        self._done += count
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=self._done, rate=f"{self._rate():.1f}/s")
        elif time.monotonic() - self._told >= _LINE_EVERY_S:
            self._told = time.monotonic()
            self._line()

    def _rate(self) -> float:
        return (self._done - self._first) / max(1e-9, time.monotonic() - self._begun)

    def _line(self) -> None:
        self._lines.append(self._done)
        rate = self._rate()
        left = (self._total - self._done) / rate if rate > 0 else 0
        text = f"{self._done}/{self._total} {self._unit}, {rate:.1f}/s"
        print(f"{text}, {duration(left)} left" if left else text, file=self._stream, flush=True)


def duration(seconds: float) -> str:
    """``1 h 02 min``, ``3 min 20 s``, ``7 s``."""
    minutes, s = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {s:02d} s" if minutes else f"{s} s"


def _bar(stream: TextIO) -> Bar:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    return Bar(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        console=Console(file=stream),
    )
