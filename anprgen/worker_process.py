# SPDX-License-Identifier: Apache-2.0
"""What runs in a worker: opens its own renderer, then makes the samples it is told to.

Messages to a worker: `Make`, `Finish`, or None to end. Replies: `Ready`, `Refused`, `Made`,
`Finished`, `Broken`. A worker whose parent is gone ends by itself.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anprgen.config import Config
from anprgen.errors import AnprgenError, RenderError

if TYPE_CHECKING:
    from anprgen.light_store import LightStore

#: Samples between two returns of memory to the system.
TRIM_EVERY = 100


@dataclass(frozen=True)
class Spec:
    """All a worker needs to know; it is pickled.

    `keep` is made of ``light`` and ``clean``, ``clean2x`` or ``clean4x``; `light_from` is a dataset
    whose kept light is used. `plan` and `renderer` name the functions ``module:function`` that
    make them; tests put others in their place.
    """

    config: Config
    root: Path
    device: str = "auto"
    threads: int = 1
    executable: Path | None = None
    glyph_check: bool = False
    keep: tuple[str, ...] = ()
    light_from: Path | None = None
    plan: str = "anprgen.pipeline:make_plan"
    renderer: str = "anprgen.pipeline:open_renderer"

    def open_plan(self, say: Callable[[str], None] | None = None) -> Any:
        return _named(self.plan)(self.config, say)

    def open_lights(self) -> LightStore:
        from anprgen.light_store import LightSource, LightStore

        return LightStore(LightSource.open(self.light_from) if self.light_from else None)

    def open_renderer(self) -> Any:
        make = _named(self.renderer)
        return make(
            self.config.renderer,
            device=self.device,
            threads=self.threads,
            executable=self.executable,
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
    """A sample is on disk, or noted as failed with `error`.

    `drifted`: the glyph check found a label that does not lie on its character.
    """

    index: int
    seconds: float
    error: str | None = None
    drifted: bool = False


@dataclass(frozen=True)
class Finished:
    shard: int


@dataclass(frozen=True)
class Broken:
    """The disk refused; nothing more can be written."""

    message: str
    path: str


def main(connection: Connection, spec: Spec) -> None:
    """A worker's life."""
    _settle()
    keep_memory()
    try:
        worker = _Worker(spec)
        connection.send(Ready(worker.plan.identity(), worker.described))
    except AnprgenError as e:
        connection.send(Refused(e.message, e.where, e.hint))
        return
    except Exception as e:  # A bug at the start would otherwise look like a crash.
        message = f"{type(e).__name__}: {e}"
        connection.send(Refused(message, None, "this is a bug, please report it"))
        return
    try:
        for count, task in enumerate(iter(connection.recv, None), 1):
            connection.send(worker.do(task))
            if count % TRIM_EVERY == 0:
                give_back_memory()
    except (EOFError, BrokenPipeError, ConnectionResetError):
        pass  # The parent is gone; what is on disk stays.
    finally:
        worker.close()


class _Worker:
    def __init__(self, spec: Spec) -> None:
        import cv2

        cv2.setNumThreads(1)
        self.spec, self.plan = spec, spec.open_plan()
        self.renderer = spec.open_renderer().__enter__()
        self.lights = spec.open_lights()
        self.described = {"name": self.renderer.name, **self.renderer.describe()}

    def do(self, task: Make | Finish) -> Made | Finished | Broken:
        from anprgen import shards

        try:
            if isinstance(task, Finish):
                shards.finish(self.spec.root, task.shard, task.first, task.stop)
                return Finished(task.shard)
            return self._make(task)
        except OSError as e:
            return Broken(e.strerror or str(e), str(e.filename or self.spec.root))

    def _make(self, task: Make) -> Made:
        from anprgen import beside, samples, shards

        begun = time.perf_counter()
        part = shards.part_folder(self.spec.root, task.shard)
        try:
            sample = self._sample(task.index)
            record, text = samples.completed(
                sample.record,
                sample.image,
                shards.folder_name(task.shard),
                self.spec.config.seed,
                task.device_key,
                sample.pixels,
            )
        except Exception as e:
            # Whatever it is, it belongs to this index: the others can still be made, and a run
            # in which nothing succeeds is stopped by the parent.
            error = f"{type(e).__name__}: {e}"
            shards.fail(part, task.index, error)
            return Made(task.index, time.perf_counter() - begun, error)
        beside.store(self.spec.root, getattr(sample, "beside", {}))
        samples.store(part, record, text, sample.image)
        drifted = not record.get("glyph_check", {}).get("passed", True)
        return Made(task.index, time.perf_counter() - begun, drifted=drifted)

    def _sample(self, index: int) -> Any:
        options: dict[str, Any] = {"lights": self.lights, "keep": self.spec.keep}
        options["glyph_check"] = self.spec.glyph_check
        try:
            return self.plan.sample(index, self.renderer, **options)
        except RenderError:
            self.close()
            self.renderer = self.spec.open_renderer().__enter__()
            return self.plan.sample(index, self.renderer, **options)

    def close(self) -> None:
        try:
            self.renderer.__exit__(None, None, None)
        except Exception as e:  # A broken renderer may not even close; it is replaced anyway.
            print(f"anprgen: closing the renderer: {e}", file=sys.stderr)


def _settle() -> None:
    """Leaves Ctrl-C to the parent, and dies with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if sys.platform == "linux":
        import ctypes

        set_death_signal = 1  # PR_SET_PDEATHSIG; without it a killed parent leaves a last sample
        ctypes.CDLL(None).prctl(set_death_signal, signal.SIGKILL)
        parent = multiprocessing.parent_process()
        if parent is not None and os.getppid() != parent.pid:
            sys.exit(1)  # It died before the line above.


def keep_memory() -> None:
    """Lets glibc use freed pictures again until `give_back_memory`.

    Else each one goes back to the system at once, and a sixth of a frame's time in the camera is
    spent on pages of zeros for the next.
    """
    if sys.platform == "linux":
        import ctypes

        options = getattr(ctypes.CDLL(None), "mallopt", None)  # not in musl
        if options is not None:
            trim_threshold, map_threshold = -1, -3  # M_TRIM_THRESHOLD, M_MMAP_THRESHOLD of malloc.h
            options(map_threshold, 32 << 20)
            options(trim_threshold, 1 << 30)


def give_back_memory() -> None:
    """Returns freed memory to the system: pictures of many sizes leave holes in glibc's heap."""
    if sys.platform == "linux":
        import ctypes

        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # not in musl
        if trim is not None:
            trim(0)


def _named(name: str) -> Any:
    module, _, function = name.partition(":")
    return getattr(importlib.import_module(module), function)
