# SPDX-License-Identifier: Apache-2.0
"""What evalset answers where it cannot go on: in plain words, exit code 2, nothing written."""

from __future__ import annotations

import shutil
from collections import Counter, namedtuple
from pathlib import Path

import pytest
from making import make, write_by_hand
from readers import read_manifest
from typer.testing import CliRunner

from anprgen.cli import app
from anprgen.dataset import Dataset
from anprgen.evalset.presets import PRESETS
from anprgen.exporters import export

pytest_plugins = ("evalsets",)  # the fixtures plates, pictures and set_of

TRAIN = ("--split", "train", "--batch", "4", "--calibrate", "4", "-n", "5")


def evalset(dataset: Path, out: Path, *words: str, code: int = 0) -> str:
    """What the command says."""
    preset = [] if "--preset" in words else ["--preset", "lprnet-tao"]
    line = ["evalset", str(dataset), "-o", str(out), *preset, *TRAIN, *words]
    result = CliRunner().invoke(app, line)
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    if code:
        assert result.stderr.startswith("anprgen: ")
        assert not out.exists()
        assert not list(out.parent.glob(".*exporting"))
    return result.stderr if code else result.stdout


def test_an_unknown_preset_lists_the_known(plates: Dataset, tmp_path: Path) -> None:
    said = evalset(plates.root, tmp_path / "o", "--preset", "lprnet", code=2)
    assert all(name in said for name in PRESETS)


def test_characters_that_the_reader_lacks_are_counted(plates: Dataset, tmp_path: Path) -> None:
    texts = [
        r["plates"][0]["ocr_text"]
        for r in plates.records()
        if r["split"] == "train" and r["plates"][0]["legibility"] != "illegible"
    ][:5]
    found = Counter("".join(texts))
    lacking = sorted(found)[:2]
    known = tmp_path / "known.txt"
    known.write_text(
        "".join(f"{c}\n" for c in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" if c not in lacking)
    )
    said = evalset(plates.root, tmp_path / "o", "--charset", str(known), code=2)
    for character in lacking:
        assert f"{character!r} {found[character]} times" in said
    assert "34 characters lack 2" in said
    assert "--charset" in said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("A\nBC\n", "line 2 is 'BC', not one character"),
        ("A\nB\nA\n", "'A' stands in lines 1 and 3"),
        ("", "line 1 is ''"),
        ("alphabet: ABA\n", "'A' stands twice in the alphabet"),
        (None, "cannot read it"),
    ],
)
def test_a_wrong_file_of_characters(
    content: str | None, said: str, plates: Dataset, tmp_path: Path
) -> None:
    path = tmp_path / "c.txt"
    if content is not None:
        path.write_text(content)
    assert said in evalset(plates.root, tmp_path / "o", "--charset", str(path), code=2)


def test_the_configuration_of_a_reader_names_its_characters(
    plates: Dataset, tmp_path: Path
) -> None:
    """As `anprgen export --to fast-plate-ocr` writes it, and as people do; the padding anywhere."""
    for i, line in enumerate(
        ('"_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"', "'ZYXWVUTSRQPONMLKJIHGFEDCBA9876543210_'")
    ):
        path = tmp_path / "plate_config.yaml"
        path.write_text(f"max_plate_slots: 9\nalphabet: {line}\npad_char: '_'\n")
        words = ("--preset", "fast-plate-ocr", "--charset", str(path))
        evalset(plates.root, tmp_path / f"o{i}", *words)
        decode = read_manifest(tmp_path / f"o{i}")["decode"]
        assert decode["pad_index"] == (0, 36)[i]
        assert "".join(c or "_" for c in decode["classes"]) == line[1:-1]
        assert "_" not in decode["charset"]


def test_classes_are_those_of_a_reader_trained_on_an_export(
    plates: Dataset, tmp_path: Path
) -> None:
    """The few texts of a small set do not say which class a character is."""
    export(plates, "paddleocr-rec", tmp_path / "rec")
    dictionary = (tmp_path / "rec/dict.txt").read_text("utf-8").splitlines()
    evalset(plates.root, tmp_path / "o", "--preset", "ppocrv5-rec", "-n", "2")
    decode = read_manifest(tmp_path / "o")["decode"]
    assert decode["classes"] == ["", *dictionary, " "]
    words = ("--preset", "fast-plate-ocr", "--charset", "dataset")
    evalset(plates.root, tmp_path / "f", *words)
    assert read_manifest(tmp_path / "f")["decode"]["classes"] == [*dictionary, ""]


def test_a_full_disk_is_noticed_before(
    plates: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9, 10**5))
    said = evalset(plates.root, tmp_path / "o", code=2)
    assert "5 items need up to 0.00 GB, 0.00 GB are free" in said
    assert "-n" in said


def test_an_unfinished_dataset_needs_a_word(tmp_path: Path) -> None:
    write_by_hand(tmp_path / "d", 40)
    shutil.rmtree(tmp_path / "d/shards/000001")
    said = evalset(tmp_path / "d", tmp_path / "o", code=2)
    assert "10 of 40 samples are not made yet (in 10..19)" in said
    assert "--partial" in said
    assert "10 of 40" in evalset(tmp_path / "d", tmp_path / "o", "--partial")
    assert read_manifest(tmp_path / "o")["count"] == 5


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--split", "tests"), "did you mean test"),
        (("--batch", "0"), "--batch 0"),
        (("-n", "0"), "-n 0"),
        (("--calibrate", "-1"), "--calibrate -1"),
        (("--margin", "2"), "--margin 2"),
        (("--input-name", "input:0"), "trtexec splits at colons"),
        (("--calibration", "nowhere"), "no dataset"),
    ],
)
def test_wrong_words(words: tuple[str, ...], said: str, plates: Dataset, tmp_path: Path) -> None:
    assert said in evalset(plates.root, tmp_path / "o", *words, code=2)


def test_another_folder_is_never_overwritten(plates: Dataset, tmp_path: Path) -> None:
    evalset(plates.root, tmp_path / "a")
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    line = ["evalset", str(plates.root), "-o", str(tmp_path / "a"), "--preset", "parseq", *TRAIN]
    result = CliRunner().invoke(app, line)
    assert result.exit_code == 2
    assert "an export to evalset lprnet-tao" in result.stderr
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before


def test_notes_tell_what_a_usual_reader_cannot_say(tmp_path: Path) -> None:
    """Texts longer than a preset's usual configuration stay in and are told."""
    make(tmp_path / "d", 6, overrides={"fake.text": "ABCDEFGHIJ"})
    split = next(r["split"] for r in Dataset.open(tmp_path / "d").records())
    words = ("--preset", "fast-plate-ocr", "--split", split)
    said = evalset(tmp_path / "d", tmp_path / "o", *words)
    assert "5 texts are longer than the 9 characters" in said
    assert "0 calibration samples instead of 4" in said
    assert not (tmp_path / "o/calib").exists()
    assert "calibration" not in read_manifest(tmp_path / "o")["tensors"][0]
