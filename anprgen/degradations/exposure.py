# SPDX-License-Identifier: Apache-2.0
"""Exposure and white balance: how much of which light fills the wells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from anprgen.degradations.stage import LUMA, Context, Image, Kind, Stage
from anprgen.distributions import Choice, Normal, Quantiles, Uniform
from anprgen.parameters import drawn

#: Largest gain of a colour over green: white balance of cameras ends at about 2800 K, so that
#: sodium lamps stay orange.
_MOST_GAIN = 4.0

#: Luminance, of the picture's mean, beyond which the meter counts a pixel as no more than that.
_GLINT = 12.0

#: What cameras expose for: of a linked one too (`capture.metered`).
KEYS = Quantiles(
    ((0, 0.06), (0.05, 0.12), (0.25, 0.18), (0.5, 0.24), (0.75, 0.315), (0.95, 0.46), (1, 0.75)),
    log=True,
)


@dataclass(frozen=True)
class Exposure(Stage):
    """Scales the light so that what the meter reads lands on `key`; 1 is a full well.

    The meter is weighted to highlights (root mean square of luminance), so that a pale plate is
    exposed alike before a dark and before a pale car; with `key` near 1 it burns out. White
    balance adapts to the light's colour when the renderer says what it is
    (`Context.light_rgb`), not completely, and errs. In a sequence the meter's reading is known
    (`Context.metered`), so that a frame needs no others.
    """

    name: ClassVar[str] = "exposure"
    kind: ClassVar[Kind] = Kind.SENSOR
    order: ClassVar[int] = 0

    key: float = drawn(
        KEYS,
        "metered linear luminance of the exposed picture; 1 is a full well",
        low=1e-4,
        high=20,
    )
    adaptation: float = drawn(
        Uniform(0.7, 1.0), "share of the light's colour that is balanced away", high=1
    )
    warmth: float = drawn(
        Choice([(Normal(0, 0.08), 0.75), (Normal(0, 0.22, -0.5, 0.5), 0.25)]),
        "white balance error towards red (+) or blue (-), stops between red and blue",
        high=4,
    )
    tint: float = drawn(
        Normal(0, 0.05, -0.2, 0.2), "white balance error towards green, stops", high=4
    )

    def pixels(self, image: Image, ctx: Context) -> Image:
        import cv2

        light = np.maximum(np.asarray(ctx.light_rgb, np.float64), 1e-3)
        gains = np.clip((light[1] / light) ** self.adaptation, 1 / _MOST_GAIN, _MOST_GAIN)
        gains = gains * 2.0 ** np.array([self.warmth / 2, self.tint, -self.warmth / 2])
        gains = gains / (LUMA @ gains)
        metered = ctx.metered
        if metered is None:
            y = cv2.transform(image, (LUMA * gains).astype(np.float32)[None])
            # A mirrored sun of a few pixels must not make night of day.
            for _ in range(2):  # it is in the first mean
                y = np.minimum(y, np.float32(_GLINT * float(y.mean())))
            metered = cv2.norm(y) / y.size**0.5
        scale = self.key / max(metered, 1e-9)
        return np.asarray(cv2.transform(image, np.diag(gains * scale).astype(np.float32)))
