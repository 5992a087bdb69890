# SPDX-License-Identifier: Apache-2.0
"""One exposure in physical units: what moves, the lens, the sensor, and how much light there is.

With `capture.camera` other than none, blur, noise and exposure follow from these together
(`anprgen.linking`); without it the camera's stages are drawn each by itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from anprgen.degradations.exposure import KEYS
from anprgen.distributions import Choice, Constant, LogUniform, Normal, Uniform
from anprgen.parameters import drawn

NO_CAMERA = "none"


@dataclass(frozen=True)
class Capture:
    """How one picture is taken; each field is what a data sheet or a photographer would say."""

    camera: str = drawn(
        Constant(NO_CAMERA), "name of the camera; none: stages are drawn, nothing is linked"
    )
    speed_kmh: float = drawn(
        Choice([(0.0, 0.3), (Uniform(0, 50), 0.7)]), "speed of the plate past the camera", high=400
    )
    heading_deg: float = drawn(
        Choice([(Normal(0, 4, -20, 20), 0.5), (Normal(180, 4, 160, 200), 0.5)]),
        "its way, from where the plate faces: 0 with the plate ahead (front plate, approaching),"
        " 90 to the right as the plate reads, 180 away",
        low=-360,
        high=360,
    )
    shutter_s: float = drawn(
        LogUniform(1 / 2000, 1 / 100),
        "longest exposure; bright light shortens it",
        low=1e-6,
        high=2,
    )
    f_number: float = drawn(
        Uniform(1.6, 2.8), "focal length over the widest aperture", low=0.7, high=64
    )
    iris: float = drawn(
        Constant(0.0),
        "largest f-number of an automatic iris, which closes before the shutter shortens;"
        " 0: the aperture is fixed",
        high=64,
    )
    pixel_um: float = drawn(
        Uniform(2, 4), "side on the sensor of a pixel of the frame", low=0.3, high=30
    )
    focus_error: float = drawn(
        Normal(0, 0.08, -0.3, 0.3), "distance in focus over the plate's, less 1", low=-0.9, high=100
    )
    aberration_um: float = drawn(
        LogUniform(0.4, 1.6), "blur of the lens in focus, standard deviation", high=50
    )
    full_well_e: float = drawn(
        LogUniform(8000, 14000), "electrons that a pixel holds", low=100, high=1e7
    )
    efficiency: float = drawn(Uniform(0.5, 0.7), "electrons for a photon", low=0.01, high=1)
    efficiency_850nm: float = drawn(
        Uniform(0.15, 0.35), "electrons for a photon of infrared light", low=0.001, high=1
    )
    metered: float = drawn(
        KEYS,
        "luminance that the camera exposes for, as its meter reads it; 1 is a full well",
        low=1e-3,
        high=5,
    )
    gain: float = drawn(
        LogUniform(16, 64), "largest gain; beyond it the picture stays dark", low=1, high=10000
    )
    read_noise_e: float = drawn(
        LogUniform(1.2, 4), "noise before the amplifier, electrons", high=1000
    )
    late_noise_e: float = drawn(
        LogUniform(4, 15), "noise behind the amplifier, electrons at gain 1", high=10000
    )
    lux_sun: float = drawn(
        LogUniform(20000, 100000), "light on the plate in the sun, lux", low=1e-3
    )
    lux_overcast: float = drawn(
        LogUniform(1000, 20000), "light under an overcast sky, lux", low=1e-3
    )
    lux_hdri: float = drawn(
        LogUniform(3000, 30000),
        "light of an environment picture taken by day, lux; others are darker by a fixed factor",
        low=1e-3,
    )
    lux_street: float = drawn(
        LogUniform(3, 50), "light of street lamps on the plate, lux", low=1e-3
    )
    lux_neon: float = drawn(LogUniform(30, 300), "light of a car park's tubes, lux", low=1e-3)
    lux_headlamp: float = drawn(LogUniform(2, 60), "light of the lamp on the plate, lux", low=1e-3)
    infrared_w_m2: float = drawn(
        LogUniform(0.02, 0.5), "infrared light of 850 nm on the plate, W/m2", low=1e-6, high=1e4
    )
    shake_deg_s: float = drawn(
        LogUniform(0.02, 0.2), "speed at which the camera turns, root mean square", high=200
    )
    shake_hz: float = drawn(LogUniform(3, 12), "frequency of the shake", low=0.1, high=200)
    readout_s: float = drawn(
        Constant(0.0), "time from the first row's reading to the last's; 0: all at once", high=1
    )


@dataclass(frozen=True)
class Taken:
    """What followed from a capture and the solved camera: derived, never drawn.

    `light` is in lux, under infrared light in W/m2. `white_e` are the electrons of a pixel that
    sees the plate's white. `velocity_px_s` is the plate's way over the sensor, shake included.
    """

    light: float
    f_number: float
    shutter_s: float
    gain: float
    white_e: float
    focal_mm: float
    focus_mm: float
    confusion_px: float  # diameter of the circle of confusion
    velocity_px_s: tuple[float, float]
