# SPDX-License-Identifier: Apache-2.0
"""Light in rendered pictures: what each source and shadow does, and nothing when it is off."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from test_blender import FLUSH, make_shot, make_textures

from anprgen.illuminant import light_rgb
from anprgen.light import Light
from anprgen.renderers.blender import BlenderRenderer

pytestmark = [
    pytest.mark.blender,
    pytest.mark.skipif(importlib.util.find_spec("bpy") is None, reason="bpy is not installed"),
]

#: A white plate's face in the middle of the window of `make_shot`.
FACE = (slice(12, 24), slice(22, 74))


def lit(renderer: BlenderRenderer, **light: Any) -> NDArray[np.float32]:
    """Light on a blank white sheet seen straight on: [36, 96, 3], 89 px of them the plate."""
    blank = make_textures()
    white = np.full_like(blank.base_color, 0.8)
    flat = replace(blank, base_color=white, ink=blank.ink * 0, height_mm=blank.ink * 0)
    shot = make_shot(yaw=0.0, elevation=4.0, light=Light(**light), vehicle=FLUSH, samples=16)
    return renderer.render(shot, [flat]).light


SUN = {"kind": "sun", "sun_azimuth_deg": 20.0, "sun_elevation_deg": 30.0, "sun_size_deg": 0.53,
       "sky_share": 0.1}  # fmt: skip


def test_an_edge_s_shadow_parts_the_plate_where_it_is_drawn(renderer: BlenderRenderer) -> None:
    bare = lit(renderer, **SUN)[FACE].mean(2)
    near = {"shade": "edge", "shade_distance_mm": 600.0, "shade_turn_deg": 0.0}
    for offset, place in ((0.0, 0.5), (0.2, 0.84)):
        shaded = lit(renderer, **SUN, **near, shade_offset=offset)[FACE].mean(2)
        share = (shaded / bare).mean(0)
        dark = share < 0.5
        assert share.max() > 0.9
        assert share.min() < 0.35
        # One step, where the edge is: columns on one side dark, on the other lit.
        assert np.abs(np.diff(dark.astype(int))).sum() == 1
        at = (np.flatnonzero(np.diff(dark.astype(int)))[0] + 1) / len(dark)
        assert at == pytest.approx(place, abs=0.12)


@pytest.mark.parametrize("shade", ["leaves", "post", "bars"])
def test_what_stands_before_the_sun_takes_light_and_adds_none(
    renderer: BlenderRenderer, shade: str
) -> None:
    bare = lit(renderer, **SUN)[FACE].mean(2)
    more = {"shade": shade, "shade_distance_mm": 800.0, "shade_width_mm": 80.0}
    shaded = lit(renderer, **SUN, **more, shade_offset=0.0, shade_cover=0.6)[FACE].mean(2)
    assert shaded.mean() < 0.95 * bare.mean()
    assert (shaded < bare * 1.1).mean() > 0.97
    assert shaded.max() > 0.7 * bare.max()  # light is left between it


def test_nothing_stands_before_a_sky(renderer: BlenderRenderer) -> None:
    bare = lit(renderer, kind="overcast")
    assert np.array_equal(lit(renderer, kind="overcast", shade="edge"), bare)


def test_plate_lamps_light_from_above_and_unevenly(renderer: BlenderRenderer) -> None:
    night = {"kind": "street", "ambient": 0.02, "overhead_front_mm": -400.0}
    dark = lit(renderer, **night)[FACE].mean(2)
    on = lit(renderer, **night, plate_lamps=2.0, plate_lamp_count=2)[FACE].mean(2)
    gain = on - dark
    assert gain.min() > 0
    assert gain[:3].mean() > 1.5 * gain[-3:].mean()
    assert on.mean() > 3 * dark.mean()


def test_lamps_have_their_colours(renderer: BlenderRenderer) -> None:
    def ratio(**light: Any) -> float:
        r, _, b = lit(renderer, **light)[FACE].mean((0, 1))
        return float(r / b)

    sodium = Light(kind="street", temperature_k=2000.0, ambient=0.05, ambient_k=2000.0)
    said = light_rgb(sodium)
    seen = lit(renderer, kind="street", temperature_k=2000.0, ambient=0.05, ambient_k=2000.0,
               overhead_front_mm=4000.0, overhead_above_mm=4000.0)[FACE].mean((0, 1))  # fmt: skip
    assert seen[0] / seen[1] == pytest.approx(said[0] / said[1], rel=0.15)
    white = ratio(kind="overcast", temperature_k=6500.0)
    assert ratio(kind="overcast", temperature_k=6500.0, brake_lamps=1.0) > 1.3 * white
    neon = lit(renderer, kind="neon", temperature_k=4500.0, green=0.4, ambient_k=6500.0)
    assert neon[FACE].mean((0, 1)).argmax() in (0, 1)
    assert 0.05 < neon[FACE].mean() < 5


def test_the_balanced_picture_of_each_kind_is_nearly_white(renderer: BlenderRenderer) -> None:
    """A white sheet over `light_rgb` has little colour left: the camera is told the truth."""
    for light in (
        Light(kind="street", temperature_k=2100.0, overhead_front_mm=4000.0),
        Light(
            kind="street",
            temperature_k=2100.0,
            overhead_front_mm=300.0,
            ambient=0.6,
            ambient_k=4500.0,
            overhead_above_mm=5000.0,
        ),
        Light(kind="neon", temperature_k=4000.0, green=0.2, ambient_k=4000.0),
        Light(kind="overcast", temperature_k=9000.0),
        Light(kind="headlamp", temperature_k=3000.0),
        Light(kind="sun", sun_elevation_deg=8.0, sun_azimuth_deg=10.0, sky_share=0.1),
    ):
        given = {f: getattr(light, f) for f in light.__dataclass_fields__}
        rgb = lit(renderer, **given)[FACE].mean((0, 1)) / light_rgb(light)
        assert rgb.max() / rgb.min() < 1.5, light.kind


def test_oncoming_headlamps_shine_beside_the_vehicle(renderer: BlenderRenderer) -> None:
    def wide(oncoming: float) -> NDArray[np.float32]:
        light = Light(kind="street", oncoming=oncoming, oncoming_right_mm=2500.0,
                      oncoming_behind_mm=3000.0)  # fmt: skip
        shot = make_shot(window=(200, 60), focal_px=300.0, yaw=0.0, elevation=2.0,
                         distance_mm=6000.0, light=light, samples=4)  # fmt: skip
        assert shot.solved is not None
        return renderer.render(shot, [make_textures()]).light

    off, on = wide(0.0), wide(50.0)
    assert on.max() > 5 * off.max()
    assert (np.abs(on - off).max(2) > 0.5).mean() < 0.02
