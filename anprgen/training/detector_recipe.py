# SPDX-License-Identifier: Apache-2.0
"""What a detector is trained on and how; continued only by the same recipe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from anprgen.errors import DatasetError
from anprgen.training.detector_network import MULTIPLE
from anprgen.training.recipe import FORMAT, Options

#: Fields of `Options` that say nothing about a detector, or do not decide its weights.
_LEFT_OUT = (
    "smoothing", "real_share", "charset", "slots",
    "device", "precision", "threads", "check_every",
)  # fmt: skip


@dataclass(frozen=True)
class DetectorOptions(Options):
    """As `Options`; `batch` are frames, `input_width` and `height` the network's input, px."""

    batch: int = 16
    rate: float = 2e-3
    weight_decay: float = 1e-4
    width: int = 16
    input_width: int = 320
    height: int = 192

    def __post_init__(self) -> None:
        super().__post_init__()
        for value in (self.input_width, self.height):
            if value % MULTIPLE or not MULTIPLE <= value <= 2048:
                raise DatasetError(
                    f"the input is {self.input_width}x{self.height}",
                    hint=f"its sides are multiples of {MULTIPLE}, at most 2048: --size 320x192",
                )


def recipe_of(options: DetectorOptions, sources: list[Mapping[str, Any]]) -> dict[str, Any]:
    """The recipe as stored."""
    chosen = {k: v for k, v in asdict(options).items() if k not in _LEFT_OUT}
    return {
        "format": FORMAT,
        "kind": "detector",
        **chosen,
        "trained_on": [dict(s) for s in sources],
    }


def read_size(text: str) -> tuple[int, int]:
    """``320x192`` -> (320, 192): width and height.

    Raises:
        DatasetError: it is none.
    """
    width, _, height = text.partition("x")
    if not (width.isascii() and width.isdigit() and height.isascii() and height.isdigit()):
        raise DatasetError(f"--size {text!r} is no size", hint="write it like 320x192")
    return int(width), int(height)
