# SPDX-License-Identifier: Apache-2.0
"""Memory and cost over a long build: what a worker holds, and what it costs against a fresh one.

    python tests/benchmarks/leak.py OUT -n 20000 --again 200

An ordinary `anprgen build` into OUT in which no worker is replaced, and whose last `--again`
samples are of the shots of its second as many (its first warm the workers up). A machine is not as
fast after an hour as it was before, so a worker that comes to these starts a second renderer beside
its old one, warms it up, and makes each of the shots with both, in turns. Each worker notes in
OUT.leak/PID.txt the processor time of every sample (Blender's and its own), what both hold in
memory, and at the end what the shot cost with the fresh renderer. OUT.leak/memory.svg is the
picture; OUT is a dataset like any other.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from features import busy_ms

from anprgen import pipeline
from anprgen.build import build
from anprgen.config import Config, read_overrides
from anprgen.maker import memory_mb
from anprgen.progress import Progress
from anprgen.svg import Series, lines
from anprgen.tasks import Spec

#: How a worker process, which gets only the names of functions, learns the rest.
TOTAL, AGAIN, NOTES = "ANPRGEN_LEAK_TOTAL", "ANPRGEN_LEAK_AGAIN", "ANPRGEN_LEAK_NOTES"
#: Samples before a fresh renderer is compared with a used one.
WARM = 100


class Repeating:
    """A plan whose last shots are its second first ones, and that notes what each sample cost."""

    def __init__(self, plan: pipeline.Plan) -> None:
        self.plan = plan
        self.total, self.again = int(os.environ[TOTAL]), int(os.environ[AGAIN])
        self.fresh: Any = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.plan, name)

    def sample(self, index: int, renderer: Any, **options: Any) -> pipeline.Sample:
        if index < self.total - self.again:
            sample, cost_s = self._timed(index, renderer, options)
            fresh_s = float("nan")
        else:
            drawn = index - (self.total - 2 * self.again)
            if self.fresh is None:
                self.fresh = type(renderer)(device="cpu", threads=1).__enter__()
                for warm in range(WARM):
                    self._timed(warm, self.fresh, options)
            # Each is the first of the two half of the time: the second finds warm caches.
            turns = (self.fresh, renderer) if drawn % 2 else (renderer, self.fresh)
            made = {by: self._timed(drawn, by, options) for by in turns}
            (sample, cost_s), (_, fresh_s) = made[renderer], made[self.fresh]
        sample.record.update(id=f"{index:08d}", index=index)
        held = memory_mb(os.getpid()), memory_mb(renderer.pid)
        row = f"{time.time():.1f} {index} {cost_s:.5f} {held[0]:.1f} {held[1]:.1f} {fresh_s:.5f}\n"
        with (Path(os.environ[NOTES]) / f"{os.getpid()}.txt").open("a", encoding="ascii") as notes:
            notes.write(row)
        return sample

    def _timed(
        self, index: int, renderer: Any, options: dict[str, Any]
    ) -> tuple[pipeline.Sample, float]:
        options = {**options, "lights": None}  # which would know the shot's light already
        begun = busy_ms(renderer.pid)
        sample = self.plan.sample(index, renderer, **options)
        return sample, (busy_ms(renderer.pid) - begun) / 1e3


def make_plan(config: Config, say: Callable[[str], None] | None = None) -> Repeating:
    return Repeating(pipeline.make_plan(config, say))


def told(notes: Path, n: int) -> None:
    """Prints and draws what the workers noted."""
    cost, fresh = np.full(n, np.nan), np.full(n, np.nan)
    curves = []
    for k, path in enumerate(sorted(notes.glob("*.txt"), key=os.path.getmtime)):
        rows = np.loadtxt(path, ndmin=2)
        cost[rows[:, 1].astype(int)], fresh[rows[:, 1].astype(int)] = rows[:, 2], rows[:, 5]
        for name, column in (("its parent", 3), ("Blender", 4)):
            # Between two returns of memory to the system it goes up and down: medians of 100.
            starts = range(100, len(rows) - 99, 100)
            held = [(i + 50, float(np.median(rows[i : i + 100, column]))) for i in starts]
            if held:
                curves.append(Series(f"worker {k}: {name}", held))
                at = [held[0], *(held[len(held) * q // 4] for q in (1, 2, 3)), held[-1]]
                steps = ", ".join(f"{m:.0f} MiB after {i:.0f}" for i, m in at)
                print(f"worker {k}, {len(rows)} samples, {name}: {steps}")
    both = np.isfinite(cost) & np.isfinite(fresh)
    used, new = cost[both], fresh[both]
    print(
        f"the same {both.sum()} shots after all, in turns: median {np.median(used) * 1e3:.1f} ms"
        f" of processor by the worker, {np.median(new) * 1e3:.1f} by a fresh renderer, median of"
        f" ratios {np.median(used / new):.3f}, sums {used.sum() / new.sum():.3f}"
    )
    tenths = [np.nanmean(t) * 1e3 for t in np.array_split(cost, 10)]
    print("mean of each tenth, ms: " + " ".join(f"{t:.0f}" for t in tenths))
    picture = notes / "memory.svg"
    picture.write_text(lines("MiB held", curves, x_name="samples", size=(720, 360)))
    print(picture)


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    ap.add_argument("out", type=Path)
    ap.add_argument("-n", type=int, default=20000)
    ap.add_argument("--again", type=int, default=200)
    ap.add_argument("--design", default="sri_lanka")
    ap.add_argument("--seed", type=int, default=3)
    ap.add_argument("--samples", type=int, default=Config.samples)
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
        overrides=read_overrides(args.config) if args.config else {},
    )
    spec = Spec(config, args.out, "cpu", plan="leak:make_plan")
    with Progress() as progress:
        build(spec, args.n, progress, workers=args.workers, recycle_after=0)
    told(notes, args.n)


if __name__ == "__main__":
    main()
