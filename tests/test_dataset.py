# SPDX-License-Identifier: Apache-2.0
"""The dataset on disk: shards, extension, recovery, identity."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest
from making import Notes, digest, folder_bytes, made_one, make, spec_of, write_by_hand

from anprgen import files, manifest, packed, shards
from anprgen.build import build, check_sizes
from anprgen.dataset import Dataset
from anprgen.errors import ConfigError, DatasetError
from anprgen.verify import verify


def test_extension_equals_a_single_run(tmp_path: Path) -> None:
    grown, whole = tmp_path / "grown", tmp_path / "whole"
    for n in (3, 3, 14, 25, 37):
        write_by_hand(grown, n)
    write_by_hand(whole, 37)
    assert folder_bytes(grown) == folder_bytes(whole)
    assert digest(grown) == digest(whole)


def test_smaller_n_keeps_what_is_there(tmp_path: Path) -> None:
    write_by_hand(tmp_path, 25)
    before = folder_bytes(tmp_path)
    assert write_by_hand(tmp_path, 7).count_missing(7) == 0
    assert folder_bytes(tmp_path) == before
    assert Dataset.open(tmp_path).manifest.requested == 25


def test_smaller_n_keeps_what_an_interrupted_run_made(tmp_path: Path) -> None:
    have = write_by_hand(tmp_path / "it", 0)
    shards.begin(have.root, 0, 0, 10)
    for index in (0, 1, 4):
        made_one(have, 0, index)
    shards.fail(shards.part_folder(have.root, 0), 5, "it burst", "bug")
    assert [r["index"] for r in write_by_hand(have.root, 2).records()] == [0, 1, 2, 3, 4]
    assert [f["index"] for f in write_by_hand(have.root, 10).failures()] == [5]
    assert len(list(write_by_hand(have.root, 10).records())) == 9


def test_missing_counts_parts_of_shards(tmp_path: Path) -> None:
    have = write_by_hand(tmp_path, 14)
    assert have.count_missing(14) == 0
    assert have.count_missing(33) == 19
    assert [(r.shard, r.first, r.stop) for r in have.missing(33)] == [
        (1, 10, 20),
        (2, 20, 30),
        (3, 30, 33),
    ]


def test_an_interrupted_extension_leaves_the_finished_samples_readable(tmp_path: Path) -> None:
    have = write_by_hand(tmp_path, 14)
    before = digest(tmp_path)
    todo = shards.begin(tmp_path, 1, 10, 20)
    assert todo == [14, 15, 16, 17, 18, 19]
    made_one(have, 1, 14)
    assert digest(tmp_path) == before
    assert shards.begin(tmp_path, 1, 10, 20) == [15, 16, 17, 18, 19]


@pytest.mark.parametrize("crash_at", range(24))
def test_a_crash_at_any_step_of_finishing_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, crash_at: int
) -> None:
    """Every rename, removal and durable write while a partial shard is replaced may be the last."""
    write_by_hand(tmp_path / "whole", 20)
    root = tmp_path / "crashed"
    have = write_by_hand(root, 14)
    before = digest(root)
    for index in shards.begin(root, 1, 10, 20):
        made_one(have, 1, index)
    steps = 0

    def step(real):
        def wrapped(*a, **k):
            nonlocal steps
            steps += 1
            if steps > crash_at:
                raise SystemExit("crash")
            return real(*a, **k)

        return wrapped

    with monkeypatch.context() as patch:
        for module, name in ((os, "rename"), (os, "replace"), (shutil, "rmtree")):
            patch.setattr(module, name, step(getattr(module, name)))
        patch.setattr(Path, "unlink", step(Path.unlink))
        try:
            shards.finish(root, 1, 10, 20)
        except SystemExit:
            assert digest(root) in (before, digest(tmp_path / "whole"))
    write_by_hand(root, 20)
    assert digest(root) == digest(tmp_path / "whole")
    assert folder_bytes(root) == folder_bytes(tmp_path / "whole")


def test_a_torn_picture_in_a_part_is_made_again(tmp_path: Path) -> None:
    have = write_by_hand(tmp_path, 0)
    assert shards.begin(tmp_path, 0, 0, 5) == [0, 1, 2, 3, 4]
    for index in range(4):
        made_one(have, 0, index)
    part = shards.part_folder(tmp_path, 0)
    (part / "00000001.jpg").write_bytes((part / "00000001.jpg").read_bytes()[:-200])
    (part / "00000002.json").write_bytes(b"")
    (part / "00000003.jpg").unlink()
    (part / "00000004.jpg.tmp").write_bytes(b"half")
    assert shards.begin(tmp_path, 0, 0, 5) == [1, 2, 3, 4]
    assert not list(part.glob("*.tmp"))


@pytest.mark.parametrize("line", ["junk", "[]", '{"id": "../x"}', '{"id": "00000003"}', "[" * 9999])
def test_a_damaged_record_is_told_with_its_line(tmp_path: Path, line: str) -> None:
    write_by_hand(tmp_path, 7)
    before = digest(tmp_path)
    records = tmp_path / "shards/000000/records.jsonl"
    lines = records.read_text("utf-8").splitlines()
    records.write_text("".join(f"{x}\n" for x in [*lines[:3], line, *lines[4:]]), "utf-8")
    told = r"records\.jsonl, line 4: this shard is damaged.*\n.*delete the shard's folder"
    with pytest.raises(DatasetError, match=told):
        write_by_hand(tmp_path, 9)
    shutil.rmtree(tmp_path / "shards" / "000000")  # as it says
    write_by_hand(tmp_path, 7)
    assert digest(tmp_path) == before


def test_a_damaged_failure_is_told_too(tmp_path: Path) -> None:
    write_by_hand(tmp_path, 7)
    (tmp_path / "shards/000000/failures.jsonl").write_text("junk\n", "utf-8")
    with pytest.raises(DatasetError, match=r"failures\.jsonl, line 1: this shard is damaged"):
        write_by_hand(tmp_path, 9)


@pytest.mark.parametrize("tar", [False, True])
def test_a_shard_that_grows_makes_lost_pictures_again(tmp_path: Path, tar: bool) -> None:
    write_by_hand(tmp_path / "a", 7)
    folder = tmp_path / "a" / "shards" / "000000"
    if tar:
        shards.pack_finished(tmp_path / "a")
        whole = packed.tar_of(folder).read_bytes()
        packed.tar_of(folder).write_bytes(whole[: len(whole) // 2])
    else:
        (folder / "00000003.jpg").unlink()
        (folder / "00000005.jpg").write_bytes(b"")
    write_by_hand(tmp_path / "a", 9)
    write_by_hand(tmp_path / "b", 9)
    assert digest(tmp_path / "a") == digest(tmp_path / "b")


def test_a_lost_picture_is_told_where_it_was(tmp_path: Path) -> None:
    write_by_hand(tmp_path, 3)
    folder = tmp_path / "shards" / "000000"
    (folder / "00000001.jpg").unlink()
    with pytest.raises(DatasetError, match=r"000000/00000001\.jpg: this picture is missing"):
        packed.Pictures(folder).read("00000001.jpg")


def test_a_full_disk_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    path = tmp_path / "a.json"
    files.write_text(path, "old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DatasetError, match="No space left.*\n.*continues"), files.disk_errors(path):
        files.write_text(path, "new", durable=True)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


def test_another_recipe_is_refused_with_its_fields(tmp_path: Path) -> None:
    make(tmp_path / "a", 3)
    with pytest.raises(DatasetError) as refused:
        make(tmp_path / "a", 3, seed=1, samples=16)
    assert "config.seed: 0 in the dataset, 1 asked for" in str(refused.value)
    assert "config.samples: 8 in the dataset, 16 asked for" in str(refused.value)
    with pytest.raises(DatasetError, match="config.seed"):
        make(tmp_path / "a", 5, seed=1, allow_mixed=True)


def test_another_device_is_refused_unless_mixed(tmp_path: Path) -> None:
    root = tmp_path / "a"
    make(root, 4)
    with pytest.raises(DatasetError, match="renderer.device: cpu in the dataset, cuda asked for"):
        make(root, 8, device="cuda")
    make(root, 8, device="cuda", allow_mixed=True)
    verdict = verify(Dataset.open(root))
    assert list(verdict.by_device) == ["flat/cpu/1", "flat/cuda/1"]
    assert {r["index"]: r["device"] for r in Dataset.open(root).records()}[5] == "flat/cuda/1"
    assert not verdict.damage
    # Where it was made says nothing about what it shows.
    make(tmp_path / "b", 8)
    assert verdict.digest == digest(tmp_path / "b")


@pytest.mark.parametrize("thing", ["file", "folder", "manifest"])
def test_an_output_that_is_something_else_is_refused(tmp_path: Path, thing: str) -> None:
    out = tmp_path / "out"
    if thing == "file":
        out.write_text("mine")
    else:
        out.mkdir()
        name = {"folder": "thesis.tex", "manifest": "manifest.json"}[thing]
        (out / name).write_text('{"name": "somebody else\'s"}')
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(DatasetError):
        make(out, 2)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_read_only_place_is_an_error_for_people(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, *_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system", str(self))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(DatasetError, match="cannot write: Read-only file system"):
        build(spec_of(tmp_path / "out"), 2, Notes())


@pytest.mark.parametrize(
    ("n", "cycles", "workers"),
    [(0, 16, None), (-3, 16, None), (10**8 + 1, 16, None), (5, 0, None), (5, 65537, 1), (5, 16, 0)],
)
def test_absurd_sizes_are_refused(n: int, cycles: int, workers: int | None) -> None:
    with pytest.raises(ConfigError):
        check_sizes(n, cycles, workers)


def test_differences_name_every_leaf() -> None:
    a = {"config": {"seed": 0, "overrides": {}}, "designs": {"x": "1"}}
    b = {"config": {"seed": 0, "overrides": {"k": 1}}, "designs": {"x": "2"}}
    lines = manifest.differences(a, b)
    assert any(line.startswith("config.overrides.k:") for line in lines)
    assert "designs.x: 1 in the dataset, 2 asked for" in lines
    assert manifest.differences(a, a) == []
