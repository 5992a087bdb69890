# SPDX-License-Identifier: Apache-2.0
"""Draws the sheet of docs/camera.md: every effect of the camera at five strengths.

python docs/degradations.py docs/degradations.png

Each cell is one sample of one plate, rendered by Blender, made with a configuration that any user
could write: the base below, and the parameter that stands under the cell.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from anprgen.config import Config
from anprgen.pipeline import make_plan
from anprgen.renderers.opening import open_renderer

_CELL_W, _CELL_H, _TITLE, _TEXT, _BLOCKS = 132, 50, 14, 12, 2
_INDEX = 21

#: A good camera before a plate by day: every effect is off.
_BASE: dict[str, Any] = {
    "view.width_px": 118, "view.yaw_deg": 14, "view.elevation_deg": 6, "view.roll_deg": 2,
    "view.place_x": 0.3, "view.place_y": 0.2,
    "light.kind": "overcast", "light.sky_blue": 0.4, "plates.mount.frame": "none",
    "crop.left": 0.03, "crop.right": 0.03, "crop.top": 0.06, "crop.bottom": 0.06,
    "crop.loose": 0.02, "crop.rotation_deg": 0,
    "plates.wear.mud": 0, "plates.wear.dust": 0.05,
    "camera.lens.red_px": 0, "camera.lens.blue_px": 0, "camera.lens.radial": 0,
    "camera.defocus.sigma_px": 0, "camera.motion.length_px": 0, "camera.motion.angle_deg": 0,
    "camera.motion.shake": 0, "camera.glare.bloom": 0, "camera.glare.veil": 0,
    "camera.vignetting.corner_loss": 0,
    "camera.exposure.key": 0.3, "camera.exposure.warmth": 0, "camera.exposure.tint": 0,
    "camera.sensor.white_e": 40000, "camera.sensor.read_noise_e": 3, "camera.sensor.row_noise": 0,
    "camera.sensor.mosaic": "bayer", "camera.sensor.bits": 12, "camera.demosaic.method": "edge",
    "camera.denoise.lightness": 0, "camera.denoise.colour_px": 0.5,
    "camera.tone.contrast": 0.5, "camera.tone.power": 1, "camera.tone.black": 0,
    "camera.tone.white": 1, "camera.sharpen.amount": 0.2, "camera.sharpen.radius_px": 1,
    "camera.colour.saturation": 1, "camera.colour.grey": False, "camera.weather.effect": "none",
    "camera.recording.quality": 0, "camera.resample.factor": 1, "camera.jpeg.quality": 97,
    "camera.jpeg.subsampling": "444", "camera.sodium.share": 0, "camera.lens_dirt.density": 0,
    "camera.lens_rain.density": 0, "camera.flare.strength": 0, "camera.fixed_pattern.prnu": 0,
    "camera.fixed_pattern.dsnu_e": 0, "camera.fixed_pattern.column_e": 0,
    "camera.flicker.depth": 0, "camera.flicker.bands": 4, "camera.flicker.phase": 0,
    "camera.blooming.spill": 0, "camera.blooming.smear": 0, "camera.temporal.strength": 0,
    "camera.local_tone.strength": 0, "camera.interlace.shift_px": 0, "camera.video.codec": "none",
    "camera.rectify.apply": False, "camera.cut.share": 0, "camera.resize.enlarge": 1,
    "camera.resize.stretch": 0,
}  # fmt: skip

_DIM = {"camera.sensor.white_e": 1500, "camera.tone.contrast": 0.2}
_HEADLAMP = {"light.kind": "headlamp", "camera.exposure.key": 0.5}
_WET = {"camera.weather.effect": "rain"}

#: Title, parameter, five values, and what else the configuration says.
_ROWS: list[tuple[str, str, tuple[Any, ...], dict[str, Any]]] = [
    ("lens: distortion", "lens.radial", (-0.24, -0.12, 0.06, 0.12, 0.24), {"view.place_x": 0.85}),
    ("lens: colour fringes, px at the corner", "lens.red_px", (1, 2, 4, 6, 9),
     {"camera.lens.blue_px": -3}),
    ("sodium: share of the lamp", "sodium.share", (0.2, 0.4, 0.6, 0.8, 1.0),
     {"camera.sodium.adaptation": 0.4}),
    ("defocus: sigma, px", "defocus.sigma_px", (0.4, 0.8, 1.2, 1.8, 2.6), {}),
    ("motion: way in the exposure, px", "motion.length_px", (1, 2, 4, 6, 9), {}),
    ("motion: bow of the way", "motion.shake", (0.1, 0.3, 0.6, 1.0, 1.5),
     {"camera.motion.length_px": 6}),
    ("vignetting: loss in the corner", "vignetting.corner_loss", (0.2, 0.4, 0.6, 0.8, 0.95),
     {"view.place_x": 0.9, "view.place_y": 0.8}),
    ("glare: bloom", "glare.bloom", (0.02, 0.06, 0.12, 0.25, 0.4), {}),
    ("glare: veil", "glare.veil", (0.03, 0.1, 0.2, 0.4, 0.6), {}),
    ("lens_dirt: share of the lens", "lens_dirt.density", (0.1, 0.3, 0.6, 1.0, 2.0),
     {"camera.lens_dirt.opacity": 0.6, "camera.lens_dirt.size": 0.012}),
    ("lens_rain: share of the lens", "lens_rain.density", (0.1, 0.3, 0.6, 1.0, 2.0),
     {"camera.lens_rain.size": 0.012, "camera.lens_rain.blur_px": 3}),
    ("flare: stray light", "flare.strength", (0.1, 0.3, 0.6, 1.2, 2.0),
     {"camera.flare.ghosts": 0.6, "camera.flare.distance": 0.5, "camera.flare.angle_deg": 200}),
    ("exposure: key", "exposure.key", (0.04, 0.1, 0.2, 0.6, 1.2), {}),
    ("exposure: share of the lamp's colour taken off", "exposure.adaptation",
     (0, 0.25, 0.5, 0.75, 1), {"light.kind": "street", "light.temperature_k": 2100}),
    ("flicker: half the swing, under tubes", "flicker.depth", (0.05, 0.1, 0.2, 0.3, 0.5),
     {"light.kind": "neon", "camera.flicker.bands": 24}),
    ("exposure: warmth, stops", "exposure.warmth", (-0.8, -0.4, 0.3, 0.6, 1.2), {}),
    ("fixed_pattern: gain (PRNU)", "fixed_pattern.prnu", (0.01, 0.03, 0.06, 0.1, 0.2), {}),
    ("fixed_pattern: columns, electrons", "fixed_pattern.column_e", (10, 20, 40, 80, 160), _DIM),
    ("blooming: spill", "blooming.spill", (0.05, 0.2, 0.4, 0.7, 1.0),
     {**_HEADLAMP, "camera.exposure.key": 0.9, "camera.blooming.drain_px": 20}),
    ("blooming: smear", "blooming.smear", (0.02, 0.06, 0.12, 0.25, 0.5), _HEADLAMP),
    ("sensor: electrons of white", "sensor.white_e", (20000, 4000, 1200, 400, 150), {}),
    ("sensor: row noise", "sensor.row_noise", (0.5, 1, 2, 4, 8),
     {"camera.sensor.white_e": 1200, "camera.sensor.read_noise_e": 12}),
    ("denoise: lightness", "denoise.lightness", (1, 2, 4, 7, 12), {"camera.sensor.white_e": 500}),
    ("denoise: colour, px", "denoise.colour_px", (0.5, 1, 2, 4, 8),
     {"camera.sensor.white_e": 300}),
    ("temporal: share of earlier frames", "temporal.strength", (0.2, 0.4, 0.6, 0.75, 0.9),
     {"camera.temporal.step_px": 4, "camera.temporal.threshold": 1}),
    ("tone: contrast", "tone.contrast", (-0.6, -0.2, 0.2, 0.6, 1.0), {}),
    ("tone: power (gamma)", "tone.power", (0.5, 0.7, 0.9, 1.3, 2.0), {}),
    ("local_tone: strength", "local_tone.strength", (0.15, 0.3, 0.5, 0.7, 0.95), _HEADLAMP),
    ("sharpen: amount", "sharpen.amount", (0.3, 0.8, 1.5, 3, 6), {}),
    ("colour: saturation", "colour.saturation", (0, 0.4, 0.8, 1.5, 2.5), {}),
    ("weather: rain", "weather.strength", (0, 0.25, 0.5, 0.75, 1), _WET),
    ("weather: snow", "weather.strength", (0, 0.25, 0.5, 0.75, 1),
     {"camera.weather.effect": "snow"}),
    ("weather: fog", "weather.strength", (0, 0.25, 0.5, 0.75, 1), {"camera.weather.effect": "fog"}),
    ("weather: clouds", "weather.strength", (0, 0.25, 0.5, 0.75, 1),
     {"camera.weather.effect": "clouds"}),
    ("imgaug.ImpulseNoise, by name: share", "imgaug.ImpulseNoise",
     tuple({"p": p} for p in (0.01, 0.03, 0.06, 0.12, 0.2)), {}),
    ("interlace: way between the fields, px", "interlace.shift_px", (1, 2, 3, 5, 8), {}),
    ("video: H.264, Mbit/s", "video.mbit_s", (4, 1, 0.6, 0.4, 0.25),
     {"camera.video.codec": "h264", "camera.video.age": 4, "camera.video.step_px": 3}),
    ("video: H.265, Mbit/s, an intra frame", "video.mbit_s", (1, 0.4, 0.2, 0.1, 0.05),
     {"camera.video.codec": "h265", "camera.video.age": 0}),
    ("recording: the frame's JPEG quality", "recording.quality", (80, 50, 30, 15, 5), {}),
    ("jpeg: the crop's JPEG quality", "jpeg.quality", (80, 50, 30, 15, 5),
     {"camera.jpeg.subsampling": "420"}),
    ("crop: rotation, degrees", "crop.rotation_deg", (-15, -7, 4, 10, 20), {}),
    ("crop: loose", "crop.loose", (0.0, 0.1, 0.2, 0.4, 0.8), {}),
    ("rectify: error of the corners", "rectify.corner_noise", (0, 0.05, 0.1, 0.2, 0.3),
     {"camera.rectify.apply": True, "view.yaw_deg": 35, "view.roll_deg": 10, "crop.loose": 0.15}),
    ("cut: share of the side", "cut.share", (0.05, 0.1, 0.2, 0.3, 0.45),
     {"camera.cut.side": "right"}),
    ("resample: factor, down by linear, up by cubic", "resample.factor",
     (0.8, 0.6, 0.45, 0.3, 0.2), {"camera.resample.down": "linear", "camera.resample.up": "cubic"}),
    ("resize: log of the aspect", "resize.stretch", (-0.6, -0.3, 0.2, 0.4, 0.6), {}),
    ("resize: enlarged from a small crop", "resize.enlarge", (1.2, 1.4, 1.7, 2, 2.5),
     {"camera.resize.kernel": "nearest"}),
    ("resize: kernel, 2 times", "resize.kernel", ("nearest", "linear", "area", "cubic", "lanczos"),
     {"camera.resize.enlarge": 2, "view.width_px": 59}),
]  # fmt: skip


def _sample(path: str, value: Any, more: dict[str, Any], renderer: Any) -> np.ndarray:
    path = path if path.startswith(("imgaug.", "crop.")) else f"camera.{path}"
    overrides = {**_BASE, **more, path: value}
    if path == "camera.resize.enlarge":  # the plate is the smaller, the more it is enlarged
        overrides["view.width_px"] = 118 / value
    plan = make_plan(Config(seed=4, overrides=overrides))
    return np.asarray(plan.sample(_INDEX, renderer).pixels)


def _fitted(picture: np.ndarray) -> Image.Image:
    h, w = picture.shape[:2]
    k = min(_CELL_W / w, _CELL_H / h)
    kernel = cv2.INTER_NEAREST if abs(k - 1) < 0.15 else cv2.INTER_AREA
    if k >= 0.95:
        k = 1.0
    size = max(1, round(w * k)), max(1, round(h * k))
    return Image.fromarray(cv2.resize(picture, size, interpolation=kernel))


def main(target: Path) -> None:
    """Writes the sheet."""
    half = -(-len(_ROWS) // _BLOCKS)
    row, block = _TITLE + _CELL_H + _TEXT + 4, 5 * (_CELL_W + 4) + 12
    sheet = Image.new("RGB", (_BLOCKS * block, half * row), (30, 32, 36))
    pen = ImageDraw.Draw(sheet)
    large, small = ImageFont.load_default(11), ImageFont.load_default(10)
    with open_renderer("blender") as renderer:
        for i, (title, path, values, more) in enumerate(_ROWS):
            x0, y0 = (i // half) * block + 6, (i % half) * row
            pen.text((x0, y0), title, (235, 235, 235), large)
            for k, value in enumerate(values):
                cell = _fitted(_sample(path, value, more, renderer))
                x = x0 + k * (_CELL_W + 4)
                left, top = (_CELL_W - cell.width) // 2, (_CELL_H - cell.height) // 2
                sheet.paste(cell, (x + left, y0 + _TITLE + top))
                text = " ".join(map(str, value.values() if isinstance(value, dict) else [value]))
                middle = x + _CELL_W / 2 - pen.textlength(text, small) / 2
                pen.text((middle, y0 + _TITLE + _CELL_H), text, (190, 190, 190), small)
    sheet.quantize(128, dither=Image.Dither.NONE).save(target, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
