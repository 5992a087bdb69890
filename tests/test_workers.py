# SPDX-License-Identifier: Apache-2.0
"""Worker processes: order, crashes, interruptions; the result never depends on them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import fakes
import pytest
from making import Notes, digest, make, spec_of

from anprgen import shards
from anprgen.build import build
from anprgen.dataset import Dataset
from anprgen.errors import AnprgenError, DatasetError, RenderError
from anprgen.schedule import Schedule
from anprgen.tasks import Finish, Make
from anprgen.verify import verify
from anprgen.workers import Pool, cpu_count, is_gpu

TESTS = Path(__file__).parent


def contents(root: Path) -> dict[str, bytes]:
    """Every file of a dataset but its manifest (it tells the day)."""
    files = (p for p in root.rglob("*") if p.is_file() and p.name != "manifest.json")
    return {str(p.relative_to(root)): p.read_bytes() for p in files}


def test_the_number_of_workers_changes_no_byte(tmp_path: Path) -> None:
    make(tmp_path / "one", 270, workers=1)
    make(tmp_path / "three", 270, workers=3)
    assert contents(tmp_path / "one") == contents(tmp_path / "three")


def test_growing_changes_no_byte(tmp_path: Path) -> None:
    make(tmp_path / "grown", 20, workers=2)
    done = make(tmp_path / "grown", 260, workers=2)
    assert done.made == 240
    make(tmp_path / "whole", 260)
    assert contents(tmp_path / "grown") == contents(tmp_path / "whole")


def test_nothing_to_do_starts_no_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, 5)
    monkeypatch.setattr(Pool, "start", lambda self: pytest.fail("a worker was started"))
    notes = Notes()
    assert make(tmp_path, 5, notes=notes).made == 0
    assert make(tmp_path, 3, notes=notes).made == 0
    assert notes.texts[-1] == "all 3 samples are there already"


def test_a_crash_is_retried_once(tmp_path: Path) -> None:
    steer = {"fake.once": str(tmp_path / "crashed")}
    done = make(tmp_path / "a", 12, workers=2, overrides=steer)
    assert (tmp_path / "crashed").exists()
    assert (done.made, done.failed) == (12, 0)


def test_failures_keep_their_index(tmp_path: Path) -> None:
    notes = Notes()
    steer = {"fake.crash": [3], "fake.fail": [7]}
    done = make(tmp_path, 12, workers=2, notes=notes, overrides=steer)
    assert (done.made, done.failed, notes.done) == (10, 2, 12)
    have = Dataset.open(tmp_path)
    assert [f["index"] for f in have.failures()] == [3, 7]
    assert "SIGSEGV" in have.failures()[0]["error"]
    assert have.failures()[1]["error"] == "RenderError: no light at 7"
    lines = (tmp_path / "failures.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["00000003", "00000007"]
    assert [r["index"] for r in have.records()] == [0, 1, 2, 4, 5, 6, 8, 9, 10, 11]
    assert have.count_missing(12) == 0
    assert have.count_missing(12, retry_failed=True) == 2
    assert not verify(have).damage
    assert make(tmp_path, 12, overrides=steer).made == 0
    # The third time it works: nothing else changes.
    fails_no_more = {"fake.crash": [3], "fake.fail": [7]}
    again = make(tmp_path, 12, overrides=fails_no_more, retry_failed=True)
    assert (again.made, again.failed) == (0, 2)


def test_failed_samples_can_be_tried_again(tmp_path: Path) -> None:
    root, switch = tmp_path / "a", tmp_path / "switch"
    steer = {"fake.once": str(switch)}
    make(root, 12, overrides=steer)
    whole = digest(root)
    # Give sample 5 the fate of a failed one.
    switch.unlink()
    shards.begin(root, 0, 0, 250)
    part = shards.part_folder(root, 0)
    (part / "00000005.json").unlink()
    shards.fail(part, 5, "the card was on fire", "crash")
    shards.finish(root, 0, 0, 12)
    assert len(Dataset.open(root).failures()) == 1
    done = make(root, 12, overrides=steer, retry_failed=True)
    assert done.made == 1
    assert digest(root) == whole
    assert not Dataset.open(root).failures()
    assert not (root / "failures.jsonl").exists()


def test_a_run_in_which_nothing_succeeds_stops(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match="25 samples in a row failed.*no light"):
        make(tmp_path, 200, overrides={"fake.fail": list(range(200))})


def test_a_refusal_at_the_start_reaches_the_user(tmp_path: Path) -> None:
    spec = spec_of(tmp_path / "a")
    wrong = type(spec)(spec.config, spec.root, plan=fakes.PLAN, renderer="fakes:no_renderer")
    with pytest.raises(AnprgenError, match="no such light"):
        build(wrong, 3, Notes(), workers=1)


def test_a_worker_that_dies_at_its_start_is_reported(tmp_path: Path) -> None:
    spec = spec_of(tmp_path / "a")
    wrong = type(spec)(spec.config, spec.root, plan=fakes.PLAN, renderer="fakes:deadly_renderer")
    with pytest.raises(RenderError, match="signal SIGABRT"):
        build(wrong, 3, Notes(), workers=1)


def test_a_full_disk_stops_the_run_and_a_second_run_completes_it(tmp_path: Path) -> None:
    root = tmp_path / "a"
    make(root, 3)
    # Something in the way of a picture: the worker's write fails like on a full disk.
    part = shards.part_folder(root, 0)
    shards.begin(root, 0, 0, 3)
    (part / "00000004.jpg").mkdir()
    with pytest.raises(DatasetError, match="cannot write.*\n.*it continues"):
        make(root, 8)
    assert Dataset.open(root).count_missing(8) == 5
    (part / "00000004.jpg").rmdir()
    make(root, 8)
    make(tmp_path / "b", 8)
    assert digest(root) == digest(tmp_path / "b")


def test_the_schedule_orders_samples_and_completes_shards(tmp_path: Path) -> None:
    make(tmp_path, 1)
    schedule = Schedule(Dataset.open(tmp_path), 4, "d")
    tasks = [schedule.next() for _ in range(4)]
    assert [t.index for t in tasks if isinstance(t, Make)] == [1, 2, 3]
    assert tasks[3] is None
    assert not schedule.empty()
    first = tasks[0]
    assert isinstance(first, Make)
    assert schedule.again(first)
    assert schedule.next() == first
    assert not schedule.again(first)
    for task in tasks[:3]:
        assert isinstance(task, Make)
        schedule.made(task)
    assert schedule.next() == Finish(0, 0, 4)
    assert schedule.empty()


def test_cores_and_devices() -> None:
    assert 1 <= cpu_count() <= (os.cpu_count() or 1)
    assert not is_gpu("CPU")
    assert is_gpu("optix")


SCRIPT = """
import sys
sys.path.insert(0, {tests!r})
from making import make
from pathlib import Path
if __name__ == "__main__":
    overrides = {{"fake.sleep": 0.02}} if {real} is False else {{}}
    make(Path({root!r}), {n}, workers={workers}, real={real}, overrides=overrides)
    print("finished", flush=True)
"""


def start(root: Path, n: int, workers: int, *, real: bool = False) -> subprocess.Popen[str]:
    script = root.parent / f"run-{root.name}.py"
    script.write_text(
        SCRIPT.format(tests=str(TESTS), root=str(root), n=n, workers=workers, real=real)
    )
    return subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(TESTS.parent)},
    )


def stored(root: Path) -> int:
    """Pictures on disk, in finished shards and in part folders."""
    return len(list(root.glob("shards/*/*.jpg")))


def wait_until(condition, process: subprocess.Popen[str], limit_s: float = 60) -> None:
    deadline = time.monotonic() + limit_s
    while not condition() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)


@pytest.mark.parametrize("whole_tree", [True, False])
def test_kill_nine_three_times_then_the_same_digest(tmp_path: Path, whole_tree: bool) -> None:
    root, n = tmp_path / "killed", 270
    for round_ in range(3):
        process = start(root, n, workers=2)
        wait_until(lambda r=round_: stored(root) >= 40 * (r + 1), process)
        assert process.poll() is None, "it finished before it was killed"
        if whole_tree:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()  # The workers must notice, and end, by themselves.
        process.wait()
    assert stored(root) >= 120
    process = start(root, n, workers=3)
    out, _ = process.communicate(timeout=120)
    assert "finished" in out
    make(tmp_path / "whole", n, workers=1, overrides={"fake.sleep": 0.02})
    assert digest(root) == digest(tmp_path / "whole")
    assert contents(root) == contents(tmp_path / "whole")


@pytest.mark.parametrize("polite", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_keeps_finished_samples(tmp_path: Path, polite: signal.Signals) -> None:
    root = tmp_path / "a"
    process = start(root, 200, workers=2)
    wait_until(lambda: stored(root) >= 20, process)
    assert process.poll() is None
    os.killpg(process.pid, polite)
    process.wait(timeout=30)
    kept = len(list(root.glob("shards/.part-000000/*.json")))
    assert kept >= 19
    notes = Notes()
    steer = {"fake.sleep": 0.02}
    done = make(root, 200, notes=notes, overrides=steer)
    assert done.made == 200 - kept
    assert notes.done == 200


def test_the_real_pipeline_survives_kill_nine(tmp_path: Path) -> None:
    root, n = tmp_path / "killed", 30
    for at_least in (4, 10, 16):
        process = start(root, n, workers=2, real=True)
        wait_until(lambda k=at_least: stored(root) >= k, process)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    make(root, n, workers=2, real=True)
    make(tmp_path / "three", n, workers=3, real=True)
    make(tmp_path / "one", n, workers=1, real=True)
    assert digest(root) == digest(tmp_path / "one") == digest(tmp_path / "three")
    assert contents(root) == contents(tmp_path / "one")
