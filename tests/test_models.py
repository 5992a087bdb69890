# SPDX-License-Identifier: Apache-2.0
"""Model files: what they say about themselves, how they are asked, and what cannot be opened."""

from __future__ import annotations

import itertools
import json
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import CHARSET, SLOTS, bands, write_reader

from anprgen.errors import AnprgenError, MissingLibrary, ModelError
from anprgen.models import Input, ModelCard, Reader, Source
from anprgen.models.beam import softmax, texts
from anprgen.models.calibration import confidences, expected_calibration_error, fit_temperature
from anprgen.models.card import KEY, read_card
from anprgen.models.prepare import prepare, shrink, standardise

TEXTS = ["A1", "CAB21", "33", "B1C2A", "1"]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    return write_reader(folder / "reader.onnx")


def test_it_reads_what_the_picture_says(path: Path) -> None:
    reader = Reader.open(path)
    found = reader.read([bands(t, scale=k + 1) for k, t in enumerate(TEXTS)])
    assert [r.text for r in found] == TEXTS
    assert ["".join(c.char for c in r.characters) for r in found] == TEXTS
    for r in found:
        assert 0.9 < r.confidence <= 1
        assert r.alternatives[0] == (r.text, r.confidence)
        probabilities = [p for _, p in r.alternatives]
        assert probabilities == sorted(probabilities, reverse=True)
        assert sum(probabilities) <= 1 + 1e-9
        assert len({t for t, _ in r.alternatives}) == 5


def test_a_folder_and_any_batch_give_the_same(path: Path, tmp_path: Path) -> None:
    images = [bands(t) for t in TEXTS * 3]
    want = Reader.open(path.parent).read(images)
    for batch in (4, "n"):
        other = write_reader(tmp_path / f"{batch}.onnx", batch=batch)
        assert [r.text for r in Reader.open(other).read(images)] == [r.text for r in want]
    assert Reader.open(path).read([]) == []


def test_a_temperature_makes_it_less_sure_and_reads_the_same(path: Path, tmp_path: Path) -> None:
    cold, warm = Reader.open(path), Reader.open(write_reader(tmp_path / "w.onnx", temperature=4.0))
    image = [bands("CAB21")]
    assert warm.read(image)[0].text == cold.read(image)[0].text
    assert warm.read(image)[0].confidence < cold.read(image)[0].confidence


def test_the_card_comes_back_as_it_was(tmp_path: Path) -> None:
    card = ModelCard(
        "detector", "d", Input(320, 320, "rgb", "letterbox", "unit"),
        trained_on=(Source("set", "abc", 20, 0.5, "0.1.0"),), info={"strides": [8, 16]},
    )  # fmt: skip
    assert read_card({KEY: card.to_json()}, "x") == card
    model = onnx.ModelProto()
    card.store(model)
    card.store(model)
    assert [p.key for p in model.metadata_props] == [KEY]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": "anprgen-model/9"}, "format"),
        ({"kind": "poem"}, "kind"),
        ({"charset": "AAB"}, "twice"),
        ({"charset": ""}, "charset"),
        ({"charset": ["A"]}, "charset"),
        ({"slots": 1e9}, "slots"),
        ({"slots": True}, "slots"),
        ({"temperature": 0}, "temperature"),
        ({"temperature": "hot"}, "temperature"),
        ({"input": None}, "input"),
        ({"input": {"height": 10**9, "width": 1}}, "height"),
        ({"name": "\x1b[2J"}, "name"),
        ({"trained_on": [{"name": "a"}]}, "digest"),
        ({"info": []}, "info"),
    ],
)
def test_a_card_that_cannot_be_is_refused_in_words(change: dict, said: str) -> None:
    good = json.loads(ModelCard("reader", "r", Input(8, 8), "AB", 2).to_json())
    with pytest.raises(ModelError, match=said):
        read_card({KEY: json.dumps({**good, **change})}, "x.onnx")


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80) | st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=4),
    lambda x: st.lists(x, max_size=3) | st.dictionaries(st.text(max_size=8), x, max_size=3),
).map(json.dumps))  # fmt: skip
def test_no_card_crashes_the_program(text: str) -> None:
    with pytest.raises(AnprgenError):
        read_card({KEY: text}, "x.onnx")


def test_files_that_are_no_readers(path: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such file"):
        Reader.open(tmp_path / "none.onnx")
    with pytest.raises(ModelError, match=r"no reader\.onnx"):
        Reader.open(tmp_path)
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(path.read_bytes()[:200])
    with pytest.raises(ModelError, match="not an ONNX file"):
        Reader.open(broken)
    bare = onnx.load(path)
    del bare.metadata_props[:]
    onnx.save(bare, tmp_path / "bare.onnx")
    with pytest.raises(ModelError, match="no card"):
        Reader.open(tmp_path / "bare.onnx")
    wrong = write_reader(tmp_path / "wrong.onnx", charset=CHARSET + "X")
    with pytest.raises(ModelError, match="output"):
        Reader.open(wrong)
    with pytest.raises(ModelError, match="detector"):
        Reader.open(write_reader(tmp_path / "det.onnx", kind="detector"))
    with pytest.raises(ModelError, match="device"):
        Reader.open(path, device="tpu")


def test_weights_beside_the_file_are_not_read(path: Path, tmp_path: Path) -> None:
    """A file from anyone could name /etc/passwd as its weights."""
    model = onnx.load(path)
    (tmp_path / "secret").write_bytes(b"\0" * 4096)
    kept = next(t for t in model.graph.initializer if t.name == "to_last")
    kept.ClearField("raw_data")
    kept.data_location = onnx.TensorProto.EXTERNAL
    entry = kept.external_data.add()
    entry.key, entry.value = "location", str(tmp_path / "secret")
    (tmp_path / "evil.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(ModelError):
        Reader.open(tmp_path / "evil.onnx")


def test_without_onnx_runtime_it_says_what_to_install(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingLibrary, match=r"anprgen\[read\]"):
        Reader.open(path)


def test_pictures_that_are_none(path: Path) -> None:
    reader = Reader.open(path)
    for image in (np.zeros((4, 4, 4), np.uint8), np.zeros((0, 4, 3), np.uint8), np.zeros((4, 4))):
        with pytest.raises(ModelError, match="BGR"):
            reader.read([image])


def test_a_prepared_picture_is_standard() -> None:
    image = np.random.default_rng(0).integers(0, 255, (37, 211, 3), np.uint8)
    x = prepare([image, image[:, :20]], 64, 128)
    assert x.shape == (2, 1, 64, 128)
    assert x.dtype == np.float32
    np.testing.assert_allclose(x.mean((1, 2, 3)), 0, atol=1e-5)
    deviation = shrink(image, 64, 128).std()
    np.testing.assert_allclose(x[0].std(), deviation / (deviation + 8), rtol=1e-4)
    even = standardise(np.full((1, 4, 4), 77, np.uint8))
    assert not even.any()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 4), st.integers(2, 4))
def test_the_beam_finds_what_trying_everything_finds(seed: int, slots: int, classes: int) -> None:
    rng = np.random.default_rng(seed)
    p = softmax(3 * rng.standard_normal((slots, classes)))
    charset = "ABCDEF"[: classes - 1]
    every: dict[str, float] = {}
    for way in itertools.product(range(classes), repeat=slots):
        text = "".join(charset[k - 1] for k in way if k)
        every[text] = every.get(text, 0.0) + float(np.prod([p[s, k] for s, k in enumerate(way)]))
    want = sorted(every.items(), key=lambda item: -item[1])[:5]
    found = texts(p, charset, 5)
    # At these sizes the beam holds every text of up to 16; beyond, the best must still be right.
    assert found[0].text == want[0][0]
    assert found[0].probability == pytest.approx(want[0][1], abs=0.02)
    if len(every) <= 16:
        assert [h.probability for h in found] == pytest.approx([v for _, v in want])


def test_a_temperature_mends_what_is_too_sure() -> None:
    rng = np.random.default_rng(1)
    true = 2.0 * rng.standard_normal((3000, SLOTS, 5)).astype(np.float32)
    drawn = (softmax(true).cumsum(-1) < rng.random((3000, SLOTS, 1))).sum(-1)
    right = (drawn == true.argmax(-1)).all(-1)
    bold = 3 * true
    t = fit_temperature(bold, right)
    assert 2.6 < t < 3.4
    before = expected_calibration_error(confidences(bold, 1.0), right)
    after = expected_calibration_error(confidences(bold, t), right)
    assert after < 0.03 < 0.2 < before


def test_a_temperature_of_sets_that_cannot_tell() -> None:
    logits = np.random.default_rng(0).standard_normal((30, 4, 5)).astype(np.float32)
    assert fit_temperature(logits[:0], np.zeros(0, bool)) == 1.0
    assert 0.25 <= fit_temperature(logits, np.ones(30, bool)) < 1
    assert 1 < fit_temperature(logits, np.zeros(30, bool)) <= 8
