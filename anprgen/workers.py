# SPDX-License-Identifier: Apache-2.0
"""Worker processes: each makes one sample at a time; one that dies is noticed and replaced."""

from __future__ import annotations

import math
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from multiprocessing.connection import Connection, wait
from pathlib import Path
from types import TracebackType
from typing import Any

from anprgen import worker_process
from anprgen.tasks import Spec

#: One thread a worker: two single-threaded renderers do as much as one on two threads.
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


PER_CARD = 2  # workers: one prepares while the other renders


class Doing:
    """What a worker is doing, on whatever machine it is.

    `task` is None while it is free, `ready` is set after its start, `leaving` when it was told to
    end, `hung` when it was ended for its silence. `made` counts its samples, and `memory_mb` is
    what it held after the first hundred.
    """

    def __init__(self, device: str) -> None:
        self.device = device
        self.task: Any = None
        self.last: Any = None
        self.ready = self.leaving = self.hung = False
        self.made, self.memory_mb = 0, 0.0
        self.described: dict[str, str] = {}
        self.since = time.monotonic()


class Worker(Doing):
    """A process of this machine."""

    def __init__(self, spec: Spec) -> None:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self.connection: Connection = ours
        self.process = context.Process(
            target=worker_process.main, args=(theirs, spec), name="anprgen-worker", daemon=False
        )
        with _environment():
            self.process.start()
        theirs.close()
        super().__init__(spec.device)

    def give(self, task: Any) -> None:
        """Hands over a task; if the worker has just died, `Pool.replies` tells."""
        self.task, self.last, self.since = task, task, time.monotonic()
        with suppress(OSError):
            self.connection.send(task)

    def kill(self) -> None:
        """Ends the process now and forgets it."""
        self.process.kill()
        self.process.join()
        self.connection.close()

    def death(self) -> str:
        """How the process ended, in words."""
        if self.hung:
            return "it gave no answer for too long"
        self.process.join(5)
        code = self.process.exitcode
        if code is not None and code < 0:
            try:
                return f"signal {signal.Signals(-code).name}"
            except ValueError:
                return f"signal {-code}"
        return f"exit code {code}"


class Pool:
    """The workers of one run; leaving the context ends them, whatever happened."""

    def __init__(self, spec: Spec, patience_s: float = 30.0, limit_s: float = 1800.0) -> None:
        self.spec, self.patience_s, self.limit_s = spec, patience_s, limit_s
        self.devices = spec.device.split(",")
        self.workers: list[Worker] = []

    def capacity(self, gpu: bool) -> int:
        """How many workers are of use."""
        return PER_CARD * len(self.devices) if gpu else cpu_count()

    def start(self) -> Worker:
        """Adds a worker on the next device; it says `Ready` when it can work."""
        self.workers.append(Worker(replace(self.spec, device=self.next_device())))
        return self.workers[-1]

    def next_device(self) -> str:
        """The device that has the fewest workers."""
        busy = [w.device for w in self.workers if not w.leaving]
        return min(self.devices, key=busy.count)

    def idle(self) -> list[Worker]:
        return [w for w in self.workers if w.ready and w.task is None and not w.leaving]

    def dismiss(self, worker: Worker) -> None:
        """Lets a free worker end and starts another in its place."""
        worker.leaving = True
        worker.give(None)
        self.start()

    def replies(self) -> Iterator[tuple[Worker, Any]]:
        """Waits until something happens; a reply of None means that the worker died."""
        by_connection: dict[Any, Worker] = {w.connection: w for w in self.workers}
        for connection in wait(list(by_connection), timeout=5.0):
            worker = by_connection[connection]
            try:
                reply = worker.connection.recv()
            except (EOFError, OSError):
                self.workers.remove(worker)
                yield worker, None
                continue
            yield worker, reply
        for worker in self.workers:
            busy = worker.task is not None or not worker.ready or worker.leaving
            if busy and time.monotonic() - worker.since > self.limit_s:
                worker.hung = True
                worker.process.kill()  # Its end is noticed like any other.

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Lets every worker complete what it is making; kills those that take too long."""
        for worker in self.workers:
            worker.give(None)
        deadline = time.monotonic() + self.patience_s
        try:
            for worker in self.workers:
                worker.process.join(max(0.1, deadline - time.monotonic()))
        finally:  # A second Ctrl-C ends the patience.
            for worker in self.workers:
                worker.kill()
            self.workers.clear()


def cpu_count() -> int:
    """Cores this process may use: of the machine, its affinity and its container's quota."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text("ascii").split()
        return max(1, min(cores, math.ceil(int(quota) / int(period))))
    except (OSError, ValueError):
        return cores


def is_gpu(device: str) -> bool:
    """Whether a resolved device class is a graphics card."""
    return not device.lower().startswith("cpu")


@contextmanager
def _environment() -> Iterator[None]:
    """For the processes started inside: one thread a library unless the user says otherwise.

    They also inherit that Ctrl-C is ignored: it goes to the whole group, and the parent answers.
    """
    ours = [name for name in _ONE_THREAD if name not in os.environ]
    os.environ.update({name: "1" for name in ours})
    main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGINT, signal.SIG_IGN) if main else None
    try:
        yield
    finally:
        if main:
            signal.signal(signal.SIGINT, before)
        for name in ours:
            del os.environ[name]
