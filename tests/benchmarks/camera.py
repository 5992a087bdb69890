# SPDX-License-Identifier: Apache-2.0
"""What the camera costs: each stage and the whole chain, on one core.

    python tests/benchmarks/camera.py -n 400 --frames 30

Crops are drawn as `anprgen build` draws them (`--task ocr`), frames as `--task detect` does, at
1280x720. The light comes from the flat renderer. The first table is of default shots; a stage's
row gives the median over the shots it acted on, and their number. Times are of the processor, the
least of `--repeat` tries.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections import defaultdict

os.environ["OPENBLAS_NUM_THREADS"] = "1"
import cv2

from anprgen import degradations
from anprgen.config import Config
from anprgen.degradations.jpeg import Jpeg, decode
from anprgen.maker import keep_memory
from anprgen.pipeline import make_plan
from anprgen.renderers.opening import open_renderer
from anprgen.shot_views import context, textures_of


def lights(task: str, count: int, overrides: dict) -> list:
    plan = make_plan(Config(task=task, renderer="flat", overrides=overrides))
    out = []
    with open_renderer("flat") as renderer:
        for index in range(count):
            shot = plan.shot(index)
            light = renderer.render(shot, textures_of(shot, plan.artworks(shot), 2.5)).light
            out.append((light, shot.camera, context(shot)))
    return out


def staged(light, stages, ctx, times: dict[str, list[float]]) -> None:
    """`photograph`, with a clock around each stage."""
    image = light
    for stage in degradations.in_order(stages):
        start = time.process_time()
        if isinstance(stage, Jpeg):
            decode(stage.encode(image, ctx))
        else:
            before, image = image, stage.pixels(image, ctx)
            if image is before:  # it had nothing to do
                continue
        times[stage.name].append(time.process_time() - start)


def whole(shots: list, repeat: int) -> list[float]:
    """Seconds of the whole chain for each shot, the least of a few tries."""
    return [min(timed(light, stages, ctx) for _ in range(repeat)) for light, stages, ctx in shots]


def timed(light, stages, ctx) -> float:
    start = time.process_time()
    degradations.photograph(light, stages, ctx)
    return time.process_time() - start


def table(title: str, shots: list, repeat: int) -> None:
    whole(shots[:3], 1)  # first use of every cache
    took = whole(shots, repeat)
    px = statistics.median(s[2].working.area for s in shots)
    print(f"{title}: {len(shots)} shots, median {px:.0f} px")
    ranked = sorted(took)
    print(
        f"  whole chain: median {statistics.median(took) * 1e3:.2f} ms, mean"
        f" {statistics.mean(took) * 1e3:.2f}, 95th percentile"
        f" {ranked[int(0.95 * (len(ranked) - 1))] * 1e3:.2f}"
    )
    times: dict[str, list[float]] = defaultdict(list)
    for shot in shots:
        tries: dict[str, list[float]] = defaultdict(list)
        for _ in range(repeat):
            staged(*shot, tries)
        for name, values in tries.items():
            times[name].append(min(values))
    for name, values in sorted(times.items(), key=lambda kv: -sum(kv[1])):
        print(
            f"  {name:13s} median {statistics.median(values) * 1e3:8.3f} ms"
            f"  on {len(values)} of {len(shots)}, mean over all"
            f" {sum(values) / len(shots) * 1e3:8.3f}"
        )


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    ap.add_argument("-n", type=int, default=400, help="crops")
    ap.add_argument("--frames", type=int, default=30)
    ap.add_argument("--repeat", type=int, default=3)
    args = ap.parse_args()
    cv2.setNumThreads(1)
    keep_memory()  # as workers do
    table("ocr crops", lights("ocr", args.n, {}), args.repeat)
    frames = lights("detect", args.frames, {"frame.size": "1280x720"})
    table("detect frames 1280x720", frames, args.repeat)


if __name__ == "__main__":
    main()
