# SPDX-License-Identifier: Apache-2.0
"""Sequences as they are read, their tracks, and the best shot of each."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moving import FPS, FRAMES, HEIGHT, SPLITS, WIDTH, movers, write_sequences

from anprgen import manifest
from anprgen.dataset import Dataset
from anprgen.errors import DatasetError
from anprgen.sequences.best_shot import best_shot, detail_px
from anprgen.sequences.reader import find_sequence, whole_sequences
from anprgen.sequences.tracks import Show, Track, tracks_of
from anprgen.training.kinds import chosen as kind_of

pytest_plugins = ("exported",)  # the fixtures detect, ocr and sequence


def read(dataset: Dataset) -> tuple[list[Any], Counter[str]]:
    left = Counter[str]()

    def leave_out(what: str) -> None:
        left[what] += 1

    return list(whole_sequences(dataset, leave_out)), left


def test_sequences_come_in_order_across_shards(sequence: Dataset) -> None:
    found, left = read(sequence)
    assert not left
    assert [s.number for s in found] == [0, 1, 2, 3]
    for s in found:
        assert (s.split, s.fps, s.size) == (SPLITS[s.number], FPS, (WIDTH, HEIGHT))
        assert [r["index"] for r in s.records] == [s.number * FRAMES + k for k in range(FRAMES)]
        assert find_sequence(sequence, s.number) == s
    assert find_sequence(sequence) == found[0]


def test_one_sequence_is_in_memory_at_a_time(
    sequence: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_so_far = []
    whole = Dataset.records

    def counted(self: Dataset) -> Any:
        for record in whole(self):
            read_so_far.append(record["index"])
            yield record

    monkeypatch.setattr(Dataset, "records", counted)
    for s in whole_sequences(sequence, lambda _: None):
        assert len(read_so_far) <= (s.number + 1) * FRAMES + 1  # The first of the next ends it.


def test_incomplete_sequences_are_counted(tmp_path: Path) -> None:
    lost = [3, *range(FRAMES, 2 * FRAMES), 4 * FRAMES - 1]  # of 0 a frame, all of 1, the last of 3
    dataset = write_sequences(tmp_path / "d", failed=lost)
    found, left = read(dataset)
    assert [s.number for s in found] == [2]
    assert left == {"sequences of which frames are missing or failed": 3}
    assert find_sequence(dataset).number == 2
    with pytest.raises(DatasetError, match="of sequence 0, 13 of 14 frames"):
        find_sequence(dataset, 0)
    manifest.write(dataset.root, replace(dataset.manifest, requested=6 * FRAMES))
    assert read(Dataset.open(dataset.root))[1].total() == 5


def test_other_datasets_have_none(detect: Dataset) -> None:
    with pytest.raises(DatasetError, match="has no sequences"):
        read(detect)


@pytest.mark.parametrize("field", ["split", "fps", "frame", "width"])
def test_frames_that_do_not_go_together_are_refused(
    field: str, sequence: Dataset, tmp_path: Path
) -> None:
    root = tmp_path / "d"
    shutil.copytree(sequence.root, root)
    path = root / "shards/000001/records.jsonl"
    records = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    where = {"split": records[2], "width": records[2]["image"]}.get(field, records[2]["sequence"])
    where[field] = "val" if field == "split" else where[field] + 1
    path.write_text("".join(json.dumps(r) + "\n" for r in records), "utf-8")
    with pytest.raises(DatasetError, match="frames of sequence 0 differ.*"):
        read(Dataset.open(root))


def test_tracks_are_the_plates_that_move(sequence: Dataset) -> None:
    for s in read(sequence)[0]:
        tracks = tracks_of(s)
        assert [(t.number, t.text) for t in tracks] == [(m.track, m.text) for m in movers(s.number)]
        nearer, away, hidden = tracks
        assert nearer.frames == list(range(FRAMES))
        # It leaves the picture, where nothing labels it, and comes back under its number.
        gone = set(range(FRAMES)) - {show.frame for show in away.shows}
        assert gone
        assert min(away.frames) < min(gone) <= max(gone) < max(away.frames)
        # Behind the post it stays labelled, unseen.
        unseen = {show.frame for show in hidden.shows} - set(hidden.frames)
        assert unseen
        assert min(hidden.frames) < min(unseen) <= max(unseen) < max(hidden.frames)


def test_the_best_shot_is_near_and_seen(sequence: Dataset) -> None:
    for s in read(sequence)[0]:
        nearer, away, hidden = (best_shot(t) for t in tracks_of(s))
        assert nearer.frame == FRAMES - 1
        assert nearer.legibility == "clear"
        assert "17." in nearer.why or "18." in nearer.why
        assert away.frame in (0, FRAMES - 1)  # whole in the picture there
        assert "whole in the picture" in away.why
        seen = next(p for p in s.records[hidden.frame]["plates"] if p["track"] == 3)["visible"]
        assert seen == 1.0
        assert "all of each seen" in hidden.why


def plate(height: float, **more: Any) -> dict[str, Any]:
    character = {"large": True, "height_px": height, "visible": more.pop("seen", 1.0)}
    return {
        "characters": [character], "moved_px": 0.0, "yaw_deg": 0.0, "truncated": False,
        "legibility": "clear", "visible": 1.0, "mask": {"counts": [0, 5]}, **more,
    }  # fmt: skip


def chosen(*plates: dict[str, Any]) -> int:
    shows = tuple(Show(k, p) for k, p in enumerate(plates))
    return best_shot(Track(1, "A", "fake", shows)).frame


def test_the_rule_of_the_best_shot() -> None:
    assert chosen(plate(20), plate(30), plate(30)) == 1
    assert chosen(plate(30, legibility="hard"), plate(14)) == 1
    assert chosen(plate(30, truncated=True), plate(14)) == 1
    assert chosen(plate(30, seen=0.5), plate(20)) == 1
    assert chosen(plate(30, yaw_deg=-60.0), plate(20)) == 1
    # A smear as long as a stroke is wide leaves 0.71 of the detail.
    assert detail_px(plate(28, moved_px=4.0)) == pytest.approx(28 / 2**0.5)
    assert chosen(plate(28, moved_px=4.0), plate(20)) == 1
    assert chosen(plate(28, moved_px=4.0), plate(19)) == 0


@given(
    st.floats(1, 80), st.floats(0, 30), st.floats(0, 89), st.floats(0, 1),
    st.sampled_from(["height", "moved", "yaw", "seen"]),
)  # fmt: skip
def test_detail_falls_with_all_that_hurts(
    height: float, moved: float, yaw: float, seen: float, worse: str
) -> None:
    now = detail_px(plate(height, moved_px=moved, yaw_deg=yaw, seen=seen))
    assert 0 <= now <= height
    height *= 0.9 if worse == "height" else 1
    moved += 1.0 if worse == "moved" else 0
    yaw = min(90.0, yaw + 1) if worse == "yaw" else yaw
    seen *= 0.9 if worse == "seen" else 1
    assert detail_px(plate(height, moved_px=moved, yaw_deg=yaw, seen=seen)) <= now


def test_frames_of_sequences_teach_what_whole_frames_do(
    sequence: Dataset, detect: Dataset, ocr: Dataset
) -> None:
    assert kind_of([sequence.root], "auto") == "detector"
    assert kind_of([sequence.root, detect.root], "auto") == "detector"
    assert kind_of([sequence.root], "reader") == "reader"
    with pytest.raises(DatasetError, match="crops and whole frames at once"):
        kind_of([sequence.root, ocr.root], "auto")


def test_a_plate_without_large_characters_has_no_detail() -> None:
    assert detail_px({**plate(9), "characters": []}) == 0
