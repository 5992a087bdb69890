# SPDX-License-Identifier: Apache-2.0
"""Detectors: what they should say, how it is scored, and, where PyTorch is, that they learn it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from making import Killed, Notes, make
from test_cli import run

from anprgen.dataset import Dataset
from anprgen.errors import AnprgenError, DatasetError
from anprgen.models.detector import STRIDE, Detector, peaks
from anprgen.models.letterbox import letterbox
from anprgen.models.quads import overlap
from anprgen.training.detector_scores import Answer, best_threshold, scores
from anprgen.training.detector_targets import Seen, plain, target_of, varied
from anprgen.training.frames import Frame, load
from anprgen.training.kinds import chosen

SQUARE = np.float32([(0, 0), (40, 0), (40, 12), (0, 12)])
SIZE = {"frame.size": "640x360"}


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Frames with a large plate each, and some with none."""
    root = tmp_path_factory.mktemp("detector") / "frames"
    wide = {"view.width_px": {"uniform": [120, 260]}, "plates.wear.dust": 0}
    make(root, 60, workers=2, real=True, task="detect", overrides={**SIZE, **wide})
    return root


def drawn(quads: np.ndarray, size: tuple[int, int] = (640, 360)) -> Frame:
    """White quadrilaterals on grey, all wanted."""
    image = np.full((size[1], size[0], 3), 60, np.uint8)
    for quad in quads:
        cv2.fillConvexPoly(image, np.round((quad - 0.5) * 16).astype(np.int32), (255,) * 3, shift=4)
    _, jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 95])
    return Frame(jpeg.tobytes(), np.float32(quads), np.ones(len(quads), bool))


def test_a_target_says_where_the_plates_are() -> None:
    """What a perfect network says is read back as the plates that it was told of."""
    rng = np.random.default_rng(3)
    for _ in range(40):
        quads = []
        for column in range(3):
            turn, width = rng.uniform(-0.4, 0.4), rng.uniform(12, 90)
            axis = np.array([(np.cos(turn), np.sin(turn)), (-np.sin(turn), np.cos(turn))])
            centre = (55 + 105 * column + rng.uniform(-5, 5), rng.uniform(30, 160))
            quads.append((SQUARE - (20, 6)) / 40 * width @ axis + centre)
        seen = Seen(np.zeros((192, 320, 3), np.uint8), np.float32(quads), np.ones(3, bool))
        target = target_of(seen)
        assert target.heat.shape == (192 // STRIDE, 320 // STRIDE)
        got = peaks(target.heat, target.corners, 0.9)
        assert len(got) == 3
        for _, quad in got:
            assert min(np.abs(quad - own).max() for own in seen.quads) < 0.01
        assert (target.counted == 1).all()
        for row, column in zip(*np.nonzero(target.weight)):  # every cell that learns corners
            quad = (target.corners[:, row, column].reshape(4, 2) + (column + 0.5, row + 0.5)) * 4
            assert min(np.abs(quad - own).max() for own in seen.quads) < 0.01


def test_plates_that_need_not_be_found_count_nothing() -> None:
    place = np.float32([SQUARE + (100, 60), SQUARE + (200, 60), SQUARE / 10 + (50, 50)])
    seen = Seen(np.zeros((192, 320, 3), np.uint8), place, np.array([True, False, True]))
    target = target_of(seen)
    assert len(peaks(target.heat, target.corners, 0.9)) == 1  # unreadable, too small: not asked for
    for x, y, counts in ((120, 66, 1), (220, 66, 0), (52, 50, 0), (20, 150, 1)):
        assert target.counted[y // STRIDE, x // STRIDE] == counts, (x, y)
    none = target_of(Seen(seen.image, np.zeros((0, 4, 2), np.float32), np.zeros(0, bool)))
    assert not none.heat.any()
    assert not none.weight.any()


def test_labels_go_with_the_pixels_however_a_frame_is_varied() -> None:
    frame = drawn(np.float32([[(200, 100), (330, 120), (325, 165), (195, 140)]]))
    whole = 0
    for number in range(40):
        seen = varied(frame, 192, 320, 1, 5, number)
        (quad,) = seen.quads
        if not ((quad > 3).all() and (quad < (317, 189)).all()):
            continue
        whole += 1
        light = seen.image.mean(2)
        mask = light > (light.max() + np.median(light)) / 2
        y, x = np.nonzero(mask)
        moments = cv2.moments(np.float32(quad - quad.mean(0)))
        centre = quad.mean(0) + (moments["m10"] / moments["m00"], moments["m01"] / moments["m00"])
        assert np.hypot(x.mean() + 0.5 - centre[0], y.mean() + 0.5 - centre[1]) < 0.35
    assert whole >= 10
    a, b = varied(frame, 192, 320, 1, 5, 3), varied(frame, 192, 320, 1, 5, 3)
    np.testing.assert_array_equal(a.image, b.image)
    assert (a.image != varied(frame, 192, 320, 1, 6, 3).image).any()
    seen = plain(frame, 192, 320)
    image, place = letterbox(frame.pixels(), 192, 320)
    np.testing.assert_array_equal(seen.image, image)
    np.testing.assert_array_equal(seen.quads, place.to_input(frame.quads))


def test_scores_count_what_is_there() -> None:
    plates = np.float32([SQUARE, SQUARE + (100, 0), SQUARE + (200, 0)])
    wanted = np.array([True, True, False])
    shifted = SQUARE + (4, 0)  # overlap 36 / 44
    answer = Answer(
        [(0.9, shifted), (0.8, SQUARE + (200, 0)), (0.7, SQUARE + 300), (0.6, SQUARE)],
        plates,
        wanted,
    )
    got = scores([answer], 0.3)
    # The shifted one is the first plate (4 px off, 40 wide); the unreadable one counts nothing;
    # one is nowhere, and the last finds a plate that is taken.
    assert (got["recall"], got["count"]) == (0.5, 2)
    assert got["precision"] == pytest.approx(1 / 3, abs=1e-4)
    assert got["corner"] == pytest.approx(0.1)
    assert scores([answer], 0.75)["precision"] == 1
    assert scores([answer], 0.95) == {
        "recall": 0, "precision": 1, "f1": 0, "corner": None, "corner_90": None, "count": 2,
    }  # fmt: skip
    # From 0.75 to 0.9 precision is whole; 0.9 and above lose the plate that is right.
    assert 0.7 < best_threshold([answer]) <= 0.9
    sure = Answer([(0.55, SQUARE), (0.5, SQUARE + (100, 0))], plates[:2], wanted[:2])
    assert best_threshold([sure]) < 0.4  # in the middle of what is as good, not at its edge
    empty = Answer([], np.zeros((0, 4, 2), np.float32), np.zeros(0, bool))
    assert scores([empty], 0.5)["recall"] == 1
    false = Answer([(0.9, SQUARE)], empty.plates, empty.wanted)
    assert scores([empty, false], 0.5)["precision"] == 0


def test_frames_are_read_with_their_splits(frames: Path) -> None:
    notes: list[str] = []
    got = load([frames], (192, 320), notes.append)
    records = list(Dataset.open(frames).records())
    for split, part in (("train", got.train), ("val", got.val)):
        own = [r for r in records if r["split"] == split]
        assert len(part) == len(own)
        for frame, record in zip(part, own):
            h, w = frame.pixels().shape[:2]
            assert (w, h) == (640, 360)
            want = [p["quad"] for p in record["plates"]]
            np.testing.assert_allclose(frame.quads, np.float32(want).reshape(-1, 4, 2), rtol=1e-5)
            clear = [p["legibility"] != "illegible" for p in record["plates"]]
            assert not (frame.wanted & ~np.array(clear, bool)).any()
    assert any(len(frame.quads) == 0 for frame in got.train)  # frames without plates
    assert f"{len(got.train)} frames to learn from" in notes[0]
    small = load([frames], (64, 96), notes.append)
    assert small.train[0].pixels().shape == (108, 192, 3)
    np.testing.assert_allclose(small.train[0].quads, got.train[0].quads * 0.3, rtol=1e-4)
    more = load([frames], (64, 96), notes.append, illegible=True)
    assert sum(f.wanted.sum() for f in more.train) >= sum(f.wanted.sum() for f in small.train)


def test_datasets_say_what_they_teach(frames: Path, tmp_path: Path) -> None:
    make(tmp_path / "crops", 2, real=True)
    crops = tmp_path / "crops"
    assert chosen([frames], "auto") == "detector"
    assert chosen([crops], "auto") == "reader"
    assert chosen([frames, crops], "reader") == "reader"
    for paths, kind, told in (
        ([frames, crops], "auto", "crops and whole frames at once"),
        ([crops], "detector", "learns from whole frames"),
        ([crops], "speaker", "no kind"),
        ([tmp_path], "auto", "no dataset"),
    ):
        with pytest.raises(AnprgenError, match=told):
            chosen(paths, kind)


# What follows needs PyTorch.


def test_a_detector_is_trained_and_says_so(frames: Path, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from anprgen.training.detector_loop import DetectorTraining
    from anprgen.training.detector_network import PlateDetector
    from anprgen.training.detector_recipe import DetectorOptions
    from anprgen.training.detector_run import MORE, train_detector
    from anprgen.training.to_onnx import ALLOWED

    quick = DetectorOptions(
        steps=6, batch=4, width=8, check_every=2, threads=1, device="cpu",
        input_width=96, height=64,
    )  # fmt: skip
    notes = Notes()
    done = train_detector([frames], tmp_path / "whole", quick, notes)
    said = json.loads((tmp_path / "whole" / "model.json").read_text("utf-8"))
    assert said == done.summary
    assert set(said["onnx"]["operators"]) <= ALLOWED | MORE
    assert "Resize" in said["onnx"]["operators"]
    assert said["validation"]["count"] > 0
    assert said["trained_on"][0]["digest"] in run("verify", frames).output
    # Stopped after each check, it ends as if it had not been.
    for after in (1, 1):
        with pytest.raises(KeyboardInterrupt):
            train_detector([frames], tmp_path / "killed", quick, Killed(after))
    again = train_detector([frames], tmp_path / "killed", quick, Notes())
    a, b = Detector.open(done.out), Detector.open(again.out)
    images = np.random.default_rng(0).integers(0, 256, (2, 64, 96, 3), np.uint8)
    for x, y in zip(a.maps(images), b.maps(images)):
        np.testing.assert_allclose(x, y, atol=1e-5)
    with pytest.raises(DatasetError, match="width: 8 there, 12 asked for"):
        train_detector([frames], tmp_path / "whole", replace(quick, width=12), Notes())
    with pytest.raises(DatasetError, match="multiples of 32"):
        DetectorOptions(input_width=100)
    assert PlateDetector(8).heat[-1].bias.item() < -4
    assert isinstance(DetectorTraining, type)
    assert torch.isfinite(PlateDetector(8)(torch.zeros(1, 3, 64, 96))[1]).all()


def test_a_detector_learns(tmp_path: Path) -> None:
    """White plates on grey, of many sizes and turns, elsewhere than those it learnt."""
    pytest.importorskip("torch")
    from anprgen.training.detector_loop import DetectorTraining
    from anprgen.training.detector_recipe import DetectorOptions
    from anprgen.training.frames import Frames

    rng = np.random.default_rng(0)

    def some(n: int) -> tuple[Frame, ...]:
        out = []
        for _ in range(n):
            turn, width = rng.uniform(-0.3, 0.3), rng.uniform(40, 90)
            axis = np.array([(np.cos(turn), np.sin(turn)), (-np.sin(turn), np.cos(turn))])
            centre = rng.uniform((50, 40), (142, 88))
            quad = (SQUARE - (20, 6)) / 40 * width * (1, 1.2) @ axis + centre
            out.append(drawn(np.float32([quad]), (192, 128)))
        return tuple(out)

    options = DetectorOptions(
        steps=160, batch=8, width=8, check_every=160, threads=1, device="cpu", rate=5e-3,
        input_width=96, height=64, augment=False,
    )  # fmt: skip
    training = DetectorTraining(tmp_path, Frames(some(48), some(24), ()), options)
    before = scores(training.answers(training.frames.val), 0.3)
    training.run(Notes())
    answers = training.answers(training.frames.val)
    after = scores(answers, best_threshold(answers))
    assert before["recall"] < 0.2
    assert after["recall"] > 0.8
    assert after["precision"] > 0.8
    assert after["corner"] < 0.12
    first = answers[0].found[0][1]
    assert overlap(first, answers[0].plates[0]) > 0.5


def test_the_command_line_chooses_the_kind(frames: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    words = ["train", frames, "-o", tmp_path / "m", "--steps", "2", "--batch-size", "4"]
    words += ["--width", "8", "--threads", "1", "--device", "cpu"]
    out = run(*words, "--size", "96x64").output
    assert "at IoU 0.5" in out
    assert Detector.open(tmp_path / "m").card.kind == "detector"
    assert "--real is for readers" in run(*words, "--real", frames, code=2).output
    assert "--batch is for readers" in run(*words, "--batch", "8", code=2).output
    assert "no size" in run(*words, "--size", "large", code=2).output
