# SPDX-License-Identifier: Apache-2.0
"""Films with what they show, and tracks of low and high pictures."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from moving import HEIGHT, SPLITS, WIDTH, frames_of
from typer.testing import CliRunner

from anprgen.cli import app
from anprgen.dataset import Dataset
from anprgen.exporters import export
from anprgen.exporters.options import Options
from anprgen.exporters.super_resolution import pick
from anprgen.exporters.visible import cut_box
from anprgen.sequences.film import decode_luma, luma_of
from anprgen.sequences.tracks import Show, Track

pytest_plugins = ("exported",)  # the fixtures detect and sequence

NAMES = [f"plates-{n:06d}" for n in range(4)]


def psnr_db(dataset: Dataset, number: int, data: bytes) -> float:
    errors = [
        np.mean((luma_of(pixels).astype(float) - luma) ** 2)
        for (pixels, _), luma in zip(frames_of(dataset, number), decode_luma(data), strict=True)
    ]
    return float(np.mean([10 * np.log10(255**2 / e) for e in errors]))


def test_clips_say_what_they_show(sequence: Dataset, tmp_path: Path) -> None:
    pytest.importorskip("av")
    quality = {}
    for mbit_s in (0.1, 0.4, 1.6):
        out = tmp_path / f"{mbit_s}"
        export(sequence, "mp4", out, Options(mbit_s=mbit_s))
        data = (out / "train" / f"{NAMES[0]}.mp4").read_bytes()
        quality[mbit_s] = psnr_db(sequence, 0, data)
    assert quality[0.1] + 5 < quality[0.4]
    assert quality[0.4] + 5 < quality[1.6]
    for number, (name, split) in enumerate(zip(NAMES, SPLITS)):
        film = (out / split / f"{name}.mp4").read_bytes()
        about = json.loads((out / split / f"{name}.json").read_text("utf-8"))
        assert about["sha256"] == hashlib.sha256(film).hexdigest()
        assert (about["fps"], about["codec"], about["mbit_s"]) == ("25", "h264", 1.6)
        assert (about["width"], about["height"]) == (WIDTH, HEIGHT)
        before = hashlib.sha256()
        for frame, (pixels, record) in zip(
            about["frames"], frames_of(sequence, number), strict=True
        ):
            before.update(pixels.tobytes())
            assert frame["buf_pts"] == frame["frame_num"] * 40_000_000
            wanted = [p for p in record["plates"] if cut_box(p, WIDTH, HEIGHT)]
            for found, plate in zip(frame["objects"], wanted, strict=True):
                rect = found["rect_params"]
                box = [rect["left"], rect["top"],
                       rect["left"] + rect["width"], rect["top"] + rect["height"]]  # fmt: skip
                assert box == pytest.approx(cut_box(plate, WIDTH, HEIGHT), abs=0.002)
                assert (found["object_id"], found["text"]) == (plate["track"], plate["ocr_text"])
                assert (found["class_id"], about["labels"]) == (0, ["plate"])
        assert about["frames_sha256"] == before.hexdigest()
        assert [t["object_id"] for t in about["tracks"]] == [1, 2, 3]


def test_the_command_takes_a_codec_and_a_bitrate(sequence: Dataset, tmp_path: Path) -> None:
    pytest.importorskip("av")
    words = ["export", str(sequence.root), "--to", "mp4", "-o", str(tmp_path / "x")]
    done = CliRunner().invoke(app, [*words, "--codec", "h265", "--mbit-s", "0.5"])
    assert done.exit_code == 0, done.output
    about = json.loads((tmp_path / f"x/train/{NAMES[0]}.json").read_text("utf-8"))
    assert about["encoder"]["library"].startswith("x265 (build ")
    assert "bitrate=500:" in about["encoder"]["settings"]
    for wrong in (["--codec", "vp9"], ["--mbit-s", "0"], ["--mbit-s", "nan"]):
        refused = CliRunner().invoke(app, [*words, *wrong])
        assert refused.exit_code == 2, refused.output
        assert "Traceback" not in refused.output


def test_low_and_high_pictures_of_a_plate(sequence: Dataset, tmp_path: Path) -> None:
    notes = export(sequence, "super-resolution", tmp_path / "x", Options(margin=0.2)).notes
    assert any(note.startswith("left out: 8 tracks") for note in notes)
    folders = sorted(
        (tmp_path / "x").glob("**/track_*")
    )  # as the competition's baseline finds them
    assert len(folders) == len({f.name for f in folders}) == 4
    for folder in folders:
        about = json.loads((folder / "annotations.json").read_text("utf-8"))
        number = NAMES.index(about["sequence"])
        assert folder.parent.relative_to(tmp_path / "x").as_posix() == f"{SPLITS[number]}/fake"
        frames = list(frames_of(sequence, number))
        heights = {}
        for kind in ("lr", "hr"):
            names = sorted(p.name for p in folder.glob(f"{kind}-*.png"))
            assert names == [f"{kind}-{n:03d}.png" for n in range(1, 6)]
            times = [about["frames"][name] for name in names]
            assert times == sorted(times)
            for name in names:
                pixels, record = frames[about["frames"][name]]
                [plate] = [p for p in record["plates"] if p["track"] == about["track"]]
                assert plate["ocr_text"] == about["plate_text"]
                assert plate["legibility"] != "illegible"
                cut = cv2.imread(str(folder / name))[:, :, ::-1]
                corners = np.array(list(about["corners"][name].values()))
                assert list(about["corners"][name]) == [
                    "top-left", "top-right", "bottom-right", "bottom-left",
                ]  # fmt: skip
                left, top = np.round(np.array(plate["quad"])[0] - corners[0]).astype(int)
                assert np.abs(corners + (left, top) - plate["quad"]).max() < 0.01
                h, w = cut.shape[:2]
                assert np.array_equal(cut, pixels[top : top + h, left : left + w])
                assert 0 <= corners.min()
                assert np.all(corners <= (w, h))
                heights[name] = plate["height_px"]
        low, high = ([h for n, h in heights.items() if n.startswith(k)] for k in ("lr", "hr"))
        assert np.median(high) >= 1.5 * np.median(low)
        assert not {about["frames"][n] for n in heights if n[0] == "l"} & {
            about["frames"][n] for n in heights if n[0] == "h"
        }


def shown(frame: int, height: float, legibility: str, **more: Any) -> Show:
    character = {"large": True, "height_px": height, "visible": 1.0}
    plate = {"characters": [character], "legibility": legibility, "truncated": False,
             "visible": 1.0, "mask": {"counts": [0, 9]}, **more}  # fmt: skip
    return Show(frame, plate)


def test_low_pictures_may_be_illegible_on_request() -> None:
    far = [shown(k, 4 + k / 10, "illegible") for k in range(6)]
    near = [shown(6 + k, 20 - k, "clear") for k in range(6)]
    cut = [shown(20 + k, 40, "clear", truncated=True) for k in range(5)]
    hidden = [shown(30 + k, 2, "illegible", visible=0.5) for k in range(5)]
    track = Track(1, "A", "fake", tuple(far + near + cut + hidden))
    assert "fewer than 10 whole, legible shows" in pick(track, Options())
    low, high = pick(track, Options(illegible=True))
    assert [s.frame for s in low] == [0, 1, 2, 3, 4]
    assert [s.frame for s in high] == [6, 7, 8, 9, 10]
    alike = Track(1, "A", "fake", tuple(shown(k, 20 + k / 10, "clear") for k in range(12)))
    assert "not 1.5 times as high" in pick(alike, Options())
