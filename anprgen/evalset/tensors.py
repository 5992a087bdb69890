# SPDX-License-Identifier: Apache-2.0
"""Tensors on disk, batch by batch: memory does not grow with the set.

Raw files have no header, so their folder and suffix carry the type: trtexec takes a file of twice
the size it wants and reads the first half, float32 as garbage of float16.
"""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from anprgen.evalset.presets import Preset
from anprgen.exporters.staging import Staging

#: perf_analyzer reads its whole file at once; that many samples are enough to measure speed.
TRITON_SAMPLES = 256

Tensor = NDArray[Any]


class Variant:
    """The tensors of one type: names of files, and how a sample is converted.

    `key` is ``<input>.<dtype>``; `shape` that of a batch.
    """

    def __init__(self, preset: Preset, name: str, dtype: str, batch: int) -> None:
        self.input, self.dtype, self.layout = name, dtype, preset.layout
        self.key = f"{name}.{dtype}"
        self.shape = (batch, *preset.shape)
        self.numpy = np.dtype(dtype).newbyteorder("<")
        first = dtype == preset.dtypes[0]
        self.calibration = "calib/calib.npz" if first else f"calib/calib.{dtype}.npz"
        self.triton = "triton/input_data.json" if first else f"triton/input_data.{dtype}.json"

    @property
    def folder(self) -> str:
        """Where the raw batches lie."""
        return f"tensors/{self.key}"

    @property
    def stacked(self) -> str:
        """The one file with all batches."""
        return f"tensors/{self.key}.npy"

    @property
    def polygraphy(self) -> str:
        """Where Polygraphy's inputs lie, a file a batch."""
        return f"polygraphy/{self.key}"

    def bytes_a_sample(self) -> int:
        """Size of one sample's tensor."""
        return int(np.prod(self.shape[1:])) * self.numpy.itemsize

    def described(self) -> dict[str, Any]:
        """The variant's entry in the manifest."""
        return {
            "name": self.input,
            "dtype": self.dtype,
            "layout": self.layout,
            "shape": list(self.shape),
            "byte_order": "little",
            "folder": self.folder,
            "suffix": f".{self.dtype}.bin",
            "npy": self.stacked,
            "polygraphy": self.polygraphy,
            "triton": self.triton,
        }


class Writer:
    """Writes one variant's batches in all forms; a context manager.

    `count` is the number of samples without the padding; the last batch is filled up by repeating
    its last sample.
    """

    def __init__(self, staging: Staging, variant: Variant, count: int) -> None:
        self.staging, self.variant, self.count = staging, variant, count
        self.batch = variant.shape[0]
        self.batches = -(-count // self.batch)
        self._stack = ExitStack()
        self._waiting: list[Tensor] = []
        self._written = self._triton_samples = 0

    def __enter__(self) -> Writer:
        v, padded = self.variant, self.batches * self.batch
        self._npy: IO[bytes] = self._stack.enter_context(open(self.staging.file(v.stacked), "wb"))
        _header(self._npy, (padded, *v.shape[1:]), v.numpy)
        self._triton: IO[str] = self._stack.enter_context(
            open(self.staging.file(v.triton), "w", encoding="ascii", newline="\n")
        )
        self._triton.write('{"data": [')
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is None:
            if self._waiting:
                self._waiting += [self._waiting[-1]] * (self.batch - len(self._waiting))
                self._flush()
            self._triton.write("\n]}\n")
        self._stack.close()

    def add(self, sample: Tensor) -> None:
        """Takes the next sample, in the type of the preset's first variant."""
        converted = sample.astype(self.variant.numpy)
        if self._triton_samples < TRITON_SAMPLES:
            self._add_to_triton(converted)
        self._waiting.append(converted)
        if len(self._waiting) == self.batch:
            self._flush()

    def _flush(self) -> None:
        v, batch = self.variant, np.stack(self._waiting)
        self._waiting = []
        name = f"{self._written:06d}"
        self._written += 1
        raw = batch.tobytes()
        self.staging.data(f"{v.folder}/{name}.{v.dtype}.bin", raw)
        self._npy.write(raw)
        # One file holds a list of one feed: Polygraphy reads file after file, in constant memory.
        feed = [{v.input: {"array": _base64_npy(batch), "polygraphy_class": "ndarray"}}]
        self.staging.text(f"{v.polygraphy}/{name}.json", json.dumps(feed) + "\n")

    def _add_to_triton(self, sample: Tensor) -> None:
        content = {"b64": base64.b64encode(sample.tobytes()).decode()}
        entry = {self.variant.input: {"content": content, "shape": list(sample.shape)}}
        self._triton.write(",\n" if self._triton_samples else "\n")
        self._triton.write(json.dumps(entry))
        self._triton_samples += 1


def write_npz(
    staging: Staging, variant: Variant, name: str, samples: Iterator[Tensor], count: int
) -> None:
    """An uncompressed .npz with one array, keyed by the input's name, one sample at a time.

    `numpy.savez` would want the whole array; the zip's times are fixed, so bytes are repeatable.
    """
    with zipfile.ZipFile(staging.file(name), "w") as archive:
        entry = zipfile.ZipInfo(f"{variant.input}.npy")  # 1980-01-01
        with archive.open(entry, "w", force_zip64=True) as file:
            _header(file, (count, *variant.shape[1:]), variant.numpy)
            for sample in samples:
                file.write(sample.astype(variant.numpy).tobytes())


def _header(file: IO[bytes], shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    described = {"descr": dtype.str, "fortran_order": False, "shape": shape}
    npy.write_array_header_1_0(file, described)  # type: ignore[no-untyped-call]


def _base64_npy(array: Tensor) -> str:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return base64.b64encode(buffer.getvalue()).decode()
