# SPDX-License-Identifier: Apache-2.0
"""Trained networks as files: what an ONNX file says about itself, and how it is asked.

``card`` is what stands in the file beside the network, ``session`` opens it, ``prepare`` makes
its input, ``beam`` the texts of its output, ``calibration`` fits how sure it is; ``reader`` puts
them together. Nothing here needs PyTorch; ONNX Runtime is imported when a file is opened.
"""

from __future__ import annotations

from anprgen.models.card import Input, ModelCard, Source
from anprgen.models.reader import Character, Reader, Reading

__all__ = ["Character", "Input", "ModelCard", "Reader", "Reading", "Source"]
