# SPDX-License-Identifier: Apache-2.0
"""Tar shards, grouped as WebDataset groups them: by the name up to its first full stop."""

import hashlib
import json
import tarfile
from pathlib import Path

import pytest

from anprgen.dataset import Dataset
from anprgen.exporters import export, webdataset
from anprgen.splits import SPLITS

pytest_plugins = ("exported",)  # the fixtures detect, ocr and real


def samples_of(path: Path) -> list[tuple[str, dict[str, bytes]]]:
    out: list[tuple[str, dict[str, bytes]]] = []
    with tarfile.open(path) as tar:
        for member in tar:
            key, _, suffix = member.name.partition(".")
            if not out or out[-1][0] != key:
                out.append((key, {}))
            assert suffix not in out[-1][1]
            file = tar.extractfile(member)
            assert file is not None
            out[-1][1][suffix] = file.read()
    return out


@pytest.mark.parametrize("size", [20_000, 7])
def test_every_picture_is_in_one_shard_with_its_record(
    detect: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(webdataset, "SHARD", size)
    export(detect, "webdataset", tmp_path / "w")
    export(detect, "webdataset", tmp_path / "again")
    shards = json.loads((tmp_path / "w" / "shards.json").read_text())
    seen = {}
    for shard in shards:
        data = (tmp_path / "w" / shard["name"]).read_bytes()
        assert data == (tmp_path / "again" / shard["name"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == shard["sha256"]
        assert len(data) == shard["bytes"]
        found = samples_of(tmp_path / "w" / shard["name"])
        assert len(found) == shard["samples"] <= size
        seen |= {key: (shard["name"].split("-")[0], members) for key, members in found}
    records = [r for r in detect.records() if r["split"] in SPLITS]
    assert seen.keys() == {r["id"] for r in records}
    for record in records:
        split, members = seen[record["id"]]
        assert split == record["split"]
        assert members["jpg"] == detect.image_path(record).read_bytes()
        assert json.loads(members["json"]) == record
        text = record["plates"][0]["ocr_text"] if record["plates"] else ""
        assert members["txt"].decode() == text
