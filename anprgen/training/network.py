# SPDX-License-Identifier: Apache-2.0
"""A small reader of plates of one or two lines, made of what TensorRT 8.2 has.

A slot's place in the picture depends on the others: how many characters stand before it, in one
line or two. So each slot has a map of the whole picture, a softmax over all places, made from
features that have seen all of it. What stands at the map's places is read by a classifier that
also sees the neighbouring slots.

There is no attention between places, no normalisation over layers and no recurrence: only
convolutions, pooling, one softmax and one matrix product.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

HEIGHT, WIDTH = 64, 128
#: What places a slot's map looks at: px of the picture from one to the next.
DOWN, RIGHT = 8, 4


class PlateReader(nn.Module):  # type: ignore[misc]
    """Float32 [n, 1, 64, 128] -> logits [n, slots, classes]; class 0 is "no character".

    `width` scales all channels: 32 is the default size, 24 about half of its cost.
    """

    def __init__(self, slots: int, classes: int, width: int = 32) -> None:
        super().__init__()
        w, self.slots, self.classes, self.channels = width, slots, classes, 3 * width
        self.features = nn.Sequential(
            _conv(1, w // 2),
            nn.MaxPool2d(2),  # 32 x 64
            _conv(w // 2, w),
            _conv(w, w),
            nn.MaxPool2d(2),  # 16 x 32
            _conv(w, 2 * w),
            _conv(2 * w, 2 * w),
            nn.MaxPool2d((2, 1)),  # 8 x 32
            _conv(2 * w, 3 * w),
            _conv(3 * w, 3 * w),
        )
        self.places = (HEIGHT // DOWN, WIDTH // RIGHT)
        # Long rows and columns: with what the features see, each place has seen the whole plate.
        self.gather = nn.Sequential(
            _conv(3 * w, 2 * w, (1, 1)),
            _conv(2 * w, 2 * w, (1, 11)),
            _conv(2 * w, 2 * w, (7, 1)),
            _conv(2 * w, 2 * w, (1, 11)),
        )
        self.maps = nn.Conv2d(2 * w, slots, 1)
        self.bias = nn.Parameter(_reading_order(slots, *self.places))
        self.own = nn.Parameter(torch.randn(1, self.channels, 1, slots) * 0.02)
        # Two-dimensional, one row high: TensorRT 8.2 has no convolution over one axis.
        self.beside = nn.Sequential(
            _conv(self.channels, self.channels, (1, 3)),
            _conv(self.channels, self.channels, (1, 3)),
        )
        self.classify = nn.Conv2d(self.channels, classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Logits; the batch may be of any size."""
        count = self.places[0] * self.places[1]
        seen = self.features(x)
        where = self.maps(self.gather(seen)) + self.bias
        weights = torch.softmax(where.reshape(-1, self.slots, count), 2)
        found = torch.matmul(
            seen.reshape(-1, self.channels, count), weights.transpose(1, 2)
        )  # [n, channels, slots]
        row = found.reshape(-1, self.channels, 1, self.slots) + self.own
        row = row + self.beside(row)
        return self.classify(row).reshape(-1, self.classes, self.slots).transpose(1, 2)


def _conv(i: int, o: int, kernel: tuple[int, int] = (3, 3)) -> nn.Sequential:
    around = (kernel[0] // 2, kernel[1] // 2)
    return nn.Sequential(
        nn.Conv2d(i, o, kernel, padding=around, bias=False), nn.BatchNorm2d(o), nn.ReLU(True)
    )


def _reading_order(slots: int, rows: int, columns: int) -> Tensor:
    """Where to look first, [1, slots, rows, columns]: from left to right, in the middle rows.

    Logits of a Gaussian a quarter of the picture wide; learning moves it. Without it the first
    hundreds of steps go into telling the slots apart.
    """
    x = (torch.arange(columns) + 0.5) / columns
    y = (torch.arange(rows) + 0.5) / rows
    at = (torch.arange(slots) + 0.5) / slots
    across = -0.5 * ((x[None, :] - at[:, None]) / 0.125) ** 2
    down = -0.5 * ((y - 0.5) / 0.3) ** 2
    return (across[:, None, :] + down[None, :, None])[None]
