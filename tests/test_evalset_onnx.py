# SPDX-License-Identifier: Apache-2.0
"""A network for each preset, run by ONNX Runtime and by Polygraphy, scored by the set's eval.py."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from readers import colour_detector, fit_reader, read_manifest
from scoring import READERS, SetOf, numbers

pytest_plugins = ("evalsets",)  # the fixtures plates, pictures and set_of


def batches(folder: Path, key: str = "folder") -> list[np.ndarray]:
    """The raw batches of the usual variant, read as a C program would: no header, no names."""
    said = read_manifest(folder)["tensors"][0]
    dtype = np.dtype(said["dtype"]).newbyteorder("<")
    files = sorted((folder / said[key]).iterdir())
    return [np.fromfile(file, dtype).reshape(said["shape"]) for file in files]


def run(model: Path, folder: Path) -> dict[str, np.ndarray]:
    """All outputs of the model, batch by batch."""
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    outs = [session.run(None, {name: batch}) for batch in batches(folder)]
    names = [o.name for o in session.get_outputs()]
    return {n: np.concatenate([o[i] for o in outs]) for i, n in enumerate(names)}


@pytest.fixture(scope="module")
def models(set_of: SetOf, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("models")
    paths = {preset: root / f"{preset}.onnx" for preset in [*READERS, "yolo"]}
    for preset in READERS:
        fit_reader(set_of(preset), paths[preset])
    colour_detector(set_of("yolo"), paths["yolo"])
    return paths


@pytest.fixture(scope="module")
def by_polygraphy(models: dict[str, Path], set_of: SetOf) -> dict[str, Path]:
    """What `polygraphy run --onnxrt --load-inputs` saved, all presets at once."""
    program = Path(sys.executable).with_name("polygraphy")
    started = {}
    for preset, model in models.items():
        said, folder = read_manifest(set_of(preset)), set_of(preset)
        files = sorted((folder / said["tensors"][0]["polygraphy"]).iterdir())
        out = model.with_suffix(".json")
        words = [program, "run", model, "--onnxrt", "--load-inputs", *files, "--save-outputs", out]
        started[preset] = (
            out,
            subprocess.Popen(
                [str(word) for word in words],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                env={**os.environ, "POLYGRAPHY_AUTOINSTALL_DEPS": "0"},
            ),
        )
    for _, process in started.values():
        said, _ = process.communicate(timeout=120)
        assert process.returncode == 0, said
    return {preset: out for preset, (out, _) in started.items()}


@pytest.mark.parametrize("preset", READERS)
def test_a_reader_scores_the_same_by_both_ways(
    preset: str,
    models: dict[str, Path],
    by_polygraphy: dict[str, Path],
    set_of: SetOf,
    tmp_path: Path,
) -> None:
    folder = set_of(preset)
    np.savez(tmp_path / "outputs.npz", **run(models[preset], folder))
    ours = numbers(folder, tmp_path, tmp_path / "outputs.npz")
    assert 0.3 < ours["exact"] < 0.95  # It knows 0.6 of the plates.
    assert ours["count"] == read_manifest(folder)["count"]
    assert numbers(folder, tmp_path, by_polygraphy[preset]) == ours


def test_a_detector_scores_the_same_by_both_ways(
    models: dict[str, Path], by_polygraphy: dict[str, Path], set_of: SetOf, tmp_path: Path
) -> None:
    folder = set_of("yolo")
    np.save(tmp_path / "outputs.npy", run(models["yolo"], folder)["output0"])
    ours = numbers(folder, tmp_path, tmp_path / "outputs.npy")
    assert 0.3 < ours["AP50_95"] < 0.95  # Its grid of 32 px is coarse.
    assert ours["AP50"] > 0.5
    assert numbers(folder, tmp_path, by_polygraphy["yolo"]) == ours


class Calibration(CalibrationDataReader):
    """The batches of calib.npz, as ONNX Runtime asks for them."""

    def __init__(self, folder: Path) -> None:
        said = read_manifest(folder)
        path = folder / said["tensors"][0]["calibration"]
        with np.load(path, allow_pickle=False) as arrays:
            assert arrays.files == [said["tensors"][0]["name"]]
            (name,), size = arrays.files, said["batch"]
            whole = arrays[name]
        assert len(whole) % size == 0
        self.feeds = iter({name: whole[i : i + size]} for i in range(0, len(whole), size))

    def get_next(self) -> dict[str, Any] | None:
        return next(self.feeds, None)


@pytest.mark.parametrize("preset", [*READERS, "yolo"])
def test_int8_from_the_calibration_set(
    preset: str, models: dict[str, Path], set_of: SetOf, tmp_path: Path
) -> None:
    folder, small = set_of(preset), tmp_path / "int8.onnx"
    quantize_static(
        models[preset],
        small,
        Calibration(folder),
        quant_format=QuantFormat.QDQ,
        activation_type=QuantType.QInt8,
        weight_type=QuantType.QInt8,
        per_channel=True,
        op_types_to_quantize=["Conv" if preset == "yolo" else "MatMul"],
        # TensorRT takes zero points of 0 only.
        extra_options={"ActivationSymmetric": True, "WeightSymmetric": True},
    )
    assert "QuantizeLinear" in {node.op_type for node in onnx.load(small).graph.node}
    scores = []
    for model in (models[preset], small):
        np.savez(tmp_path / "outputs.npz", **run(model, folder))
        found = numbers(folder, tmp_path, tmp_path / "outputs.npz")
        scores.append(found["AP50" if preset == "yolo" else "exact"])
    assert scores[1] > scores[0] - 0.1
