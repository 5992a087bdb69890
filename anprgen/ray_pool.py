# SPDX-License-Identifier: Apache-2.0
"""Workers on a Ray cluster: each is an actor that hands its samples to this process to store.

The machines share no disk: pictures and records travel through Ray, and only this process writes.
A machine that goes takes its actors along; their samples are made again elsewhere.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from types import TracebackType
from typing import Any

import ray
from ray.exceptions import RayActorError, RayError

from anprgen.errors import RenderError
from anprgen.maker import Maker, Product, open_maker, write
from anprgen.tasks import Finish, Make, Refused, Spec
from anprgen.workers import PER_CARD, Doing, Pool, is_gpu

_POLL_S = 1.0


def _knock(address: str | None) -> None:
    """Raises OSError where nobody listens; Ray itself would try for minutes."""
    host, _, port = (address or "").rpartition("://")[2].rpartition(":")
    if host and port.isdigit():
        socket.create_connection((host, int(port)), timeout=10).close()


def _room(card: bool) -> int:
    """Workers that the machines of the cluster can hold, each with its processor (and card)."""
    have = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    rooms = [(int(h.get("CPU", 0)), int(h.get("GPU", 0) * PER_CARD)) for h in have]
    return sum(min(cores, cards) if card else cores for cores, cards in rooms)


def _grows() -> bool:
    """Whether the cluster starts machines when they are asked for; Ray tells nobody else."""
    try:
        from ray._private.state import state

        return bool(state.get_max_resources_from_cluster_config())
    except Exception:  # It is no part of Ray's own promises: another version may have none.
        return False


class _Actor:
    """What runs on a machine of the cluster."""

    def __init__(self, spec: Spec) -> None:
        found = open_maker(spec)
        self._maker = found if isinstance(found, Maker) else None
        self._hello = found.ready if isinstance(found, Maker) else found

    def hello(self) -> Any:
        return self._hello

    def make(self, task: Make) -> Any:
        assert self._maker is not None
        return self._maker.make(task)

    def close(self) -> None:
        if self._maker is not None:
            self._maker.close()


class RayWorker(Doing):
    """An actor and what it is doing; the same words as `anprgen.workers.Worker`."""

    def __init__(self, spec: Spec, cards: float) -> None:
        super().__init__(spec.device)
        self._how = "its machine or its process is gone"
        # Ray starts no actor anew here: a run decides itself what becomes of its sample.
        options = {"num_cpus": 1, "num_gpus": cards, "max_restarts": 0, "max_task_retries": 0}
        self.actor = ray.remote(**options)(_Actor).remote(spec)
        self.waiting: Any = self.actor.hello.remote()

    def give(self, task: Any) -> None:
        """Hands over a sample; shards are completed by the pool itself."""
        self.task, self.last, self.since = task, task, time.monotonic()
        if isinstance(task, Make):
            self.waiting = self.actor.make.remote(task)

    def kill(self) -> None:
        """Ends the actor now and forgets it."""
        with suppress(RayError, ValueError):
            ray.kill(self.actor)

    def death(self) -> str:
        """How it ended, in words."""
        return "it gave no answer for too long" if self.hung else self._how

    def lost(self, error: BaseException) -> None:
        """Remembers why Ray gave it up."""
        told = [line for line in str(error).splitlines() if line.strip()]
        self._how = told[0][:200] if told else type(error).__name__


class RayPool(Pool):
    """The workers of one run on a cluster; leaving the context ends them.

    Args:
        spec: what to make. Designs and a kept light that it names by path must be found under the
            same path on every machine; what ships with anprgen is.
        address: of the cluster (``auto``, ``ray://head:10001``, ``head:6379``); None for the one
            that the environment names, or a new one on this machine.

    Workers take the devices of `spec` in turn. Which card one has, Ray decides, and shows it no
    other: of ``cuda:1`` only the kind counts.

    Raises:
        RenderError: there is no cluster at the address, or no machine of it can hold a worker.
    """

    def __init__(self, spec: Spec, address: str | None = None, limit_s: float = 1800.0) -> None:
        super().__init__(replace(spec, threads=1), limit_s=limit_s)
        self.devices = [device.partition(":")[0] for device in self.devices]
        self._own = not ray.is_initialized()
        try:
            _knock(address)
            if self._own:
                ray.init(address=address, log_to_driver=False, configure_logging=False)
        except (RayError, ConnectionError, ValueError, OSError, RuntimeError) as e:
            raise RenderError(
                f"no Ray cluster at {address or 'the usual place'}: {e}",
                hint="`ray status` tells whether it runs; --address names it",
            ) from None
        try:
            for device in self.devices:
                self._check(device)
        except RenderError:
            if self._own:
                ray.shutdown()
            raise

    def _check(self, device: str) -> None:
        """Raises RenderError where an actor for a device would wait for its place for ever."""
        card = self._cards(device) > 0
        if _room(card) or _grows():
            return
        if card:
            raise RenderError(
                f"no machine of this Ray cluster has a graphics card for the device {device}",
                hint="`ray status` tells what it has; leave --device out, or begin when it has one",
            )
        raise RenderError(
            "no machine of this Ray cluster has a processor for a worker",
            hint="`ray status` tells what it has; begin when a machine has joined",
        )

    def capacity(self, gpu: bool) -> int:
        """Workers that the cluster has room for now."""
        return max(1, _room(gpu))

    def _cards(self, device: str) -> float:
        """The share of a graphics card that a worker with a device takes."""
        gpu = device != "auto" and is_gpu(device) and self.spec.config.renderer != "flat"
        return 1 / PER_CARD if gpu else 0.0

    def start(self) -> Any:
        """Asks the cluster for one more actor; it begins when there is room for it."""
        spec = replace(self.spec, device=self.next_device())
        self.workers.append(RayWorker(spec, self._cards(spec.device)))  # type: ignore[arg-type]
        return self.workers[-1]

    def dismiss(self, worker: Any) -> None:
        """Ends a free worker and starts another in its place."""
        self.workers.remove(worker)
        with suppress(RayError):
            ray.get(worker.actor.close.remote(), timeout=10)
        worker.kill()
        self.start()

    def replies(self) -> Iterator[tuple[Any, Any]]:
        """Waits until something happens; a reply of None means that the worker is gone."""
        own: list[Any] = list(self.workers)
        for worker in own:
            if isinstance(worker.task, Finish):
                yield worker, write(self.spec.root, worker.task, self.spec.layout)
                return
        refs = {w.waiting: w for w in own if w.waiting is not None}
        ready, _ = ray.wait(list(refs), num_returns=1, timeout=_POLL_S) if refs else ([], [])
        for ref in ready:
            worker = refs[ref]
            worker.waiting = None
            try:
                reply = ray.get(ref)
            except RayActorError as e:
                worker.lost(e)
                self.workers.remove(worker)
                yield worker, None
                continue
            except RayError as e:
                yield worker, Refused(f"Ray: {e}", None, "the cluster's logs tell more")
                continue
            if isinstance(reply, Product):
                reply = write(self.spec.root, reply, self.spec.layout)
            yield worker, reply
        now = time.monotonic()
        for worker in own:
            if worker.task is not None and now - worker.since > self.limit_s:
                worker.hung = True
                worker.kill()  # Its end is noticed like any other.

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Keeps what is being made if it comes soon, then ends all actors."""
        own: list[Any] = list(self.workers)
        busy = {w.waiting: w for w in own if isinstance(w.task, Make) and w.waiting is not None}
        try:
            with suppress(RayError, OSError):
                ended = ray.wait(list(busy), num_returns=len(busy), timeout=30)[0] if busy else ()
                for ref in ended:
                    ray.get(ref).keep(self.spec.root)
        finally:
            for worker in own:
                worker.kill()
            self.workers.clear()
            if self._own:
                ray.shutdown()
