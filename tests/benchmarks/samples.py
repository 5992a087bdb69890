# SPDX-License-Identifier: Apache-2.0
"""What more samples a pixel buy: how far pictures are from a nearly noiseless one, and their cost.

    python tests/benchmarks/samples.py -n 14 --samples 2 4 8 16

The same shots are rendered with each number of samples and with `--truth` of them, denoised as
datasets are, and compared before the camera: square roots of brightness, 1 being the 95th
percentile of the picture with most samples. Cost is processor time of Blender and of this process.
"""

from __future__ import annotations

import argparse
import os
from dataclasses import replace

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as workers have it, and before numpy is loaded
import numpy as np
from features import busy_ms
from numpy.typing import NDArray

from anprgen.config import Config
from anprgen.pipeline import make_plan
from anprgen.renderers.blender import BlenderRenderer
from anprgen.shot_views import textures_of


def perceived(light: NDArray[np.float32], white: float) -> NDArray[np.float32]:
    """Square roots of brightness, which noise is about as visible in everywhere."""
    return np.sqrt(np.clip(light.mean(2) / white, 0.0, 1.5), dtype=np.float32)


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    ap.add_argument("-n", type=int, default=14, help="shots")
    ap.add_argument("--first", type=int, default=0)
    ap.add_argument("--samples", type=int, nargs="+", default=[2, 4, 8, 16])
    ap.add_argument("--truth", type=int, default=256)
    args = ap.parse_args()
    plan = make_plan(Config())
    far = np.zeros((args.n, len(args.samples)))
    cost = np.zeros_like(far)
    with BlenderRenderer(device="cpu", threads=1) as renderer:

        def light_of(index: int, samples: int) -> tuple[NDArray[np.float32], float]:
            shot = replace(plan.shot(index), samples=samples)
            artworks = plan.artworks(shot)
            begin = busy_ms(renderer.pid)
            textures = textures_of(shot, artworks, renderer.texels_a_px)
            return renderer.render(shot, textures).light, busy_ms(renderer.pid) - begin

        light_of(args.first + args.n, 2)  # the start
        for row in range(args.n):
            truth, _ = light_of(args.first + row, args.truth)
            white = max(float(np.percentile(truth.mean(2), 95)), 1e-9)
            for column, samples in enumerate(args.samples):
                # Another shot in between: Cycles would keep what has not changed.
                light_of(args.first + args.n, 2)
                light, cost[row, column] = light_of(args.first + row, samples)
                off = perceived(light, white) - perceived(truth, white)
                far[row, column] = float(np.sqrt((off**2).mean()))
    print(f"{args.n} crops against {args.truth} samples a pixel")
    for column, samples in enumerate(args.samples):
        print(
            f"  {samples:4d} samples: median rms {np.median(far[:, column]):.3f},"
            f" mean cost {cost[:, column].mean():.0f} ms"
        )


if __name__ == "__main__":
    main()
