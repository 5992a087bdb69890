# SPDX-License-Identifier: Apache-2.0
"""The dataset on disk: shards, extension, recovery, identity, splits, damage."""

from __future__ import annotations

import errno
import json
import os
import shutil
from pathlib import Path

import fakes
import pytest
from making import Notes, digest, make, spec_of
from hypothesis import given, settings
from hypothesis import strategies as st

from anprgen import dataset as datasets
from anprgen import files, manifest, samples, shards, splits
from anprgen.build import build, check_sizes
from anprgen.dataset import Dataset
from anprgen.errors import AnprgenError, ConfigError, DatasetError
from anprgen.files import inside
from anprgen.lock import FolderLock
from anprgen.verify import verify


def folder_bytes(root: Path) -> dict[str, bytes]:
    """Every file below the shards, by relative path."""
    found = (root / "shards").rglob("*")
    return {str(p.relative_to(root)): p.read_bytes() for p in found if p.is_file()}


def write_by_hand(root: Path, n: int, *, size: int = 10, seed: int = 0) -> Dataset:
    """A dataset without worker processes; quick."""
    spec = spec_of(root, seed=seed)
    plan = fakes.make_plan(spec.config)
    identity, info = manifest.split_identity(plan.identity())
    root.mkdir(parents=True, exist_ok=True)
    if not (root / manifest.NAME).exists():
        renderer = {"name": "flat", "device": "cpu"}
        made = manifest.Manifest(identity, {"flat/cpu": renderer}, shard_size=size, info=info)
        manifest.write(root, made)
    shards.recover(root)
    have = Dataset.open(root)
    for part in have.missing(n):
        for index in shards.begin(root, part.shard, part.first, part.stop):
            made_one(have, part.shard, index)
        shards.finish(root, part.shard, part.first, part.stop)
    manifest.write(root, have.manifest.asked_for(n).done(n))
    return Dataset.open(root)


def made_one(have: Dataset, shard: int, index: int) -> None:
    sample = fakes.make_plan(have.manifest.config()).sample(index, None)
    folder = shards.folder_name(shard)
    record = samples.completed(sample.record, sample.image, folder, have.manifest.seed, "flat/cpu")
    samples.store(shards.part_folder(have.root, shard), record, sample.image)


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

    def step(real):  # noqa: ANN001, ANN202
        def wrapped(*a, **k):  # noqa: ANN002, ANN003, ANN202
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
        make(tmp_path / "a", 3, seed=1, samples=8)
    assert "config.seed: 0 in the dataset, 1 asked for" in str(refused.value)
    assert "config.samples: 16 in the dataset, 8 asked for" in str(refused.value)
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


def test_two_builds_cannot_share_a_folder(tmp_path: Path) -> None:
    with FolderLock(tmp_path), pytest.raises(DatasetError, match="another build is writing"):
        FolderLock(tmp_path).__enter__()
    with FolderLock(tmp_path):
        pass


def test_a_stale_lock_is_taken_over(tmp_path: Path) -> None:
    (tmp_path / ".lock").write_text(json.dumps({"pid": 2**22 + 1, "host": "here"}))
    with FolderLock(tmp_path):
        assert json.loads((tmp_path / ".lock").read_text())["pid"] == os.getpid()


def test_without_file_locks_the_process_id_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    from anprgen import lock

    monkeypatch.setattr(lock, "fcntl", None)
    owner = {"pid": os.getpid(), "host": socket.gethostname()}
    (tmp_path / ".lock").write_text(json.dumps(owner))
    with pytest.raises(DatasetError):
        FolderLock(tmp_path).__enter__()
    (tmp_path / ".lock").write_text(json.dumps({**owner, "pid": 2**22 + 1}))
    with FolderLock(tmp_path):
        pass


@pytest.mark.parametrize(
    ("n", "cycles", "workers"),
    [(0, 16, None), (-3, 16, None), (10**8 + 1, 16, None), (5, 0, None), (5, 65537, 1), (5, 16, 0)],
)
def test_absurd_sizes_are_refused(n: int, cycles: int, workers: int | None) -> None:
    with pytest.raises(ConfigError):
        check_sizes(n, cycles, workers)


DAMAGE = {
    "pixel": lambda d: flip(d / "00000003.jpg", -400),
    "cut": lambda d: cut(d / "00000003.jpg"),
    "picture gone": lambda d: (d / "00000003.jpg").unlink(),
    "stranger": lambda d: (d / "notes.txt").write_text("hello"),
    "label": lambda d: edit(d / "records.jsonl", '"yaw_deg":1.5', '"yaw_deg":2.5'),
    "record gone": lambda d: drop_line(d / "records.jsonl"),
    "not json": lambda d: edit(d / "records.jsonl", '{"camera"', '"camera"'),
    "state": lambda d: (d / "shard.json").unlink(),
    "shard gone": lambda d: shutil.rmtree(d),
}


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 0x55
    path.write_bytes(bytes(data))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-2])


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def drop_line(path: Path) -> None:
    path.write_text("".join(path.read_text("utf-8").splitlines(keepends=True)[1:]), "utf-8")


@pytest.mark.parametrize("kind", DAMAGE)
def test_verify_sees(tmp_path: Path, kind: str) -> None:
    have = write_by_hand(tmp_path, 14)
    whole = verify(have)
    assert not whole.damage
    assert whole.samples == 14
    DAMAGE[kind](tmp_path / "shards" / "000000")
    assert verify(Dataset.open(tmp_path)).damage


def test_a_damaged_shard_can_be_deleted_and_made_again(tmp_path: Path) -> None:
    write_by_hand(tmp_path, 25)
    before = digest(tmp_path)
    shutil.rmtree(tmp_path / "shards" / "000001")
    write_by_hand(tmp_path, 25)
    assert digest(tmp_path) == before


@pytest.mark.parametrize(
    "name", ["../x.jpg", "/etc/passwd", "a/../../x", "", "shards\\..\\x", "link/x.jpg"]
)
def test_names_in_records_stay_inside(tmp_path: Path, name: str) -> None:
    root = tmp_path / "d"
    root.mkdir()
    (root / "link").symlink_to(tmp_path)
    with pytest.raises(DatasetError, match="leads out"):
        inside(root, name)


def test_a_record_that_leads_out_is_refused_by_readers(tmp_path: Path) -> None:
    have = write_by_hand(tmp_path, 3)
    records = tmp_path / "shards/000000/records.jsonl"
    edit(records, "shards/000000/00000001.jpg", "../../000000/00000001.jpg")
    with pytest.raises(DatasetError, match="leads out"):
        list(have.records())
    assert verify(have).damage


def test_a_record_by_id(tmp_path: Path) -> None:
    have = write_by_hand(tmp_path, 14)
    assert have.record("12")["id"] == have.record("00000012")["id"] == "00000012"
    for wrong in ("14", "-1", "x", "../1", "99999999999"):
        with pytest.raises(DatasetError):
            have.record(wrong)


def test_pictures_and_records_must_agree() -> None:
    sample = fakes.make_plan(spec_of(Path()).config).sample(1, None)
    record = {**sample.record, "image": {"file": "", "width": 1, "height": 1}}
    with pytest.raises(ValueError, match="its record says"):
        samples.completed(record, sample.image, "shards/000000", 0, "d")
    with pytest.raises(ValueError):
        not_finite = {**sample.record, "camera": float("nan")}
        samples.completed(not_finite, sample.image, "shards/000000", 0, "d")


TEXTS = st.text("ABC0123456789 -", min_size=0, max_size=9)


@given(st.lists(st.lists(TEXTS, max_size=4), max_size=60), st.integers(0, 2**31))
@settings(max_examples=60)
def test_no_registration_stands_in_two_splits(pictures: list[list[str]], seed: int) -> None:
    where: dict[str, set[str]] = {}
    for index, texts in enumerate(pictures):
        split = splits.split_of_picture(texts, seed, index)
        if split != splits.MIXED:
            for text in filter(None, map(splits.normal_form, texts)):
                where.setdefault(text, set()).add(split)
    assert all(len(found) == 1 for found in where.values())


def test_split_shares() -> None:
    found = [splits.split_of_text(f"CB{i:04d}") for i in range(10000)]
    assert 0.785 < found.count("train") / 10000 < 0.815
    assert 0.085 < found.count("val") / 10000 < 0.115
    assert splits.split_of_text("CB 0012") == splits.split_of_text("cb0012")


def test_differences_name_every_leaf() -> None:
    a = {"config": {"seed": 0, "overrides": {}}, "designs": {"x": "1"}}
    b = {"config": {"seed": 0, "overrides": {"k": 1}}, "designs": {"x": "2"}}
    lines = manifest.differences(a, b)
    assert any(line.startswith("config.overrides.k:") for line in lines)
    assert "designs.x: 1 in the dataset, 2 asked for" in lines
    assert manifest.differences(a, a) == []


def test_a_manifest_of_another_version_is_refused(tmp_path: Path) -> None:
    write_by_hand(tmp_path, 2)
    edit(tmp_path / "manifest.json", "anprgen-dataset/1", "anprgen-dataset/9")
    with pytest.raises(DatasetError, match="anprgen-dataset/9"):
        Dataset.open(tmp_path)
    with pytest.raises(AnprgenError):
        datasets.check_folder(tmp_path, {})
