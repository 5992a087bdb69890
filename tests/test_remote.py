# SPDX-License-Identifier: Apache-2.0
"""Datasets in object storage, against a server that speaks S3 as Amazon's does."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from making import Notes, digest, make, spec_of
from test_cli import run
from test_workers import contents

from anprgen import remote as remotes
from anprgen.build import build
from anprgen.dataset import Dataset
from anprgen.errors import ConfigError, DatasetError
from anprgen.merge import merge
from anprgen.remote import Remote


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    running.start()
    yield f"http://127.0.0.1:{port}"
    running.stop()


@pytest.fixture
def bucket(server: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The URL of an empty bucket."""
    import s3fs

    for name, value in {
        "AWS_ENDPOINT_URL": server, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b",
        "AWS_DEFAULT_REGION": "us-east-1", "HOME": str(tmp_path / "home"),
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    name = f"plates-{abs(hash(str(tmp_path))) % 10**9}"
    s3fs.S3FileSystem().mkdir(name)
    return f"s3://{name}"


def to(url: str, scratch: Path, n: int, **config: object) -> object:
    return build(spec_of(scratch, **config), n, Notes(), workers=2, remote=Remote(url))


@pytest.mark.parametrize("layout", ["files", "tar"])
def test_a_build_into_a_bucket_is_the_dataset(tmp_path: Path, bucket: str, layout: str) -> None:
    url = f"{bucket}/sets/a"
    spec = spec_of(tmp_path / "scratch")
    spec = type(spec)(**{**vars(spec), "layout": layout})
    build(spec, 255, Notes(), workers=2, remote=Remote(url))
    assert not list((tmp_path / "scratch").rglob("*.jpg"))  # they went there
    assert not list((tmp_path / "scratch").rglob("*.tar"))
    merge([url], tmp_path / "here")
    make(tmp_path / "whole", 255)
    assert digest(tmp_path / "here") == digest(tmp_path / "whole")
    assert contents(tmp_path / "here") == contents(tmp_path / "whole")
    # Another machine, which has nothing, lets it grow.
    to(url, tmp_path / "other", 260)
    merge([url], tmp_path / "here")
    make(tmp_path / "whole", 260)
    assert contents(tmp_path / "here") == contents(tmp_path / "whole")
    # And the first one, whose folder is behind now, goes on from there.
    assert to(url, tmp_path / "scratch", 270).made == 10
    merge([url], tmp_path / "here")
    make(tmp_path / "whole", 270)
    assert contents(tmp_path / "here") == contents(tmp_path / "whole")
    assert Remote(url).read("lock.json") is None


def test_an_upload_that_breaks_off_is_done_again(
    tmp_path: Path, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, real = f"{bucket}/a", Remote.write
    calls = iter([True])

    def breaks(self: Remote, name: str, data: bytes) -> None:
        if name.endswith("000001/shard.json") and next(calls, False):
            raise DatasetError("the storage refuses: no more room", where=self.url)
        real(self, name, data)

    monkeypatch.setattr(Remote, "write", breaks)
    with pytest.raises(DatasetError, match="no more room"):
        to(url, tmp_path / "scratch", 270)
    names = Remote(url).names("shards/000001")
    assert "shard.json" not in names
    assert "records.jsonl" in names
    to(url, tmp_path / "scratch", 270)
    merge([url], tmp_path / "here")
    make(tmp_path / "whole", 270)
    assert contents(tmp_path / "here") == contents(tmp_path / "whole")


def test_a_shard_that_waits_for_its_upload_can_grow(
    tmp_path: Path, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, real = f"{bucket}/a", Remote.upload

    def refuses(self: Remote, root: Path, number: int) -> None:
        raise DatasetError("the storage refuses: no more room", where=self.url)

    monkeypatch.setattr(Remote, "upload", refuses)
    with pytest.raises(DatasetError, match="no more room"):
        to(url, tmp_path / "scratch", 30)
    monkeypatch.setattr(Remote, "upload", real)
    to(url, tmp_path / "scratch", 40)
    merge([url], tmp_path / "here")
    make(tmp_path / "whole", 40)
    assert contents(tmp_path / "here") == contents(tmp_path / "whole")


def test_two_machines_cannot_build_into_one_place(tmp_path: Path, bucket: str) -> None:
    url = f"{bucket}/a"
    Remote(url).write("lock.json", json.dumps({"host": "other", "folder": "/x"}).encode())
    with pytest.raises(DatasetError, match="a build on other in /x.*\n.*delete s3://"):
        to(url, tmp_path / "scratch", 3)
    Remote(url).remove("lock.json")
    to(url, tmp_path / "scratch", 3)
    with pytest.raises(DatasetError, match="another recipe"):
        to(url, tmp_path / "second", 3, seed=9)


def test_parts_from_buckets_join(tmp_path: Path, bucket: str) -> None:
    from anprgen.share import Share

    urls = [f"{bucket}/{i}" for i in (1, 2)]
    for i, url in enumerate(urls, 1):
        spec = spec_of(tmp_path / f"scratch{i}")
        build(spec, 400, Notes(), workers=2, share=Share(i, 2), remote=Remote(url))
    run("merge", *urls, "-o", tmp_path / "here")
    make(tmp_path / "whole", 400)
    assert contents(tmp_path / "here") == contents(tmp_path / "whole")


def test_the_command_line(tmp_path: Path, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["build", "sri_lanka", "-n", "3", "--renderer", "flat", "-o", f"{bucket}/plates"]
    assert f"{bucket}/plates: 3 samples" in run(*words).output
    assert "all 3 samples are there already" in run(*words).output
    assert (tmp_path / "home" / ".cache" / "anprgen").is_dir()
    run("merge", f"{bucket}/plates", "-o", "here")
    assert not Dataset.open(Path("here")).count_missing(3)
    run("merge", f"{bucket}/nothing", "-o", "there", code=2)
    run(*words, "--keep", "light", code=2)


@pytest.mark.parametrize("layout", ["files", "tar"])
def test_a_file_system_gets_its_folders(tmp_path: Path, layout: str) -> None:
    url = f"file://{tmp_path}/some folder/plates"
    for n in (255, 260):
        spec = replace(spec_of(tmp_path / "scratch"), layout=layout)
        build(spec, n, Notes(), workers=2, remote=Remote(url))
    there = tmp_path / "some folder" / "plates"
    assert "lock.json" not in {p.name for p in there.iterdir()}
    assert digest(there) == digest(make(tmp_path / "whole", 260).root)
    merge([url], tmp_path / "here")
    assert contents(tmp_path / "here") == contents(tmp_path / "whole")


def test_designs_get_their_folder(tmp_path: Path) -> None:
    Remote(f"file://{tmp_path}/a b").write("designs/x.json", b"{}")
    assert (tmp_path / "a b" / "designs" / "x.json").read_bytes() == b"{}"


def test_object_storage_is_not_asked_for_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    fsspec = pytest.importorskip("fsspec")
    storage = fsspec.filesystem("memory")
    monkeypatch.setattr(type(storage), "makedirs", lambda *_, **__: pytest.fail("a bucket"))
    Remote("memory://nowhere/a").write("designs/x.json", b"{}")
    assert Remote("memory://nowhere/a").read("designs/x.json") == b"{}"
    storage.rm("/nowhere", recursive=True)


def test_places_are_told_from_folders() -> None:
    assert remotes.is_remote("s3://bucket/a")
    assert not remotes.is_remote("./s3/a")
    assert not remotes.is_remote("C:/plates")
    with pytest.raises(ConfigError, match="cannot open"):
        Remote("nosuch://bucket/a")
