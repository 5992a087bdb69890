# SPDX-License-Identifier: Apache-2.0
"""What a network costs: parameters, multiplications, and time on one core of this machine."""

from __future__ import annotations

import platform
import time
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from anprgen.models.session import open_session

_RUNS, _WARM = 40, 5


def cost(path: Path) -> dict[str, Any]:
    """Parameters, multiply-accumulates a picture, and milliseconds on one core.

    Multiplications are counted in the graph (convolutions and matrix products, the rest is below
    1 %); the time is the median of 40 runs of ONNX Runtime on one thread, network only.
    """
    model = onnx.shape_inference.infer_shapes(onnx.load(path))
    kept = {t.name: tuple(t.dims) for t in model.graph.initializer}
    values = [*model.graph.value_info, *model.graph.input, *model.graph.output]
    shapes = {v.name: tuple(d.dim_value for d in v.type.tensor_type.shape.dim) for v in values}
    shapes |= kept
    batch = shapes[model.graph.input[0].name][0]
    macs = 0
    for node in model.graph.node:
        out = shapes.get(node.output[0], ())
        if node.op_type == "Conv":
            macs += int(np.prod(out)) * int(np.prod(kept[node.input[1]][1:]))
        elif node.op_type == "MatMul":
            macs += int(np.prod(out)) * shapes[node.input[0]][-1]
    floats = [t for t in model.graph.initializer if t.data_type == onnx.TensorProto.FLOAT]
    return {
        "parameters": int(sum(np.prod(tuple(t.dims)) for t in floats)),
        "macs": macs // batch,
        "milliseconds": round(_milliseconds(path) / batch, 3),
        "processor": platform.processor() or platform.machine(),
        "file_bytes": path.stat().st_size,
    }


def _milliseconds(path: Path) -> float:
    session = open_session(path, None, threads=1)
    size = session.card.input
    x = np.zeros((session.batch or 1, size.channels, size.height, size.width), np.float32)
    times = []
    for k in range(_WARM + _RUNS):
        begun = time.perf_counter()
        session.run(x)
        if k >= _WARM:
            times.append(time.perf_counter() - begun)
    return 1e3 * float(np.median(times))
