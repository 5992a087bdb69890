# SPDX-License-Identifier: Apache-2.0
"""The steps of a training: a pure function of recipe and step, so it goes on after a kill."""

from __future__ import annotations

import io
import json
import math
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import cross_entropy

from anprgen.errors import DatasetError
from anprgen.files import write_bytes, write_text
from anprgen.models.prepare import standardise
from anprgen.run_summary import Report
from anprgen.scoring import edits, fold, is_exact, is_strict
from anprgen.training.augment import augment
from anprgen.training.chart import chart
from anprgen.training.crops import Crops, Order, Part, targets
from anprgen.training.network import PlateReader
from anprgen.training.recipe import Options

CHECKPOINT, WEIGHTS = "checkpoint.pt", "weights.pt"
METRICS, CHART = "metrics.jsonl", "training.svg"
#: Validation pictures looked at during training; all of them count at the end.
SEEN = 1000
_CLIP = 5.0


@dataclass(frozen=True)
class Device:
    """Where to compute, and in which type the convolutions."""

    name: str
    dtype: torch.dtype

    @classmethod
    def choose(cls, options: Options) -> Device:
        """The device that the options ask for.

        Raises:
            DatasetError: there is none.
        """
        cuda = torch.cuda.is_available()
        name = ("cuda" if cuda else "cpu") if options.device == "auto" else options.device
        kind, _, number = name.partition(":")
        has = torch.cuda.device_count() if kind == "cuda" else 1
        known = kind in ("cpu", "cuda") and (number or "0").isdecimal()
        if not known or int(number or 0) >= has:
            raise DatasetError(
                f"this PyTorch has no device {name!r}", hint="--device auto takes what there is"
            )
        if options.precision == "auto":
            mixed = torch.bfloat16 if cuda and torch.cuda.is_bf16_supported() else torch.float16
            return cls(name, mixed if kind == "cuda" else torch.float32)
        dtype = getattr(torch, options.precision)
        if kind == "cpu" and dtype is torch.float16:
            raise DatasetError("float16 is for CUDA", hint="--precision bfloat16 or float32")
        return cls(name, dtype)

    def autocast(self) -> Any:
        """Mixed precision, or nothing of the kind."""
        kind = self.name.partition(":")[0]
        return torch.autocast(kind, self.dtype, enabled=self.dtype is not torch.float32)


class Training:
    """A network and where its training stands; `run` goes on to the last step.

    Checkpoints are read as weights only: a file from elsewhere runs no code.
    """

    def __init__(self, out: Path, crops: Crops, charset: str, slots: int, options: Options) -> None:
        self.out, self.crops, self.charset, self.slots = out, crops, charset, slots
        self.options, self.device = options, Device.choose(options)
        if options.threads:
            torch.set_num_threads(options.threads)
        torch.manual_seed(options.seed)
        self.model = PlateReader(slots, len(charset) + 1, options.width).to(
            self.device.name, memory_format=torch.channels_last
        )
        self.optimiser = torch.optim.AdamW(
            self.model.parameters(), options.rate, weight_decay=options.weight_decay
        )
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimiser, options.rate, total_steps=options.steps + 1, pct_start=0.15
        )
        self.scaler = torch.amp.GradScaler(
            self.device.name.partition(":")[0], enabled=self.device.dtype is torch.float16
        )
        self.step = 0
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
        self._restore()

    def run(self, report: Report) -> None:
        """Goes on to the last step; stops with KeyboardInterrupt, and then can go on again."""
        options, losses = self.options, []
        report.begin(self.step, options.steps)
        begun, first = time.monotonic(), self.step
        self.model.train()
        with ThreadPoolExecutor(1) as pool:  # The next pictures while this step computes.
            ahead = pool.submit(self._batch, self.step)
            while self.step < options.steps:
                images, want = ahead.result()
                if self.step + 1 < options.steps:
                    ahead = pool.submit(self._batch, self.step + 1)
                losses.append(self._learn(images, want))
                self.step += 1
                report.advance()
                if self.step % options.check_every == 0 or self.step == options.steps:
                    loss = float(torch.stack(losses).mean())
                    losses = []
                    if not math.isfinite(loss):
                        raise DatasetError(
                            f"the loss is {loss} after {self.step} steps",
                            hint="a smaller --rate, or --precision float32; the last checkpoint"
                            " is from before",
                        )
                    each = (time.monotonic() - begun) / (self.step - first)
                    self._check(loss, each, report)

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

    def _batch(self, step: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        greys, want = [], []
        for kind, order in self._orders.items():
            at = order.of_step(step)
            greys.append(self.crops.train[kind].greys[at])
            want.append(self._targets[kind][at])
        pictures = np.concatenate(greys)
        if self.options.augment:
            pictures = augment(pictures, self.options.seed, step)
        return standardise(pictures), np.concatenate(want)

    def _to_device(self, images: NDArray[np.float32]) -> torch.Tensor:
        x = torch.from_numpy(images).to(self.device.name)
        return x.contiguous(memory_format=torch.channels_last)

    def _learn(self, images: NDArray[np.float32], want: NDArray[np.int64]) -> torch.Tensor:
        with self.device.autocast():
            logits = self.model(self._to_device(images))
        loss = cross_entropy(
            logits.float().transpose(1, 2),
            torch.from_numpy(want).to(self.device.name),
            label_smoothing=self.options.smoothing,
        )
        self.optimiser.zero_grad()
        self.scaler.scale(loss).backward()
        self.scaler.unscale_(self.optimiser)
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), _CLIP)
        self.scaler.step(self.optimiser)
        self.scaler.update()
        self.schedule.step()
        return loss.detach()

    def _check(self, loss: float, each_s: float, report: Report) -> None:
        said: dict[str, Any] = {
            "step": self.step,
            "loss": round(loss, 5),
            "rate": self.schedule.get_last_lr()[0],
            "seconds_a_step": round(each_s, 4),
        }
        for kind, part in self.crops.val.items():
            seen = Part(part.greys[:SEEN], part.texts[:SEEN])
            said[kind] = scores(read_texts(self.logits(seen), self.charset), seen.texts)
        # The checkpoint last: what is told of a step that must be done again is dropped then.
        with open(self.out / METRICS, "a", encoding="utf-8") as file:
            file.write(json.dumps(said) + "\n")
        write_text(self.out / CHART, chart(read_metrics(self.out)))
        self._store()
        shown = "  ".join(
            f"{kind} exact {v['exact']:.3f} strict {v['strict']:.3f} CER {v['cer']:.3f}"
            for kind, v in said.items()
            if isinstance(v, dict)
        )
        report.note(f"step {self.step}  loss {loss:.3f}  {shown}  {each_s:.2f} s a step")

    @property
    def is_done(self) -> bool:
        """Whether the weights of the last step lie in the folder."""
        return (self.out / WEIGHTS).exists()

    def finish(self) -> None:
        """Stores the weights; the checkpoint is of no more use."""
        data = io.BytesIO()
        torch.save(self.model.state_dict(), data)
        write_bytes(self.out / WEIGHTS, data.getvalue(), durable=True)
        (self.out / CHECKPOINT).unlink(missing_ok=True)

    def _store(self) -> None:
        state = {
            "step": self.step,
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule.state_dict(),
            "scaler": self.scaler.state_dict(),
        }
        data = io.BytesIO()
        torch.save(state, data)
        write_bytes(self.out / CHECKPOINT, data.getvalue(), durable=True)

    def _restore(self) -> None:
        """Weights of a finished training, or a checkpoint with all that it needs to go on."""
        done = self.is_done
        path = self.out / (WEIGHTS if done else CHECKPOINT)
        if path.exists():
            try:
                state = torch.load(path, map_location=self.device.name, weights_only=True)
                self.model.load_state_dict(state if done else state["model"])
                if not done:
                    self.optimiser.load_state_dict(state["optimiser"])
                    self.schedule.load_state_dict(state["schedule"])
                    self.scaler.load_state_dict(state["scaler"])
                self.step = self.options.steps if done else int(state["step"])
            except Exception as e:  # PyTorch raises many kinds for a file that is none of its own.
                raise DatasetError(
                    f"cannot continue from it: {str(e).splitlines()[0][:200]}",
                    where=str(path),
                    hint="remove it to begin again",
                ) from None
        # What was told of steps that a kill undid is told again.
        told = read_metrics(self.out)
        kept = [m for m in told if m["step"] <= self.step]
        if (self.out / METRICS).exists():
            write_text(self.out / METRICS, "".join(json.dumps(m) + "\n" for m in kept))


def read_metrics(out: Path) -> list[dict[str, Any]]:
    """What was told at each check, by step; a line that a kill cut off is left out."""
    return list(_lines(out / METRICS))


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    if not path.exists():
        return
    for line in path.read_text("utf-8", "replace").splitlines():
        try:
            said = json.loads(line)
        except ValueError:
            continue
        if isinstance(said, dict) and isinstance(said.get("step"), int):
            yield said


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
