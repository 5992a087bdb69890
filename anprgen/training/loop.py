# SPDX-License-Identifier: Apache-2.0
"""The steps of a reader's training."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import cross_entropy

from anprgen.models.prepare import standardise
from anprgen.scoring import edits, fold, is_exact, is_strict
from anprgen.training.augment import augment
from anprgen.training.crops import Crops, Order, Part, targets
from anprgen.training.network import PlateReader
from anprgen.training.recipe import Options
from anprgen.training.steps import Device, Steps

#: Validation pictures looked at during training; all of them count at the end.
SEEN = 1000
_Batch = tuple[NDArray[np.float32], NDArray[np.int64]]


class Training(Steps):
    """A reader and where its training stands."""

    told, title = ("exact", "strict"), "plates read"

    def __init__(self, out: Path, crops: Crops, charset: str, slots: int, options: Options) -> None:
        self.crops, self.charset, self.slots = crops, charset, slots
        device = Device.choose(options)
        torch.manual_seed(options.seed)
        model = PlateReader(slots, len(charset) + 1, options.width)
        shares = {"ours": options.batch}
        if "real" in crops.train:
            shares["real"] = round(options.batch * options.real_share)
            shares["ours"] -= shares["real"]
        self._orders = {
            k: Order(len(crops.train[k]), take, options.seed, k)
            for k, take in shares.items()
            if take
        }
        self._targets = {k: targets(p.texts, charset, slots) for k, p in crops.train.items()}
        super().__init__(out, model, options, device)

    def logits(self, part: Part) -> NDArray[np.float32]:
        """What the network says to pictures, [n, slots, classes]."""
        self.model.eval()
        out = [np.zeros((0, self.slots, len(self.charset) + 1), np.float32)]
        with torch.no_grad(), self.device.autocast():
            for first in range(0, len(part), 256):
                x = self._to_device(standardise(part.greys[first : first + 256]))
                out.append(self.model(x).float().cpu().numpy())
        self.model.train()
        return np.concatenate(out)

    def _batch(self, step: int) -> _Batch:
        greys, want = [], []
        for kind, order in self._orders.items():
            at = order.of_step(step)
            greys.append(self.crops.train[kind].greys[at])
            want.append(self._targets[kind][at])
        pictures = np.concatenate(greys)
        if self.options.augment:
            pictures = augment(pictures, self.options.seed, step)
        return standardise(pictures), np.concatenate(want)

    def _loss(self, batch: _Batch) -> torch.Tensor:
        images, want = batch
        with self.device.autocast():
            logits = self.model(self._to_device(images))
        return cross_entropy(
            logits.float().transpose(1, 2),
            torch.from_numpy(want).to(self.device.name),
            label_smoothing=self.options.smoothing,
        )

    def _validate(self) -> tuple[dict[str, Any], str]:
        said = {}
        for kind, part in self.crops.val.items():
            seen = Part(part.greys[:SEEN], part.texts[:SEEN])
            said[kind] = scores(read_texts(self.logits(seen), self.charset), seen.texts)
        shown = "  ".join(
            f"{kind} exact {v['exact']:.3f} strict {v['strict']:.3f} CER {v['cer']:.3f}"
            for kind, v in said.items()
        )
        return said, shown


def read_texts(logits: NDArray[np.float32], charset: str) -> list[str]:
    """The likeliest class of every slot, as texts."""
    return ["".join(charset[k - 1] for k in row if k) for row in logits.argmax(2).tolist()]


def scores(got: list[str], want: tuple[str, ...]) -> Mapping[str, float]:
    """Shares read exactly and strictly, and edits a character (`anprgen.scoring`)."""
    n = max(1, len(want))
    wrong = sum(edits(fold(g), fold(w)) for g, w in zip(got, want))
    return {
        "exact": round(sum(map(is_exact, got, want)) / n, 4),
        "strict": round(sum(map(is_strict, got, want)) / n, 4),
        "cer": round(wrong / max(1, sum(map(len, want))), 4),
        "count": len(want),
    }
