# SPDX-License-Identifier: Apache-2.0
"""Ray's cluster as the engine: machines that go, and the same bytes. Needs `anprgen[ray]`."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from making import Notes, digest, make, spec_of
from test_workers import contents

from anprgen.build import build
from anprgen.dataset import Dataset
from anprgen.errors import RenderError

ray = pytest.importorskip("ray")
TESTS = Path(__file__).parent


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A head without processors, and two machines of two."""
    from ray.cluster_utils import Cluster

    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(TESTS), str(TESTS.parent)]
        + [p for p in os.environ.get("PYTHONPATH", "").split(os.pathsep) if p]))  # fmt: skip
    # Two nodes of one machine: what dies shall be noticed in seconds.
    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    made.machines = [made.add_node(num_cpus=2) for _ in range(2)]
    made.wait_for_nodes()
    yield made
    ray.shutdown()
    made.shutdown()


def on_ray(root: Path, n: int, cluster: Any, **more: Any) -> Any:
    overrides = more.pop("overrides", {})
    return build(
        spec_of(root, overrides=overrides), n, more.pop("notes", Notes()), engine="ray",
        address=cluster.address, **more,
    )  # fmt: skip


def test_a_machine_is_killed_and_nothing_is_lost(tmp_path: Path, cluster: Any) -> None:
    steer = {"fake.sleep": 0.05}
    notes = Notes()

    def kill() -> None:
        deadline = time.monotonic() + 60
        while notes.done < 60 and time.monotonic() < deadline:
            time.sleep(0.05)
        cluster.remove_node(cluster.machines[0], allow_graceful=False)

    killer = threading.Thread(target=kill)
    killer.start()
    done = on_ray(tmp_path / "ray", 300, cluster, overrides=steer, notes=notes)
    killer.join()
    assert (done.made, done.failed) == (300, 0)
    assert done.workers == 4
    assert done.replaced == 2
    make(tmp_path / "here", 300, workers=2, overrides=steer)
    assert digest(tmp_path / "ray") == digest(tmp_path / "here")
    assert contents(tmp_path / "ray") == contents(tmp_path / "here")


def test_failures_crashes_and_growth(tmp_path: Path, cluster: Any) -> None:
    steer = {"fake.crash": [3], "fake.fail": [7]}
    done = on_ray(tmp_path / "a", 12, cluster, overrides=steer, recycle_after=4)
    assert (done.made, done.failed, dict(done.kinds)) == (10, 2, {"crash": 1, "scene": 1})
    assert [f["index"] for f in Dataset.open(tmp_path / "a").failures()] == [3, 7]
    on_ray(tmp_path / "a", 20, cluster, overrides=steer, workers=1)
    make(tmp_path / "b", 20, overrides=steer)
    assert digest(tmp_path / "a") == digest(tmp_path / "b")


def test_workers_take_several_devices_in_turn(tmp_path: Path, cluster: Any) -> None:
    for device in ("cpu,cpu", "cpu"):
        spec = spec_of(tmp_path / device, device=device)
        done = build(spec, 6, Notes(), engine="ray", address=cluster.address)
        assert (done.made, done.workers) == (6, 4)
    assert digest(tmp_path / "cpu,cpu") == digest(tmp_path / "cpu")


def test_cards_are_those_that_ray_gives(tmp_path: Path, cluster: Any) -> None:
    spec = spec_of(tmp_path / "a", renderer="blender", device="cuda:0,cuda:1")
    with pytest.raises(RenderError, match="no machine of this Ray cluster has a graphics card"):
        build(spec, 6, Notes(), engine="ray", address=cluster.address)
    cluster.add_node(num_cpus=8, num_gpus=2)
    cluster.wait_for_nodes()
    events: list[dict[str, Any]] = []
    done = build(
        spec, 6, Notes(), engine="ray", address=cluster.address,
        tell=lambda event, **said: events.append({"event": event, **said}),
    )  # fmt: skip
    assert (done.made, done.failed, done.workers) == (6, 0, 4)
    # Ray shows an actor one card, which is number 0 there.
    assert {e["device"] for e in events if e["event"] == "sample"} == {"cuda"}


def test_a_cluster_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match="no Ray cluster at 127.0.0.1:1"):
        build(spec_of(tmp_path / "a"), 3, Notes(), engine="ray", address="127.0.0.1:1")
    assert not (tmp_path / "a").exists()
