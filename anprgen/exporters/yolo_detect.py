# SPDX-License-Identifier: Apache-2.0
"""Ultralytics detect: ``class cx cy w h``, normalised: plates, or the characters on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from anprgen.dataset import Dataset
from anprgen.exporters import yolo
from anprgen.exporters.options import Options
from anprgen.exporters.staging import Staging
from anprgen.exporters.visible import Box, clipped

#: A character that is hidden by more than this is no object to learn.
LEAST_VISIBLE = 0.4


def export(dataset: Dataset, staging: Staging, options: Options) -> None:
    """Writes images/, labels/ and data.yaml with the one class plate."""
    yolo.write(dataset, staging, "yolo detect train", _plate)


def characters(dataset: Dataset, staging: Staging, options: Options) -> None:
    """The same with a class for each large character; small ones are no objects."""
    # Whole plates may be beyond reading, and some of their characters still be objects.
    names = staging.texts(dataset, replace(options, illegible=True, lines="joined")).characters
    classes = {name: i for i, name in enumerate(names)}

    def rows(
        plate: Mapping[str, Any], _: Box, width: int, height: int
    ) -> list[tuple[int, list[float]]]:
        out = []
        for c in _large(plate):
            box = clipped(c["box"], width, height)
            if box and c["visible"] >= LEAST_VISIBLE:
                out.append((classes[c["char"]], yolo.box_row(box, width, height)))
            else:
                staging.leave_out("characters that are hidden, outside or too small")
        return out

    staging.note("a mirrored character is another: train with fliplr=0")
    yolo.write(dataset, staging, "yolo detect train fliplr=0", rows, names=names)


def _plate(
    plate: Mapping[str, Any], box: Box, width: int, height: int
) -> list[tuple[int, list[float]]]:
    return [(0, yolo.box_row(box, width, height))]


def _large(plate: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [c for c in plate["characters"] if c["large"]]
