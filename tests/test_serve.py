# SPDX-License-Identifier: Apache-2.0
"""`anprgen serve`: its pages, what it lets in and out, and the program as a user starts it.

The page that reads pictures has tests of its own: test_serve_reading.py.
"""

from __future__ import annotations

import io
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import cv2
import numpy as np
import pytest
from making import make, write_by_hand
from networks import bands, write_reader
from PIL import Image
from test_cli import ROOT, program, run

pytest.importorskip("starlette", reason="the extra [serve]")
pytest.importorskip("uvicorn", reason="the extra [serve]")
pytest.importorskip("httpx", reason="Starlette's test client")

from starlette.testclient import TestClient

from anprgen.dataset import Dataset
from anprgen.models.plates import PlateReader
from anprgen.models.reader import Reader
from anprgen.serving.app import make_app
from anprgen.serving.guard import HEADERS
from anprgen.serving.index import Index
from anprgen.serving.photographs import Photographs
from anprgen.serving.run import address_names
from anprgen.serving.thumbnails import WIDTH_PX, File, Kept, thumbnail

HERE = "http://127.0.0.1:8000"
HTML = {"accept": "text/html"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("serve")


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    """Crops, frames in tar files, a reader, and a folder of pictures beside them."""
    make(folder / "crops", 70, real=True)
    frames = {"frame.size": "640x360"}
    make(folder / "frames", 4, real=True, task="detect", overrides=frames, layout="tar")
    (folder / "real").mkdir()
    for k in range(3):
        pixels = np.full((40, 900, 3), 60 * k, np.uint8)
        cv2.imwrite(str(folder / "real" / f"<b>{k}.png"), pixels)
    (folder / "real" / "broken.jpg").write_bytes(b"\xff\xd8 no picture")
    indices = {name: Index(folder / name) for name in ("crops", "frames")}
    for index in indices.values():
        index.start()
        index.wait()
    reader = PlateReader(Reader.open(write_reader(folder / "reader.onnx")))
    app = make_app(indices, reader, Photographs(folder / "real"))
    with TestClient(app, base_url=HERE) as made:
        yield made


def shown(text: str) -> list[int]:
    return [int(k) for k in re.findall(r'sample/(\d+)[^"]*"', text)]


def test_the_gallery_shows_pages_of_samples(client: TestClient) -> None:
    first = client.get("/")
    assert str(first.url).endswith("/data/crops/")
    assert shown(first.text) == list(range(60))
    assert "70 samples" in first.text
    assert "1 of 2" in first.text
    second = client.get("/data/crops/?page=2")
    assert shown(second.text) == list(range(60, 70))
    for page in ("99", "-1", "x", "1e9", "٣"):
        assert client.get("/data/crops/", params={"page": page}).status_code == 200


def test_filters_and_their_links(client: TestClient, folder: Path) -> None:
    want = [
        r["index"]
        for r in Dataset.open(folder / "crops").records()
        if r["plates"][0]["legibility"] == "hard" and r["plates"][0]["width_px"] >= 90
    ]
    assert want
    page = client.get("/data/crops/?legibility=hard&width_min=90&design=&text=")
    assert shown(page.text) == want
    assert f"{len(want)} of 70 samples" in page.text
    # A sample keeps the query: its neighbours are those of the filter.
    middle = client.get(f"/data/crops/sample/{want[1]}?legibility=hard&width_min=90").text
    assert f"sample/{want[0]}?legibility=hard&amp;width_min=90" in middle
    assert f"sample/{want[2]}?legibility=hard&amp;width_min=90" in middle
    none = client.get("/data/crops/?text=nothing-is-called-that")
    assert "No sample answers these filters" in none.text
    bad = client.get("/data/crops/?width_min=wide", headers=HTML)
    assert bad.status_code == 400
    assert "is no number" in bad.text
    assert "<html" in bad.text


def test_labels_are_drawn_where_the_record_says(client: TestClient, folder: Path) -> None:
    record = Dataset.open(folder / "crops").record("5")
    page = client.get("/data/crops/sample/5").text
    plate = record["plates"][0]
    quad = " ".join(f"{x:.2f},{y:.2f}" for x, y in plate["quad"])
    assert f'class="quad {plate["legibility"]}" points="{quad}"' in page
    assert page.count('class="cell') == 2 * len(plate["characters"])  # box and number
    assert f'viewBox="0 0 {record["image"]["width"]} {record["image"]["height"]}"' in page
    for c in plate["characters"]:
        assert f"{c['visible']:.3f}</td><td>{c['contrast']:.3f}" in page
    assert f"anprgen show {folder / 'crops'} 00000005" in page
    assert client.get("/data/crops/record/5").json() == record


def test_the_command_that_is_shown_makes_the_picture_again(
    client: TestClient, tmp_path: Path
) -> None:
    page = client.get("/data/crops/sample/3").text
    words = re.search(r'<code id="command">anprgen ([^<]+)</code>', page)
    assert words is not None
    assert "bit-equal" in run(*words[1].split(), "-o", tmp_path).output


@pytest.mark.parametrize("name", ["crops", "frames"])
def test_pictures_are_the_datasets_own(client: TestClient, folder: Path, name: str) -> None:
    dataset = Dataset.open(folder / name)
    record = dataset.record("2")
    answer = client.get(f"/data/{name}/picture/2")
    assert answer.content == dataset.image_path(record).read_bytes()
    assert answer.headers["content-type"] == "image/jpeg"
    again = client.get(f"/data/{name}/picture/2", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    small = client.get(f"/data/{name}/thumbnail/2").content
    pixels = cv2.imdecode(np.frombuffer(small, np.uint8), cv2.IMREAD_COLOR)
    w, h = record["image"]["width"], record["image"]["height"]
    assert pixels.shape[1] <= max(WIDTH_PX, w if len(answer.content) <= 48 * 1024 else 0)
    assert pixels.shape[1] / pixels.shape[0] == pytest.approx(w / h, rel=0.02)


def test_frames_can_be_asked_for_by_their_plates(client: TestClient, folder: Path) -> None:
    counts = [len(r["plates"]) for r in Dataset.open(folder / "frames").records()]
    for n in set(counts):
        page = client.get(f"/data/frames/?plates={n}").text
        want = [k for k, c in enumerate(counts) if (c >= 3 if n >= 3 else c == n)]
        assert shown(page) == want
    assert "Plates in the picture" not in client.get("/data/crops/").text


def test_real_pictures_stand_beside(client: TestClient) -> None:
    page = client.get("/data/crops/?view=beside").text
    assert shown(page) == list(range(24))
    assert page.count('src="/photograph/') == 4
    assert "&lt;b&gt;0.png" in page  # names are text
    assert "<b>0" not in page
    picture = client.get("/photograph/1")
    assert picture.headers["content-type"] == "image/jpeg"
    assert Image.open(io.BytesIO(picture.content)).size[0] == WIDTH_PX
    codes = {client.get(f"/photograph/{k}").status_code for k in range(6)}
    assert codes == {200, 404}


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("/data/nothing/", 404),
        ("/data/crops/sample/9999999", 404),
        ("/data/crops/sample/" + "9" * 40, 404),
        ("/data/crops/picture/-1", 404),
        ("/data/crops/picture/..%2f..%2fmanifest.json", 404),
        ("/data/..%2fcrops/", 404),
        ("/data/crops/manifest.json", 404),
        ("/static/../app.py", 404),
        ("/static/..%2fapp.py", 404),
        ("/photograph/..%2f..%2fetc%2fpasswd", 404),
        ("/nothing", 404),
    ],
)
def test_nothing_else_is_served(client: TestClient, address: str, code: int) -> None:
    for headers in (HTML, {}):
        answer = client.get(address, headers=headers)
        assert answer.status_code == code, answer.text
        assert ("<html" in answer.text) == (headers == HTML)


def test_every_answer_carries_the_security_headers(client: TestClient) -> None:
    for address in ("/", "/data/crops/", "/static/style.css", "/nothing", "/read",
                    "/data/crops/picture/1", "/data/crops/?width_min=x"):  # fmt: skip
        answer = client.get(address)
        for name, value in HEADERS.items():
            assert answer.headers[name] == value, (address, name)
    page = client.get("/data/crops/sample/1").text
    assert not re.search(r"<script(?![^>]* src=)|\son\w+=|\sstyle=|https?://", page)


def test_who_may_ask(client: TestClient, folder: Path) -> None:
    for host in ("127.0.0.1:8000", "localhost:9", "[::1]:8000", "192.168.0.7", "LOCALHOST"):
        assert client.get("/", headers={"host": host}).status_code == 200
    for host in ("evil.example", "127.0.0.1.evil.example", "", "[", "evil.example:8000"):
        assert client.get("/", headers={"host": host}).status_code == 403, host
    body = cv2.imencode(".png", bands("A1", scale=2))[1].tobytes()
    for headers, code in (
        ({}, 200),
        ({"origin": HERE}, 200),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "http://127.0.0.1:9999"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://["}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
    ):
        assert client.post("/read", content=body, headers=headers).status_code == code, headers
    own = make_app({}, PlateReader(Reader.open(folder / "reader.onnx")), names=["gate.lan"])
    with TestClient(own, base_url="http://gate.lan") as named:
        assert named.get("/").status_code == 200
        # A proxy in front may ask under an address of its own.
        for origin, code in (("https://gate.lan", 200), ("https://gate.lan.evil.example", 403)):
            asked = {"origin": origin, "host": "127.0.0.1:8000"}
            assert named.post("/read", content=body, headers=asked).status_code == code


def test_without_datasets_or_without_a_reader(folder: Path, tmp_path: Path) -> None:
    only = make_app({}, PlateReader(Reader.open(folder / "reader.onnx")))
    with TestClient(only, base_url=HERE) as client:
        page = client.get("/")
        assert str(page.url).endswith("/read")
        assert "bands (reader)" in page.text
        assert 'capture="environment"' in page.text
    write_by_hand(tmp_path / "new", 0)
    empty = Index(tmp_path / "new")
    with TestClient(make_app({"new": empty}), base_url=HERE) as client:
        assert "Reading the first shard" in client.get("/").text
        empty.start()
        empty.wait()
        assert "no finished shard yet" in client.get("/").text
        assert client.get("/read").status_code == 404
        assert client.get("/photograph/0").status_code == 404


def test_thumbnails_at_hand_are_bounded() -> None:
    kept, made = Kept(most_bytes=1000), []

    def file(k: int) -> File:
        made.append(k)
        return File(bytes([k]) * 300, "image/png")

    for k in (0, 1, 2, 0, 3, 0, 1):
        assert kept.get((k,), lambda k=k: file(k)).data[0] == k
        assert kept.nbytes <= 1000
    assert made == [0, 1, 2, 3, 1]  # 1 was the longest unused when 3 came
    noise = np.random.default_rng(0).integers(0, 256, (600, 900, 3), np.uint8)
    small = thumbnail(cv2.imencode(".png", noise)[1].tobytes())
    assert cv2.imdecode(np.frombuffer(small.data, np.uint8), 1).shape == (320, 480, 3)
    with pytest.raises(ValueError, match="not a picture"):
        thumbnail(b"x" * 100_000)


def test_names_of_datasets_in_addresses() -> None:
    roots = [Path("/a/plates"), Path("/b/plates"), Path("/c/x y/ä<1>"), Path("/d/..x"), Path("/")]
    assert address_names(roots) == ["plates", "plates-2", "ä-1-", "x", "data"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["serve"], "there is nothing to serve"),
        (["serve", "nowhere"], "no such file or folder"),
        (["serve", "--data", "nowhere"], "there is no manifest.json"),
        (["serve", "junk.onnx"], "not an ONNX file"),
        (["serve", "reader.onnx", "--beside", "real"], "--beside needs a dataset"),
        (["serve", "crops", "--beside", "crops/designs"], "there is no picture in it"),
        (["serve", "reader.onnx", "reader.onnx"], "two readers"),
        (["serve", "crops", "--host", "no such host"], "cannot listen"),
    ],
)
def test_mistakes_are_told(
    client: TestClient, folder: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], told: str
) -> None:
    monkeypatch.chdir(folder)
    (folder / "junk.onnx").write_bytes(b"no network")
    assert told in run(*words, code=2).output


def test_a_taken_port_is_told(folder: Path, client: TestClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = program("serve", folder / "crops", "--port", str(port), cwd=folder)
    assert done.returncode == 2
    assert f"cannot listen on 127.0.0.1, port {port}" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_program_serves_until_it_is_stopped(folder: Path, client: TestClient) -> None:
    words = ["serve", "crops", "--data", "frames", "reader.onnx", "--port", "0"]
    server = subprocess.Popen(
        [sys.executable, "-m", "anprgen", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stderr is not None
        said = server.stderr.readline()
        address = re.match(r"(http://127\.0\.0\.1:\d+/)  \(Ctrl-C ends it\)", said)
        assert address, said
        with urlopen(address[1], timeout=20) as page:
            text = page.read().decode()
        assert all(f"/data/{name}/" in text for name in ("crops", "frames"))
        assert "Read a picture" in text
    finally:
        server.send_signal(signal.SIGINT)
        rest = server.communicate(timeout=20)[1]
    assert server.returncode == 130
    assert rest.strip() == "anprgen: stopped"
