# SPDX-License-Identifier: Apache-2.0
"""Colours of the light: of sun, sky and lamps for the renderers, of all together for the camera.

All are linear Rec. 709 with the luminance 1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from anprgen.colour import LUMA
from anprgen.light import Light

Rgb = NDArray[np.float64]

#: Colour of the light that each of Blender's environment pictures throws on an upright plane,
#: averaged over the compass.
_SHIPPED: Mapping[str, tuple[float, float, float]] = {
    "city": (1.001, 1.002, 0.978),
    "courtyard": (1.222, 0.944, 0.902),
    "forest": (1.002, 1.0, 0.993),
    "interior": (1.055, 0.987, 0.962),
    "night": (1.188, 0.979, 0.65),
    "studio": (0.867, 1.024, 1.157),
    "sunrise": (1.055, 1.005, 0.79),
    "sunset": (1.07, 0.963, 1.164),
}


def _plain(rgb: Rgb) -> Rgb:
    """Scaled to the luminance 1."""
    return np.asarray(rgb / (rgb @ LUMA))


#: CIE XYZ to linear Rec. 709 (IEC 61966-2-1).
_RGB_OF_XYZ = np.array(
    [[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]]
)


@lru_cache(maxsize=4096)
def _body(kelvin: float) -> tuple[float, ...]:
    """Planckian locus by cubics: B. Kang et al., J. Korean Physical Society 41, 2002."""
    t = min(max(kelvin, 1667.0), 25000.0)
    powers = np.array([1e9 / t**3, 1e6 / t**2, 1e3 / t, 1.0])
    warm, cold = (-0.2661239, -0.2343589, 0.8776956, 0.179910), (
        -3.0258469, 2.1070379, 0.2226347, 0.240390,
    )  # fmt: skip
    x = float(powers @ (warm if t <= 4000 else cold))
    curve = (
        (-1.1063814, -1.34811020, 2.18555832, -0.20219683) if t <= 2222
        else (-0.9549476, -1.37418593, 2.09137015, -0.16748867) if t <= 4000
        else (3.0817580, -5.87338670, 3.75112997, -0.37001483)
    )  # fmt: skip
    y = float(np.polyval(curve, x))
    rgb = _RGB_OF_XYZ @ np.array([x / y, 1.0, (1 - x - y) / y])
    return tuple(np.maximum(rgb, 0.01).tolist())


def black_body(kelvin: float, green: float = 0.0) -> Rgb:
    """Colour of a black body against one of 6504 K, `green` stops beside it."""
    rgb = np.array(_body(kelvin)) / np.array(_body(6504.0))
    return _plain(rgb * np.array([1.0, 2.0**green, 1.0]))


def sun_kelvin(elevation_deg: float) -> float:
    """Colour temperature of a sun: 2600 K at the horizon, 5800 K from some 45 degrees on."""
    return 2600 + 3200 * (1 - math.exp(-max(elevation_deg, 1.0) / 14))


def sky_share(light: Light) -> float:
    """The sky's share of the light on a horizontal plane, with what haze takes from the sun."""
    return 1 - (1 - light.sky_share) * (1 - 0.6 * light.haze**2)


def colours(light: Light) -> dict[str, Rgb]:
    """What a renderer needs of a light: ``sun``, ``zenith``, ``horizon``, ``cast``, ``lamp``...

    ``zenith`` and ``horizon`` are those of a clear sky, as they are (not scaled); ``cast`` is an
    overcast sky's, ``ambient`` that of what surrounds a lamp at night, ``plate_lamp`` and
    ``brake_lamp`` those of the vehicle.
    """
    blue = light.sky_blue * (1 - 0.8 * light.haze)
    low = math.exp(-max(light.sun_elevation_deg, 0.0) / 9)
    horizon = np.array([1.0, 0.98, 0.94])
    horizon = horizon + 0.55 * low * (black_body(3000) - horizon)
    return {
        "sun": black_body(sun_kelvin(light.sun_elevation_deg)),
        "zenith": np.array([1 - 0.62 * blue, 1 - 0.38 * blue, 1.0]),
        "horizon": horizon,
        "cast": _plain(1 + (black_body(light.temperature_k) - 1) * 0.6),
        "lamp": np.ones(3) if light.kind == "infrared" else black_body(
            light.temperature_k, light.green
        ),
        "ambient": np.ones(3) if light.kind == "infrared" else black_body(
            light.ambient_k, light.green if light.kind == "neon" else 0.0
        ),
        "plate_lamp": black_body(light.plate_lamp_k),
        "brake_lamp": _plain(np.array([1.0, 0.03, 0.015])),
    }  # fmt: skip


def light_rgb(light: Light, hdri: tuple[float, float, float] | None = None) -> Rgb:
    """Colour of the light that a camera's white balance sees on a scene.

    That of a plane halfway between lying and standing before the camera; `hdri` is the colour of
    an environment picture that is not one of Blender's own.
    """
    found = colours(light)
    if light.kind == "hdri":
        return _plain(np.array(hdri or _SHIPPED.get(light.hdri, (1.0, 1.0, 1.0))))
    if light.kind == "overcast":
        return found["cast"]
    if light.kind == "sun":
        share = sky_share(light)
        up, level = (f(math.radians(light.sun_elevation_deg)) for f in (math.sin, math.cos))
        front = max(math.cos(math.radians(light.sun_azimuth_deg)) * level, 0.0)
        direct = (1 - share) / max(up, 0.35) * (up + front) / 2
        sky = _plain(found["zenith"] + found["horizon"])
        return _plain(direct * found["sun"] + share * sky)
    if light.kind == "infrared":
        return np.ones(3)
    # Shares on an upright plane, as renderers scale them; a steep lamp hardly grazes it.
    lamp = 1.0
    if light.kind == "street":
        right, front, above = (
            light.overhead_right_mm, light.overhead_front_mm, light.overhead_above_mm,
        )  # fmt: skip
        lamp = min(max(front / math.hypot(right, front, above) / 0.35, 0.3), 1.0)
    return _plain(lamp * found["lamp"] + light.ambient / 3 * found["ambient"])
