# SPDX-License-Identifier: Apache-2.0
"""`anprgen read`: pictures, folders and films, a line each; stopped, continued, drawn."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from making import Notes
from networks import bands, write_reader
from networks_detect import frame, write_detector
from test_cli import run

from anprgen.models.opening import open_models
from anprgen.models.plates import PlateReader
from anprgen.reading import annotate
from anprgen.reading.annotate import draw, picture_path
from anprgen.reading.run import read
from anprgen.reading.sources import ReadError, open_source

PLACES = [(60, 44), (404, 60), (196, 260)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("read")
    write_detector(root / "detector.onnx")
    write_reader(root / "reader.onnx")
    (root / "in" / "sub").mkdir(parents=True)
    for k, name in enumerate(["a.png", "b.png", "sub/a.png", "z.webp"]):
        places = dict(zip(PLACES[:k], ["A1B", "C2", "3C1"]))
        cv2.imwrite(str(root / "in" / name), frame(places), [cv2.IMWRITE_WEBP_QUALITY, 101])
    (root / "in" / "broken.jpg").write_bytes(b"\xff\xd8 no picture")
    return root


@pytest.fixture(scope="module")
def film(folder: Path) -> Path:
    """Twelve pictures, 10 a second: a plate that moves, and none in the last four."""
    path = folder / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"FFV1"), 10, (640, 384))
    assert writer.isOpened()
    for k in range(12):
        writer.write(frame({(60 + 32 * k, 44): "A1B"} if k < 8 else {}))
    writer.release()
    return path


@pytest.fixture(scope="module")
def plates(folder: Path) -> PlateReader:
    return replace(open_models([folder], threads=1), margin=0.0)


def lines_of(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "plates.jsonl").read_text("utf-8").splitlines()]


def texts(line: dict[str, Any]) -> set[str]:
    return {plate["text"] for plate in line["plates"]}


def test_a_folder_of_pictures(folder: Path, plates: PlateReader, tmp_path: Path) -> None:
    notes = Notes()
    done = read(plates, folder / "in", tmp_path / "o", notes, annotate=True)
    got = {line["file"]: line for line in lines_of(tmp_path / "o")}
    assert list(got) == ["a.png", "b.png", "broken.jpg", "sub/a.png", "z.webp"]
    assert [texts(got[name]) for name in ("a.png", "b.png", "sub/a.png", "z.webp")] == [
        set(), {"A1B"}, {"A1B", "C2"}, {"A1B", "C2", "3C1"},
    ]  # fmt: skip
    assert "cut off" in got["broken.jpg"]["error"]
    assert (done.pictures, done.plates, done.broken, done.new) == (5, 6, 1, 5)
    (plate,) = got["b.png"]["plates"]
    assert plate["quad"][0] == pytest.approx(PLACES[0], abs=2)
    assert plate["box"] == pytest.approx([*plate["quad"][0], *plate["quad"][2]], abs=0.2)
    assert 0.5 < plate["confidence"] <= 1
    assert 0.5 < plate["text_confidence"] <= 1
    assert (got["b.png"]["width"], got["b.png"]["height"]) == (640, 384)
    drawn = tmp_path / "o" / "annotated"
    assert sorted(str(p.relative_to(drawn)) for p in drawn.rglob("*.jpg")) == [
        "a.png.jpg", "b.png.jpg", "sub/a.png.jpg", "z.webp.jpg",
    ]  # fmt: skip
    before, after = frame({}), cv2.imread(str(drawn / "a.png.jpg"))
    assert np.abs(before.astype(int) - after).max() < 12  # nothing found, nothing drawn


def test_what_is_read_is_never_read_again(
    folder: Path, plates: PlateReader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "o"
    read(plates, folder / "in", out, Notes())
    before = (out / "plates.jsonl").read_bytes()
    real = PlateReader.read
    monkeypatch.setattr(PlateReader, "read", lambda *_: pytest.fail("read again"))
    assert read(plates, folder / "in", out, Notes(), annotate=True).new == 0
    assert len(list((out / "annotated").rglob("*.jpg"))) == 4  # drawn from what was read
    assert (out / "plates.jsonl").read_bytes() == before
    monkeypatch.setattr(PlateReader, "read", real)
    # A kill in the middle of a line: that one and what is missing are made again.
    whole = before.splitlines(keepends=True)
    (out / "plates.jsonl").write_bytes(b"".join(whole[:3]) + whole[3][:25])
    assert read(plates, folder / "in", out, Notes()).new == 2
    assert (out / "plates.jsonl").read_bytes() == before


def test_lines_are_on_the_disk_before_the_next_picture(
    folder: Path, plates: PlateReader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, seen = tmp_path / "o", []
    real = PlateReader.read

    def watched(self: PlateReader, bgr: np.ndarray) -> Any:
        path = out / "plates.jsonl"
        seen.append(len(path.read_bytes().splitlines()) if path.exists() else 0)
        if len(seen) == 4:
            raise KeyboardInterrupt
        return real(self, bgr)

    monkeypatch.setattr(PlateReader, "read", watched)
    with pytest.raises(KeyboardInterrupt):
        read(plates, folder / "in", out, Notes())
    assert seen == [0, 1, 3, 4]  # the broken picture has a line and is not read
    monkeypatch.setattr(PlateReader, "read", real)
    assert read(plates, folder / "in", out, Notes()).new == 1
    assert len(lines_of(out)) == 5


def test_a_film(film: Path, plates: PlateReader, tmp_path: Path) -> None:
    done = read(plates, film, tmp_path / "o", Notes(), annotate=True)
    got = lines_of(tmp_path / "o")
    assert [line["frame"] for line in got] == list(range(12))
    assert [line["time_s"] for line in got] == pytest.approx([k / 10 for k in range(12)], abs=0.01)
    assert [texts(line) for line in got] == [{"A1B"}] * 8 + [set()] * 4
    left = [line["plates"][0]["quad"][0][0] for line in got[:8]]
    assert left == pytest.approx([60 + 32 * k for k in range(8)], abs=6)
    assert (done.pictures, done.plates, done.new) == (12, 8, 12)
    clip = cv2.VideoCapture(str(tmp_path / "o" / "annotated.mp4"))
    assert clip.get(cv2.CAP_PROP_FPS) == pytest.approx(10, abs=0.1)
    pictures = [clip.retrieve()[1] for _ in range(12) if clip.grab()]
    assert len(pictures) == 12
    green = [int(((p[..., 1] > 150) & (p[..., 0] < 130)).sum()) for p in pictures]
    assert min(green[:8]) > 20 * max(1, max(green[8:]))


def test_a_film_is_continued_and_its_clip_made_afterwards(
    film: Path, plates: PlateReader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, calls = tmp_path / "o", []
    real = PlateReader.read

    def stopping(self: PlateReader, bgr: np.ndarray) -> Any:
        calls.append(1)
        if len(calls) == 6:
            raise KeyboardInterrupt
        return real(self, bgr)

    monkeypatch.setattr(PlateReader, "read", stopping)
    with pytest.raises(KeyboardInterrupt):
        read(plates, film, out, Notes(), annotate=True)
    assert [line["frame"] for line in lines_of(out)] == [0, 1, 2, 3, 4]
    assert not list(out.glob("*.mp4")) + list(out.glob(".*.mp4"))  # no half film
    done = read(plates, film, out, Notes(), annotate=True)
    assert done.new == 7
    assert [line["frame"] for line in lines_of(out)] == list(range(12))
    clip = (out / "annotated.mp4").read_bytes()
    read(plates, film, out, Notes(), annotate=True)
    assert (out / "annotated.mp4").read_bytes() == clip
    thinned = read(plates, film, tmp_path / "t", Notes(), every=5)
    assert [line["frame"] for line in lines_of(tmp_path / "t")] == [0, 5, 10]
    assert thinned.pictures == 3


def test_another_reading_is_not_mixed_in(
    folder: Path, film: Path, plates: PlateReader, tmp_path: Path
) -> None:
    out = tmp_path / "o"
    read(plates, folder / "in", out, Notes())
    for other, place, every, told in (
        (plates, film, 1, "source"),
        (replace(plates, margin=0.2), folder / "in", 1, "margin"),
        (PlateReader(detector=plates.detector), folder / "in", 1, "models"),
        (plates, folder / "in", 2, "every"),
    ):
        with pytest.raises(ReadError, match=f"another .*{told}"):
            read(other, place, out, Notes(), every=every)
    with pytest.raises(ReadError, match="not empty"):
        read(plates, folder / "in", folder, Notes())
    (out / "plates.jsonl").write_text('{"file": "a.png"}\n[]\n', "utf-8")
    with pytest.raises(ReadError, match="line 2 is not one of ours"):
        read(plates, folder / "in", out, Notes())


def test_the_command_line(folder: Path, film: Path, tmp_path: Path) -> None:
    words = ["read", folder / "reader.onnx"]
    cv2.imwrite(str(tmp_path / "plate.png"), bands("B2A", scale=3))
    alone = run(*words, tmp_path / "plate.png", "-o", tmp_path / "one").output
    assert alone.startswith("B2A\t")
    assert "1 pictures, 1 plates" in alone
    found = ["--detector", folder / "detector.onnx", "--margin", "0"]
    both = run(*words, film, *found, "-o", tmp_path / "film", "--annotate").output
    assert "12 pictures, 8 plates" in both
    again = run(*words, film, *found, "-o", tmp_path / "film", "--annotate").output
    assert "12 pictures, 8 plates" in again
    only = run("read", folder / "detector.onnx", folder / "in", "-o", tmp_path / "d").output
    assert "5 pictures, 1 broken, 6 plates" in only
    assert "text" not in (tmp_path / "d" / "plates.jsonl").read_text("utf-8")
    broken = folder / "in" / "broken.jpg"
    assert "1 pictures, 1 broken" in run(*words, broken, "-o", tmp_path / "b", code=1).output


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["reader.onnx", "nowhere.mp4"], "no such file"),
        (["reader.onnx", "reader.onnx"], "neither a picture nor a film"),
        (["reader.onnx", "empty"], "no picture in it"),
        (["reader.onnx", "in", "--detector", "reader.onnx"], "two readers"),
        (["reader.onnx", "in", "--margin", "-1"], "--margin"),
        (["reader.onnx", "film.avi", "--every", "0"], "--every"),
        (["in/a.png", "in"], "not an ONNX file"),
    ],
)
def test_mistakes_are_told(
    folder: Path, film: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], told: str
) -> None:
    monkeypatch.chdir(folder)
    (folder / "empty").mkdir(exist_ok=True)
    assert told in run("read", *words, "-o", "none", code=2).output
    assert not (folder / "none" / "plates.jsonl").exists()


def test_what_is_drawn_lies_where_it_was_found() -> None:
    picture = np.full((200, 300, 3), 128, np.uint8)
    plate = {
        "quad": [[50, 90], [150, 80], [152, 110], [52, 120]], "box": [50, 80, 152, 120],
        "confidence": 0.97, "text": "A1", "text_confidence": 0.95,
    }  # fmt: skip
    kept = picture.copy()
    out = draw(picture, {"plates": [plate]})
    np.testing.assert_array_equal(picture, kept)
    y, x = np.nonzero((out.astype(int)[..., 1] - out[..., 2]) > 100)  # green
    on_quad = [cv2.pointPolygonTest(np.float32(plate["quad"]), (float(a), float(b)), True)
               for a, b in zip(x, y) if b > 78]  # fmt: skip
    assert len(on_quad) > 200
    assert max(map(abs, on_quad)) < 5
    changed = np.argwhere((out != kept).any(2))
    assert changed.min(0)[0] > 40  # nothing but the plate and its text, above it
    assert changed.max(0)[0] < 126
    for box in ([0, 0, 300, 200], [290, 0, 300, 10], [-50, 190, 20, 200]):
        assert draw(picture, {"plates": [{**plate, "box": box}]}).shape == picture.shape


def test_annotated_pictures_stay_in_their_folder() -> None:
    root = Path("out")
    for name, want in (
        ("a/b.png", "a/b.png.jpg"),
        ("a.jpg", "a.jpg"),
        ("/etc/passwd", "passwd.jpg"),
        ("../../x.jpeg", "x.jpeg"),
    ):
        assert picture_path(root, name) == root / want


def test_films_of_odd_sizes_are_written(tmp_path: Path) -> None:
    clip = annotate.Clip(tmp_path / "c.mp4", 5)
    for size in ((33, 51), (33, 51), (40, 40)):
        clip.add(np.full((*size, 3), 90, np.uint8))
    assert not (tmp_path / "c.mp4").exists()
    clip.finish()
    source = open_source(tmp_path / "c.mp4")
    assert source.count == 3
    assert [f.pixels().shape for f in source.frames()] == [(34, 52, 3)] * 3
