# SPDX-License-Identifier: Apache-2.0
"""Opens the models that a user names, whichever they are: a file says what it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from anprgen.errors import ModelError
from anprgen.models.card import KINDS
from anprgen.models.detector import Detector
from anprgen.models.plates import PlateReader
from anprgen.models.reader import Reader
from anprgen.models.session import model_file, open_session


def open_models(
    paths: Sequence[Path], *, threads: int | None = None, device: str = "cpu"
) -> PlateReader:
    """A reader, a detector, or both, from .onnx files and models' folders in any order.

    Raises:
        MissingLibrary: ONNX Runtime is not installed.
        ModelError: a file is no model of ours, or there are two of a kind.
    """
    reader: Reader | None = None
    detector: Detector | None = None
    for path in paths:
        for file in _files(path):
            kind = open_session(file, None, threads=1).card.kind
            if (reader if kind == "reader" else detector) is not None:
                raise ModelError(f"two {kind}s are named", where=str(path), hint="name one")
            if kind == "reader":
                reader = Reader.open(file, threads=threads, device=device)
            else:
                detector = Detector.open(file, threads=threads, device=device)
    return PlateReader(reader, detector)


def _files(path: Path) -> list[Path]:
    found = [path / f"{kind}.onnx" for kind in KINDS]
    return [p for p in found if p.is_file()] or [model_file(path, KINDS[0])]
