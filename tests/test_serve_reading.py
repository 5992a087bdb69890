# SPDX-License-Identifier: Apache-2.0
"""`anprgen serve`: the page that reads pictures, and what it refuses to read."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from networks import CHARSET, bands, write_reader
from networks_detect import frame, write_detector
from PIL import Image

pytest.importorskip("starlette", reason="the extra [serve]")
pytest.importorskip("uvicorn", reason="the extra [serve]")
pytest.importorskip("httpx", reason="Starlette's test client")

from starlette.testclient import TestClient

from anprgen.models.opening import open_models
from anprgen.models.plates import PlateReader
from anprgen.models.reader import Reader
from anprgen.serving import uploads
from anprgen.serving.app import make_app

HERE = "http://127.0.0.1:8000"
NOISE = np.random.default_rng(0).integers(0, 256, (60, 60, 3), np.uint8)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    own = tmp_path_factory.mktemp("reading")
    write_reader(own / "reader.onnx")
    return own


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    """A reader alone."""
    app = make_app({}, PlateReader(Reader.open(folder / "reader.onnx")))
    with TestClient(app, base_url=HERE) as made:
        yield made


def png(pixels: np.ndarray, **options: object) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG", **options)
    return out.getvalue()


@pytest.mark.parametrize("text", ["A1", "C3B", "2211"])
def test_a_picture_is_read(client: TestClient, text: str) -> None:
    answer = client.post("/read", content=png(bands(text, scale=3)))
    assert answer.status_code == 200, answer.text
    said = answer.json()
    (plate,) = said["plates"]
    assert plate["text"] == text
    assert plate["confidence"] is None
    assert plate["text_confidence"] > 0.5
    assert "".join(c for c, _ in plate["characters"]) == text
    assert plate["quad"] == [[0, 0], [said["width"], 0], [said["width"], said["height"]],
                             [0, said["height"]]]  # fmt: skip
    assert plate["crop"].startswith("data:image/png;base64,")
    assert set(text) <= set(CHARSET)


def test_several_plates_are_found_and_read(folder: Path) -> None:
    write_detector(folder / "detector.onnx")
    both = replace(open_models([folder / "reader.onnx", folder / "detector.onnx"]), margin=0.0)
    places = {(60, 44): "A1B", (404, 60): "C2", (196, 260): "3C1"}
    picture = frame(places)[:, :, ::-1]
    with TestClient(make_app({}, both), base_url=HERE) as client:
        assert "made upright by their corners, and read" in client.get("/read").text
        said = client.post("/read", content=png(picture)).json()
        assert {p["text"]: tuple(p["quad"][0]) for p in said["plates"]} == {
            text: pytest.approx(place, abs=2) for place, text in places.items()
        }
        assert all(0.5 < p["confidence"] <= 1 for p in said["plates"])
        assert client.post("/read", content=png(frame({}))).json()["plates"] == []
    only = PlateReader(detector=both.detector)
    with TestClient(make_app({}, only), base_url=HERE) as client:
        assert "there is no reader" in client.get("/read").text
        found = client.post("/read", content=png(picture)).json()["plates"]
        assert len(found) == 3
        assert "text" not in found[0]


def test_a_phones_picture_is_turned_as_its_exif_says(client: TestClient) -> None:
    lying = np.rot90(bands("B2C", scale=4))  # a quarter turn to the left
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter to the right
    out = io.BytesIO()
    Image.fromarray(lying).save(out, "JPEG", quality=95, exif=exif)
    said = client.post("/read", content=out.getvalue()).json()
    assert said["plates"][0]["text"] == "B2C"
    assert said["width"] > said["height"]


@pytest.mark.parametrize(
    ("data", "code", "word"),
    [
        (b"", 400, "nothing was sent"),
        (b"no picture at all", 422, "no picture"),
        (png(NOISE)[:-900], 422, "broken"),
        (png(np.zeros((4, 60, 3), np.uint8)), 422, "only 60 × 4 px"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n", 422, "no picture"),
    ],
)
def test_what_is_no_picture_is_refused(
    client: TestClient, data: bytes, code: int, word: str
) -> None:
    answer = client.post("/read", content=data)
    assert answer.status_code == code
    assert word in answer.json()["error"]


def test_odd_exif_turns_a_picture_all_the_same() -> None:
    tile = b"\x01\x50\x00\x02\x00\x00\x00\x04abc\x00"  # a text where a number belongs
    turn = b"\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00"  # a quarter to the right
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x02" + tile + turn + bytes(4)
    for said, upright in ((exif, True), (exif[:30], False)):  # cut off, it says nothing
        out = io.BytesIO()
        Image.fromarray(np.zeros((40, 80, 3), np.uint8)).save(out, "JPEG", exif=said)
        assert uploads.decode(out.getvalue()).shape == ((80, 40, 3) if upright else (40, 80, 3))


def test_a_jpeg_of_endless_scans_is_refused(client: TestClient) -> None:
    out = io.BytesIO()
    Image.fromarray(bands("A1", scale=3)).save(out, "JPEG", progressive=True)
    whole = out.getvalue()
    assert client.post("/read", content=whole).status_code == 200
    scan = whole[whole.rindex(b"\xff\xda") : -2]
    answer = client.post("/read", content=whole[:-2] + scan * 200 + b"\xff\xd9")
    assert answer.status_code == 422
    assert "too many scans" in answer.json()["error"]


def test_sixteen_bits_are_eight() -> None:
    grey = bands("A1", scale=3).mean(2)
    out = io.BytesIO()
    Image.fromarray((grey * 257).astype(np.uint16)).save(out, "PNG")
    assert np.abs(uploads.decode(out.getvalue())[..., 0] - grey).max() <= 1


def test_slow_senders_keep_nobody_waiting(folder: Path) -> None:
    import anyio
    from httpx import ASGITransport, AsyncClient

    from anprgen.serving import read_page

    app = make_app({}, PlateReader(Reader.open(folder / "reader.onnx")))
    picture = png(bands("A1", scale=3))

    async def meet() -> None:
        async def slowly() -> AsyncIterator[bytes]:
            yield picture[:1]
            await anyio.sleep(60)

        async with AsyncClient(transport=ASGITransport(app), base_url=HERE) as client:
            async with anyio.create_task_group() as group:
                for _ in range(read_page.AT_ONCE + 1):
                    group.start_soon(partial(client.post, "/read", content=slowly()))
                await anyio.sleep(0.2)
                with anyio.fail_after(30):
                    answer = await client.post("/read", content=picture)
                assert answer.json()["plates"][0]["text"] == "A1"
                group.cancel_scope.cancel()

    anyio.run(meet)


def test_uploads_are_bounded(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    # A small file of many px is refused before it is decoded.
    out = io.BytesIO()
    Image.new("1", (12_000, 5_000)).save(out, "PNG")
    assert len(out.getvalue()) < 100_000
    monkeypatch.setattr(Image.Image, "load", lambda *_: pytest.fail("it was decoded"))
    answer = client.post("/read", content=out.getvalue())
    assert answer.status_code == 413
    assert "12000 × 5000 px" in answer.json()["error"]
    monkeypatch.undo()
    monkeypatch.setattr(uploads, "MOST_BYTES", 1000)
    assert client.post("/read", content=b"x" * 1001).status_code == 413
    chunks = (b"x" * 400 for _ in range(3))
    assert client.post("/read", content=chunks).status_code == 413  # no length announced


def test_a_network_that_breaks_is_told(
    client: TestClient, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = PlateReader(Reader.open(folder / "reader.onnx"))
    monkeypatch.setattr(type(reader.reader.session.runtime), "run", None)
    with TestClient(make_app({}, reader), base_url=HERE) as broken:
        answer = broken.post("/read", content=png(bands("A1")))
        assert answer.status_code == 500
        assert "cannot be run" in answer.json()["error"]
        assert str(folder) not in answer.text
