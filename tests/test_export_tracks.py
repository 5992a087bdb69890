# SPDX-License-Identifier: Apache-2.0
"""Formats of tracks, read by the rules of their tools; what all formats of sequences share."""

from __future__ import annotations

import configparser
import contextlib
import io
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from making import make
from moving import FPS, FRAMES, HEIGHT, SPLITS, WIDTH, frames_of, write_sequences
from PIL import Image

from anprgen import exporters
from anprgen.dataset import Dataset
from anprgen.errors import DatasetError
from anprgen.exporters import export
from anprgen.exporters.davis import resolution_of
from anprgen.exporters.options import Options
from anprgen.exporters.track_masks import palette, palette_png, track_ids
from anprgen.exporters.visible import cut_box, mask_of
from anprgen.verify import verify

pytest_plugins = ("exported",)  # the fixtures detect and sequence

NAMES = [f"plates-{n:06d}" for n in range(4)]


def track_lines(out: Path) -> dict[tuple[str, int], dict[str, Any]]:
    lines = [json.loads(line) for line in (out / "tracks.jsonl").read_text("utf-8").splitlines()]
    return {(line["sequence"], line["track"]): line for line in lines}


def seen(record: dict[str, Any]) -> set[int]:
    """The tracks of which a frame shows a px."""
    return {p["track"] for p in record["plates"] if mask_of(p).any()}


@pytest.mark.parametrize("to", ["mot", "davis", "youtube-vos", "coco-video", "mp4"])
def test_tracks_come_with_every_format(to: str, sequence: Dataset, tmp_path: Path) -> None:
    export(sequence, to, tmp_path / "x")
    found = track_lines(tmp_path / "x")
    assert sorted(found) == [(name, k) for name in NAMES for k in (1, 2, 3)]
    for (name, number), line in found.items():
        records = [r for _, r in frames_of(sequence, NAMES.index(name))]
        assert line["frames"] == [k for k, r in enumerate(records) if number in seen(r)]
        assert line["best"]["frame"] in line["frames"]
        texts = {p["ocr_text"] for r in records for p in r["plates"] if p["track"] == number}
        assert {line["text"]} == texts


def test_mot_rows_count_from_one(sequence: Dataset, tmp_path: Path) -> None:
    out = tmp_path / "x"
    export(sequence, "mot", out)
    for split in ("train", "val", "test"):
        names = (out / f"seqmaps/plates-{split}.txt").read_text().splitlines()
        assert names[0] == "name"
        assert names[1:] == [n for n, s in zip(NAMES, SPLITS) if s == split]
        for name in names[1:]:
            folder = out / f"plates-{split}" / name
            about = configparser.ConfigParser()
            about.read(folder / "seqinfo.ini")
            said = dict(about["Sequence"])
            assert (said["name"], float(said["framerate"])) == (name, FPS)
            assert (said["imwidth"], said["imheight"]) == (str(WIDTH), str(HEIGHT))
            pictures = sorted((folder / said["imdir"]).glob(f"*{said['imext']}"))
            assert [p.stem for p in pictures] == [f"{k:06d}" for k in range(1, FRAMES + 1)]
            assert len(pictures) == int(said["seqlength"])
            rows = [line.split(",") for line in (folder / "gt/gt.txt").read_text().splitlines()]
            table = {(int(r[0]), int(r[1])): r[2:] for r in rows}
            assert len(table) == len(rows)
            for k, (_, record) in enumerate(frames_of(sequence, NAMES.index(name)), 1):
                assert pictures[k - 1].read_bytes() == sequence.image_path(record).read_bytes()
                for plate in record["plates"]:
                    x, y, w, h, flag, kind, visible = map(float, table.pop((k, plate["track"])))
                    # Readers take 1 away: the outer corner of the top left px is (0, 0) then.
                    box = [x - 1, y - 1, x - 1 + w, y - 1 + h]
                    assert box == pytest.approx(plate["box_amodal"], abs=0.002)
                    assert flag == (cut_box(plate, WIDTH, HEIGHT) is not None)
                    assert (kind, visible) == (1, pytest.approx(plate["visible"], abs=1e-4))
            assert not table


def palette_reader(folder: Path) -> list[dict[int, np.ndarray]]:
    """As trainers of video segmentation read masks: Pillow, mode P, an object for each index."""
    out = []
    for path in sorted(folder.glob("*.png")):
        with Image.open(path) as image:
            assert image.mode == "P"
            ids = np.array(image)
        out.append({int(i): ids == i for i in np.unique(ids) if i})
    return out


@pytest.mark.parametrize("to", ["davis", "youtube-vos"])
def test_masks_hold_the_numbers_of_tracks(to: str, sequence: Dataset, tmp_path: Path) -> None:
    out = tmp_path / "x"
    export(sequence, to, out)
    for number, (name, split) in enumerate(zip(NAMES, SPLITS)):
        if to == "davis":
            listed = {"test": "test-dev"}.get(split, split)
            assert name in (out / f"ImageSets/2017/{listed}.txt").read_text().split()
            root, sub = out, f"144p/{name}"
        else:
            root, sub = out / {"val": "valid"}.get(split, split), name
        pictures = sorted((root / "JPEGImages" / sub).glob("*.jpg"))
        masks = palette_reader(root / "Annotations" / sub)
        assert [p.stem for p in pictures] == [f"{k:05d}" for k in range(FRAMES)]
        for picture, found, (_, record) in zip(
            pictures, masks, frames_of(sequence, number), strict=True
        ):
            assert picture.read_bytes() == sequence.image_path(record).read_bytes()
            assert set(found) == seen(record)
            for plate in record["plates"]:
                empty = np.zeros((HEIGHT, WIDTH), bool)
                assert np.array_equal(found.get(plate["track"], empty), mask_of(plate))
        if to == "youtube-vos":
            meta = json.loads((root / "meta.json").read_text("utf-8"))["videos"][name]
            for key, about in meta["objects"].items():
                shown = [f"{k:05d}" for k, found in enumerate(masks) if int(key) in found]
                assert about == {"category": "plate", "frames": shown}
            assert len(meta["objects"]) == 3


def test_the_palette_is_that_of_davis() -> None:
    # The first colours of Pascal VOC and DAVIS, as their tools print them.
    first = [0, 0, 0, 128, 0, 0, 0, 128, 0, 128, 128, 0, 0, 0, 128, 128, 0, 128, 0, 128, 128]
    assert list(palette())[:21] == first
    assert list(palette())[3 * 255 :] == [224, 224, 192]
    assert len(palette()) == 768


@given(arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9))))
def test_a_palette_png_gives_its_indices_back(ids: np.ndarray) -> None:
    with Image.open(io.BytesIO(palette_png(ids))) as image:
        assert image.mode == "P"
        assert bytes(image.getpalette()) == palette()
        assert np.array_equal(np.array(image), ids)


@pytest.mark.parametrize(
    ("heights", "name"), [((480, 480), "480p"), ((720,), "720p"), ((480, 720), "Full-Resolution")]
)
def test_the_resolution_of_davis_is_the_frames_height(heights: tuple[int, ...], name: str) -> None:
    class Heights:
        def records(self) -> Any:
            return ({"image": {"height": h}} for h in heights)

    assert resolution_of(Heights()) == name  # type: ignore[arg-type]


def test_coco_with_videos_as_trackers_read_it(sequence: Dataset, tmp_path: Path) -> None:
    coco_module = pytest.importorskip("pycocotools.coco")
    export(sequence, "coco-video", tmp_path / "x")
    tracks = {}
    for split in ("train", "val", "test"):
        with contextlib.redirect_stdout(io.StringIO()):
            coco = coco_module.COCO(str(tmp_path / f"x/annotations/{split}.json"))
        videos = {v["id"]: v for v in coco.dataset["videos"]}
        assert [v["name"] for v in videos.values()] == [
            n for n, s in zip(NAMES, SPLITS) if s == split
        ]
        by_id = {t["id"]: t for t in coco.dataset["tracks"]}
        for video in videos.values():
            assert video["length"] == FRAMES
            images = [i for i in coco.imgs.values() if i["video_id"] == video["id"]]
            # mmtracking puts them into their places by frame_id, from 0.
            assert [i["frame_id"] for i in images] == list(range(FRAMES))
            number = NAMES.index(video["name"])
            for image, (_, record) in zip(images, frames_of(sequence, number), strict=True):
                path = tmp_path / "x/images" / split / image["file_name"]
                assert path.read_bytes() == sequence.image_path(record).read_bytes()
                wanted = [p for p in record["plates"] if cut_box(p, WIDTH, HEIGHT)]
                found = coco.loadAnns(coco.getAnnIds(imgIds=[image["id"]]))
                for annotation, plate in zip(found, wanted, strict=True):
                    assert np.array_equal(coco.annToMask(annotation) > 0, mask_of(plate))
                    assert annotation["video_id"] == video["id"]
                    assert annotation["track_id"] == annotation["instance_id"]
                    track = by_id[annotation["track_id"]]
                    assert track["plate_text"] == plate["ocr_text"]
                    assert track["video_id"] == video["id"]
                    key = track["id"]
                    assert tracks.setdefault(key, (number, plate["track"])) == (
                        number,
                        plate["track"],
                    )
    assert len(tracks) == 12  # No number of a track twice, whatever the split.


@pytest.mark.parametrize("to", ["mot", "davis", "youtube-vos", "coco-video", "mp4"])
def test_incomplete_sequences_are_left_out(to: str, tmp_path: Path) -> None:
    dataset = write_sequences(tmp_path / "d", 2, failed=[2 * FRAMES - 1])
    result = export(dataset, to, tmp_path / "x")
    assert "left out: 1 sequences of which frames are missing or failed" in result.notes
    assert "no sequences in val: make more before training" in result.notes
    assert {name for name, _ in track_lines(tmp_path / "x")} == {NAMES[0]}
    assert not [p for p in (tmp_path / "x").rglob("*") if NAMES[1] in p.name]


def test_single_splits(sequence: Dataset, tmp_path: Path) -> None:
    export(sequence, "mot", tmp_path / "x", Options(splits=("val",)))
    assert sorted(p.name for p in (tmp_path / "x").glob("plates-*")) == ["plates-val"]
    assert {name for name, _ in track_lines(tmp_path / "x")} == {NAMES[1]}


@pytest.mark.parametrize("to", ["mot", "mp4", "super-resolution"])
def test_single_pictures_are_no_sequences(to: str, detect: Dataset, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="--task sequence"):
        export(detect, to, tmp_path / "x")
    assert not (tmp_path / "x").exists()


def test_readers_get_plates_cut_out_of_frames(sequence: Dataset, tmp_path: Path) -> None:
    export(sequence, "paddleocr-rec", tmp_path / "x")
    lines = (tmp_path / "x/rec_gt_train.txt").read_text("utf-8").splitlines()
    names, labels = zip(*(line.split("\t") for line in lines))
    assert {label[:2] for label in labels} == {"AB", "CD", "EF"}
    shapes = [cv2.imread(str(tmp_path / "x" / name)).shape[:2] for name in names]
    assert max(w for _, w in shapes) < WIDTH  # plates, not whole frames


def test_later_masks_win_where_plates_overlap(sequence: Dataset) -> None:
    record = next(iter(sequence.records()))
    both = [{**p, "track": k} for k, p in enumerate([record["plates"][0]] * 2, 4)]
    assert set(np.unique(track_ids({**record, "plates": both}))) == {0, 5}


def test_sequences_of_the_flat_renderer_are_exported(tmp_path: Path) -> None:
    pytest.importorskip("av")
    config = {"frames": 5, "fps": 12.5, "overrides": {"frame.size": "640x360"}, "seed": 5}
    make(tmp_path / "d", 10, real=True, task="sequence", **config)
    dataset = Dataset.open(tmp_path / "d")
    assert not verify(dataset).damage
    for to in exporters._VIDEO:
        result = export(dataset, to, tmp_path / to)
        found = track_lines(tmp_path / to)
        records = [r for r in dataset.records() if r["split"] in SPLITS]
        wanted = {(f"plates-{r['sequence']['number']:06d}", t) for r in records for t in seen(r)}
        assert found.keys() == wanted
        assert not any(note.startswith("left out: 1 sequences") for note in result.notes)
    assert wanted
