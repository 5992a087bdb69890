# SPDX-License-Identifier: Apache-2.0
"""Opens an ONNX file with ONNX Runtime. Nobody vouches for the file."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anprgen.errors import MissingLibrary, ModelError
from anprgen.models.card import ModelCard, read_card

#: Far above any network that reads plates; protobuf itself ends at 2 GiB.
MOST_BYTES = 1 << 30
DEVICES = ("cpu", "cuda", "auto")

F32 = NDArray[np.float32]


@dataclass(frozen=True)
class Session:
    """An open network with one input, float32 NCHW of the card's size.

    `batch` is what it takes at once, or None where it takes any number; `outputs` maps the names
    of its outputs to their shapes, with None for what is not fixed.
    """

    path: Path
    card: ModelCard
    batch: int | None
    outputs: dict[str, tuple[int | None, ...]]
    runtime: Any
    input_name: str

    def wants_pictures(self, colour: str, resize: str, values: str) -> None:
        """Raises ModelError where its card wants pictures that are made otherwise (`Input`)."""
        how = self.card.input
        if (how.colour, how.resize, how.values) != (colour, resize, values):
            raise ModelError(
                f"pictures that are {how.colour}, {how.resize} and {how.values} are not made here",
                where=str(self.path),
                hint="use the version of anprgen that wrote it",
            )

    def run(self, images: F32) -> list[F32]:
        """Every output for `images` [n, channels, height, width], any n: n comes first in each.

        Raises:
            ModelError: the network fails on them.
        """
        n, size = len(images), self.batch or max(1, len(images))
        parts: list[list[F32]] = []
        for first in range(0, n, size):
            feed = images[first : first + size]
            if self.batch is not None and len(feed) < size:  # A static batch is filled up.
                rest = np.zeros((size - len(feed), *images.shape[1:]), np.float32)
                feed = np.concatenate([feed, rest])
            try:
                parts.append(self.runtime.run(None, {self.input_name: feed}))
            except Exception as e:  # ONNX Runtime raises classes of its own, without a base.
                raise ModelError(
                    f"the network cannot be run: {_first_line(e)}", where=str(self.path)
                ) from None
        if not parts:
            return [
                np.zeros((0, *(d or 0 for d in shape[1:])), np.float32) for shape in self.shapes
            ]
        return [np.concatenate([p[k] for p in parts])[:n] for k in range(len(parts[0]))]

    @property
    def shapes(self) -> list[tuple[int | None, ...]]:
        """Shapes of the outputs in their order."""
        return list(self.outputs.values())


def open_session(
    path: Path, kind: str | None, *, threads: int | None = None, device: str = "cpu"
) -> Session:
    """Opens a model file, or the one of that kind in a model's folder (``reader.onnx``).

    Of a file `kind` may be None: any.

    `threads` is the number ONNX Runtime may use (None: all cores); `device` cpu, cuda, or auto
    (cuda where ONNX Runtime has it).

    Raises:
        MissingLibrary: ONNX Runtime is not installed.
        ModelError: the file is not there, no ONNX, has no card of that kind, or takes something
            else than the card says.
    """
    file = model_file(path, kind or "model")
    ort = runtime()
    options = ort.SessionOptions()
    options.log_severity_level = 4  # Its warnings are not for users; errors are raised.
    if threads is not None:
        options.intra_op_num_threads = options.inter_op_num_threads = threads
    try:
        if file.stat().st_size > MOST_BYTES:
            raise ModelError("larger than 1 GiB", where=str(file))
        # From its bytes, so that a file cannot name others beside it to be read as weights.
        session = ort.InferenceSession(
            file.read_bytes(), options, providers=_providers(ort, device)
        )
        metadata = dict(session.get_modelmeta().custom_metadata_map)
    except ModelError:
        raise
    except OSError as e:
        raise ModelError(f"cannot read it: {e.strerror}", where=str(file)) from None
    except Exception as e:  # ONNX Runtime raises classes of its own, without a base.
        raise ModelError(
            f"not an ONNX file that can be run: {_first_line(e)}", where=str(file)
        ) from None
    card = read_card(metadata, str(file), kind)
    return _checked(file, card, session)


def model_file(path: Path, kind: str) -> Path:
    """The ONNX file that a user's path means.

    Raises:
        ModelError: there is none.
    """
    file = path / f"{kind}.onnx" if path.is_dir() else path
    if not file.is_file():
        raise ModelError(
            f"there is no {kind}.onnx in this folder" if path.is_dir() else "there is no such file",
            where=str(path),
            hint="name a .onnx file, or the folder that `anprgen train -o` wrote",
        )
    return file


def runtime() -> Any:
    """ONNX Runtime's module.

    Raises:
        MissingLibrary: it is not installed.
    """
    try:
        return importlib.import_module("onnxruntime")
    except ImportError:
        raise MissingLibrary("running a model needs ONNX Runtime", extra="read") from None


def _providers(ort: Any, device: str) -> list[str]:
    if device not in DEVICES:
        raise ModelError(f"no device {device!r}", hint=f"one of {', '.join(DEVICES)}")
    has = "CUDAExecutionProvider" in ort.get_available_providers()
    if device == "cuda" and not has:
        raise ModelError(
            "this ONNX Runtime has no CUDA", hint="pip install onnxruntime-gpu, or --device cpu"
        )
    cuda = ["CUDAExecutionProvider"] if has and device != "cpu" else []
    return [*cuda, "CPUExecutionProvider"]


def _checked(file: Path, card: ModelCard, session: Any) -> Session:
    inputs = session.get_inputs()
    want = (card.input.channels, card.input.height, card.input.width)
    if len(inputs) != 1 or inputs[0].type != "tensor(float)" or len(inputs[0].shape) != 4:
        raise ModelError("its input is not one tensor of float32, NCHW", where=str(file))
    batch, *size = inputs[0].shape
    if tuple(size) != want:
        raise ModelError(
            f"its input is {size}, and its card says {list(want)}",
            where=str(file),
            hint="the file was changed after anprgen wrote it",
        )
    outputs = {
        o.name: tuple(d if isinstance(d, int) else None for d in o.shape)
        for o in session.get_outputs()
    }
    fixed = batch if isinstance(batch, int) and batch > 0 else None
    return Session(file, card, fixed, outputs, session, str(inputs[0].name))


def _first_line(error: Exception) -> str:
    lines = [line for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:300]
