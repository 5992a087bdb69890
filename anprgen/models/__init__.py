# SPDX-License-Identifier: Apache-2.0
"""Trained networks as files: what an ONNX file says about itself, and how it is asked.

``card`` is what stands in the file beside the network, ``session`` opens it, ``prepare`` makes
its input, ``beam`` the texts of its output, ``calibration`` fits how sure it is; ``reader`` puts
them together. ``detector`` finds plates in whole pictures (``letterbox``, ``quads``), ``plates``
makes them upright and reads them, ``opening`` tells models apart. Nothing here needs PyTorch; ONNX
Runtime is imported when a file is opened.
"""

from __future__ import annotations

from anprgen.models.card import Input, ModelCard, Source
from anprgen.models.detector import Detector, Found
from anprgen.models.plates import Plate, PlateReader
from anprgen.models.reader import Character, Reader, Reading

__all__ = [
    "Character",
    "Detector",
    "Found",
    "Input",
    "ModelCard",
    "Plate",
    "PlateReader",
    "Reader",
    "Reading",
    "Source",
]
