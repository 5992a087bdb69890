# SPDX-License-Identifier: Apache-2.0
"""Rain, snow and fog in front of the plate, by imgaug; rare, and free when not drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from anprgen.degradations.stage import Context, Image, Kind, Stage, eight_bit
from anprgen.distributions import Choice, Uniform
from anprgen.parameters import drawn, generator


@dataclass(frozen=True)
class Weather(Stage):
    """One of imgaug's weather effects on the display picture."""

    name: ClassVar[str] = "weather"
    kind: ClassVar[Kind] = Kind.DISPLAY
    order: ClassVar[int] = 10

    effect: str = drawn(
        Choice({"none": 0.96, "rain": 0.013, "snow": 0.009, "fog": 0.011, "clouds": 0.007}),
        "none, rain, snow, fog or clouds (patches of mist)",
    )
    strength: float = drawn(Uniform(0.0, 1.0), "from a trace to heavy", high=1)

    def pixels(self, image: Image, ctx: Context) -> Image:
        if self.effect == "none":
            return image
        from anprgen.degradations.imgaug_shim import own_randomness

        seed = int(generator(ctx.seed, ctx.index, "camera.weather").integers(1 << 31))
        eight = eight_bit(image)
        with own_randomness(seed) as augmenters:
            augmenter = _augmenter(augmenters, self.effect, self.strength, seed)
            eight = augmenter.augment_image(eight)
        out: Image = eight.astype(np.float32) / np.float32(255)
        if self.effect in ("fog", "clouds"):  # imgaug's own are always thick
            share = np.float32(0.25 + 0.7 * self.strength)
            out = image + share * (out - image)
        return out


def _augmenter(iaa: Any, effect: str, strength: float, seed: int) -> Any:
    """A fresh imgaug augmenter with a random state of its own."""
    s = strength
    if effect == "rain":
        return iaa.Rain(
            nb_iterations=1 if s < 0.6 else 2,
            drop_size=(0.05 + 0.1 * s, 0.1 + 0.15 * s),
            speed=(0.04, 0.14),
            random_state=seed,
        )
    if effect == "snow":
        return iaa.Snowflakes(
            density=(0.01 + 0.03 * s, 0.02 + 0.04 * s),
            flake_size=(0.3, 0.6),
            speed=(0.007, 0.03),
            random_state=seed,
        )
    if effect == "fog":
        return iaa.Fog(random_state=seed)
    return iaa.Clouds(random_state=seed)
