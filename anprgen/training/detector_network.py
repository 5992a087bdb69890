# SPDX-License-Identifier: Apache-2.0
"""A small network that finds plates, made of what TensorRT 8.2 has.

An hourglass: the picture is halved five times, so that a cell knows the car around a plate, and
doubled again to cells of 4 x 4 px, with what was seen there before added. Two heads say where
plates are and where their corners lie.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

#: The input's sides are multiples of this, px.
MULTIPLE = 32
#: Share of cells that hold a plate, before anything is learnt: the loss then begins calmly.
_RARE = 0.01


class PlateDetector(nn.Module):  # type: ignore[misc]
    """Float32 BGR [n, 3, h, w] from 0 to 1 -> heat [n, 1, h/4, w/4] and corners [n, 8, h/4, w/4].

    `width` scales all channels. Corners are x and y of each, in cells from the cell's middle.
    """

    def __init__(self, width: int = 16) -> None:
        super().__init__()
        w = width
        channels = [w, 2 * w, 4 * w, 6 * w, 6 * w]  # of 1/2, 1/4, 1/8, 1/16, 1/32
        self.first = nn.Sequential(_conv(3, w), nn.MaxPool2d(2))
        self.down = nn.ModuleList(
            nn.Sequential(_conv(a, b), nn.MaxPool2d(2), _conv(b, b))
            for a, b in zip(channels, channels[1:])
        )
        self.deep = nn.Sequential(_conv(6 * w, 6 * w), _conv(6 * w, 6 * w))
        self.across = nn.ModuleList(_conv(c, 3 * w, 1) for c in reversed(channels[1:]))
        self.up = nn.ModuleList(_conv(3 * w, 3 * w) for _ in channels[2:])
        self.enlarge = nn.Upsample(scale_factor=2, mode="nearest")
        self.heat = nn.Sequential(_conv(3 * w, 3 * w), nn.Conv2d(3 * w, 1, 1))
        self.corners = nn.Sequential(
            _conv(3 * w, 3 * w), _conv(3 * w, 3 * w), nn.Conv2d(3 * w, 8, 1)
        )
        nn.init.constant_(self.heat[-1].bias, math.log(_RARE / (1 - _RARE)))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Heat from 0 to 1, and corners."""
        logits, corners = self.logits(x)
        return torch.sigmoid(logits), corners

    def logits(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The same with heat before its sigmoid, which a loss wants."""
        x, seen = self.first(x), []
        for stage in self.down:
            x = stage(x)
            seen.append(x)
        x = self.across[0](self.deep(x))
        for before, aside, after in zip(reversed(seen[:-1]), self.across[1:], self.up):
            x = after(self.enlarge(x) + aside(before))
        return self.heat(x), self.corners(x)


def _conv(i: int, o: int, size: int = 3) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(i, o, size, padding=size // 2, bias=False), nn.BatchNorm2d(o), nn.ReLU(True)
    )
