# SPDX-License-Identifier: Apache-2.0
"""Thousands of broken designs and configurations: no traceback, no hang, no file elsewhere.

    python tests/benchmarks/fuzz.py -n 10000

A third are designs with values changed, a third configurations with random paths and values, a
third are files with pieces of text changed. What is accepted is made with the flat renderer.
Prints how many were refused and how many could be made; stops at the first that breaks a rule.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from fuzzing import mutated, overrides, spoiled
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from anprgen.arguments import make_config
from anprgen.design import shipped_designs
from anprgen.errors import AnprgenError
from anprgen.pipeline import make_plan
from anprgen.renderers.opening import open_renderer
from anprgen.resources import designs_dir

LIMIT_S = 5.0
_WRITES = frozenset("wax+")


def guard(allowed: Path) -> None:
    """From now on a write outside `allowed`, a new process or a socket is an error."""

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(args[1], str) and _WRITES & set(args[1]):
            path = Path(str(args[0])).resolve()
            if not path.is_relative_to(allowed) and "__pycache__" not in path.parts:
                raise AssertionError(f"a file outside the folder was opened to write: {path}")
        elif event in ("subprocess.Popen", "os.system", "socket.connect", "os.exec"):
            raise AssertionError(f"{event} {args}")

    sys.addaudithook(hook)


def attempt(design: str, config: Path | None, counts: Counter[str]) -> None:
    begun = time.process_time()
    try:
        made = make_config([design], renderer="flat", config=config)
        plan = make_plan(made)
        with open_renderer("flat") as renderer:
            plan.sample(0, renderer)
        counts["made"] += 1
    except AnprgenError:
        counts["refused"] += 1
    took = time.process_time() - begun
    counts["slowest, ms"] = max(counts["slowest, ms"], round(took * 1000))
    assert took < LIMIT_S, f"{took:.1f} s"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("-n", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    texts = {n: (designs_dir() / f"{n}.json").read_text("utf-8") for n in shipped_designs()}
    config_text = json.dumps(
        {"light.kind": {"choice": {"sun": 1}}, "plates": {"wear": {"mud": 0.5}}}
    )
    counts: Counter[str] = Counter()

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        design, config = folder / "mine.json", folder / "c.json"
        attempt("sri_lanka", None, Counter())  # What it imports may start processes.
        importlib.import_module("anprgen.degradations.imgaug_shim")
        guard(folder)

        @seed(args.seed)
        @settings(
            max_examples=args.n,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(data=st.data())
        def one(data: Any) -> None:
            kind = data.draw(st.sampled_from(["design", "config", "text"]))
            counts[kind] += 1
            if kind == "design":
                value = data.draw(mutated(data.draw(st.sampled_from(sorted(texts)))))
                design.write_text(json.dumps(value), "utf-8", "replace")
                attempt(str(design), None, counts)
            elif kind == "config":
                config.write_text(json.dumps(data.draw(overrides())), "utf-8", "replace")
                attempt("sri_lanka", config, counts)
            else:
                text = texts[data.draw(st.sampled_from(sorted(texts)))]
                design.write_text(data.draw(spoiled(text)), "utf-8", "replace")
                attempt(str(design), None, counts)
                config.write_text(data.draw(spoiled(config_text)), "utf-8", "replace")
                attempt("sri_lanka", config, counts)

        one()
    print(", ".join(f"{name} {count}" for name, count in counts.items()))


if __name__ == "__main__":
    main()
