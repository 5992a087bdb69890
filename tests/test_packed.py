# SPDX-License-Identifier: Apache-2.0
"""Shards as tar files: the same dataset, read by WebDataset, whatever interrupts."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import pytest
from making import digest, make, write_by_hand
from test_cli import run
from test_workers import contents

from anprgen import packed, shards
from anprgen.dataset import Dataset
from anprgen.errors import DatasetError
from anprgen.merge import merge
from anprgen.verify import verify


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("plain") / "a"
    make(root, 260, workers=2)
    return root


def test_tar_shards_are_the_same_dataset(tmp_path: Path, plain: Path) -> None:
    make(tmp_path / "a", 255, workers=2, layout="tar")
    assert not list((tmp_path / "a").glob("shards/*/*.jpg"))
    make(tmp_path / "a", 260, workers=1)  # it grows, and stays what it is
    assert not list((tmp_path / "a").glob("shards/*/*.jpg"))
    assert digest(tmp_path / "a") == digest(plain)
    make(tmp_path / "b", 260, workers=1, layout="tar")
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    merge([tmp_path / "a"], tmp_path / "loose")
    assert contents(tmp_path / "loose") == contents(plain)
    with pytest.raises(DatasetError, match="its shards are files, not tar"):
        make(plain, 261, layout="tar")


def test_webdataset_reads_the_shards(tmp_path: Path, plain: Path) -> None:
    import webdataset

    make(tmp_path / "a", 260, workers=2, layout="tar")
    files = [str(p) for p in sorted((tmp_path / "a" / "shards").glob("*.tar"))]
    read = list(webdataset.WebDataset(files, shardshuffle=False).decode("rgb8"))
    want = list(Dataset.open(plain).records())
    assert [r["__key__"] for r in read] == [w["id"] for w in want]
    assert [r["json"] for r in read] == want
    assert read[3]["jpg"].shape == (want[3]["image"]["height"], want[3]["image"]["width"], 3)


def test_exports_read_tar_shards(tmp_path: Path, plain: Path) -> None:
    make(tmp_path / "a", 40, layout="tar")
    make(tmp_path / "b", 40)
    for name in ("a", "b"):
        run("export", tmp_path / name, "--to", "paddleocr-rec", "-o", tmp_path / f"rec-{name}")
    assert {p.name: p.read_bytes() for p in (tmp_path / "rec-a").rglob("*.jpg")} == {
        p.name: p.read_bytes() for p in (tmp_path / "rec-b").rglob("*.jpg")
    }


def test_a_crash_while_packing_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_by_hand(tmp_path, 25)
    whole = digest(tmp_path)
    folder = tmp_path / "shards" / "000001"
    for name in ("replace", "fsync"):
        monkeypatch.setattr(packed.os, name, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            shards.pack_finished(tmp_path, [1])
        monkeypatch.undo()
        assert len(list(folder.glob("*.jpg"))) == 10
    # The tar file is there and only some pictures have gone yet.
    shards.pack_finished(tmp_path, [1])
    before = packed.tar_of(folder).read_bytes()
    (folder / "00000013.jpg").write_bytes(packed.Pictures(folder).read("00000013.jpg"))
    shards.recover(tmp_path)
    shards.pack_finished(tmp_path)
    assert packed.tar_of(folder).read_bytes() == before
    manifest = json.loads((tmp_path / "manifest.json").read_text("utf-8"))
    (tmp_path / "manifest.json").write_text(json.dumps({**manifest, "layout": "tar"}), "utf-8")
    assert digest(tmp_path) == whole


def test_damage_in_a_tar_file_is_found(tmp_path: Path) -> None:
    make(tmp_path, 6, layout="tar")
    tar = tmp_path / "shards" / "000000.tar"
    data = bytearray(tar.read_bytes())
    with tarfile.open(tar) as opened:
        member = opened.getmember("00000002.jpg")
    data[member.offset_data + member.size - 40] ^= 255
    tar.write_bytes(data)
    damage = verify(Dataset.open(tmp_path)).damage
    assert damage
    assert all(line.startswith("00000002:") for line in damage)
    tar.unlink()
    damage = verify(Dataset.open(tmp_path)).damage
    assert len(damage) == 6
    assert "missing" in damage[0]
