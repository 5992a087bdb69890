# SPDX-License-Identifier: Apache-2.0
"""Samples for PyTorch as they are made: an IterableDataset that workers and ranks share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch.utils.data import IterableDataset, get_worker_info

from anprgen.pipeline import Sample
from anprgen.streaming import stream


def image_and_text(sample: Sample) -> tuple[torch.Tensor, str]:
    """Picture (uint8 RGB [3, h, w]) and the text of the first plate."""
    plates = sample.record["plates"]
    picture = torch.from_numpy(sample.pixels.transpose(2, 0, 1).copy())
    return picture, plates[0]["ocr_text"] if plates else ""


class TorchStream(IterableDataset[Any]):  # type: ignore[misc]
    """`anprgen.stream` for a DataLoader: its workers, and the ranks of a job, share the samples.

    Every worker has a renderer of its own. Together they give each sample once, whatever their
    number; which one gives it does not change it. With ``variants=K`` a worker makes all K
    photographs of a render.

    Args:
        designs: as for `stream`.
        transform: what becomes of a `Sample`; pictures differ in size, so a batch needs one that
            makes them equal, or a `collate_fn`.
        first: the index to begin at; an epoch later, `set_first` moves it on.
        length: samples in one pass over all workers and ranks; None for no end.
        rank, ranks: this process among those of a job; found out from torch.distributed where
            it is initialised.
        options: the other arguments of `stream`.
    """

    def __init__(
        self,
        designs: str | list[str],
        *,
        transform: Callable[[Sample], Any] = image_and_text,
        first: int = 0,
        length: int | None = None,
        rank: int | None = None,
        ranks: int | None = None,
        **options: Any,
    ) -> None:
        super().__init__()
        self.designs, self.transform, self.options = designs, transform, options
        self.first, self.length = first, length
        spread = torch.distributed.is_available() and torch.distributed.is_initialized()
        self.rank = rank if rank is not None else torch.distributed.get_rank() if spread else 0
        self.ranks = (
            ranks if ranks is not None else torch.distributed.get_world_size() if spread else 1
        )

    def set_first(self, first: int) -> None:
        """Where the next pass begins: `first` + `length` gives new samples in every epoch."""
        self.first = first

    def __iter__(self) -> Iterator[Any]:
        info = get_worker_info()
        workers, worker = (info.num_workers, info.id) if info is not None else (1, 0)
        all_workers, mine = self.ranks * workers, self.rank * workers + worker
        stop = None if self.length is None else self.first + self.length
        for sample in stream(
            self.designs, first=self.first, stop=stop, part=(mine, all_workers), **self.options
        ):
            yield self.transform(sample)
