# SPDX-License-Identifier: Apache-2.0
"""Ultralytics detect: ``0 cx cy w h``, normalised, one class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anprgen.dataset import Dataset
from anprgen.exporters import yolo
from anprgen.exporters.staging import Staging

if TYPE_CHECKING:
    from anprgen.exporters import Options


def export(dataset: Dataset, staging: Staging, options: Options) -> None:
    """Writes images/, labels/ and data.yaml."""
    yolo.write(dataset, staging, (), "yolo detect train")
