# SPDX-License-Identifier: Apache-2.0
"""A small network in ONNX that really finds plates: where red outweighs blue by 72 of 255.

How wide and how high a plate is, is counted along its row and column; its middle is where a bell
over that share is highest. Everything is a convolution, so another picture gives other plates.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from networks import bands
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from anprgen.models.card import Input, ModelCard

WIDTH, HEIGHT, STRIDE = 320, 192, 4
#: Cells that a plate's size is counted over: plates in one row stand further apart.
REACH = 25
_MARK = 72


def plate(text: str, scale: int = 2) -> NDArray[np.uint8]:
    """`bands` with the mark that is found; it takes nothing from the greys."""
    grey = bands(text, scale=scale).astype(np.float64) + 55
    red = _MARK * 0.114 / (0.299 + 0.114)  # 0.299 red = 0.114 blue
    grey[..., 2] += red
    grey[..., 0] -= _MARK - red
    return np.round(np.clip(grey, 0, 255)).astype(np.uint8)


def frame(
    texts: dict[tuple[int, int], str], size: tuple[int, int] = (640, 384), scale: int = 2
) -> NDArray[np.uint8]:
    """A grey picture (width, height) with plates at places (left, top)."""
    out = np.full((size[1], size[0], 3), 90, np.uint8)
    for (x, y), text in texts.items():
        found = plate(text, scale)
        out[y : y + found.shape[0], x : x + found.shape[1]] = found
    return out


def write_detector(path: Path, *, width: int = WIDTH, height: int = HEIGHT, **card: Any) -> Path:
    """Writes the network that finds what `frame` draws."""
    cells = [height // STRIDE, width // STRIDE]
    share = np.zeros((1, 3, 1, 1), np.float32)
    share[0, 2], share[0, 0] = 255 / _MARK, -255 / _MARK  # BGR
    along = np.ones((1, 1, 1, REACH), np.float32)
    at = np.arange(REACH) - REACH // 2
    bell = np.exp(-(at[:, None] ** 2 + at[None] ** 2) / (2 * 2.0**2))[None, None]
    half = np.zeros((8, 2, 1, 1), np.float32)  # of the width and height, per corner
    for corner, (sx, sy) in enumerate([(-1, -1), (1, -1), (1, 1), (-1, 1)]):
        half[2 * corner, 0], half[2 * corner + 1, 1] = sx / 2, sy / 2
    constants = {
        "share": share,
        "along": along,
        "down": along.transpose(0, 1, 3, 2).copy(),
        "bell": (bell / bell.sum()).astype(np.float32),
        "half": half,
        "steep": np.array(12, np.float32),
        "least": np.array(0.35, np.float32),
    }
    r = REACH // 2
    nodes = [
        helper.make_node("AveragePool", ["image"], ["cells"], kernel_shape=[STRIDE, STRIDE],
                         strides=[STRIDE, STRIDE]),
        helper.make_node("Conv", ["cells", "share"], ["mark"]),
        helper.make_node("Conv", ["mark", "bell"], ["dense"], pads=[r, r, r, r]),
        helper.make_node("Sub", ["dense", "least"], ["over"]),
        helper.make_node("Mul", ["over", "steep"], ["logits"]),
        helper.make_node("Sigmoid", ["logits"], ["heat"]),
        helper.make_node("Conv", ["mark", "along"], ["wide"], pads=[0, r, 0, r]),
        helper.make_node("Conv", ["mark", "down"], ["high"], pads=[r, 0, r, 0]),
        helper.make_node("Concat", ["wide", "high"], ["size"], axis=1),
        helper.make_node("Conv", ["size", "half"], ["corners"]),
    ]  # fmt: skip
    graph = helper.make_graph(
        nodes,
        "marks",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, height, width])],
        [
            helper.make_tensor_value_info("heat", TensorProto.FLOAT, [1, 1, *cells]),
            helper.make_tensor_value_info("corners", TensorProto.FLOAT, [1, 8, *cells]),
        ],
        [numpy_helper.from_array(v, k) for k, v in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    about: dict[str, Any] = {
        "kind": "detector",
        "name": "marks",
        "info": {"threshold": 0.5},
        **card,
    }
    how = Input(height, width, colour="bgr", resize="letterbox", values="unit")
    ModelCard(**{"input": how, **about}).store(model)
    onnx.checker.check_model(model)
    onnx.save(model, path)
    return path
