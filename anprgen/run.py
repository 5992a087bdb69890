# SPDX-License-Identifier: Apache-2.0
"""One run of a build: starts workers, hands out samples, replaces workers, counts."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from anprgen import dataset as datasets
from anprgen import kept_designs, shards
from anprgen import manifest as manifests
from anprgen.dataset import Dataset
from anprgen.design import PlateDesign
from anprgen.errors import AnprgenError, ConfigError, DatasetError, RenderError
from anprgen.failures import MOST_IN_A_ROW, kind_of_death
from anprgen.run_summary import Options, Report, Summary, Tell
from anprgen.schedule import Schedule
from anprgen.tasks import Broken, Finish, Finished, Made, Make, Ready, Refused, Spec
from anprgen.workers import Pool, Worker, cpu_count, is_gpu

_PROGRESS_EVERY_S = 10.0
_RUNS_TOLD = 100  # in the manifest
#: A worker that holds so many MiB more than after its first hundred samples is replaced.
_GROWTH_MB = 500.0


class Run:
    """One run: everything that changes while samples are made."""

    def __init__(
        self,
        spec: Spec,
        n: int,
        report: Report,
        identity: Mapping[str, Any],
        info: Mapping[str, Any],
        options: Options,
        tell: Tell,
    ) -> None:
        self.spec, self.n, self.report = spec, n, report
        self.identity, self.info, self.options, self.tell = identity, info, options, tell
        self.own = datasets.count_own(n, manifests.SHARD_SIZE, options.share)
        self.summary = Summary(spec.root, total=self.own)
        self.in_a_row = self.done = 0
        self.begun, self.told = time.monotonic(), 0.0
        self.renderer: dict[str, str] = {}
        self.designs: tuple[PlateDesign, ...] = ()

    def go(self) -> Summary:
        """Makes what is missing."""
        report, root, options = self.report, self.spec.root, self.options
        report.note(f"dataset: {root.resolve()}")
        left = self.own
        if (root / manifests.NAME).exists():
            shards.recover(root)
            have = Dataset.open(root)
            self.spec = replace(self.spec, layout=self.spec.layout or have.manifest.layout)
            if have.manifest.layout == "tar":
                shards.pack_finished(root)
            self.own = self.summary.total = have.count_own(self.n)
            left = have.count_missing(self.n, retry_failed=options.retry_failed)
            if not left:
                if options.uploads is not None:
                    options.uploads.start()
                report.note(f"all {self.own} samples are there already")
                return self._complete(have)
        if not left:
            raise ConfigError(
                f"no sample of {self.n} belongs to part {options.share}",
                hint=f"a part is made of shards of {manifests.SHARD_SIZE} samples: ask for more, "
                "or for fewer parts",
            )
        self.spec = replace(self.spec, threads=_threads(options.workers))
        with options.open_pool(self.spec) as pool, self._last_words():
            described = self._first(pool, min(options.workers or self._on_cpu(pool), left))
            info = {**self.info, "renderer": described, "created": time.strftime("%Y-%m-%d")}
            have = datasets.start(
                root,
                self.identity,
                self.renderer,
                info,
                allow_mixed=options.allow_mixed,
                share=options.share,
                layout=self.spec.layout,
            )
            manifests.write(root, have.manifest.asked_for(self.n))
            kept_designs.keep(root, self.designs)
            device = described.get("device_class") or described.get("device", "cpu")
            count = min(left, options.workers or pool.capacity(is_gpu(device)))
            self.summary.workers = count
            name = described.get("device_name") or described.get("device", device)
            report.note(f"renderer: {described['name']}, device: {name}, workers: {count}")
            self.tell(
                "begin",
                dataset=str(root.resolve()),
                total=self.own,
                done=self.own - left,
                workers=count,
                renderer=described,
            )
            for _ in range(count - len(pool.workers)):
                pool.start()
            key = manifests.device_key(self.renderer)
            variants = self.spec.config.together
            if options.uploads is not None:
                options.uploads.start()
                for part in have.missing(self.n, retry_failed=options.retry_failed):
                    if part.shard in have.shards:
                        options.uploads.grow(part.shard)
            schedule = Schedule(
                have, self.n, key, retry_failed=options.retry_failed, variants=variants
            )
            self.done = self.own - left
            report.begin(self.done, self.own)
            try:
                self._make(pool, schedule)
            finally:
                self._note_run()
        return self._complete(Dataset.open(root))

    def _note_run(self) -> None:
        """How it went, in the manifest and the log, also when it was broken off."""
        self.summary.seconds = time.monotonic() - self.begun
        said = {"ended": time.strftime("%Y-%m-%d %H:%M:%S"), **self.summary.said()}
        self.tell("end", **said)
        with suppress(OSError):  # What broke the run off is the better message.
            made = manifests.read(self.spec.root)
            runs = [*made.info.get("runs", ()), said][-_RUNS_TOLD:]
            manifests.write(self.spec.root, replace(made, info={**made.info, "runs": runs}))

    def _on_cpu(self, pool: Pool) -> int:
        """Workers that are of use for certain: all cores when the device is no question."""
        certain = self.spec.device == "cpu" or self.spec.config.renderer == "flat"
        return pool.capacity(gpu=False) if certain else 1

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
            self.done += schedule.resumed - told
            told = schedule.resumed
            if schedule.empty() and not any(w.task is not None for w in pool.workers):
                return  # Workers that are still starting are of no use any more.
            self._progress()
            for worker, reply in pool.replies():
                if reply is None and worker.leaving:
                    worker.kill()
                elif isinstance(reply, Ready | Refused) or (reply is None and not worker.ready):
                    self._started(worker, reply)
                elif reply is None:
                    self._died(pool, schedule, worker)
                else:
                    self._replied(pool, schedule, worker, reply)

    def _progress(self) -> None:
        if (now := time.monotonic()) - self.told < _PROGRESS_EVERY_S:
            return
        self.told, new = now, self.summary.made + self.summary.failed
        rate = new / max(1e-9, now - self.begun)
        left = self.own - self.done
        self.tell(
            "progress",
            done=self.done,
            total=self.own,
            failed=self.summary.failed,
            rate=round(rate, 3),
            left_s=round(left / rate) if rate else None,
        )

    def _replied(self, pool: Pool, schedule: Schedule, worker: Worker, reply: Any) -> None:
        task, worker.task = worker.task, None
        if isinstance(reply, Broken):
            raise OSError(0, reply.message, reply.path)
        if isinstance(reply, Made):
            assert isinstance(task, Make)
            schedule.made(task)
            if reply.error is None:
                seconds = round(reply.seconds, 4)
                self.tell("sample", index=reply.index, seconds=seconds, device=worker.device)
            self._count(reply.index, reply.error, reply.kind)
            if reply.drifted:
                self.summary.drifted.append(reply.index)
            self._recycle(pool, worker, reply)
        else:
            assert isinstance(reply, Finished)
            if self.options.uploads is not None:
                self.options.uploads(reply.shard)

    def _recycle(self, pool: Pool, worker: Worker, reply: Made) -> None:
        """Replaces a worker that has made enough, or that has grown."""
        worker.made += 1
        worker.memory_mb = worker.memory_mb or reply.memory_mb
        grown = reply.memory_mb > worker.memory_mb + _GROWTH_MB
        if grown or worker.made == self.options.recycle_after:
            self.summary.recycled += 1
            self.tell("worker_recycled", made=worker.made, memory_mb=round(reply.memory_mb, 1))
            pool.dismiss(worker)

    def _died(self, pool: Pool, schedule: Schedule, worker: Worker) -> None:
        """A worker crashed: its sample gets one more chance, then it is noted as failed."""
        task, how = worker.task, worker.death()
        worker.kill()
        pool.start()
        self.summary.replaced += 1
        index = task.index if isinstance(task, Make) else None
        self.tell("worker_ended", how=how, index=index)
        if task is None or schedule.again(task):
            return
        if isinstance(task, Finish):
            raise RenderError(f"workers crash while they complete shard {task.shard} ({how})")
        error, kind = f"the worker crashed twice ({how})", kind_of_death(how, worker.hung)
        shards.fail(shards.part_folder(self.spec.root, task.shard), task.index, error, kind)
        schedule.made(task)
        self._count(task.index, error, kind)

    def _count(self, index: int, error: str | None, kind: str) -> None:
        self.report.advance()
        self.done += 1
        if error is None:
            self.summary.made += 1
            self.in_a_row = 0
            return
        self.summary.failed += 1
        self.in_a_row += 1
        self.summary.kinds[kind] += 1
        self.tell("failed", index=index, kind=kind, error=error)
        self.report.note(f"sample {index} failed: {error}")
        if self.in_a_row >= MOST_IN_A_ROW:
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
