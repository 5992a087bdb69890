# SPDX-License-Identifier: Apache-2.0
"""`anprgen evaluate`: figures against counts made by hand, and a report that stands alone."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from labelled_crops import some_texts, write_crops
from making import make
from networks import write_reader
from typer.testing import CliRunner

from anprgen.cli import app
from anprgen.evaluation.answers import Answer, Answers
from anprgen.evaluation.factors import BOUNDS, MEANING, class_of, classes
from anprgen.evaluation.numbers import by_factor, calibration, confusions, scores, wilson
from anprgen.labelled import open_photographs
from anprgen.models import Reading, Source
from anprgen.splits import split_of_text


def run(*words: str | Path, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["evaluate", *map(str, words)])
    assert result.exit_code == code, (result.output, result.exception)
    return result.output


def answer(got: str, want: str, confidence: float = 0.9, k: int = 0) -> Answer:
    return Answer(str(k), want, want, Reading(got, confidence, (), ((got, confidence),)))


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 crops: 6 labels say 2 where the picture says 1, the others are right."""
    texts = some_texts(60)
    rows = [(t, t) for t in texts]
    wrong = [k for k, t in enumerate(texts) if "1" in t][:6]
    for k in wrong:
        rows[k] = (texts[k], texts[k].replace("1", "2", 1))
    return write_crops(tmp_path_factory.mktemp("photographs") / "real", rows)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_reader(tmp_path_factory.mktemp("model") / "reader.onnx").parent


def test_a_report_says_what_was_read(photographs: Path, model: Path, tmp_path: Path) -> None:
    output = run(model, photographs, "-o", tmp_path / "new" / "report")
    assert "0.900" in output
    said = json.loads((tmp_path / "new" / "report.json").read_text("utf-8"))
    assert said["data"]["count"] == 60
    (found,) = said["models"]
    assert found["scores"]["exact"]["value"] == found["scores"]["strict"]["value"] == 0.9
    exact = found["scores"]["exact"]
    assert exact["low"] < 0.9 < exact["high"]
    letters = sum(len(c.text) for c in open_photographs(photographs))
    assert found["scores"]["cer"]["value"] == pytest.approx(6 / letters, abs=1e-4)
    assert found["top"]["1"] == 0.9
    assert found["confusions"][0] | {"share": 0} == {
        "want": "2",
        "got": "1",
        "count": 6,
        "share": 0,
    }
    assert found["factors"] == {}
    bins = found["calibration"]["bins"]
    assert sum(b["count"] for b in bins) == 60
    assert found["calibration"]["ece"] == pytest.approx(0.1, abs=0.03)


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.images: list[str] = []

    def handle_starttag(self, tag: str, attrs: list) -> None:
        if tag == "img":
            self.images.append(dict(attrs)["src"])
        if tag not in ("img", "meta", "br", "rect", "line", "circle", "polyline"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            assert self.open.pop() == tag


def test_the_page_stands_alone_and_trusts_no_name(
    photographs: Path, model: Path, tmp_path: Path
) -> None:
    evil = write_reader(tmp_path / "m.onnx", name="<script>alert(1)</script>")
    run(evil, model, photographs, "-o", tmp_path / "report")
    text = (tmp_path / "report.html").read_text("utf-8")
    assert "<script" not in text
    assert not re.search(r"(src|href)=\"(?!data:)", text)
    page = Page()
    page.feed(text)
    assert page.open == []
    assert len(page.images) == 12  # 6 mistakes of each model
    for svg in re.findall(r"<svg.*?</svg>", text, re.DOTALL):
        ET.fromstring(svg)
    assert text.count("<svg") == 2


def test_models_are_compared_in_pairs(photographs: Path, model: Path, tmp_path: Path) -> None:
    same = write_reader(tmp_path / "same.onnx", temperature=2.0)
    run(model, same, photographs, "-o", tmp_path / "report")
    said = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert [m["model"] for m in said["models"]] == ["bands", "bands (2)"]
    assert said["differences"] == [
        {"model": "bands (2)", "than": "bands", "value": 0, "low": 0, "high": 0}
    ]
    a, b = (m["calibration"]["bins"][-1]["confidence"] for m in said["models"])
    assert b < a


def test_nothing_is_overwritten_and_faults_are_told(
    photographs: Path, model: Path, tmp_path: Path
) -> None:
    (tmp_path / "report.html").write_text("mine")
    assert "exists already" in run(model, photographs, "-o", tmp_path / "report", code=2)
    assert (tmp_path / "report.html").read_text() == "mine"
    assert "name a model" in run(photographs, "-o", tmp_path / "r", code=2)
    assert "no such file" in run(tmp_path / "x.onnx", photographs, "-o", tmp_path / "r", code=2)
    assert "no such folder" in run(model, tmp_path / "x", "-o", tmp_path / "r", code=2)
    assert "did you mean" in run(
        model, photographs, "-o", tmp_path / "r", "--split", "tset", code=2
    )
    for folder in (".", "..", "/", tmp_path):
        assert "a file's name is wanted" in run(model, photographs, "-o", folder, code=2)
    run(model, photographs, "-o", tmp_path / "a", "--min-exact", "0.95", code=1)
    run(model, photographs, "-o", tmp_path / "b", "--min-exact", "0.85")


def test_lists_that_name_nothing_are_told_of(model: Path, tmp_path: Path) -> None:
    (tmp_path / "labels.tsv").write_text("gone.png\tCBA 1234\nlost.png\tCBA 1235\n")
    said = run(model, tmp_path, "-o", tmp_path / "r", code=2)
    assert "2 pictures that cannot be read, gone.png first" in " ".join(said.split())


def test_what_a_model_learnt_from_does_not_count(photographs: Path, tmp_path: Path) -> None:
    found = open_photographs(photographs)
    crops = list(found)
    source = Source("real", found.digest, len(crops))
    model = write_reader(tmp_path / "m.onnx", trained_on=(source,))
    output = run(model, photographs, "-o", tmp_path / "report")
    assert "learnt from these crops" in output
    said = json.loads((tmp_path / "report.json").read_text("utf-8"))
    tests = [c for c in crops if split_of_text(c.text) == "test"]
    assert said["data"]["count"] == len(tests) > 0


def test_photographs_that_may_have_been_learnt_from_do_not_count(
    photographs: Path, tmp_path: Path
) -> None:
    crops = list(open_photographs(photographs))
    tests = [c for c in crops if split_of_text(c.text) == "test"]
    source = Source("real", "the digest before a label was corrected", len(crops))
    model = write_reader(tmp_path / "m.onnx", trained_on=(source,))
    assert "--split train,val,test counts all" in run(model, photographs, "-o", tmp_path / "a")
    said = json.loads((tmp_path / "a.json").read_text("utf-8"))
    assert said["data"]["count"] == len(tests)
    run(model, photographs, "-o", tmp_path / "b", "--split", "train,val,test")
    assert json.loads((tmp_path / "b.json").read_text("utf-8"))["data"]["count"] == len(crops)
    ours = Source("made", "a digest", 9, made_by="0.1.0")
    run(write_reader(tmp_path / "o.onnx", trained_on=(ours,)), photographs, "-o", tmp_path / "c")
    assert json.loads((tmp_path / "c.json").read_text("utf-8"))["data"]["count"] == len(crops)


def test_a_dataset_of_ours_has_factors(model: Path, tmp_path: Path) -> None:
    make(tmp_path / "d", 40, workers=2, real=True)
    output = run(model, tmp_path / "d", "-o", tmp_path / "r", "--split", "train,val")
    assert "cannot say" in output
    said = json.loads((tmp_path / "r.json").read_text("utf-8"))
    (found,) = said["models"]
    assert found["scores"]["exact"]["value"] == 0  # Another country's characters.
    assert {"width_px", "yaw_deg", "conditions", "series", "legibility"} <= set(found["factors"])
    assert set(found["factors"]) <= set(MEANING)
    for name, rows in found["factors"].items():
        assert sum(r["count"] for r in rows) <= found["count"]
        assert len(rows) > 1
        if (order := classes(name)) is not None:
            assert [r["class"] for r in rows] == [
                c for c in order if c in {r["class"] for r in rows}
            ]
            assert sum(r["count"] for r in rows) == found["count"]
    assert "exact by width_px" in (tmp_path / "r.html").read_text("utf-8")


def test_classes_of_numbers() -> None:
    for name, bounds in BOUNDS.items():
        named = classes(name)
        at = [bounds[0] - 1e-9, *bounds]
        assert [class_of(name, v) for v in at] == named


def test_factors_are_counted_with_intervals() -> None:
    answers = [answer("A" if k % 4 else "B", "A", k=k) for k in range(40)]
    described = [{"yaw_deg": "<10" if k < 20 else ">=45", "night": "day"} for k in range(40)]
    found = by_factor(answers, described)
    assert list(found) == ["yaw_deg"]
    assert [(r["class"], r["count"], r["exact"]) for r in found["yaw_deg"]] == [
        ("<10", 20, 0.75),
        (">=45", 20, 0.75),
    ]
    assert all(r["low"] < 0.75 < r["high"] for r in found["yaw_deg"])


def test_confusions_count_what_stood_there() -> None:
    answers = [answer("A8", "AB"), answer("AB", "AB"), answer("A", "AB"), answer("CAB", "AB")]
    found = {(c["want"], c["got"]): (c["count"], c["share"]) for c in confusions(answers)}
    assert found == {("B", "8"): (1, 0.25), ("B", ""): (1, 0.25), ("", "C"): (1, 0.125)}


def test_calibration_of_one_that_knows_itself() -> None:
    rng = np.random.default_rng(0)
    sure = rng.random(4000)
    right = rng.random(4000) < sure
    found = calibration([answer("A" if r else "B", "A", float(s)) for s, r in zip(sure, right)])
    assert found["ece"] < 0.04
    assert all(b["ends"][0] < b["right"] < b["ends"][1] for b in found["bins"])


def test_the_surest_mistakes_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    from anprgen.evaluation import answers as module
    from anprgen.labelled import Crop

    monkeypatch.setattr(module, "WORST", 3)
    found = Answers("m")
    image = np.zeros((8, 20, 3), np.uint8)
    for k, sure in enumerate([0.2, 0.9, 0.5, 0.95, 0.1, 0.7]):
        got = "A" if sure == 0.95 else "B"  # The surest is right.
        crop = Crop(str(k), "A", "test", lambda: image)
        found.add(crop, Reading(got, sure, (), ((got, sure),)), image)
    assert [a.reading.confidence for a, _ in found.worst()] == [0.9, 0.7, 0.5]


def test_intervals_of_few_registrations_are_wide() -> None:
    """As wide as of so many pictures as there are registrations: more of one say little more."""
    for times in (1, 20):
        answers = [answer(t if t in "ABC" else "", t) for t in "ABCDEF" * times]
        for how in ("exact", "strict"):
            said = scores(answers)[how]
            assert said["value"] == 0.5
            assert (said["low"], said["high"]) == pytest.approx(wilson(3, 6), abs=1e-4)
    assert scores([answer("A", "A")] * 50)["exact"]["low"] < 0.3


def test_wilson_s_interval() -> None:
    low, high = wilson(0, 20)
    assert low == 0
    assert high == pytest.approx(0.161, abs=1e-3)  # Newcombe 1998 has such figures.
    assert wilson(0, 0) == (0, 1)
