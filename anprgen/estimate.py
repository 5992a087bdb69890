# SPDX-License-Identifier: Apache-2.0
"""What a dataset will cost: a few of its samples are made, timed and weighed."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from anprgen.build import build, check_sizes
from anprgen.run_summary import Report
from anprgen.tasks import Spec

#: Samples that are made for an estimate.
SHOTS = 20


@dataclass(frozen=True)
class Estimate:
    """Costs of a dataset of `samples`: samples a second, seconds and bytes for all, start-up."""

    samples: int
    rate: float
    seconds: float
    bytes: int
    workers: int
    start_s: float
    device: str


class _Clock:
    """Listens to a run and notes when its samples were there."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.workers, self.device = 1, ""

    def __call__(self, event: str, **said: Any) -> None:
        if event == "begin":
            self.workers = said["workers"]
            renderer = said["renderer"]
            self.device = renderer.get("device_name") or renderer.get("device", "cpu")
        elif event == "sample":
            self.seconds.append(said["seconds"])


def estimate(
    spec: Spec, n: int, report: Report, *, workers: int | None = None, shots: int = SHOTS
) -> Estimate:
    """Makes `shots` samples of the dataset in a temporary folder and reckons.

    The rate is that of workers in full swing: how many there are, by the mean seconds of a
    sample, each worker's first (which fills caches) left out. The start is told apart.

    Raises:
        AnprgenError: the recipe is not usable, or nothing renders.
    """
    check_sizes(n, spec.config.samples, workers, spec.config.variants, spec.config.frames)
    clock = _Clock()
    with tempfile.TemporaryDirectory(prefix="anprgen-plan-") as folder:
        root = Path(folder) / "plan"
        done = build(replace(spec, root=root), min(n, shots), report, workers=workers, tell=clock)
        weight = sum(f.stat().st_size for f in root.rglob("*") if f.is_file())
    # The first of every worker comes early; what is slow among the first ones is start-up.
    timed = clock.seconds[clock.workers :] or clock.seconds
    mean_s = sum(timed) / max(1, len(timed))
    rate = clock.workers / mean_s if mean_s else 0.0
    start_s = max(0.0, done.seconds - sum(clock.seconds) / clock.workers)
    made = max(1, done.made)
    return Estimate(
        n, rate, start_s + n / rate if rate else 0.0, weight * n // made, clock.workers, start_s,
        clock.device,
    )  # fmt: skip
