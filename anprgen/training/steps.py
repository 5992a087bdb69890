# SPDX-License-Identifier: Apache-2.0
"""What every training does: steps that are a function of recipe and number, so it can go on."""

from __future__ import annotations

import io
import json
import math
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from anprgen.errors import DatasetError
from anprgen.files import write_bytes, write_text
from anprgen.run_summary import Report
from anprgen.training.chart import chart
from anprgen.training.recipe import Options

CHECKPOINT, WEIGHTS = "checkpoint.pt", "weights.pt"
METRICS, CHART = "metrics.jsonl", "training.svg"
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


class Steps(ABC):
    """A network and where its training stands; `run` goes on to the last step.

    Checkpoints are read as weights only: a file from elsewhere runs no code. `told` names the
    shares that the chart shows, `title` what they are shares of.
    """

    told: tuple[str, ...]
    title: str

    def __init__(self, out: Path, model: torch.nn.Module, options: Options, device: Device) -> None:
        self.out, self.options, self.device = out, options, device
        if options.threads:
            torch.set_num_threads(options.threads)
        self.model = model.to(device.name, memory_format=torch.channels_last)
        self.optimiser = torch.optim.AdamW(
            self.model.parameters(), options.rate, weight_decay=options.weight_decay
        )
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimiser, options.rate, total_steps=options.steps + 1, pct_start=0.15
        )
        self.scaler = torch.amp.GradScaler(
            device.name.partition(":")[0], enabled=device.dtype is torch.float16
        )
        self.step = 0
        self._restore()

    @abstractmethod
    def _batch(self, step: int) -> Any:
        """What a step learns from: a function of seed and step."""

    @abstractmethod
    def _loss(self, batch: Any) -> torch.Tensor:
        """The loss of a batch."""

    @abstractmethod
    def _validate(self) -> tuple[dict[str, Any], str]:
        """What is told of the network as it stands: as JSON, and in a line."""

    def complete(self, report: Report, about: str) -> None:
        """Goes on to the end and stores the weights, unless that was done; tells `about` it."""
        if self.is_done:
            report.note("it is trained already")
            return
        step = f", from step {self.step}" if self.step else ""
        report.note(f"{about}{step}")
        if not self.step:
            self._put_aside(report)
        self.run(report)
        self.finish()

    def _put_aside(self, report: Report) -> None:
        """Renames files of weights that are there no more: they would pass for the new ones'."""
        for path in sorted([*self.out.glob("*.onnx"), *self.out.glob("model.json")]):
            old = path.with_name(f"{path.name}.old")
            path.replace(old)
            report.note(f"{path.name} is of weights that are gone: it is {old.name} now")

    def run(self, report: Report) -> None:
        """Goes on to the last step; stops with KeyboardInterrupt, and then can go on again."""
        options = self.options
        report.begin(self.step, options.steps)
        losses: list[torch.Tensor] = []
        begun, first = time.monotonic(), self.step
        self.model.train()
        with ThreadPoolExecutor(1) as pool:  # The next pictures while this step computes.
            ahead = pool.submit(self._batch, self.step)
            while self.step < options.steps:
                batch = ahead.result()
                if self.step + 1 < options.steps:
                    ahead = pool.submit(self._batch, self.step + 1)
                losses.append(self._learn(batch))
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

    def _to_device(self, images: NDArray[np.float32]) -> torch.Tensor:
        x = torch.from_numpy(images).to(self.device.name)
        return x.contiguous(memory_format=torch.channels_last)

    def _learn(self, batch: Any) -> torch.Tensor:
        loss = self._loss(batch)
        self.optimiser.zero_grad()
        self.scaler.scale(loss).backward()
        self.scaler.unscale_(self.optimiser)
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), _CLIP)
        self.scaler.step(self.optimiser)
        self.scaler.update()
        self.schedule.step()
        return loss.detach()

    def _check(self, loss: float, each_s: float, report: Report) -> None:
        told, shown = self._validate()
        said: dict[str, Any] = {
            "step": self.step,
            "loss": round(loss, 5),
            "rate": self.schedule.get_last_lr()[0],
            "seconds_a_step": round(each_s, 4),
            **told,
        }
        # The checkpoint last: what is told of a step that must be done again is dropped then.
        with open(self.out / METRICS, "a", encoding="utf-8") as file:
            file.write(json.dumps(said) + "\n")
        write_text(self.out / CHART, chart(read_metrics(self.out), self.told, self.title))
        self._store()
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
