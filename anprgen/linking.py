# SPDX-License-Identifier: Apache-2.0
"""A capture's speed, lens, shutter, gain and light -> blur, noise and exposure of one cloth.

The camera exposes as cameras in the street do: as long as `capture.shutter_s` at most, with as
much gain as that needs; where even gain 1 is too bright an automatic iris closes and then the
shutter shortens, and where the largest gain is not enough the picture stays dark.
"""

from __future__ import annotations

import math
from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from anprgen import degradations, optics
from anprgen.capture import Capture, Taken
from anprgen.degradations.sensor import DARK_GAIN
from anprgen.geometry import Pinhole, eye_of
from anprgen.shot import Shot

#: Fields of the camera's stages that follow from the capture, unless the configuration sets them.
LINKED: Mapping[str, tuple[str, ...]] = {
    "motion": ("length_px", "angle_deg", "shake", "tremor_px", "tremor_turns"),
    "defocus": ("sigma_px", "disc"),
    "exposure": ("key",),
    "sensor": ("white_e", "read_noise_e"),
    "rolling": ("readout_s", "right_heights_s", "down_heights_s", "row"),
}

#: Environment pictures that were not taken under a day's sky: light against one that was.
_DIM = {"sunrise": 0.2, "sunset": 0.2, "studio": 0.05, "interior": 0.02, "night": 0.002}
#: What the meter reads (root mean square luminance of a crop) over the luminance of the plate's
#: white (85th percentile inside the plate): the median of 60 crops of the default camera, rendered
#: with Blender; 0.41 and 0.90 are their 5th and 95th percentiles.
METERED = 0.57
_SHORTEST_S = 1 / 100_000
_LONGEST_PX, _WIDEST_PX = 200.0, 30.0  # as far as the stages go


@dataclass(frozen=True)
class Exposed:
    """One exposure: how long, at which gain, and what it makes of the plate's white."""

    f_number: float
    shutter_s: float
    gain: float
    key: float  #: metered luminance; 1 is a full well at this gain
    white_e: float  #: electrons of a pixel that sees the plate's white


def expose(capture: Capture, electrons_a_second: float) -> Exposed:
    """Iris, shutter and gain for a plate whose white makes so many electrons a second in a pixel.

    `electrons_a_second` is that of the widest aperture.
    """
    wanted = capture.metered * capture.full_well_e
    excess = electrons_a_second * METERED * capture.shutter_s / wanted
    closed = min(math.sqrt(max(excess, 1.0)), max(capture.iris / capture.f_number, 1.0))
    white = electrons_a_second / closed**2
    metered = white * METERED
    shutter = min(capture.shutter_s, max(wanted / max(metered, 1e-9), _SHORTEST_S))
    gain = min(max(wanted / max(metered * shutter, 1e-9), 1.0), capture.gain)
    key = metered * shutter * gain / capture.full_well_e
    return Exposed(capture.f_number * closed, shutter, gain, key, white * shutter)


def light_on_plate(shot: Shot, camera: Pinhole, distance_mm: float) -> tuple[float, float]:
    """Light on plate 0 (lux, or W/m2 of infrared) and the radiance of its white."""
    assert shot.capture is not None
    kind, light, capture = shot.light.kind, shot.light, shot.capture
    if kind not in ("headlamp", "infrared"):
        if kind == "hdri":
            lux = capture.lux_hdri * _DIM.get(light.hdri, 1.0)
        else:
            lux = getattr(capture, f"lux_{kind}") * light.level
        return lux, optics.white_radiance(lux)
    plate = shot.plates[0] if shot.plates else None
    eye = eye_of(camera.world_to_camera)
    normal = -np.array(plate.plate_to_world)[:3, 2] if plate else np.array([0.0, -1.0, 0.0])
    cosine = float(normal @ eye / np.linalg.norm(eye))
    aside = math.hypot(light.lamp_right_mm, light.lamp_above_mm)
    observation = math.degrees(math.atan2(aside, distance_mm))
    amount = capture.infrared_w_m2 if kind == "infrared" else capture.lux_headlamp
    return amount, optics.white_radiance(
        amount, cosine, plate.make.retro if plate else 0.0, observation
    )


def velocity_px_s(shot: Shot, camera: Pinhole) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Way of plate 0's centre over the sensor, (2,) px a second, through camera and lens."""
    assert shot.capture is not None
    turn = math.radians(shot.capture.heading_deg)
    mm_s = shot.capture.speed_kmh * 1e6 / 3600
    way = mm_s * np.array([math.sin(turn), -math.cos(turn), 0.0])
    # Over a tenth of a millimetre the projection is straight, however fast it is passed.
    step = way * (0.1 / max(mm_s, 1e-9))
    a, b = degradations.distort(
        _lens_only(shot), camera, camera.project(np.stack([-step / 2, step / 2]))
    )
    return np.asarray((b - a) * (mm_s / 0.1))


def linked(shot: Shot, camera: Pinhole, distance_mm: float, explicit: Container[str]) -> Shot:
    """The shot with `taken`, and with its camera's `LINKED` fields set by its capture.

    Args:
        shot: drawn, with a capture, not solved yet.
        camera: makes the drawn view, at `distance_mm` (`solve.solve_pinhole`).
        explicit: paths (``camera.motion.length_px``) that the configuration sets; they stay.
    """
    capture = shot.capture
    assert capture is not None
    infrared = shot.light.kind == "infrared"
    light, radiance = light_on_plate(shot, camera, distance_mm)
    exposed = expose(
        capture,
        optics.electrons_a_second(
            radiance,
            optics.PHOTONS_PER_W_M2 if infrared else optics.PHOTONS_PER_LUX,
            capture.f_number,
            capture.pixel_um,
            capture.efficiency_850nm if infrared else capture.efficiency,
        ),
    )
    focal_mm = camera.focal_px * capture.pixel_um / 1000
    focus_mm = distance_mm * (1 + capture.focus_error)
    confusion = optics.circle_of_confusion_um(focal_mm, exposed.f_number, distance_mm, focus_mm)
    wavelength = optics.INFRARED_UM if infrared else optics.VISIBLE_UM
    diffraction = optics.diffraction_um(exposed.f_number, wavelength)
    sharp2 = diffraction**2 + capture.aberration_um**2
    blur2 = (confusion / 4) ** 2  # a disc's variance along an axis is its diameter's square / 16

    plate = velocity_px_s(shot, camera)
    values: dict[str, dict[str, Any]] = {
        "motion": {
            "length_px": min(float(np.hypot(*plate)) * exposed.shutter_s, _LONGEST_PX),
            "angle_deg": math.degrees(math.atan2(plate[1], plate[0])),
            "shake": 0.0,
            "tremor_px": camera.focal_px
            * math.radians(capture.shake_deg_s)
            * math.sqrt(2)
            / (2 * math.pi * capture.shake_hz),
            "tremor_turns": capture.shake_hz * exposed.shutter_s,
        },
        "defocus": {
            "sigma_px": min(math.sqrt(sharp2 + blur2) / capture.pixel_um, _WIDEST_PX),
            "disc": blur2 / max(sharp2 + blur2, 1e-12),
        },
        "exposure": {"key": exposed.key},
        "sensor": {
            "white_e": capture.full_well_e / exposed.gain * DARK_GAIN.get(shot.light.kind, 1.0),
            "read_noise_e": math.hypot(capture.read_noise_e, capture.late_noise_e / exposed.gain),
        },
    }
    stages = _set(shot.camera, values, explicit)
    shaken = plate + stages["motion"].tremor_speed() / exposed.shutter_s
    centre = degradations.distort(_lens_only(shot), camera, camera.project(np.zeros((1, 3))))[0]
    row = min(max(float(centre[1]) / shot.frame.height_px, 0.0), 1.0)
    rolling = {
        "readout_s": capture.readout_s,
        "right_heights_s": float(shaken[0]) / shot.frame.height_px,
        "down_heights_s": float(shaken[1]) / shot.frame.height_px,
        "row": row,
    }
    return replace(
        shot,
        camera=_set(stages, {"rolling": rolling}, explicit),
        taken=Taken(
            light=light,
            f_number=exposed.f_number,
            shutter_s=exposed.shutter_s,
            gain=exposed.gain,
            white_e=exposed.white_e,
            focal_mm=focal_mm,
            focus_mm=focus_mm,
            confusion_px=confusion / capture.pixel_um,
            velocity_px_s=(float(shaken[0]), float(shaken[1])),
        ),
    )


def _lens_only(shot: Shot) -> dict[str, Any]:
    return {name: stage for name, stage in shot.camera.items() if name == "lens"}


def _set(
    stages: Mapping[str, Any], values: Mapping[str, Mapping[str, Any]], explicit: Container[str]
) -> dict[str, Any]:
    """Stages with those of `values` that are not set explicitly."""
    out = dict(stages)
    for name, fields in values.items():
        free = {f: v for f, v in fields.items() if f"camera.{name}.{f}" not in explicit}
        out[name] = replace(out[name], **free)
    return out
