# SPDX-License-Identifier: Apache-2.0
"""The sensor: photons to electrons to raw counts, through a Bayer mosaic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from anprgen.degradations.fixed_pattern import FixedPattern
from anprgen.degradations.stage import (
    RAW_BLACK,
    RAW_WHITE,
    Context,
    Image,
    Kind,
    Stage,
    clipped,
    luminance,
)
from anprgen.distributions import Choice, LogUniform, Quantiles
from anprgen.parameters import drawn, generator

#: From this variance on, electrons squared, counts need not be drawn one by one.
_MANY_E2 = 25.0

#: Light kinds in which a camera has to turn up its gain, and by how much.
DARK_GAIN = {"headlamp": 2.5, "infrared": 2.0}


@dataclass(frozen=True)
class Sensor(Stage):
    """Shot noise, read noise, row noise, quantisation; clips at the full well.

    The photon transfer curve is that of the EMVA 1288 model: variance in electrons is the mean
    plus the read noise squared plus the quantisation step squared over 12.
    """

    name: ClassVar[str] = "sensor"
    kind: ClassVar[Kind] = Kind.SENSOR
    order: ClassVar[int] = 10

    white_e: float = drawn(
        Quantiles(((0, 400), (0.1, 1000), (0.5, 5500), (1, 40000)), log=True),
        "electrons of a white pixel at the gain in use; high gain: few",
        low=10,
        high=100000000.0,
    )
    read_noise_e: float = drawn(LogUniform(2, 12), "read noise, electrons", high=10000.0)
    row_noise: float = drawn(
        Choice([(0.0, 0.5), (LogUniform(0.05, 0.4), 0.5)]),
        "noise of a whole row, of the read noise",
        high=100,
    )
    bits: int = drawn(Choice({10: 0.4, 12: 0.6}), "depth of the converter")
    mosaic: str = drawn(Choice({"bayer": 0.98, "none": 0.02}), "colour filters; none: grey sensor")

    def electrons(self, ctx: Context) -> float:
        """Electrons of a full well at the gain this light needs."""
        return self.white_e / DARK_GAIN.get(ctx.light_kind, 1.0)

    def is_grey(self, ctx: Context) -> bool:
        """Whether there is no colour: a grey sensor, or infrared light that filters let through."""
        return self.mosaic == "none" or ctx.light_kind == "infrared"

    def pixels(self, image: Image, ctx: Context) -> Image:
        rng = generator(ctx.seed, ctx.index, "camera.sensor")
        light = luminance(image) if self.is_grey(ctx) else _through_filters(image, ctx)
        well = self.electrons(ctx)
        # A little beyond the full well, so that burnt-out places are flat after the noise.
        mean_e = clipped(light, 1.5) * np.float32(well)
        e = counted(mean_e, self.read_noise_e, rng)
        if self.row_noise > 0:
            rows = rng.standard_normal((e.shape[0], 1), np.float32)
            e += rows * np.float32(self.read_noise_e * self.row_noise)
        pattern = ctx.stages.get("fixed_pattern")
        offset = pattern.offset_e(ctx) if isinstance(pattern, FixedPattern) else None
        if offset is not None:
            e += offset
        step = 1 << (16 - self.bits)
        # In place: a temporary picture costs more than the arithmetic on it.
        e *= np.float32((RAW_WHITE - RAW_BLACK) / well)
        e += RAW_BLACK
        e /= step
        np.rint(e, out=e)
        e *= step
        return clipped(e, RAW_WHITE).astype(np.uint16)


def counted(mean_e: Image, read_noise_e: float, rng: np.random.Generator) -> Image:
    """A Poisson count of each mean plus normal read noise, electrons.

    Both are drawn as one, from a normal z by Cornish and Fisher's expansion to the third moment:
    m + sqrt(v) z + m / v (z^2 - 1) / 6 with v = m + read noise^2 (Abramowitz and Stegun, 26.2.49;
    the third central moment of a Poisson count is its mean). It takes a sixth of the time of a
    Poisson count, and no logarithms, in which machines differ. Where that is too coarse, counts
    are drawn.
    """
    z = rng.standard_normal(mean_e.shape, np.float32)
    variance = mean_e + np.float32(max(read_noise_e, 1e-3) ** 2)
    few = variance < _MANY_E2
    e = z * z
    e -= 1
    e *= mean_e
    e /= variance * np.float32(6)
    z *= np.sqrt(variance)
    e += z
    e += mean_e
    if few.any():
        e[few] = rng.poisson(mean_e[few])
        e[few] += rng.standard_normal(int(few.sum()), np.float32) * np.float32(read_noise_e)
    return e


def _through_filters(image: Image, ctx: Context) -> Image:
    """The light behind an RGGB mosaic whose first red lies at frame px (0, 0)."""
    x, y = ctx.working.x0 & 1, ctx.working.y0 & 1
    plane = image[..., 1].copy()
    plane[y::2, x::2] = image[y::2, x::2, 0]
    plane[1 - y :: 2, 1 - x :: 2] = image[1 - y :: 2, 1 - x :: 2, 2]
    return plane
