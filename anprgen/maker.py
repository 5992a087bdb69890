# SPDX-License-Identifier: Apache-2.0
"""Makes samples: a plan, a renderer of its own, and the memory that they take."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from anprgen.errors import AnprgenError, RenderError
from anprgen.tasks import Broken, Finish, Finished, Made, Make, Ready, Refused, Spec

#: Samples between two returns of memory to the system.
TRIM_EVERY = 100


@dataclass(frozen=True)
class Product:
    """What became of a `Make`: a sample for its shard's part folder, or an error of some kind."""

    task: Make
    seconds: float
    record: dict[str, Any] = field(default_factory=dict)
    text: str = ""
    image: bytes = b""
    beside: dict[str, bytes] = field(default_factory=dict)
    error: str | None = None
    kind: str = ""
    memory_mb: float = 0.0

    def keep(self, root: Path) -> Made:
        """Writes it into the dataset in `root`.

        Raises:
            OSError: the disk refuses.
        """
        from anprgen import beside, samples, shards

        part = shards.part_folder(root, self.task.shard)
        told = Made(self.task.index, self.seconds, self.error, self.kind, memory_mb=self.memory_mb)
        if self.error is not None:
            shards.fail(part, self.task.index, self.error, self.kind)
            return told
        beside.store(root, self.beside)
        samples.store(part, self.record, self.text, self.image)
        return replace(told, drifted=not self.record.get("glyph_check", {}).get("passed", True))


class Maker:
    """Makes samples with a renderer of its own, and gives its memory back now and then."""

    def __init__(self, spec: Spec) -> None:
        import cv2

        cv2.setNumThreads(1)
        keep_memory()
        self.spec, self.plan = spec, spec.open_plan()
        self.renderer = spec.open_renderer().__enter__()
        self.lights = spec.open_lights()
        described = {"name": self.renderer.name, **self.renderer.describe()}
        self.ready = Ready(self.plan.identity(), described)
        self._count = 0

    def make(self, task: Make) -> Product:
        """One sample."""
        from anprgen import failures, samples, shards

        begun = time.perf_counter()
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
            error, kind = f"{type(e).__name__}: {e}", failures.kind_of(e)
            return Product(task, time.perf_counter() - begun, error=error, kind=kind)
        kept = getattr(sample, "beside", {})
        done = Product(task, time.perf_counter() - begun, record, text, sample.image, kept)
        self._count += 1
        if self._count % TRIM_EVERY:
            return done
        give_back_memory()
        return replace(done, memory_mb=self.memory_mb())

    def _sample(self, index: int) -> Any:
        options: dict[str, Any] = {"lights": self.lights, "keep": self.spec.keep}
        options["glyph_check"] = self.spec.glyph_check
        try:
            return self.plan.sample(index, self.renderer, **options)
        except RenderError:
            self.close()
            self.renderer = self.spec.open_renderer().__enter__()
            return self.plan.sample(index, self.renderer, **options)

    def memory_mb(self) -> float:
        """Of this process and its renderer's."""
        return memory_mb(os.getpid()) + memory_mb(getattr(self.renderer, "pid", None))

    def close(self) -> None:
        """Ends the renderer."""
        try:
            self.renderer.__exit__(None, None, None)
        except Exception as e:  # A broken renderer may not even close; it is replaced anyway.
            print(f"anprgen: closing the renderer: {e}", file=sys.stderr)


def write(root: Path, done: Product | Finish, layout: str | None) -> Made | Finished | Broken:
    """Stores a sample in the dataset in `root` or completes a shard; `Broken`: the disk refuses."""
    from anprgen import shards

    try:
        if isinstance(done, Product):
            return done.keep(root)
        shards.finish(root, done.shard, done.first, done.stop)
        if layout == "tar":
            shards.pack_finished(root, [done.shard])
        return Finished(done.shard)
    except OSError as e:
        return Broken(e.strerror or str(e), str(e.filename or root))


def open_maker(spec: Spec) -> Maker | Refused:
    """A maker, or why there is none."""
    try:
        return Maker(spec)
    except AnprgenError as e:
        return Refused(e.message, e.where, e.hint)
    except Exception as e:  # A bug at the start would otherwise look like a crash.
        return Refused(f"{type(e).__name__}: {e}", None, "this is a bug, please report it")


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


def memory_mb(process: int | None) -> float:
    """Resident memory of a process; 0 where the system does not tell (it is Linux that does)."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text("ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
