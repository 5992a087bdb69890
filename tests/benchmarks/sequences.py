# SPDX-License-Identifier: Apache-2.0
"""What frames of sequences cost: against bare Cycles, and against photographs of the same size.

    python tests/benchmarks/sequences.py -n 4 --frames 12 --size 640x360

One worker on one thread makes whole sequences, frame by frame, then as many whole frames of
``--task detect`` with as many vehicles. Bare Cycles is the time inside `render()` of the same jobs.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable

from anprgen.arguments import sequence_sizes
from anprgen.config import Config
from anprgen.pipeline import Plan, make_plan
from anprgen.renderers import Renderer
from anprgen.renderers.opening import open_renderer


def measure(plan: Plan, renderer: Renderer, indices: Iterable[int]) -> tuple[float, float]:
    """Seconds of all samples, and those inside Cycles."""
    whole = bare = 0.0
    for index in indices:
        start = time.perf_counter()
        sample = plan.sample(index, renderer)
        whole += time.perf_counter() - start
        bare += sample.seconds["renderer.render"]
    return whole, bare


def main() -> None:
    """Prints one line a kind of picture."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-n", type=int, default=4, help="sequences")
    parser.add_argument("--frames", type=int, default=12)
    parser.add_argument("--size", default="640x360")
    parser.add_argument("--design", default="sri_lanka")
    parser.add_argument("--device", default="auto")
    options = parser.parse_args()
    frames, fps = sequence_sizes("sequence", options.frames, None)
    # Both with the places and the vehicles of sequences.
    same = {
        "frame.size": options.size, "scene.vehicles": 2, "scene.plates": 2, "scene.signs": 1,
        "scene.place": {"choice": {"street": 1, "highway": 1}},
        "view.width_px": {"log_uniform": [40, 110]}, "view.place_x": {"uniform": [-0.4, 0.4]},
        "view.place_y": {"uniform": [-0.3, 0.5]}, "light.oncoming": 0, "light.brake_lamps": 0,
    }  # fmt: skip
    designs = ((options.design, 1.0),)
    film = make_plan(
        Config(task="sequence", designs=designs, overrides=same, frames=frames, fps=fps)
    )
    still = make_plan(Config(task="detect", designs=designs, overrides=same))
    count = options.n * frames
    for name, plan in (("sequence", film), ("detect", still)):
        with open_renderer("blender", device=options.device, threads=1) as renderer:
            plan.sample(0, renderer)  # caches fill
            whole, bare = measure(plan, renderer, range(count))
        print(
            f"{name}: {count / whole:.3f} frames a second, {whole / count:.2f} s each,"
            f" {bare / whole:.3f} of bare Cycles"
        )


if __name__ == "__main__":
    main()
