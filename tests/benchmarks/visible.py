# SPDX-License-Identifier: Apache-2.0
"""How well `visible` tells what is left of a character, against pictures (`tests/contrast.py`).

    python tests/benchmarks/visible.py -n 150 --dirty 50

Shots as they are drawn, then shots on which dirt alone hides: mud, dust, rubbed paint, snow and
stickers raised, nothing mounted. Printed are the differences of the lost shares, label against
pictures, in points. Glyphs of fewer than `--least` finer px do not count: a pixel of them is more
than a point.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from contrast import Compared, compare

from anprgen.config import Config
from anprgen.pipeline import make_plan
from anprgen.renderers.blender import BlenderRenderer
from anprgen.renderers.opening import open_renderer

SMALL = {"view.width_px": {"log_uniform": [60, 150]}}
DIRTY = {
    "plates.wear.mud": {"uniform": [0.4, 1.0]},
    "plates.wear.mud_height": {"uniform": [0.3, 1.0]},
    "plates.wear.dust": {"uniform": [0.2, 1.0]},
    "plates.wear.edge_wear": {"uniform": [0.0, 1.0]},
    "plates.wear.top_wear": {"choice": [[0, 0.7], [{"uniform": [0.1, 0.8]}, 0.3]]},
    "plates.wear.splash": {"choice": [[0, 0.7], [{"uniform": [0.1, 1.0]}, 0.3]]},
    "plates.wear.snow": {"choice": [[0, 0.8], [{"uniform": [0.1, 0.8]}, 0.2]]},
    "plates.wear.sticker": {"choice": [[0, 0.7], [{"uniform": [0.2, 1.0]}, 0.3]]},
    "plates.mount.frame": "none",
    "plates.mount.bolts": 0,
    "plates.mount.holes": 0,
    "plates.mount.lamps": 0,
    "plates.mount.front": "none",
    "plates.mount.glass": 0,
    "plates.mount.paper": "no",
}


def report(name: str, found: list[Compared]) -> None:
    off = np.array([100 * (c.label - c.pictures) for c in found])
    lost = np.array([c.pictures for c in found])
    some = lost > 0.02
    print(
        f"{name}: {len(found)} characters, {some.mean():.0%} of them lose more than 2 points;"
        f" difference in points: median {np.median(np.abs(off)):.2f},"
        f" 95th {np.percentile(np.abs(off), 95):.2f}, largest {np.abs(off).max():.2f},"
        f" mean signed {off.mean():+.2f}"
    )
    if some.any():
        part = np.abs(off[some])
        print(
            f"  of those: median {np.median(part):.2f}, 95th {np.percentile(part, 95):.2f};"
            f" within 3 points {(part <= 3).mean():.1%}; of all {(np.abs(off) <= 3).mean():.1%}"
        )


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    ap.add_argument("-n", type=int, default=150, help="shots as they are drawn")
    ap.add_argument("--dirty", type=int, default=50, help="shots that dirt alone hides")
    ap.add_argument("--designs", nargs="+", default=["sri_lanka", "brazil_old", "germany"])
    ap.add_argument("--scale", type=int, default=2)
    ap.add_argument("--samples", type=int, default=12)
    ap.add_argument("--least", type=int, default=200, help="finer px that a glyph must have")
    ap.add_argument("--worst", type=int, default=8)
    args = ap.parse_args()
    designs = tuple((d, 1.0) for d in args.designs)
    every: list[Compared] = []
    with (
        open_renderer("blender", device="cpu", threads=1) as labelled,
        BlenderRenderer(device="cpu", threads=1, denoise=False) as measured,
    ):
        for name, count, more in (("as drawn", args.n, {}), ("dirt alone", args.dirty, DIRTY)):
            plan = make_plan(Config(designs=designs, overrides=SMALL | more))
            found, begin = [], time.perf_counter()
            for index in range(count):
                here = compare(plan, index, labelled, measured, args.scale, args.samples)
                found += [(index, c) for c in here if c.px >= args.least]
            if not found:
                continue
            print(f"{count} shots, {time.perf_counter() - begin:.0f} s")
            report(name, [c for _, c in found])
            found.sort(key=lambda f: -abs(f[1].label - f[1].pictures))
            for index, c in found[: args.worst]:
                kind = plan.shot(index).light.kind
                print(
                    f"  shot {index} ({kind}) {c.char}: label {c.label:.3f},"
                    f" pictures {c.pictures:.3f}, {c.px} px"
                )
            every += [c for _, c in found]
    report("all", every)


if __name__ == "__main__":
    main()
