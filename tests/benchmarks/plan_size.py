# SPDX-License-Identifier: Apache-2.0
"""What a very large plan costs besides its pictures: index arithmetic, manifest, list of shards.

    python tests/benchmarks/plan_size.py -n 10000000 --done 0.9

Lays out the finished shards of a dataset with `-n` samples (records are left empty, nothing is
rendered) and times what a build does before it hands out its first task, and what a reader does
before its first record. Prints seconds of one run, and how many times they are those of a plan
with a hundredth of the samples: 100 is linear in the number of shards.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from anprgen import dataset as datasets
from anprgen import manifest as manifests
from anprgen import shards
from anprgen.arguments import make_config
from anprgen.dataset import Dataset
from anprgen.pipeline import make_plan
from anprgen.schedule import Schedule
from anprgen.share import Share


def lay_out(root: Path, n: int, done: float) -> Dataset:
    """A dataset of `n` samples of which the first share `done` is finished."""
    plan = make_plan(make_config(["sri_lanka"], renderer="flat"))
    identity, info = manifests.split_identity(plan.identity())
    made = datasets.start(root, identity, {"name": "flat"}, info)
    size = made.manifest.shard_size
    for number in range(round(done * n) // size):
        folder = root / shards.folder_name(number)
        folder.mkdir()
        state = {"first": number * size, "stop": (number + 1) * size, "records": size}
        (folder / shards.STATE).write_text(json.dumps({**state, "failed": [], "sha256": "0" * 64}))
        (folder / shards.RECORDS).touch()
    manifests.write(root, made.manifest.asked_for(n))
    return Dataset.open(root)


def costs(root: Path, n: int) -> dict[str, float]:
    """Seconds of every step."""
    plan = make_plan(make_config(["sri_lanka"], renderer="flat"))
    plan.shot(0)  # What is loaded once is not the plan's size.
    seconds: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        begun = time.perf_counter()
        result = work()
        seconds[name] = time.perf_counter() - begun
        return result

    timed("everything drawn of the last sample", lambda: plan.shot(n - 1))
    have = timed("manifest read", lambda: Dataset.open(root))
    timed("manifest written", lambda: manifests.write(root, have.manifest))
    timed("finished shards listed", lambda: have.shards)
    timed("what is missing counted", lambda: have.count_missing(n))
    timed("first task handed out", lambda: Schedule(have, n, "flat").next())
    timed("one of 1,000 parts counted", lambda: datasets.count_own(n, 250, Share(7, 1000)))
    timed("last record looked up", lambda: have.shards[max(have.shards)])
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-n", type=int, default=10_000_000)
    parser.add_argument("--done", type=float, default=0.9, help="share that is finished already")
    asked = parser.parse_args()
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for n in (asked.n // 100, asked.n):
            root = Path(folder) / str(n)
            lay_out(root, n, asked.done)
            found.append(costs(root, n))
    small, large = found
    for name, seconds in large.items():
        print(f"{name:36} {seconds:8.3f} s  {seconds / small[name]:6.1f} times a hundredth")
    print(f"{'all of it':36} {sum(large.values()):8.3f} s")


if __name__ == "__main__":
    main()
