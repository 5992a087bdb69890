# SPDX-License-Identifier: Apache-2.0
"""The steps of a detector's training.

The loss of the heat is the focal loss of "Objects as Points" (Zhou and others, 2019: powers 2 and
4), a sum over cells by the number of plates; that of the corners is the mean distance per
coordinate as a share of the plate's width.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import logsigmoid

from anprgen.models.detector import as_input, peaks
from anprgen.training.crops import Order
from anprgen.training.detector_network import PlateDetector
from anprgen.training.detector_recipe import DetectorOptions
from anprgen.training.detector_scores import Answer, best_threshold, scores
from anprgen.training.detector_targets import MIDDLE, Seen, plain, target_of, varied
from anprgen.training.frames import Frame, Frames
from anprgen.training.steps import Device, Steps

F32 = NDArray[np.float32]

#: Validation frames looked at during training; all of them count at the end.
SEEN = 300
#: What counts as found at all, in validation.
LEAST = 0.05
_CORNERS = 2.0  # weight of the corners' loss


class DetectorTraining(Steps):
    """A detector and where its training stands."""

    told, title = ("recall", "precision"), "plates found"

    def __init__(self, out: Path, frames: Frames, options: DetectorOptions) -> None:
        self.frames, self.size = frames, (options.height, options.input_width)
        device = Device.choose(options)
        torch.manual_seed(options.seed)
        self._order = Order(len(frames.train), options.batch, options.seed, "frames")
        super().__init__(out, PlateDetector(options.width), options, device)

    def answers(self, frames: Sequence[Frame]) -> list[Answer]:
        """What the network finds in frames."""
        self.model.eval()
        out = []
        with torch.no_grad(), self.device.autocast():
            for frame in frames:
                seen = plain(frame, *self.size)
                heat, corners = self.model(self._to_device(as_input(seen.image[None])))
                found = peaks(
                    heat[0, 0].float().cpu().numpy(), corners[0].float().cpu().numpy(), LEAST
                )
                out.append(Answer(found, seen.quads, seen.asked))
        self.model.train()
        return out

    def _seen(self, step: int) -> list[Seen]:
        chosen = [self.frames.train[k] for k in self._order.of_step(step)]
        if not self.options.augment:
            return [plain(frame, *self.size) for frame in chosen]
        seed = self.options.seed
        return [varied(f, *self.size, seed, step, k) for k, f in enumerate(chosen)]

    def _batch(self, step: int) -> tuple[F32, F32]:
        """Inputs [n, 3, h, w], and heat, counted, weight and corners as [n, 11, h/4, w/4]."""
        seen = self._seen(step)
        wanted = []
        for one in seen:
            t = target_of(one)
            wanted.append(
                np.concatenate([t.heat[None], t.counted[None], t.weight[None], t.corners])
            )
        return as_input(np.stack([one.image for one in seen])), np.stack(wanted)

    def _loss(self, batch: tuple[F32, F32]) -> torch.Tensor:
        images, wanted = batch
        with self.device.autocast():
            logits, corners = self.model.logits(self._to_device(images))
        want = torch.from_numpy(wanted).to(self.device.name)
        heat, counted, weight = want[:, :1], want[:, 1:2], want[:, 2:3]
        return focal(logits.float(), heat, counted) + _CORNERS * corner_loss(
            corners.float(), want[:, 3:], weight
        )

    def _validate(self) -> tuple[dict[str, Any], str]:
        answers = self.answers(self.frames.val[:SEEN])
        threshold = best_threshold(answers)
        said = scores(answers, threshold)
        corner = "-" if said["corner"] is None else f"{said['corner']:.3f}"
        shown = f"recall {said['recall']:.3f} precision {said['precision']:.3f} corner {corner}"
        return {"ours": {**said, "threshold": threshold}}, shown


def focal(logits: torch.Tensor, heat: torch.Tensor, counted: torch.Tensor) -> torch.Tensor:
    """The loss of heat [n, 1, h, w] before its sigmoid, where `counted`."""
    p = torch.sigmoid(logits)
    middle = (heat >= MIDDLE).float()
    found = (1 - p) ** 2 * logsigmoid(logits) * middle
    quiet = p**2 * (1 - heat) ** 4 * logsigmoid(-logits) * (1 - middle) * counted
    return -(found.sum() + quiet.sum()) / middle.sum().clamp(min=1)


def corner_loss(corners: torch.Tensor, wanted: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Mean distance of the coordinates of corners [n, 8, h, w], by the plates' widths."""
    off = (corners - wanted).abs() * weight
    cells = (weight > 0).float().sum().clamp(min=1)
    return off.sum() / (8 * cells)
