# SPDX-License-Identifier: Apache-2.0
"""What to make next: single samples in the order of their shards, then the shard's completion."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from anprgen import shards
from anprgen.dataset import Dataset, Range
from anprgen.tasks import Finish, Make


class Schedule:
    """Tasks of one run. Shards are opened one after the other, as workers come to them.

    Samples of one render (`variants` of them) go to one worker, which has its light already.
    `resumed` counts the samples found in part folders, made before an interruption.
    """

    def __init__(
        self,
        dataset: Dataset,
        n: int,
        device_key: str,
        *,
        retry_failed: bool = False,
        variants: int = 1,
    ) -> None:
        self._dataset, self._device_key, self._retry = dataset, device_key, retry_failed
        self._ranges: Iterator[Range] = iter(dataset.missing(n, retry_failed=retry_failed))
        self._ready: deque[Make | Finish] = deque()
        self._open: dict[int, tuple[Range, set[int]]] = {}
        self._attempts: dict[int, int] = {}
        self._variants, self._begun = variants, set[int]()
        self.resumed = 0

    def next(self, last: Make | Finish | None = None) -> Make | Finish | None:
        """The next task of a worker that did `last`; None when there is none to hand out now."""
        while not self._ready:
            part = next(self._ranges, None)
            if part is None:
                return None
            self._begin(part)
        if self._variants == 1:
            return self._ready.popleft()
        task = self._fitting(last)
        self._ready.remove(task)
        if isinstance(task, Make):
            self._begun.add(self._render_of(task))
        return task

    def _fitting(self, last: Make | Finish | None) -> Make | Finish:
        """One of the render that a worker has, else of one that nobody has, else any."""
        mine = self._render_of(last) if isinstance(last, Make) else -1
        for task in self._ready:
            if isinstance(task, Finish) or self._render_of(task) == mine:
                return task
        fresh = (t for t in self._ready if self._render_of(t) not in self._begun)
        return next(fresh, self._ready[0])

    def _render_of(self, task: Make | Finish) -> int:
        return task.index // self._variants if isinstance(task, Make) else -1

    def empty(self) -> bool:
        """Nothing is left to hand out; true for good once no worker has a task."""
        if not self._ready and not self._open and (part := next(self._ranges, None)):
            self._begin(part)
        return not self._ready and not self._open

    def made(self, task: Make) -> None:
        """A sample is on disk (or noted as failed); the last of a shard completes it."""
        self._attempts.pop(task.index, None)
        part, left = self._open[task.shard]
        left.discard(task.index)
        if not left:
            self._finish(part)

    def again(self, task: Make | Finish) -> bool:
        """Puts back a task whose worker died; False when it had its second chance already."""
        key = task.index if isinstance(task, Make) else -1 - task.shard
        self._attempts[key] = self._attempts.get(key, 1) + 1
        if self._attempts[key] > 2:
            return False
        self._ready.appendleft(task)
        return True

    def _begin(self, part: Range) -> None:
        todo = shards.begin(
            self._dataset.root, part.shard, part.first, part.stop, retry=self._retry
        )
        before = self._dataset.shards.get(part.shard)
        known = 0
        if before is not None:
            state = shards.state(before)
            known = state.stop - state.first - (len(state.failed) if self._retry else 0)
        self.resumed += max(0, part.stop - part.first - len(todo) - known)
        self._open[part.shard] = (part, set(todo))
        self._ready.extend(Make(part.shard, index, self._device_key) for index in todo)
        if not todo:
            self._finish(part)

    def _finish(self, part: Range) -> None:
        # First in the queue: the sooner a shard is whole, the less is in the air.
        self._ready.appendleft(Finish(part.shard, part.first, part.stop))
        del self._open[part.shard]
