# SPDX-License-Identifier: Apache-2.0
"""What a run does with its workers, and what it says of them afterwards."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from making import Notes, digest, make, spec_of
from test_cli import run

from anprgen import workers
from anprgen.build import build
from anprgen.dataset import Dataset
from anprgen.errors import ConfigError, DesignError, RenderError
from anprgen.estimate import estimate
from anprgen.failures import KINDS, kind_of, kind_of_death
from anprgen.renderers.blender_process import RenderCrash, RenderHang
from anprgen.run_log import RunLog
from anprgen.workers import Pool


class Events:
    def __init__(self) -> None:
        self.all: list[dict[str, Any]] = []

    def __call__(self, event: str, **said: Any) -> None:
        self.all.append({"event": event, **said})

    def of(self, event: str) -> list[dict[str, Any]]:
        return [e for e in self.all if e["event"] == event]


def test_workers_are_replaced_after_their_share(tmp_path: Path) -> None:
    events = Events()
    done = build(spec_of(tmp_path / "a"), 24, Notes(), workers=2, recycle_after=5, tell=events)
    assert (done.made, done.failed, done.replaced) == (24, 0, 0)
    assert 3 <= done.recycled <= 4
    assert {e["made"] for e in events.of("worker_recycled")} == {5}
    make(tmp_path / "b", 24)
    assert digest(tmp_path / "a") == digest(tmp_path / "b")


def test_a_worker_that_grows_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events = Events()
    held = iter([300.0, 400.0, 900.0, 10_000.0])
    receive = workers.Connection.recv

    def grown(self: Any) -> Any:
        reply = receive(self)
        if type(reply).__name__ == "Made":
            object.__setattr__(reply, "memory_mb", next(held, 0.0))
        return reply

    monkeypatch.setattr(workers.Connection, "recv", grown)
    done = build(spec_of(tmp_path), 6, Notes(), workers=1, tell=events)
    assert (done.made, done.recycled) == (6, 1)
    assert [e["memory_mb"] for e in events.of("worker_recycled")] == [900.0]


def test_a_worker_that_hangs_is_ended_and_its_sample_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Pool.__init__, "__defaults__", (1.0, 8.0))  # a slow machine starts in 2
    real = Pool.replies

    def quick(self: Pool) -> Any:
        monkeypatch.setattr(workers, "wait", lambda c, timeout: wait(c, 0.1))
        return real(self)

    wait = workers.wait
    monkeypatch.setattr(Pool, "replies", quick)
    events = Events()
    spec = spec_of(tmp_path, overrides={"fake.hang": [2]})
    done = build(spec, 4, Notes(), workers=2, tell=events)
    assert (done.made, done.failed, dict(done.kinds)) == (3, 1, {"hang": 1})
    assert done.replaced == 2
    assert [f["kind"] for f in Dataset.open(tmp_path).failures()] == ["hang"]
    assert [e["index"] for e in events.of("worker_ended")] == [2, 2]


def test_the_manifest_tells_of_every_run(tmp_path: Path) -> None:
    make(tmp_path, 3, overrides={"fake.fail": [1]})
    make(tmp_path, 5, overrides={"fake.fail": [1]})
    runs = Dataset.open(tmp_path).manifest.info["runs"]
    assert [(r["made"], r["failed"], r["kinds"]) for r in runs] == [
        (2, 1, {"scene": 1}),
        (2, 0, {}),
    ]


def test_failures_have_kinds() -> None:
    assert kind_of(MemoryError()) == kind_of(RenderError("CUDA: out of memory")) == "memory"
    assert kind_of(RenderCrash("x")) == "crash"
    assert kind_of(RenderHang("x")) == "hang"
    assert kind_of(RenderError("x")) == "scene"
    assert kind_of(ConfigError("x")) == kind_of(DesignError("x")) == "recipe"
    assert kind_of(ZeroDivisionError()) == "bug"
    assert kind_of_death("signal SIGSEGV", False) == "crash"
    assert kind_of_death("signal SIGKILL", False) == "memory"
    assert kind_of_death("signal SIGKILL", True) == "hang"
    assert set(KINDS) == {"crash", "hang", "memory", "scene", "recipe", "bug"}


def test_workers_spread_over_devices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Fake:
        def __init__(self, spec: Any) -> None:
            self.device, self.leaving = spec.device, False

    monkeypatch.setattr(workers, "Worker", Fake)
    pool = Pool(spec_of(tmp_path, device="cuda:0,cuda:1,cuda:3"))
    assert [pool.start().device for _ in range(5)] == [
        "cuda:0", "cuda:1", "cuda:3", "cuda:0", "cuda:1",
    ]  # fmt: skip
    pool.workers.pop(2)
    assert pool.start().device == "cuda:3"


def test_a_log_continues_and_refuses_in_words(tmp_path: Path) -> None:
    for _ in range(2):
        with RunLog(tmp_path / "log") as log:
            log("begin", total=3)
    lines = [json.loads(line) for line in (tmp_path / "log").read_text("utf-8").splitlines()]
    assert [(e["event"], e["total"]) for e in lines] == [("begin", 3)] * 2
    with pytest.raises(ConfigError, match="--json-log"):
        RunLog(tmp_path)


def test_an_estimate_is_made_of_samples(tmp_path: Path) -> None:
    spec = spec_of(tmp_path, overrides={"fake.sleep": 0.05})
    found = estimate(spec, 10_000, Notes(), workers=2, shots=12)
    assert 15 < found.rate < 45  # two workers, 50 ms and a little each
    assert found.seconds == pytest.approx(found.start_s + 10_000 / found.rate)
    make(tmp_path / "real", 12, overrides={"fake.sleep": 0.05})
    weight = sum(f.stat().st_size for f in (tmp_path / "real").rglob("*") if f.is_file())
    assert found.bytes == pytest.approx(weight / 12 * 10_000, rel=0.1)
    assert not list(tmp_path.glob("plan*"))


def test_the_plan_command(tmp_path: Path) -> None:
    result = run(
        "plan", "sri_lanka", "-n", "50000", "--renderer", "flat", "--shots", "6", "--workers", "2",
        "--machines", "4",
    )  # fmt: skip
    assert "samples a second" in result.output
    assert "on each of 4 such machines" in result.output
    run("plan", "sri_lanka", "-n", "5", "--machines", "0", code=2)
