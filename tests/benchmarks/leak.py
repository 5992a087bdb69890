# SPDX-License-Identifier: Apache-2.0
"""Memory and cost over a long build: what a worker holds, and the same shots first and last.

    python tests/benchmarks/leak.py OUT -n 20000 --again 200

An ordinary `anprgen build` into OUT, but its last `--again` samples are of the shots of its second
as many (its first warm the workers up), and no worker is replaced. Each worker notes the processor
time of every sample (Blender's and its own) and what both hold in memory in OUT.leak/PID.txt; the
build can be killed and run again. Processor time is what a crop costs whatever else the machine
does, though a busy neighbour on the same core slows it too. OUT.leak/memory.svg is the picture. OUT
is a dataset like any other.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from anprgen import pipeline
from anprgen.build import build
from anprgen.config import Config, read_overrides
from anprgen.maker import memory_mb
from anprgen.progress import Progress
from anprgen.svg import Series, lines
from anprgen.tasks import Spec

#: How a worker process, which gets only the names of functions, learns the rest.
TOTAL, AGAIN, NOTES = "ANPRGEN_LEAK_TOTAL", "ANPRGEN_LEAK_AGAIN", "ANPRGEN_LEAK_NOTES"


def processor_s(pid: int | None) -> float:
    """Processor time that a process has had; 0 before there is one."""
    if pid is None:
        return 0.0
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((t / "schedstat").read_text().split()[0]) for t in tasks) / 1e9


class Repeating:
    """A plan whose last shots are its first ones, and that notes what each sample cost."""

    def __init__(self, plan: pipeline.Plan) -> None:
        self.plan = plan
        self.total, self.again = int(os.environ[TOTAL]), int(os.environ[AGAIN])

    def __getattr__(self, name: str) -> Any:
        return getattr(self.plan, name)

    def sample(self, index: int, renderer: Any, **options: Any) -> pipeline.Sample:
        back = self.total - 2 * self.again
        drawn = index - back if index >= self.total - self.again else index
        begun = processor_s(renderer.pid) + time.process_time()
        sample = self.plan.sample(drawn, renderer, **options)
        cost_s = processor_s(renderer.pid) + time.process_time() - begun
        sample.record.update(id=f"{index:08d}", index=index)
        held = memory_mb(os.getpid()), memory_mb(renderer.pid)
        with (Path(os.environ[NOTES]) / f"{os.getpid()}.txt").open("a", encoding="ascii") as notes:
            notes.write(f"{time.time():.1f} {index} {cost_s:.5f} {held[0]:.1f} {held[1]:.1f}\n")
        return sample


def make_plan(config: Config, say: Callable[[str], None] | None = None) -> Repeating:
    return Repeating(pipeline.make_plan(config, say))


def told(notes: Path, n: int, again: int) -> None:
    """Prints and draws what the workers noted."""
    cost = np.full(n, np.nan)
    curves = []
    for k, path in enumerate(sorted(notes.glob("*.txt"), key=os.path.getmtime)):
        rows = np.loadtxt(path, ndmin=2)
        cost[rows[:, 1].astype(int)] = rows[:, 2]
        for name, column in (("its parent", 3), ("Blender", 4)):
            # Between two returns of memory to the system it goes up and down: medians of 100.
            held = [
                (i + 50, float(np.median(rows[i : i + 100, column])))
                for i in range(100, len(rows) - 99, 100)
            ]
            if held:
                curves.append(Series(f"worker {k}: {name}", held))
                at = [held[0], *(held[len(held) * q // 4] for q in (1, 2, 3)), held[-1]]
                steps = ", ".join(f"{m:.0f} MiB after {i:.0f}" for i, m in at)
                print(f"worker {k}, {len(rows)} samples, {name}: {steps}")
    first, last = cost[again : 2 * again], cost[n - again :]
    both = np.isfinite(first) & np.isfinite(last)
    ratio = last[both] / first[both]
    medians = [np.median(part[both]) * 1e3 for part in (first, last)]
    print(
        f"the same {both.sum()} shots, first and last: median {medians[0]:.1f} and"
        f" {medians[1]:.1f} ms of processor, median of ratios {np.median(ratio):.3f},"
        f" sums {last[both].sum() / first[both].sum():.3f}"
    )
    tenths = [np.nanmean(t) * 1e3 for t in np.array_split(cost, 10)]
    print("mean of each tenth, ms: " + " ".join(f"{t:.0f}" for t in tenths))
    picture = notes / "memory.svg"
    picture.write_text(lines("MiB held", curves, x_name="samples of the worker", size=(720, 360)))
    print(picture)


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    ap.add_argument("out", type=Path)
    ap.add_argument("-n", type=int, default=20000)
    ap.add_argument("--again", type=int, default=200)
    ap.add_argument("--design", default="sri_lanka")
    ap.add_argument("--seed", type=int, default=3)
    ap.add_argument("--samples", type=int, default=Config.samples)
    ap.add_argument("--renderer", default="blender")
    ap.add_argument("--workers", type=int)
    ap.add_argument("--config", type=Path, help="as of `anprgen build`")
    args = ap.parse_args()
    notes = args.out.with_name(args.out.name + ".leak")
    notes.mkdir(parents=True, exist_ok=True)
    os.environ |= {TOTAL: str(args.n), AGAIN: str(args.again), NOTES: str(notes.resolve())}
    config = Config(
        seed=args.seed,
        designs=((args.design, 1.0),),
        samples=args.samples,
        renderer=args.renderer,
        overrides=read_overrides(args.config) if args.config else {},
    )
    spec = Spec(config, args.out, "cpu", plan="leak:make_plan")
    with Progress() as progress:
        build(spec, args.n, progress, workers=args.workers, recycle_after=0)
    told(notes, args.n, args.again)


if __name__ == "__main__":
    main()
