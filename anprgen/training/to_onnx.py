# SPDX-License-Identifier: Apache-2.0
"""Writes a trained reader as ONNX, and checks the file against PyTorch and an old TensorRT."""

from __future__ import annotations

import io
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray

from anprgen.errors import ModelError
from anprgen.files import write_bytes
from anprgen.models.card import ModelCard
from anprgen.models.reader import Reader
from anprgen.training.network import HEIGHT, WIDTH, PlateReader

OPSET = 13
#: What a reader may be made of: TensorRT 8.2 (Jetson Nano, JetPack 4.6) has all of it.
ALLOWED = frozenset(
    {"Add", "Constant", "Conv", "MatMul", "MaxPool", "Relu", "Reshape", "Softmax", "Transpose"}
)
#: Largest difference of logits between ONNX Runtime and PyTorch, both in float32.
TOLERANCE = 1e-3


def write(model: PlateReader, path: Path, card: ModelCard, batch: int) -> dict[str, Any]:
    """Writes the network with its card, for a static batch; what was checked.

    Raises:
        ModelError: it has an operator that TensorRT 8.2 lacks, or says something else than
            PyTorch; nothing is written then.
    """
    model = model.cpu().float().eval()
    data = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # The exporter that makes opset 13; the newer one begins at 18, which TensorRT 8 lacks.
        torch.onnx.export(
            model,
            (torch.zeros(batch, 1, HEIGHT, WIDTH),),
            data,
            input_names=["image"],
            output_names=["logits"],
            opset_version=OPSET,
            dynamo=False,
        )
    made = onnx.load_from_string(data.getvalue())
    _without_identities(made.graph)
    operators = Counter(node.op_type for node in made.graph.node)
    if more := sorted(set(operators) - ALLOWED):
        raise ModelError(
            f"the network has operators that are not allowed: {', '.join(more)}",
            hint=f"allowed: {', '.join(sorted(ALLOWED))}",
        )
    card.store(made)
    onnx.checker.check_model(made, full_check=True)
    beside = path.with_name(f".{path.name}")
    write_bytes(beside, made.SerializeToString())
    try:
        difference = _difference(model, beside, batch)
        if not difference <= TOLERANCE:
            raise ModelError(
                f"ONNX Runtime and PyTorch differ by {difference:g}, more than {TOLERANCE:g}",
                where=str(path),
                hint="this is a fault of an exporter or a runtime: report their versions",
            )
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return {
        "opset": OPSET,
        "batch": batch,
        "operators": dict(sorted(operators.items())),
        "largest_difference": difference,
    }


def _without_identities(graph: Any) -> None:
    """Where two weights are equal the exporter keeps one, and names it twice by an Identity."""
    names = {n.output[0]: n.input[0] for n in graph.node if n.op_type == "Identity"}
    for node in [n for n in graph.node if n.op_type == "Identity"]:
        graph.node.remove(node)
    for node in graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]


def _difference(model: PlateReader, path: Path, batch: int) -> float:
    """Largest difference of logits on three batches of random pictures."""
    reader, rng = Reader.open(path, threads=1), np.random.default_rng(0)
    worst = 0.0
    for _ in range(3):
        x: NDArray[np.float32] = rng.standard_normal((batch, 1, HEIGHT, WIDTH)).astype(np.float32)
        with torch.no_grad():
            want = model(torch.from_numpy(x)).numpy()
        worst = max(worst, float(np.abs(reader.logits(x) - want).max()))
    return worst
