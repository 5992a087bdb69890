# SPDX-License-Identifier: Apache-2.0
"""What workers are told and what they answer; everything here is pickled.

To a worker: `Make`, `Finish`, or None to end. Replies: `Ready`, `Refused`, `Made`, `Finished`,
`Broken`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anprgen.config import Config

if TYPE_CHECKING:
    from anprgen.light_store import LightStore


@dataclass(frozen=True)
class Spec:
    """All a worker needs to know; it is pickled.

    `keep` is made of ``light`` and ``clean``, ``clean2x`` or ``clean4x``; `light_from` is a dataset
    whose kept light is used; `layout` is that of finished shards. `plan` and `renderer` name the
    functions ``module:function`` that make them; tests put others in their place.
    """

    config: Config
    root: Path
    device: str = "auto"
    threads: int = 1
    executable: Path | None = None
    glyph_check: bool = False
    keep: tuple[str, ...] = ()
    light_from: Path | None = None
    layout: str | None = None
    plan: str = "anprgen.pipeline:make_plan"
    renderer: str = "anprgen.renderers.opening:open_renderer"

    def open_plan(self, say: Callable[[str], None] | None = None) -> Any:
        return _named(self.plan)(self.config, say)

    def open_lights(self) -> LightStore:
        from anprgen.light_store import LightSource, LightStore

        return LightStore(LightSource.open(self.light_from) if self.light_from else None)

    def open_renderer(self) -> Any:
        from anprgen.renderers.opening import folders_of

        return _named(self.renderer)(
            self.config.renderer,
            device=self.device,
            threads=self.threads,
            executable=self.executable,
            **folders_of(self.config),
        )


@dataclass(frozen=True)
class Make:
    shard: int
    index: int
    device_key: str


@dataclass(frozen=True)
class Finish:
    shard: int
    first: int
    stop: int


@dataclass(frozen=True)
class Ready:
    identity: dict[str, Any]
    renderer: dict[str, str]


@dataclass(frozen=True)
class Refused:
    """The worker cannot work: an error for the user."""

    message: str
    where: str | None
    hint: str | None


@dataclass(frozen=True)
class Made:
    """A sample is on disk, or noted as failed with `error`, of the `kind` of that name.

    `drifted`: the glyph check found a label that does not lie on its character. `memory_mb` is
    what the worker and its renderer hold, now and then; else 0.
    """

    index: int
    seconds: float
    error: str | None = None
    kind: str = ""
    drifted: bool = False
    memory_mb: float = 0.0


@dataclass(frozen=True)
class Finished:
    shard: int


@dataclass(frozen=True)
class Broken:
    """The disk refused; nothing more can be written."""

    message: str
    path: str


def _named(name: str) -> Any:
    module, _, function = name.partition(":")
    return getattr(importlib.import_module(module), function)
