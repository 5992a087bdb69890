# SPDX-License-Identifier: Apache-2.0
"""What a run is told, what it tells, and how it went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from anprgen.share import Share

#: Tells an event by its name and what belongs to it (`anprgen.run_log`).
Tell = Callable[..., None]


def silent(event: str, **said: Any) -> None:
    """Tells nobody."""


class Report(Protocol):
    """Where a run tells what happens."""

    def note(self, text: str) -> None: ...

    def begin(self, done: int, total: int) -> None: ...

    def advance(self, count: int = 1) -> None: ...


@dataclass
class Summary:
    """How a run went: samples made now, failed now, and in the folder altogether.

    `kinds` counts the failures by `anprgen.failures.KINDS`, `drifted` lists samples whose glyph
    check failed; `replaced` workers had died, `recycled` ones had made enough or grown.
    """

    root: Path
    made: int = 0
    failed: int = 0
    total: int = 0
    seconds: float = 0.0
    drifted: list[int] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    workers: int = 0
    replaced: int = 0
    recycled: int = 0

    def said(self) -> dict[str, Any]:
        """What the manifest and the log keep of it."""
        return {
            "made": self.made,
            "failed": self.failed,
            "kinds": dict(self.kinds),
            "drifted": len(self.drifted),
            "seconds": round(self.seconds, 1),
            "workers": self.workers,
            "replaced": self.replaced,
            "recycled": self.recycled,
        }


@dataclass(frozen=True)
class Options:
    """How a run goes about it; none of it decides a pixel."""

    workers: int | None = None
    allow_mixed: bool = False
    retry_failed: bool = False
    share: Share = Share()
    recycle_after: int = 0
    open_pool: Callable[[Any], Any] = field(kw_only=True)
    uploads: Any = None  # `anprgen.remote.Uploads` of a build into object storage
