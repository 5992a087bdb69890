# SPDX-License-Identifier: Apache-2.0
"""Dots on plates that move, found in the frames of both renderers, lie where the labels say."""

from dataclasses import replace

import numpy as np
import pytest
from test_renderers_agree import CALM, dots

from anprgen import degradations
from anprgen.annotation import projector
from anprgen.arguments import sequence_sizes
from anprgen.config import Config
from anprgen.pipeline import make_plan
from anprgen.renderers.opening import open_renderer
from anprgen.shot_views import context

BLENDER = pytest.param("blender", marks=pytest.mark.blender)
# Fast, close, read out slowly, by a camera that shakes: rows lie far apart in time.
FAST = {
    **{k: v for k, v in CALM.items() if not k.startswith(("view.", "crop.", "vehicle."))},
    "frame.size": "640x360", "scene.place": "highway", "scene.plates": 1, "scene.vehicles": 1,
    "scene.signs": 0, "vehicle.kind": "saloon", "vehicle.recess_mm": 0, "vehicle.overhang_mm": 0,
    "vehicle.fittings": 0, "vehicle.lamps": "off", "view.width_px": 130, "view.yaw_deg": 25,
    "view.elevation_deg": 12, "view.place_x": 0, "view.place_y": 0.1, "frame.hfov_deg": 40,
    "clip.key": 0.5, "clip.shade": 0, "travel.speed_kmh": 90, "travel.change": 1,
    "travel.turn_deg": 0, "travel.change_lane_mm": 0, "capture.readout_s": 0.025,
    "capture.shutter_s": 0.002, "capture.shake_deg_s": 20, "capture.focus_error": 0,
    "capture.aberration_um": 0.1, "capture.read_noise_e": 0, "capture.late_noise_e": 0,
    "capture.full_well_e": 1e7, "capture.lux_overcast": 20000, "camera.exposure.key": 0.3,
}  # fmt: skip
FRAMES, FPS = 9, 50.0


def plan_of(name: str, **more):
    frames, fps = sequence_sizes("sequence", FRAMES, FPS)
    config = Config(
        task="sequence", renderer=name, overrides={**FAST, **more}, samples=16, frames=frames,
        fps=fps,
    )  # fmt: skip
    return make_plan(config)


def offsets(renderer, plan, index: int):
    """Centroid less label of every dot, px (n, 2), and how far the shutter moves each (n, 2)."""
    shot = plan.shot(index)
    plate = shot.plates[0]
    scale = 1400 / plate.size_mm[0]
    centres, texture = dots(plate.size_mm, (1400, round(plate.size_mm[1] * scale)), 5, 2, 14)
    light = renderer.render(shot, [texture]).light
    photo = degradations.photograph(light, shot.camera, context(shot))
    grey = photo.image.astype(np.float64).mean(2)
    px = photo.points(projector(shot, plate)(centres))
    still = photo.points(projector(replace(shot, moment=None), plate)(centres))
    found, moved = [], []
    radius = 0.31 * np.hypot(*(px[5] - px[0]))  # as far as the plate reaches beyond its dots
    for at, before in zip(px, still):
        x0, y0 = np.floor(at - radius).astype(int)
        x1, y1 = np.ceil(at + radius).astype(int)
        if x0 < 0 or y0 < 0 or x1 >= grey.shape[1] or y1 >= grey.shape[0]:
            continue
        part = grey[y0:y1, x0:x1]
        low, high = np.percentile(part, 5), part.max()
        weight = np.clip(part - low - 0.35 * (high - low), 0, None)
        ys, xs = np.mgrid[y0:y1, x0:x1] + 0.5
        found.append(np.array([(xs * weight).sum(), (ys * weight).sum()]) / weight.sum() - at)
        moved.append(at - before)
    return np.reshape(found, (-1, 2)), np.reshape(moved, (-1, 2))


@pytest.mark.parametrize("rig", ["shaking", "moving"])
@pytest.mark.parametrize("name", ["flat", BLENDER])
def test_dots_of_moving_plates_lie_where_the_labels_say(name, rig):
    plan = plan_of(name, **{"clip.rig": rig})
    with open_renderer(name, device="cpu", threads=1) as renderer:
        every, moved = (
            np.concatenate(v) for v in zip(*(offsets(renderer, plan, k) for k in (4, 5, 6)))
        )
    error = np.hypot(*every.T)
    assert len(every) >= 20
    assert np.median(error) < 0.15
    assert np.percentile(error, 95) < 0.5
    assert np.hypot(*moved.T).max() > 1  # what a label without the shutter would be wrong by
