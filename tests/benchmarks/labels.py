# SPDX-License-Identifier: Apache-2.0
"""How exactly labels lie on rendered characters: offsets of the ID pass from the outlines.

    python tests/benchmarks/labels.py -n 1000

Per character, centroid and bounds of the id mask (at 4 x resolution, small plates at 8 or 16 x,
through the same `pixels()` as the photograph) against the analytic outline (through `points()`),
plates 60 to 300 px wide, lens distortion on. Characters that something covers by more than 2 %
count for the glyph check but not for the offsets.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from anprgen.config import Config
from anprgen.glyph_check import check_glyphs
from anprgen.pipeline import make_plan
from anprgen.renderers.opening import open_renderer
from anprgen.shot_views import context


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    ap.add_argument("-n", type=int, default=1000)
    ap.add_argument("--renderer", default="blender")
    ap.add_argument("--first", type=int, default=0)
    args = ap.parse_args()
    overrides = {"view.width_px": {"log_uniform": [60, 300]}}
    plan = make_plan(Config(renderer=args.renderer, overrides=overrides))
    offsets, edges, pictures, passed, characters, failed = [], [], 0, 0, 0, []
    begin = time.perf_counter()
    with open_renderer(args.renderer, device="cpu", threads=1) as renderer:
        for index in range(args.first, args.first + args.n):
            shot = plan.shot(index)
            found = check_glyphs(shot, plan.artworks(shot), renderer, context(shot))
            pictures += 1
            good = all(m.passes for m in found)
            passed += good
            if not good:
                failed.append(
                    (index, [(m.char, round(m.iou, 3), m.foreign) for m in found if not m.passes])
                )
            characters += len(found)
            clear = [m for m in found if m.covered < 0.02]
            offsets += [(m.dx_px, m.dy_px) for m in clear]
            edges += [m.edges_px for m in clear]
    o, e = np.array(offsets), np.array(edges)
    print(
        f"{pictures} pictures, {characters} characters, {len(o)} uncovered,"
        f" {time.perf_counter() - begin:.0f} s"
    )
    print(f"glyph check passes on {passed} of {pictures}")
    print(f"mean signed offset x {o[:, 0].mean():+.4f} y {o[:, 1].mean():+.4f} px")
    print(
        f"centroid: median {np.median(np.abs(o)):.4f}, 99th {np.percentile(np.abs(o), 99):.4f} px"
    )
    print(
        f"bounds: mean {np.round(e.mean(0), 4)}, median {np.median(np.abs(e)):.4f},"
        f" 99th {np.percentile(np.abs(e), 99):.4f} px"
    )
    for index, what in failed[:10]:
        print(f"  sample {index}: {what}")


if __name__ == "__main__":
    main()
