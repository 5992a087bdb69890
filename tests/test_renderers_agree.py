# SPDX-License-Identifier: Apache-2.0
"""Dots on a plate, found in the pictures of both renderers, lie where the labels of both say."""

from dataclasses import replace

import numpy as np
import pytest

from anprgen import degradations
from anprgen.annotation import projector
from anprgen.config import Config
from anprgen.damage import Damage
from anprgen.pipeline import make_plan
from anprgen.renderers.opening import open_renderer
from anprgen.shot_views import context
from anprgen.textures import Textures
from anprgen.wear import LAYERS

# A camera without noise, blur and colour errors, but with its lens; a clean, bent plate by day.
CALM = {
    "light.conditions": "overcast", "view.width_px": 320, "view.yaw_deg": {"uniform": [-35, 35]},
    "plates.mount.frame": "none", "plates.mount.bolts": 0, "plates.mount.holes": 0,
    "plates.make.clear_coat": 0,
    "plates.make.roughness": 0.6, "plates.make.curvature_per_m": {"uniform": [-0.8, 0.8]},
    "plates.mount.front": "none", "plates.mount.glass": 0, "plates.mount.lamps": 0,
    "plates.make.grain": 0, "light.shade": "none",
    **{f"plates.wear.{kind}": 0 for kind in LAYERS},
    "plates.damage.corner": "none", "plates.damage.dent_mm": 0, "plates.damage.crease_mm": 0,
    "vehicle.overhang_mm": 0, "vehicle.recess_mm": 0, "crop.rotation_deg": {"uniform": [-8, 8]},
    "camera.defocus.sigma_px": 0, "camera.motion.length_px": 0, "camera.glare.bloom": 0,
    "camera.glare.veil": 0, "camera.weather.effect": "none", "camera.lens.red_px": 0,
    "camera.lens.blue_px": 0, "camera.resample.factor": 1.0, "camera.sensor.white_e": 200000,
    "camera.sensor.read_noise_e": 0, "camera.sharpen.amount": 0, "camera.denoise.lightness": 0,
    "camera.denoise.colour_px": 0, "camera.sensor.mosaic": "none", "camera.jpeg.quality": 98,
    "camera.jpeg.subsampling": "444", "camera.recording.quality": 0,
}  # fmt: skip


def dots(size_mm, size_px, across=9, down=3, radius_mm=5.5):
    """A dark plate with bright dots from 24 mm beside its edges: centres, textures."""
    w, h = size_px
    x, y = np.meshgrid((np.arange(w) + 0.5) / w * size_mm[0], (np.arange(h) + 0.5) / h * size_mm[1])
    centres = [
        (x_mm, y_mm)
        for y_mm in np.linspace(24, size_mm[1] - 24, down)
        for x_mm in np.linspace(24, size_mm[0] - 24, across)
    ]
    base = np.full((h, w, 3), 0.03, np.float32)
    texel = size_mm[0] / w
    for cx, cy in centres:
        cover = np.clip((radius_mm - np.hypot(x - cx, y - cy)) / texel + 0.5, 0, 1)[..., None]
        base = base * (1 - cover) + 0.7 * cover
    flat = np.zeros((h, w), np.float32)
    return np.array(centres), Textures(base.astype(np.float32), flat, flat, flat)


def offsets(name: str, plan, index: int):
    """Found centroid minus label of every dot, px (n, 2), and how far damage moves each (n)."""
    shot = plan.shot(index)
    plate = shot.plates[0]
    scale = 1400 / plate.size_mm[0]
    centres, texture = dots(plate.size_mm, (1400, round(plate.size_mm[1] * scale)))
    with open_renderer(name, device="cpu", threads=1) as renderer:
        light = renderer.render(shot, [texture]).light
    photo = degradations.photograph(light, shot.camera, context(shot))
    grey = photo.image.astype(np.float64).mean(2)
    radius = 0.55 * shot.view.width_px / plate.size_mm[0] * 22
    found, moved = [], []
    whole = photo.points(projector(shot, replace(plate, damage=Damage()))(centres))
    for px, before in zip(photo.points(projector(shot, plate)(centres)), whole):
        x0, y0 = np.floor(px - radius).astype(int)
        x1, y1 = np.ceil(px + radius).astype(int)
        if x0 < 0 or y0 < 0 or x1 >= grey.shape[1] or y1 >= grey.shape[0]:
            continue
        part = grey[y0:y1, x0:x1]
        weight = np.clip(part - np.percentile(part, 60), 0, None)
        ys, xs = np.mgrid[y0:y1, x0:x1] + 0.5
        found.append(np.array([(xs * weight).sum(), (ys * weight).sum()]) / weight.sum() - px)
        moved.append(np.hypot(*(px - before)))
    return np.array(found), np.array(moved)


DAMAGED = {
    "corner": {"plates.damage.corner": {"choice": {"top_left": 1, "bottom_right": 1}},
               "plates.damage.corner_mm": 70, "plates.damage.corner_deg": 45},
    "dent": {"plates.damage.dent_mm": 12, "plates.damage.dent_radius_mm": 45,
             "plates.damage.dent_x": {"uniform": [0.3, 0.7]}},
    "crease": {"plates.damage.crease_mm": 8, "plates.damage.crease_radius_mm": 12},
}  # fmt: skip


@pytest.mark.parametrize("kind", list(DAMAGED))
@pytest.mark.parametrize("name", ["flat", pytest.param("blender", marks=pytest.mark.blender)])
def test_dots_on_a_damaged_plate_lie_where_the_labels_say(name, kind):
    """Those that the damage moves by a px or more too."""
    plan = make_plan(Config(renderer=name, overrides={**CALM, **DAMAGED[kind]}, samples=16))
    every, moved = (np.concatenate(v) for v in zip(*(offsets(name, plan, i) for i in range(4))))
    error = np.hypot(*every.T)
    assert len(every) > 60
    assert np.median(error) < 0.1
    assert (moved > 1).sum() >= 3
    assert np.median(error[moved > 1]) < 0.3


@pytest.mark.parametrize("name", ["flat", pytest.param("blender", marks=pytest.mark.blender)])
def test_dots_lie_where_the_labels_say(name):
    plan = make_plan(Config(renderer=name, overrides=CALM, samples=16))
    every = np.concatenate([offsets(name, plan, index)[0] for index in range(4)])
    assert len(every) > 60
    assert np.abs(np.median(every, 0)).max() < 0.1
    assert np.percentile(np.hypot(*every.T), 98) < 0.25
