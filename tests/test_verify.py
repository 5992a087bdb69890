# SPDX-License-Identifier: Apache-2.0
"""Damage, records that lie, and readers that notice."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import fakes
import pytest
from making import digest, spec_of, write_by_hand

from anprgen import dataset as datasets
from anprgen import samples
from anprgen.dataset import Dataset
from anprgen.errors import AnprgenError, DatasetError
from anprgen.exporters import export
from anprgen.files import canonical, inside
from anprgen.verify import verify

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


def test_a_copied_shard_is_damage_and_not_read_twice(tmp_path: Path) -> None:
    whole = verify(write_by_hand(tmp_path, 10))
    shutil.copytree(tmp_path / "shards" / "000000", tmp_path / "shards" / "000001")
    have = Dataset.open(tmp_path)
    found = verify(have)
    assert found.damage == [
        "shards/000001: it holds the samples 0..9, which belong into shards/000000"
    ]
    assert (found.samples, found.digest) == (10, whole.digest)
    with pytest.raises(DatasetError, match="sample 0 belongs into another shard"):
        list(have.records())
    with pytest.raises(AnprgenError, match="belongs into another shard"):
        export(have, "paddleocr-rec", tmp_path.parent / f"{tmp_path.name}-out")


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


def test_a_record_s_text_is_the_record() -> None:
    sample = fakes.make_plan(spec_of(Path()).config).sample(1, None)
    made = samples.completed(sample.record, sample.image, "shards/000000", 0, "d")
    again = samples.completed(
        sample.record, sample.image, "shards/000000", 0, "d", samples.decode(sample.image)
    )
    record, text = made
    assert made == again
    assert text == canonical(record)
    said = {key: value for key, value in record.items() if key not in samples.BESIDE}
    whole = hashlib.blake2b(canonical(said).encode(), digest_size=16).hexdigest()
    assert record["digest"] == samples.record_digest(record) == whole


def test_pictures_and_records_must_agree() -> None:
    sample = fakes.make_plan(spec_of(Path()).config).sample(1, None)
    record = {**sample.record, "image": {"file": "", "width": 1, "height": 1}}
    with pytest.raises(ValueError, match="its record says"):
        samples.completed(record, sample.image, "shards/000000", 0, "d")
    not_finite = {**sample.record, "camera": float("nan")}
    with pytest.raises(ValueError):
        samples.completed(not_finite, sample.image, "shards/000000", 0, "d")


def test_a_manifest_of_another_version_is_refused(tmp_path: Path) -> None:
    write_by_hand(tmp_path, 2)
    edit(tmp_path / "manifest.json", "anprgen-dataset/1", "anprgen-dataset/9")
    with pytest.raises(DatasetError, match="anprgen-dataset/9"):
        Dataset.open(tmp_path)
    with pytest.raises(AnprgenError):
        datasets.check_folder(tmp_path, {})
