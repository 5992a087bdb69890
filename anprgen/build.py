# SPDX-License-Identifier: Apache-2.0
"""Makes or continues a dataset: checks the recipe, starts workers, hands out samples."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from anprgen import beside, lock, shards
from anprgen import dataset as datasets
from anprgen import manifest as manifests
from anprgen.dataset import Dataset
from anprgen.errors import AnprgenError, ConfigError, DatasetError, RenderError
from anprgen.files import disk_errors
from anprgen.lock import FolderLock
from anprgen.schedule import Schedule
from anprgen.worker_process import Broken, Finish, Finished, Made, Make, Ready, Refused, Spec
from anprgen.workers import Pool, Worker, cpu_count, is_gpu

MOST_SAMPLES = 10**8
MOST_CYCLES_SAMPLES = 65536
MOST_WORKERS = 1024
MOST_VARIANTS = 64
_FAILURES_IN_A_ROW = 25
_ON_GPU = 2  # workers: one prepares while the other renders


class Report(Protocol):
    """Where a run tells what happens."""

    def note(self, text: str) -> None: ...

    def begin(self, done: int, total: int) -> None: ...

    def advance(self, count: int = 1) -> None: ...


@dataclass
class Summary:
    """How a run went: samples made now, failed now, and in the folder altogether.

    `drifted` lists samples whose glyph check failed.
    """

    root: Path
    made: int = 0
    failed: int = 0
    total: int = 0
    seconds: float = 0.0
    drifted: list[int] = field(default_factory=list)


def check_sizes(n: int, samples: int, workers: int | None = None, variants: int = 1) -> None:
    """Raises ConfigError for sizes that cannot be meant."""
    checks = (
        ("-n", n, MOST_SAMPLES),
        ("--samples", samples, MOST_CYCLES_SAMPLES),
        ("--workers", 1 if workers is None else workers, MOST_WORKERS),
        ("--variants", variants, MOST_VARIANTS),
    )
    for option, value, most in checks:
        if not 1 <= value <= most:
            raise ConfigError(f"{option} {value}: it must be from 1 to {most}")


def build(
    spec: Spec,
    n: int,
    report: Report,
    *,
    workers: int | None = None,
    allow_mixed: bool = False,
    retry_failed: bool = False,
) -> Summary:
    """Makes what is missing of the samples 0 to n - 1 of the dataset in `spec.root`.

    Raises:
        AnprgenError: the recipe or the folder is not usable, the disk is full, nothing renders.
    """
    check_sizes(n, spec.config.samples, workers, spec.config.variants)
    beside.check(spec.keep)
    spec.open_renderer()  # Not entered: nothing starts, but an unknown name is an error now.
    plan = spec.open_plan(report.note)
    identity, info = manifests.split_identity(plan.identity())
    if source := spec.open_lights().source:
        source.check(identity, plan.shot(0))
        info["light_from"] = str(source.root)
    datasets.check_folder(spec.root, identity)
    new = not spec.root.exists()
    try:
        with disk_errors(spec.root):
            spec.root.mkdir(parents=True, exist_ok=True)
            with FolderLock(spec.root):
                run = _Run(spec, n, report, identity, info)
                run.designs = {d.name: Path(d.path) for d, _ in plan.designs}
                return run.go(workers, allow_mixed, retry_failed)
    finally:
        if new and not (spec.root / manifests.NAME).exists():
            with suppress(OSError):  # Refused before it began: leave no empty folder.
                (spec.root / lock.NAME).unlink(missing_ok=True)
                spec.root.rmdir()


class _Run:
    """One run: everything that changes while samples are made."""

    def __init__(
        self,
        spec: Spec,
        n: int,
        report: Report,
        identity: Mapping[str, Any],
        info: Mapping[str, Any],
    ) -> None:
        self.spec, self.n, self.report = spec, n, report
        self.identity, self.info = identity, info
        self.summary = Summary(spec.root, total=n)
        self.in_a_row = 0
        self.renderer: dict[str, str] = {}
        self.designs: dict[str, Path] = {}

    def go(self, workers: int | None, allow_mixed: bool, retry_failed: bool) -> Summary:
        begun = time.monotonic()
        report, root = self.report, self.spec.root
        report.note(f"dataset: {root.resolve()}")
        left = self.n
        if (root / manifests.NAME).exists():
            shards.recover(root)
            have = Dataset.open(root)
            left = have.count_missing(self.n, retry_failed=retry_failed)
            if not left:
                report.note(f"all {self.n} samples are there already")
                return self._complete(have)
        self.spec = replace(self.spec, threads=_threads(workers))
        with Pool(self.spec) as pool, self._last_words():
            described = self._first(pool, min(workers or self._on_cpu(), left))
            info = {**self.info, "renderer": described, "created": time.strftime("%Y-%m-%d")}
            have = datasets.start(root, self.identity, self.renderer, info, allow_mixed=allow_mixed)
            manifests.write(root, have.manifest.asked_for(self.n))
            have.keep_designs(self.designs)
            device = described.get("device_class") or described.get("device", "cpu")
            count = min(left, workers or (_ON_GPU if is_gpu(device) else cpu_count()))
            name = described.get("device_name") or described.get("device", device)
            report.note(f"renderer: {described['name']}, device: {name}, workers: {count}")
            for _ in range(count - len(pool.workers)):
                pool.start()
            key = manifests.device_key(self.renderer)
            variants = self.spec.config.variants
            schedule = Schedule(have, self.n, key, retry_failed=retry_failed, variants=variants)
            report.begin(self.n - left, self.n)
            self._make(pool, schedule)
        self.summary.seconds = time.monotonic() - begun
        return self._complete(Dataset.open(root))

    def _on_cpu(self) -> int:
        """Workers that are of use for certain: all cores when the device is no question."""
        certain = self.spec.device == "cpu" or self.spec.config.renderer == "flat"
        return cpu_count() if certain else 1

    def _first(self, pool: Pool, count: int) -> dict[str, str]:
        """Starts workers; what the first one that can work says of its renderer."""
        for _ in range(count):
            pool.start()
        while not pool.idle():
            for sender, reply in pool.replies():
                self._started(sender, reply)
        return pool.idle()[0].described

    @contextmanager
    def _last_words(self) -> Iterator[None]:
        try:
            yield
        except KeyboardInterrupt:
            self.report.note("stopping: samples in the making are completed first")
            raise

    def _started(self, worker: Worker, reply: Any) -> None:
        if reply is None:
            raise RenderError(
                f"a worker ended before it could start ({worker.death()})",
                hint="`anprgen doctor` tells what is missing; fewer --workers need less memory",
            )
        if isinstance(reply, Refused):
            raise AnprgenError(reply.message, where=reply.where, hint=reply.hint)
        assert isinstance(reply, Ready)
        identity, _ = manifests.split_identity(reply.identity)
        changed = manifests.differences(self.identity, identity)
        renderer = manifests.renderer_identity(reply.renderer["name"], reply.renderer)
        self.renderer = self.renderer or renderer
        changed += manifests.differences(self.renderer, renderer)
        if changed:
            raise DatasetError(
                f"a worker works by another recipe: {'; '.join(changed)}",
                hint="leave designs and devices as they are while a dataset is built",
            )
        worker.ready, worker.described = True, reply.renderer

    def _make(self, pool: Pool, schedule: Schedule) -> None:
        told = 0
        while True:
            for worker in pool.idle():
                if (task := schedule.next(worker.last)) is None:
                    break
                worker.give(task)
            self.report.advance(schedule.resumed - told)
            told = schedule.resumed
            if schedule.empty() and not any(w.task is not None for w in pool.workers):
                return  # Workers that are still starting are of no use any more.
            for worker, reply in pool.replies():
                if isinstance(reply, Ready | Refused) or (reply is None and not worker.ready):
                    self._started(worker, reply)
                elif reply is None:
                    self._died(pool, schedule, worker)
                else:
                    self._replied(schedule, worker, reply)

    def _replied(self, schedule: Schedule, worker: Worker, reply: Any) -> None:
        task, worker.task = worker.task, None
        if isinstance(reply, Broken):
            raise OSError(0, reply.message, reply.path)
        if isinstance(reply, Made):
            assert isinstance(task, Make)
            schedule.made(task)
            self._count(reply.index, reply.error)
            if reply.drifted:
                self.summary.drifted.append(reply.index)
        else:
            assert isinstance(reply, Finished)

    def _died(self, pool: Pool, schedule: Schedule, worker: Worker) -> None:
        """A worker crashed: its sample gets one more chance, then it is noted as failed."""
        task, how = worker.task, worker.death()
        worker.kill()
        pool.start()
        if task is None or schedule.again(task):
            return
        if isinstance(task, Finish):
            raise RenderError(f"workers crash while they complete shard {task.shard} ({how})")
        error = f"the worker crashed twice ({how})"
        shards.fail(shards.part_folder(self.spec.root, task.shard), task.index, error)
        schedule.made(task)
        self._count(task.index, error)

    def _count(self, index: int, error: str | None) -> None:
        self.report.advance()
        if error is None:
            self.summary.made += 1
            self.in_a_row = 0
            return
        self.summary.failed += 1
        self.in_a_row += 1
        self.report.note(f"sample {index} failed: {error}")
        if self.in_a_row >= _FAILURES_IN_A_ROW:
            raise RenderError(
                f"{self.in_a_row} samples in a row failed; the last: {error}",
                hint="put it right and run the same command with --retry-failed",
            )

    def _complete(self, have: Dataset) -> Summary:
        have.gather_failures()
        manifests.write(self.spec.root, have.manifest.asked_for(self.n).done(self.n))
        return self.summary


def _threads(workers: int | None) -> int:
    return max(1, cpu_count() // workers) if workers else 1
