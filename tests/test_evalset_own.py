# SPDX-License-Identifier: Apache-2.0
"""Evaluation sets of readers that `anprgen train` wrote: what they take, how they are scored."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest
from networks import write_reader
from readers import fit_reader, read_labels, read_manifest
from scoring import numbers
from typer.testing import CliRunner

from anprgen.cli import app
from anprgen.dataset import Dataset
from anprgen.evalset import Options, write
from anprgen.models import Reader
from anprgen.models.card import Input, ModelCard
from anprgen.models.prepare import prepare

onnxruntime = pytest.importorskip("onnxruntime")
pytest_plugins = ("evalsets",)  # the fixture plates

SLOTS = 12
OPTIONS = Options(split="train", calibrate=8, limit=40)


def carded(path: Path, charset: str) -> Path:
    """The model file with a card as `anprgen train` writes it."""
    model = onnx.load(path)
    # Its logits are small: sharper ones leave no doubt which class is meant.
    ModelCard("reader", "mine", Input(64, 128), charset, SLOTS, temperature=0.02).store(model)
    onnx.save(model, path)
    return path


@pytest.fixture(scope="module")
def model(plates: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reader with a card that knows 0.6 of the plates, for a batch of 4."""
    root = tmp_path_factory.mktemp("own")
    charset = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    blind = write_blind(root / "blind.onnx", charset)
    write(plates, str(blind), root / "set", OPTIONS)
    fit_reader(root / "set", root / "reader.onnx", places=SLOTS)
    return carded(root / "reader.onnx", charset)


def write_blind(path: Path, charset: str) -> Path:
    """Says nothing to any picture: all it has is a card."""
    shape = [4, SLOTS, len(charset) + 1]
    size = onnx.numpy_helper.from_array(np.array([4, 1, 1], np.int64), "size")
    zeros = onnx.numpy_helper.from_array(np.zeros((1, *shape[1:]), np.float32), "zeros")
    nodes = [
        onnx.helper.make_node("ReduceMean", ["image"], ["flat"], axes=[1, 2, 3], keepdims=0),
        onnx.helper.make_node("Reshape", ["flat", "size"], ["thin"]),
        onnx.helper.make_node("Mul", ["thin", "zeros"], ["logits"]),
    ]
    value = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        nodes,
        "blind",
        [value("image", onnx.TensorProto.FLOAT, [4, 1, 64, 128])],
        [value("logits", onnx.TensorProto.FLOAT, shape)],
        [size, zeros],
    )
    opset = onnx.helper.make_opsetid("", 13)
    onnx.save(onnx.helper.make_model(graph, opset_imports=[opset], ir_version=8), path)
    return carded(path, charset)


def test_a_set_is_what_the_reader_takes_and_scores_as_it_reads(
    model: Path, plates: Dataset, tmp_path: Path
) -> None:
    folder = tmp_path / "set"
    write(plates, str(model), folder, OPTIONS)
    said = read_manifest(folder)
    assert said["batch"] == 4
    assert said["tensors"][0]["name"] == "image"
    assert said["preprocess"]["floor"] == 8
    assert said["decode"]["pad_index"] == 0
    crops = [cv2.imread(str(path)) for path in sorted((folder / "images").iterdir())]
    whole = np.load(folder / said["tensors"][0]["npy"]).reshape(-1, 4, 1, 64, 128)
    assert np.array_equal(whole.reshape(-1, 1, 64, 128)[: said["count"]], prepare(crops, 64, 128))
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    logits = np.concatenate([session.run(None, {"image": batch})[0] for batch in whole])
    np.save(tmp_path / "out.npy", logits)
    texts = [reading.text for reading in Reader.open(model).read(crops)]
    want = [label["text"] for label in read_labels(folder)][: said["count"]]
    share = float(np.mean([a == b for a, b in zip(texts, want, strict=True)]))
    assert 0.1 < share < 0.95  # It has seen 0.6 of the plates.
    scored = numbers(folder, tmp_path, tmp_path / "out.npy")
    assert scored["strict"] == pytest.approx(share, abs=1e-4)


def test_what_does_not_fit_is_told(model: Path, plates: Dataset, tmp_path: Path) -> None:
    def told(*words: str | Path) -> str:
        line = ["evalset", str(plates.root), "-o", str(tmp_path / "o"), *map(str, words)]
        result = CliRunner().invoke(app, line)
        assert result.exit_code == 2, result.output
        return " ".join(result.output.split())

    assert "this model takes 4 at once" in told("--preset", model, "--batch", "8")
    assert "there is no such file" in told("--preset", tmp_path / "gone.onnx")
    assert "there is no reader.onnx in this folder" in told("--preset", plates.root)
    bands = write_reader(tmp_path / "bands.onnx")
    assert "characters lack" in told("--preset", bands)
