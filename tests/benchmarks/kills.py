# SPDX-License-Identifier: Apache-2.0
"""A build killed with SIGKILL at many random moments ends with the digest of one left in peace.

    python tests/benchmarks/kills.py --times 50 -n 4000

In turn a worker, the build itself, or every process of it is killed, at a moment drawn anew each
time: while it starts, while it makes samples, while it completes shards (small ones, so that
there are many). A build that lost a worker goes on, and is killed as a whole a little later. The
last one is left in peace. Samples that its events tell of are counted: what was made more than
once was in the air when it was killed. Stops at a picture lost, doubled or different.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

KINDS = ("worker", "build", "everything")


def command(root: Path, log: Path, asked: argparse.Namespace) -> list[str]:
    """The build, by as many workers as asked."""
    return [
        *(sys.executable, "-m", "anprgen", "build", asked.design, "-n", str(asked.n)),
        *("--renderer", asked.renderer, "--samples", "1", "--workers", str(asked.workers)),
        *("--json-log", str(log), "-o", str(root)),
    ]


def children(pid: int) -> list[int]:
    """Processes that a process started, and theirs."""
    try:
        own = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [p for child in map(int, own) for p in (child, *children(child))]


def kill(process: subprocess.Popen[bytes], kind: str, rng: random.Random) -> None:
    """Kills a part of a running build, and then what is left of it a moment later."""
    if kind == "worker" and (workers := children(process.pid)):
        os.kill(rng.choice(workers), signal.SIGKILL)
        time.sleep(rng.uniform(0, 1.5))
    elif kind == "build":
        process.kill()
        time.sleep(rng.uniform(0, 0.5))  # its workers notice
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def digest(root: Path) -> str:
    """What `anprgen verify` says of every file and record; an error where one is not right."""
    done = subprocess.run(
        [sys.executable, "-m", "anprgen", "verify", str(root)], capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(f"verify: {done.stdout}{done.stderr}")
    return done.stdout.strip().splitlines()[-1]


def made(logs: list[Path]) -> Counter[int]:
    """How often each sample was made, by the events of all runs."""
    counts: Counter[int] = Counter()
    for log in logs:
        for line in log.read_text("utf-8").splitlines() if log.exists() else ():
            try:
                event = json.loads(line)
            except ValueError:
                continue  # cut off by the kill
            if event.get("event") == "sample":
                counts[event["index"]] += 1
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("-n", type=int, default=4000, help="samples of the dataset")
    parser.add_argument("--design", default="sri_lanka")
    parser.add_argument("--renderer", default="flat")
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--longest", type=float, default=5.0, help="s from a start to its kill")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    rng = random.Random(asked.seed)
    with tempfile.TemporaryDirectory() as folder:
        root, logs, early = Path(folder) / "killed", [], 0
        kinds: Counter[str] = Counter()
        for turn in range(asked.times):
            logs.append(Path(folder) / f"{turn}.jsonl")
            process = subprocess.Popen(
                command(root, logs[-1], asked),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            time.sleep(rng.uniform(0, asked.longest))
            early += process.poll() is not None
            kind = KINDS[turn % len(KINDS)]
            kinds[kind] += 1
            kill(process, kind, rng)
        before = len(made(logs))
        logs.append(Path(folder) / "last.jsonl")
        subprocess.run(command(root, logs[-1], asked), check=True, stderr=subprocess.DEVNULL)
        counts = made(logs)
        whole = Path(folder) / "whole"
        subprocess.run(
            command(whole, Path(folder) / "whole.jsonl", asked),
            check=True,
            stderr=subprocess.DEVNULL,
        )
        same = digest(root) == digest(whole)
        again = sum(counts.values()) - len(counts)
        print(
            f"{asked.times} kills ({', '.join(f'{v} {k}' for k, v in kinds.items())}), {early} too"
            f" late; {before} of {asked.n} samples were told of before the last run, {again} made"
            f" again; digest {'equal' if same else 'DIFFERENT'}: {digest(root)}"
        )
        if not same:
            raise SystemExit(1)


if __name__ == "__main__":
    main()
