# SPDX-License-Identifier: Apache-2.0
"""A small network in ONNX that really reads: it tells a picture's bars and steps apart.

Its crops say a text in vertical bands of grey, one a slot: black is "no character", and each
character has a grey of its own. Standardised input is compared with those greys, so any other
picture gives another text.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from anprgen.models.card import Input, ModelCard
from anprgen.models.prepare import FLOOR

CHARSET = "ABC123"
SLOTS, HEIGHT, WIDTH = 6, 16, 48
_SHARP = 14.0


def bands(text: str, *, scale: int = 1, noise: float = 0.0, seed: int = 0) -> NDArray[np.uint8]:
    """The crop that says `text`, uint8 [h, w, 3]; `noise` blurs its greys, in greys.

    A white and a black row at the bottom fix the range of greys.
    """
    row = np.zeros(SLOTS)
    row[: len(text)] = [30.0 * (1 + CHARSET.index(c)) for c in text]
    rng = np.random.default_rng(seed)
    row = row + noise * rng.standard_normal(SLOTS)
    image = np.repeat(np.repeat(row, WIDTH // SLOTS)[None], HEIGHT, 0)
    image = np.repeat(np.repeat(image, scale, 0), scale, 1)
    return np.repeat(np.clip(np.round(image), 0, 255).astype(np.uint8)[..., None], 3, 2)


def write_reader(
    path: Path, *, batch: int | str = 1, temperature: float = 1.0, **card: Any
) -> Path:
    """Writes the network that reads `bands`.

    Slot means are taken back to greys with the mean and deviation that standardising removed:
    the last band is always black in a text of at most SLOTS - 1, so differences to it are greys
    by the deviation; the picture's own deviation is found from them.
    """
    # x: [n, 1, h, w] -> slot means [n, slots]
    nodes = [
        helper.make_node(
            "AveragePool", ["x"], ["pooled"], kernel_shape=[HEIGHT, WIDTH // SLOTS],
            strides=[HEIGHT, WIDTH // SLOTS],
        ),
        helper.make_node("Reshape", ["pooled", "flat"], ["means"]),  # [n, slots]
        helper.make_node("MatMul", ["means", "to_last"], ["over"]),  # greys / (sd + 8)
        # Standardised values have the deviation s / (s + 8), so s = 8 d / (1 - d).
        helper.make_node("Mul", ["means", "means"], ["squares"]),
        helper.make_node("ReduceMean", ["squares"], ["variance"], axes=[1], keepdims=1),
        helper.make_node("Sqrt", ["variance"], ["d"]),
        helper.make_node("Sub", ["one", "d"], ["rest"]),
        helper.make_node("Div", ["floor", "rest"], ["scale"]),  # s + 8 = 8 / (1 - d)
        helper.make_node("Mul", ["over", "scale"], ["greys"]),  # [n, slots]
        helper.make_node("Reshape", ["greys", "wide"], ["greys3"]),  # [n, slots, 1]
        helper.make_node("Sub", ["greys3", "levels"], ["off"]),
        helper.make_node("Mul", ["off", "off"], ["off2"]),
        helper.make_node("Mul", ["off2", "sharp"], ["logits"]),
    ]  # fmt: skip
    to_last = np.eye(SLOTS, dtype=np.float32)
    to_last[-1] -= 1
    constants = {
        "flat": np.array([-1, SLOTS], np.int64),
        "wide": np.array([-1, SLOTS, 1], np.int64),
        "to_last": to_last,
        "one": np.array(1, np.float32),
        "floor": np.array(FLOOR, np.float32),
        "levels": np.arange(len(CHARSET) + 1, dtype=np.float32) * 30,
        "sharp": np.array(-_SHARP / 30**2, np.float32),
    }
    graph = helper.make_graph(
        nodes,
        "bands",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [batch, 1, HEIGHT, WIDTH])],
        [
            helper.make_tensor_value_info(
                "logits", TensorProto.FLOAT, [batch, SLOTS, len(CHARSET) + 1]
            )
        ],
        [numpy_helper.from_array(v, k) for k, v in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    about = {"kind": "reader", "name": "bands", "charset": CHARSET, "slots": SLOTS, **card}
    ModelCard(input=Input(HEIGHT, WIDTH), temperature=temperature, **about).store(model)
    onnx.checker.check_model(model)
    onnx.save(model, path)
    return path
