# SPDX-License-Identifier: Apache-2.0
"""`anprgen preview` of a dataset of sequences: an animation and a strip."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from making import make
from moving import FPS, FRAMES, HEIGHT, WIDTH, frames_of, write_sequences
from PIL import Image, ImageSequence
from typer.testing import CliRunner

from anprgen.cli import app
from anprgen.clip_preview import drawn, of_dataset
from anprgen.dataset import Dataset
from anprgen.sequences.best_shot import best_shot
from anprgen.sequences.reader import find_sequence
from anprgen.sequences.tracks import tracks_of

pytest_plugins = ("exported",)  # the fixtures detect and sequence


def said(*words: str | Path, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["preview", *map(str, words)])
    assert result.exit_code == code, (result.output, result.exception)
    assert "Traceback" not in result.output
    return result.output


def test_an_animation_has_every_frame(sequence: Dataset, tmp_path: Path) -> None:
    assert said(sequence.root, "-o", tmp_path / "x.gif").split() == [
        str(tmp_path / "x.gif"),
        str(tmp_path / "x-strip.png"),
    ]
    with Image.open(tmp_path / "x.gif") as film:
        shown = [np.asarray(f.convert("RGB"), int) for f in ImageSequence.Iterator(film)]
        assert film.info["duration"] == 1000 / FPS
        assert film.info["loop"] == 0
    assert len(shown) == FRAMES
    labelled = list(drawn(of_dataset(sequence, 0)))
    for frame, wanted in zip(shown, labelled, strict=True):
        assert np.abs(frame - wanted).mean() < 6  # 256 colours
    with Image.open(tmp_path / "x-strip.png") as strip:
        assert strip.size[0] > 6 * 240 * WIDTH / HEIGHT
        assert 240 < strip.size[1] < 300


def test_labels_follow_the_plates(sequence: Dataset) -> None:
    frames = list(frames_of(sequence, 0))
    for pixels, (before, record) in zip(drawn(of_dataset(sequence, 0)), frames, strict=True):
        changed = np.abs(pixels.astype(int) - before).max(-1) > 20
        for plate in record["plates"]:
            edge = np.zeros((HEIGHT, WIDTH), np.uint8)
            corners = np.round(np.array(plate["quad"]) - 0.5).astype(np.int32)
            cv2.polylines(edge, [corners], True, 1)
            if plate["visible"] > 0:  # The outline is drawn over what hides a part of the plate.
                assert changed[edge > 0].mean() > 0.9
        assert changed.mean() < 0.35


def test_the_star_is_in_the_best_frame(sequence: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import ImageDraw

    texts: list[str] = []
    plain = ImageDraw.ImageDraw.text

    def noted(
        self: ImageDraw.ImageDraw, xy: object, text: str, *rest: object, **more: object
    ) -> None:
        texts.append(text)
        plain(self, xy, text, *rest, **more)

    monkeypatch.setattr(ImageDraw.ImageDraw, "text", noted)
    whole = find_sequence(sequence, 1)
    starred = set()
    for k, _ in enumerate(drawn(of_dataset(sequence, 1))):
        starred |= {(k, text[1]) for text in texts if text.startswith("*")}
        assert any("km/h" in text for text in texts)
        texts.clear()
    assert starred == {(best_shot(t).frame, str(t.number)) for t in tracks_of(whole)}


def test_a_film_and_a_strip_alone(sequence: Dataset, tmp_path: Path) -> None:
    av = pytest.importorskip("av")
    said(sequence.root, "-o", tmp_path / "y" / "x.mp4", "--sequence", "2")
    with av.open(str(tmp_path / "y" / "x.mp4")) as container:
        assert sum(1 for _ in container.decode(video=0)) == FRAMES
    assert said(sequence.root, "-o", tmp_path / "z.png").split() == [str(tmp_path / "z.png")]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["y", "z.png"]


def test_the_first_whole_sequence_is_shown(tmp_path: Path) -> None:
    dataset = write_sequences(tmp_path / "d", 3, failed=[5])
    said(dataset.root, "-o", tmp_path / "a.png")
    said(dataset.root, "-o", tmp_path / "b.png", "--sequence", "1")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    output = said(dataset.root, "-o", tmp_path / "c.png", "--sequence", "0", code=2)
    assert "13 of 14 frames" in output


def test_mistakes_are_told(sequence: Dataset, detect: Dataset, tmp_path: Path) -> None:
    assert "use .gif, .mp4 or .png" in said(sequence.root, "-o", tmp_path / "x.avi", code=2)
    assert "has no sequences" in said(detect.root, "-o", tmp_path / "x.gif", code=2)
    assert "0 of 14 frames" in said(sequence.root, "--sequence", "9", code=2)
    assert "0 of 14 frames" in said(sequence.root, "--sequence", "-3", code=2)
    for words in (("--sequence", "0"), ("--task", "sequence", "--sequence", "-1")):
        assert "a number from 0, with --task sequence" in said("sri_lanka", *words, code=2)
    flat = ("sri_lanka", "--task", "sequence", "--renderer", "flat")
    assert "use .gif" in said(*flat, "-o", tmp_path / "x.avi", code=2)
    assert not list(tmp_path.iterdir())


def test_a_design_is_shown_as_its_dataset_would_be(tmp_path: Path) -> None:
    overrides = {"frame.size": "640x360"}
    config = {"frames": 4, "fps": 12.5, "overrides": overrides, "seed": 5}
    make(tmp_path / "d", 8, real=True, task="sequence", **config)
    (tmp_path / "c.json").write_text(json.dumps(overrides))
    said(tmp_path / "d", "-o", tmp_path / "a.gif", "--sequence", "1")
    said(
        "sri_lanka", "--task", "sequence", "--frames", "4", "--fps", "12.5", "--seed", "5",
        "--renderer", "flat", "--config", tmp_path / "c.json", "-o", tmp_path / "b.gif",
        "--sequence", "1",
    )  # fmt: skip
    assert (tmp_path / "a.gif").read_bytes() == (tmp_path / "b.gif").read_bytes()
    assert (tmp_path / "a-strip.png").read_bytes() == (tmp_path / "b-strip.png").read_bytes()
