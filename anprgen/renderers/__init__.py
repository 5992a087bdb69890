# SPDX-License-Identifier: Apache-2.0
"""The seam between a Shot and linear light; Blender and the flat renderer both stand behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from anprgen.shot import Shot
from anprgen.textures import Textures


@dataclass(frozen=True)
class Render:
    """Linear light of `shot.solved.render`: float32 [h, w, 3], Rec. 709 primaries, top row first.

    `seconds` tells where the time went (``set_up``, ``render``, ``read``). `face` is what was seen
    of the plates' faces, float32 [h, w], see `anprgen.sight.Face`; None from a renderer that
    draws no dirt and nothing before a plate but its mount.
    """

    light: NDArray[np.float32]
    seconds: dict[str, float]
    face: NDArray[np.float32] | None = None


class Renderer(Protocol):
    """Turns a shot and the textures of its plates (same order) into light; a context manager."""

    name: str
    texels_a_px: float  #: how fine it likes its textures

    def render(self, shot: Shot, textures: Sequence[Textures]) -> Render: ...

    def render_ids(
        self, shot: Shot, ids: Sequence[NDArray[np.uint8]], scale: int
    ) -> NDArray[np.uint8]:
        """Character-ID pass at `scale` x resolution: uint8 [h * scale, w * scale], 0 elsewhere.

        `ids` are per-plate images of character ids over the plate's sharp rectangle, sampled
        with Closest interpolation, one sample, a box filter and no denoiser.
        """
        ...

    def describe(self) -> dict[str, str]:
        """Version and resolved device class: part of a dataset's identity."""
        ...

    def __enter__(self) -> Renderer: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
