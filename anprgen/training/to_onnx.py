# SPDX-License-Identifier: Apache-2.0
"""Writes a trained network as ONNX, and checks the file against PyTorch and an old TensorRT."""

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
from anprgen.models.session import open_session

OPSET = 13
#: What a network may be made of: TensorRT 8.2 (Jetson Nano, JetPack 4.6) has all of it.
ALLOWED = frozenset(
    {"Add", "Constant", "Conv", "MatMul", "MaxPool", "Relu", "Reshape", "Softmax", "Transpose"}
)
#: Largest difference of outputs between ONNX Runtime and PyTorch, both in float32.
TOLERANCE = 1e-3


def write(
    model: torch.nn.Module,
    path: Path,
    card: ModelCard,
    batch: int,
    outputs: tuple[str, ...] = ("logits",),
    more: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """Writes the network with its card, for a static batch; what was checked.

    `outputs` names its outputs, `more` are operators that it may have besides `ALLOWED`.

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
            (torch.zeros(batch, card.input.channels, card.input.height, card.input.width),),
            data,
            input_names=["image"],
            output_names=list(outputs),
            opset_version=OPSET,
            dynamo=False,
        )
    made = onnx.load_from_string(data.getvalue())
    _without_identities(made.graph)
    operators = Counter(node.op_type for node in made.graph.node)
    if others := sorted(set(operators) - ALLOWED - more):
        raise ModelError(
            f"the network has operators that are not allowed: {', '.join(others)}",
            hint=f"allowed: {', '.join(sorted(ALLOWED | more))}",
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


def _difference(model: torch.nn.Module, path: Path, batch: int) -> float:
    """Largest difference of the outputs on three batches of random pictures."""
    session, rng = open_session(path, None, threads=1), np.random.default_rng(0)
    how = session.card.input
    worst = 0.0
    for _ in range(3):
        size = (batch, how.channels, how.height, how.width)
        x: NDArray[np.float32] = rng.standard_normal(size).astype(np.float32)
        with torch.no_grad():
            said = model(torch.from_numpy(x))
        want = said if isinstance(said, tuple) else (said,)
        for a, b in zip(want, session.run(x), strict=True):
            worst = max(worst, float(np.abs(a.numpy() - b).max()))
    return worst
