# SPDX-License-Identifier: Apache-2.0
"""How much light reaches a pixel and how sharp it is: the formulas behind a linked capture."""

from __future__ import annotations

import math

#: Photons a second on a square micrometre for one lux, each weighted by the eye's sensitivity:
#: 1/683 W/m2 of light of 555 nm (the lumen's definition), 3.58e-19 J a photon.
PHOTONS_PER_LUX = 4.09e3
#: The same for 1 W/m2 of infrared light of 850 nm, 2.34e-19 J a photon.
PHOTONS_PER_W_M2 = 4.28e6

VISIBLE_UM, INFRARED_UM = 0.55, 0.85  #: wavelengths for diffraction

#: Share of the light that a coated lens of several elements lets through.
TRANSMISSION = 0.9
#: Reflectance of the white of a plate, seen in light that comes from elsewhere than the camera.
WHITE = 0.8


def electrons_a_second(
    radiance: float, photons: float, f_number: float, pixel_um: float, efficiency: float
) -> float:
    """Electrons a second of a pixel that sees a surface in the middle of the picture.

    The camera equation, E = pi L T / (4 N^2) (e.g. R. Kingslake, "Optics in Photography", 1992).

    Args:
        radiance: L of the surface: cd/m2, or W/(m2 sr) under infrared light.
        photons: `PHOTONS_PER_LUX` or `PHOTONS_PER_W_M2`.
        f_number: N, focal length over aperture.
        pixel_um: side of a pixel.
        efficiency: electrons for a photon.
    """
    at_sensor = math.pi * radiance * TRANSMISSION / (4 * f_number**2)
    return at_sensor * photons * pixel_um**2 * efficiency


def white_radiance(
    irradiance: float, entrance_cos: float = 1.0, retro: float = 0.0, observation_deg: float = 0.0
) -> float:
    """Radiance of a plate's white under `irradiance` (lux, W/m2), per sr.

    Diffuse light comes back evenly; of a lamp beside the lens a sheet with the coefficient
    `retro` (R_A, cd/lx/m2) sends far more back.
    """
    diffuse = WHITE * max(entrance_cos, 0.0) / math.pi
    return irradiance * (diffuse + retro * retro_share(observation_deg, entrance_cos))


def retro_share(observation_deg: float, entrance_cos: float) -> float:
    """R_A at these angles over R_A straight on: the law that the rendered scene uses."""
    s = math.sin(math.radians(observation_deg)) / math.sin(math.radians(0.7))
    return float(max(entrance_cos, 0.0) ** 5.0 / (1 + s * s))


def circle_of_confusion_um(
    focal_mm: float, f_number: float, distance_mm: float, focus_mm: float
) -> float:
    """Diameter on the sensor of a point at `distance_mm` when a thin lens is set to `focus_mm`.

    c = f^2 / N * |d - s| / (d (s - f)), for distances beyond the focal length.
    """
    focus_mm = max(focus_mm, 1.01 * focal_mm)
    blur = abs(distance_mm - focus_mm) / (distance_mm * (focus_mm - focal_mm))
    return 1000 * focal_mm**2 / f_number * blur


def diffraction_um(f_number: float, wavelength_um: float) -> float:
    """Standard deviation, um, of the Gaussian nearest to Airy's pattern.

    0.42 wavelengths times N fits it in least squares, with an equal peak.
    """
    return 0.42 * wavelength_um * f_number
