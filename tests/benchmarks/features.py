# SPDX-License-Identifier: Apache-2.0
"""What each part of a plate and its surroundings costs, ms of processor time a crop.

    python tests/benchmarks/features.py -n 24

The same shots are rendered as they are drawn and with one feature switched off, turn by turn, so
that what else the machine does falls on both. Processor time of Blender and of this process are
counted (textures, wear and render), the lesser of `--turns` of each shot.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from dataclasses import replace

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as workers have it, and before numpy is loaded
import numpy as np

from anprgen.config import Config
from anprgen.pipeline import make_plan
from anprgen.renderers.blender import BlenderRenderer
from anprgen.shot import Shot
from anprgen.shot_views import textures_of
from anprgen.wear import LAYERS

Change = Callable[[Shot], Shot]


def plates(shot: Shot, part: str, **values: object) -> Shot:
    """The shot with values in one part of each plate."""
    return replace(
        shot,
        plates=tuple(
            replace(p, **{part: replace(getattr(p, part), **values)}) for p in shot.plates
        ),
    )


def wear(*names: str, amount: float = 0.0) -> Change:
    return lambda shot: plates(shot, "wear", **dict.fromkeys(names, amount))


CHANGES: dict[str, Change] = {
    "no wear at all": wear(*LAYERS),
    "no grain": lambda s: plates(s, "make", grain=0.0),
    "nothing mounted": lambda s: plates(
        s, "mount", frame="none", bolts=0, holes=0, lamps=0, front="none", glass=0.0
    ),
    "plain surroundings": lambda s: replace(
        s, vehicle=replace(s.vehicle, surround="dark", fittings=0.0, badge="none", recess_mm=0.0)
    ),
    **{f"{name} 0": wear(name) for name in LAYERS},
    **{f"{name} 0.6 on every plate": wear(name, amount=0.6) for name in LAYERS},
}


def busy_ms(pid: int | None) -> float:
    """Processor time that this process has had, and another, where there is one.

    By Linux' clock of a process (what glibc's `clock_getcpuclockid` names), which counts threads
    that have ended: the denoiser's live for one picture each.
    """
    own = time.process_time()
    return 1e3 * (own if pid is None else own + time.clock_gettime(~pid << 3 | 2))


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    ap.add_argument("-n", type=int, default=24, help="shots")
    ap.add_argument("--samples", type=int, default=Config.samples)
    ap.add_argument("--turns", type=int, default=2)
    ap.add_argument("--only", nargs="*", default=[], help="features whose name begins so")
    args = ap.parse_args()
    plan = make_plan(Config(samples=args.samples))
    changes: dict[str, Change] = {"as drawn": lambda shot: shot}
    changes |= {k: v for k, v in CHANGES.items() if not args.only or k.startswith(tuple(args.only))}
    cost = np.full((len(changes), args.n, args.turns), np.inf)
    with BlenderRenderer(device="cpu", threads=1) as renderer:
        for index in range(3):
            shot = plan.shot(10_000 + index)
            renderer.render(shot, textures_of(shot, plan.artworks(shot), renderer.texels_a_px))
        drawn = [plan.shot(index) for index in range(args.n)]
        artworks = [plan.artworks(shot) for shot in drawn]
        for turn in range(args.turns):
            for start in range(args.n):
                for row, change in enumerate(changes.values()):
                    # Never the same shot twice in a row: Cycles would keep what has not changed.
                    index = (start + row) % args.n
                    shot = change(drawn[index])
                    begin = busy_ms(renderer.pid)
                    textures = textures_of(shot, artworks[index], renderer.texels_a_px)
                    renderer.render(shot, textures)
                    cost[row, index, turn] = busy_ms(renderer.pid) - begin
    best = cost.min(2)
    print(f"{args.n} crops at {args.samples} samples a pixel, as drawn {best[0].mean():.0f} ms")
    for row, name in enumerate(changes):
        if row:
            off = best[row] - best[0]
            print(
                f"  {name:32s} {off.mean():+8.1f} ms a crop"
                f" (standard error {off.std() / np.sqrt(args.n):.1f})"
            )


if __name__ == "__main__":
    main()
