# SPDX-License-Identifier: Apache-2.0
"""Whole-pipeline speed against bare Cycles, and the memory of a worker, in one run.

    python tests/benchmarks/speed.py -n 400 --workers 2

Bare Cycles is the same worker with the same scene, meshes, materials and lights set up shot by
shot, timing only `render()` and the scene update that it causes; its share of the whole time is
the first figure. Camera samples are pixels x samples per pixel. Memory is the resident set of a
Blender process and its parent, every `--memory-every` images.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import tempfile
import time
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as workers have it, and before numpy is loaded
import numpy as np

from anprgen.defaults import SAMPLES
from anprgen.maker import memory_mb


def work(first: int, stop: int, args: argparse.Namespace, queue) -> None:
    import cv2

    from anprgen import samples
    from anprgen.config import Config
    from anprgen.light_store import LightStore
    from anprgen.maker import TRIM_EVERY, give_back_memory, keep_memory
    from anprgen.pipeline import make_plan
    from anprgen.renderers.opening import open_renderer

    keep_memory()
    cv2.setNumThreads(1)
    config = Config(
        task=args.task, renderer=args.renderer, samples=args.samples, variants=args.variants
    )
    plan, lights = make_plan(config), LightStore()
    totals: dict[str, float] = {}
    camera_samples, memory = 0, []
    with (
        open_renderer(args.renderer, device=args.device, threads=args.threads) as renderer,
        tempfile.TemporaryDirectory() as folder,
    ):
        part = Path(folder)
        for index in range(4):  # start-up and first use of every cache
            plan.sample(10_000_000 + index, renderer)
        queue.put("ready")
        begin = time.perf_counter()
        for count, index in enumerate(range(first, stop), 1):
            start = time.perf_counter()
            sample = plan.sample(index, renderer, lights=lights)
            record, text = samples.completed(
                sample.record, sample.image, "000000", 0, "bench", sample.pixels
            )
            samples.store(part, record, text, sample.image)
            totals["all"] = totals.get("all", 0.0) + time.perf_counter() - start
            for key, value in sample.seconds.items():
                totals[key] = totals.get(key, 0.0) + value
            window = sample.record["shot"]["solved"]["render"]
            if "renderer.render" in sample.seconds:
                camera_samples += window["width"] * window["height"] * args.samples
            if count % TRIM_EVERY == 0:
                give_back_memory()
            if count % args.memory_every == 0:
                memory.append((count, memory_mb(os.getpid()), child_mib()))
        wall = time.perf_counter() - begin
    queue.put((wall, totals, camera_samples, memory, stop - first))


def child_mib() -> float:
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return sum(memory_mb(int(pid)) for pid in children)


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    ap.add_argument("-n", type=int, default=400)
    ap.add_argument("--workers", type=int, default=os.cpu_count())
    ap.add_argument("--threads", type=int, default=1, help="of each worker's renderer")
    ap.add_argument("--task", default="ocr")
    ap.add_argument("--samples", type=int, default=SAMPLES)
    ap.add_argument("--variants", type=int, default=1, help="photographs of each render")
    ap.add_argument("--renderer", default="blender")
    ap.add_argument("--device", default="cpu")
    ap.add_argument("--memory-every", type=int, default=100)
    args = ap.parse_args()
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    workers = [
        context.Process(
            target=work,
            args=(i * args.n // args.workers, (i + 1) * args.n // args.workers, args, queue),
        )
        for i in range(args.workers)
    ]
    for worker in workers:
        worker.start()
    results = []
    while len(results) < args.workers:
        got = queue.get()
        if got != "ready":
            results.append(got)
    wall = max(r[0] for r in results)
    totals = {k: sum(r[1].get(k, 0.0) for r in results) for r0 in results for k in r0[1]}
    count = sum(r[4] for r in results)
    bare, everything = totals.get("renderer.render", 0.0), totals["all"]
    print(
        f"{count} images, {args.workers} workers of {args.threads} threads, {args.samples} spp,"
        f" task {args.task}, {args.variants} of each render"
    )
    print(f"images/s {count / wall:.2f}")
    print(f"camera samples/s {sum(r[2] for r in results) / wall / 1e6:.2f} M")
    print(f"of bare Cycles {bare / everything:.3f}")
    print(
        f"bare Cycles alone"
        f" {sum(r[2] for r in results) / (bare / args.workers) / 1e6:.2f} M samples/s"
    )
    for key, value in sorted(totals.items(), key=lambda kv: -kv[1]):
        print(f"  {key:18s} {value / count * 1e3:8.2f} ms an image")
    for i, r in enumerate(results):
        for at, parent, child in r[3][:: max(1, len(r[3]) // 10)]:
            print(f"  worker {i} after {at}: parent {parent:.0f} MiB, Blender {child:.0f} MiB")
    sizes = np.array([r[2] / args.samples / r[4] for r in results])
    print(f"mean rendered picture {sizes.mean():.0f} px")


if __name__ == "__main__":
    main()
