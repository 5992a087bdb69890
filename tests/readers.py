# SPDX-License-Identifier: Apache-2.0
"""Small networks in ONNX, fitted with numpy: one for each preset, with its inputs and outputs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

TYPES = {"uint8": TensorProto.UINT8, "float32": TensorProto.FLOAT}


def read_manifest(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "manifest.json").read_text("utf-8"))


def read_labels(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "labels.jsonl").read_text("utf-8").splitlines()]


def classes_of(folder: Path, places: int) -> np.ndarray:
    """What the network should say: int [n, places], from the labels' class numbers."""
    decode = read_manifest(folder)["decode"]
    kind = decode["kind"]
    special = decode[{"ctc": "blank_index", "slots": "pad_index", "eos": "eos_index"}[kind]]
    out = np.full((len(read_labels(folder)), places), special)
    for row, label in zip(out, read_labels(folder)):
        ids = label["ids"]
        if kind == "ctc":  # A blank between all, or doubled characters would be one.
            row[1 : 2 * len(ids) : 2] = ids
        else:
            row[: len(ids)] = ids
    return out


def fit_reader(folder: Path, path: Path, *, places: int = 20, share: float = 0.6) -> None:
    """A linear reader of shrunk pictures, fitted to the first `share` of the set's own tensors.

    It knows those and guesses at the others, so that its accuracy is neither 0 nor 1.
    """
    said = read_manifest(folder)
    variant, vocabulary = said["tensors"][-1], said["decode"]["vocabulary"]
    usual = said["tensors"][0]
    tensors = np.load(folder / variant["npy"])[: said["count"]].astype(np.float64)
    pictures = tensors if variant["layout"] == "NCHW" else tensors.transpose(0, 3, 1, 2)
    n, channels, h, w = pictures.shape
    small = pictures.reshape(n, channels, h // 4, 4, w // 4, 4).mean((3, 5)).reshape(n, -1)
    centre, scale = small.mean(), small.std()
    known = (small[: int(share * n)] - centre) / scale
    wanted = np.eye(vocabulary)[classes_of(folder, places)[: len(known)]].reshape(len(known), -1)
    # Ridge regression in its dual form: fewer samples than features.
    weights = known.T @ np.linalg.solve(known @ known.T + 0.5 * np.eye(len(known)), wanted)
    batch = said["batch"]
    nodes = [helper.make_node("Cast", [usual["name"]], ["numbers"], to=TensorProto.FLOAT)]
    if variant["layout"] == "NHWC":
        nodes += [helper.make_node("Transpose", ["numbers"], ["planes"], perm=[0, 3, 1, 2])]
    planes = nodes[-1].output[0]
    nodes += [
        helper.make_node("AveragePool", [planes], ["small"], kernel_shape=[4, 4], strides=[4, 4]),
        helper.make_node("Flatten", ["small"], ["flat"]),
        helper.make_node("Sub", ["flat", "centre"], ["centred"]),
        helper.make_node("Div", ["centred", "scale"], ["features"]),
        helper.make_node("MatMul", ["features", "weights"], ["scores"]),
        helper.make_node("Reshape", ["scores", "shape"], ["logits"]),
    ]
    constants = {
        "centre": np.float32(centre),
        "scale": np.float32(scale),
        "weights": weights.astype(np.float32),
        "shape": np.array([batch, places, vocabulary], np.int64),
    }
    outputs = [("logits", TensorProto.FLOAT, [batch, places, vocabulary])]
    if said["decode"]["output"]:  # TAO's readers say class numbers and how sure they are.
        ids = said["decode"]["output"]
        nodes += [
            helper.make_node("ArgMax", ["logits"], ["numbers64"], axis=2, keepdims=0),
            helper.make_node("Cast", ["numbers64"], [ids], to=TensorProto.INT32),
            helper.make_node("ReduceMax", ["logits"], ["sure"], axes=[2], keepdims=0),
        ]
        outputs = [
            ("sure", TensorProto.FLOAT, [batch, places]),
            (ids, TensorProto.INT32, [batch, places]),
        ]
    save(path, nodes, usual, outputs, constants)


def colour_detector(folder: Path, path: Path) -> None:
    """Finds yellow px on a grid of 32 px and says the box around them, as Ultralytics' output."""
    usual = read_manifest(folder)["tensors"][0]
    batch, cells = usual["shape"][0], 20
    weights = np.array([1.0, 1.0, -2.0], np.float32).reshape(1, 3, 1, 1)  # (240, 200, 40): 1.41
    nodes = [
        helper.make_node(
            "AveragePool", ["images"], ["grid"], kernel_shape=[32, 32], strides=[32, 32]
        ),
        helper.make_node("Conv", ["grid", "yellow"], ["amount"]),
        helper.make_node("Greater", ["amount", "least"], ["plate"]),
        helper.make_node("Cast", ["plate"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMax", ["mask"], ["columns"], axes=[1, 2], keepdims=0),
        helper.make_node("ReduceMax", ["mask"], ["rows"], axes=[1, 3], keepdims=0),
        helper.make_node("ReduceMax", ["amount"], ["most"], axes=[1, 2, 3], keepdims=0),
    ]
    for name, source in (("x", "columns"), ("y", "rows")):
        nodes += [
            helper.make_node("ArgMax", [source], [f"{name}_first"], axis=1, keepdims=0),
            helper.make_node(
                "ArgMax", [source], [f"{name}_last"], axis=1, keepdims=0, select_last_index=1
            ),
            helper.make_node("Cast", [f"{name}_first"], [f"{name}0"], to=TensorProto.FLOAT),
            helper.make_node("Cast", [f"{name}_last"], [f"{name}1"], to=TensorProto.FLOAT),
            helper.make_node("Add", [f"{name}0", f"{name}1"], [f"{name}_sum"]),
            helper.make_node("Add", [f"{name}_sum", "one"], [f"{name}_ends"]),
            helper.make_node("Mul", [f"{name}_ends", "half"], [f"{name}_centre"]),
            helper.make_node("Sub", [f"{name}1", f"{name}0"], [f"{name}_between"]),
            helper.make_node("Add", [f"{name}_between", "one"], [f"{name}_cells"]),
            helper.make_node("Mul", [f"{name}_cells", "cell"], [f"{name}_size"]),
        ]
    rows = ["x_centre", "y_centre", "x_size", "y_size", "score"]
    nodes += [helper.make_node("Clip", ["most", "zero", "one"], ["score"])]
    nodes += [helper.make_node("Unsqueeze", [r, "axes"], [f"{r}_3d"]) for r in rows]
    nodes += [helper.make_node("Concat", [f"{r}_3d" for r in rows], ["output0"], axis=1)]
    constants = {
        "yellow": weights,
        "least": np.float32(0.5),
        "one": np.float32(1),
        "zero": np.float32(0),
        "half": np.float32(16),
        "cell": np.float32(640 / cells),
        "axes": np.array([1, 2], np.int64),
    }
    save(path, nodes, usual, [("output0", TensorProto.FLOAT, [batch, 5, 1])], constants)


def save(
    path: Path,
    nodes: list[onnx.NodeProto],
    variant: dict[str, Any],
    outputs: list[tuple[str, int, list[int]]],
    constants: dict[str, Any],
) -> None:
    dtype = TYPES[variant["dtype"]]
    graph = helper.make_graph(
        nodes,
        "reader",
        [helper.make_tensor_value_info(variant["name"], dtype, variant["shape"])],
        [helper.make_tensor_value_info(*output) for output in outputs],
        [numpy_helper.from_array(np.asarray(v), name) for name, v in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, path)
