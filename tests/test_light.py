# SPDX-License-Identifier: Apache-2.0
"""Conditions set the light together and by address; colours of the light; the camera balances."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from anprgen import degradations as deg
from anprgen.conditions import CONDITIONS, kinds, weights
from anprgen.config import Config
from anprgen.degradations.exposure import Exposure
from anprgen.degradations.flicker import Flicker
from anprgen.degradations.stage import LUMA
from anprgen.distributions import Choice
from anprgen.draw import parameters
from anprgen.errors import ConfigError
from anprgen.geometry import Window
from anprgen.illuminant import black_body, colours, light_rgb
from anprgen.light import SHIPPED_HDRIS, Light
from anprgen.parameters import check_overrides
from anprgen.pipeline import make_plan
from anprgen.shot import Shot

DOCS = Path(__file__).parent.parent / "docs"


def shots(count: int, **overrides: Any) -> list[Shot]:
    dotted = {k.replace("__", "."): v for k, v in overrides.items()}
    plan = make_plan(Config(renderer="flat", overrides=dotted))
    return [plan.shot(i) for i in range(count)]


def test_what_conditions_set_is_there_and_within_bounds() -> None:
    known = list(parameters())
    for name, one in CONDITIONS.items():
        check_overrides(one.overrides(), known, name)
    assert sum(weights().values()) == pytest.approx(1.0, abs=1e-6)
    assert set(kinds()) == {"hdri", "sun", "overcast", "street", "neon", "headlamp", "infrared"}


def test_shares_are_those_declared() -> None:
    many = shots(1500)
    for field, wanted in (("conditions", weights()), ("kind", kinds())):
        seen = Counter(getattr(s.light, field) for s in many)
        for name, weight in wanted.items():
            sigma = math.sqrt(weight * (1 - weight) / len(many))
            assert abs(seen[name] / len(many) - weight) < 4 * sigma + 1e-9, name


@pytest.mark.parametrize("name", list(CONDITIONS))
def test_a_name_brings_its_kind_and_its_numbers(name: str) -> None:
    sets = CONDITIONS[name].sets
    for shot in shots(12, light__conditions=name):
        assert shot.light.conditions == name
        assert shot.light.kind == CONDITIONS[name].kind
        for path, distribution in sets.items():
            part, _, field = path.partition(".")
            if part == "light" and not isinstance(distribution, Choice):
                low, high = distribution.at(0.0), distribution.at(1 - 1e-12)
                assert low <= getattr(shot.light, field) <= high, path


def test_a_kind_brings_conditions_of_that_kind() -> None:
    for shot in shots(40, light__kind={"choice": {"street": 1, "sun": 1}}):
        assert CONDITIONS[shot.light.conditions].kind == shot.light.kind


def test_fields_are_overridden_by_path_and_move_no_other() -> None:
    plain = shots(30, light__conditions="golden_hour")
    mine = shots(30, light__conditions="golden_hour", light__sun_elevation_deg=33)
    for a, b in zip(plain, mine):
        assert b.light.sun_elevation_deg == 33
        for f in fields(Light):
            if f.name != "sun_elevation_deg":
                assert getattr(a.light, f.name) == getattr(b.light, f.name)
        assert (a.camera, a.plates, a.view) == (b.camera, b.plates, b.view)
    both = shots(5, light__conditions="noon", light__kind="overcast")
    assert {(s.light.conditions, s.light.kind) for s in both} == {("noon", "overcast")}


def test_a_linked_camera_heeds_the_light_and_not_what_conditions_say_of_the_sensor() -> None:
    camera = {"capture__camera": "mine", "capture__shutter_s": 0.001, "capture__gain": 4}
    noon, dusk = (shots(6, light__conditions=n, **camera) for n in ("noon", "dusk"))
    for day, late in zip(noon, dusk):
        assert day.taken is not None
        assert late.taken is not None
        assert late.taken.light < 0.1 * day.taken.light
        white = late.camera["sensor"].white_e
        assert late.capture is not None
        assert white == pytest.approx(late.capture.full_well_e / late.taken.gain)


def test_sources_that_are_rare_are_off_by_themselves() -> None:
    still = Light()
    assert (still.shade, still.plate_lamps, still.brake_lamps, still.oncoming) == ("none", 0, 0, 0)


def test_black_bodies_have_luminance_1_and_lie_on_their_side_of_white() -> None:
    for kelvin in (2000, 3000, 6504, 12000):
        rgb = black_body(kelvin)
        assert rgb @ LUMA == pytest.approx(1.0, abs=1e-6)
        assert (rgb[0] - rgb[2]) * (6504 - kelvin) >= -1e-9
    # CIE illuminant A, and high-pressure sodium (HP1), by their chromaticities.
    assert black_body(2856) == pytest.approx([1.845, 0.826, 0.233], rel=0.06)
    assert black_body(1960) == pytest.approx([2.562, 0.637, 0.02], rel=0.05, abs=0.02)


def test_the_light_s_colour_follows_its_sources() -> None:
    sodium = Light(kind="street", temperature_k=2000.0, ambient=0.1, ambient_k=2000.0, green=0.0)
    neon = Light(kind="neon", temperature_k=4500.0, green=0.4, ambient_k=4500.0)
    low, high = (Light(kind="sun", sun_elevation_deg=e, sun_azimuth_deg=0.0) for e in (4.0, 60.0))
    assert light_rgb(sodium)[0] > 2 * light_rgb(sodium)[1]
    assert light_rgb(neon)[1] > light_rgb(neon)[[0, 2]].max()
    assert light_rgb(low)[0] / light_rgb(low)[2] > light_rgb(high)[0] / light_rgb(high)[2]
    assert light_rgb(Light(kind="infrared")).tolist() == [1, 1, 1]
    for name in SHIPPED_HDRIS:
        assert light_rgb(Light(kind="hdri", hdri=name)) @ LUMA == pytest.approx(1.0, abs=1e-3)
    assert all(c.shape == (3,) for c in colours(Light()).values())


def _context(**more: Any) -> deg.Context:
    window = Window(0, 100, 40, 400)
    given = {"frame_width_px": 640, "frame_height_px": 1000, "focal_px": 900.0, "cx": 320.0,
             "cy": 500.0, "window": window, "render": window, "crop": (20, 300, 40, 400, 0.0),
             "output_px": (40, 400), "seed": 1, "index": 2}  # fmt: skip
    return deg.Context(**{**given, **more})


def test_white_balance_takes_the_light_s_colour_off_as_far_as_it_adapts() -> None:
    rgb = black_body(3400)
    card = np.broadcast_to(rgb.astype(np.float32), (8, 8, 3))
    ctx = _context(light_rgb=tuple(rgb.tolist()))
    casts = []
    for adaptation in (0.0, 0.5, 1.0):
        stage = Exposure(key=0.2, adaptation=adaptation, warmth=0.0, tint=0.0)
        r, _, b = stage.pixels(card, ctx)[0, 0]
        casts.append(math.log2(r / b))
    assert casts[0] == pytest.approx(math.log2(rgb[0] / rgb[2]), abs=1e-3)
    assert casts[1] == pytest.approx(casts[0] / 2, abs=1e-3)
    assert casts[2] == pytest.approx(0.0, abs=1e-3)


def test_sodium_light_stays_orange_however_well_a_camera_adapts() -> None:
    rgb = black_body(1950)
    card = np.broadcast_to(rgb.astype(np.float32), (8, 8, 3))
    stage = Exposure(key=0.2, adaptation=1.0, warmth=0.0, tint=0.0)
    r, _, b = stage.pixels(card, _context(light_rgb=tuple(rgb.tolist())))[0, 0]
    assert r > 1.5 * b


def test_the_camera_is_told_the_light_s_colour() -> None:
    from anprgen.shot_views import context

    shot = next(s for s in shots(40) if s.light.kind == "street")
    assert context(shot).light_rgb == shot.light_rgb != (1.0, 1.0, 1.0)


def test_flicker_makes_bands_of_its_depth_under_mains_lamps_only() -> None:
    stage, flat = Flicker(depth=0.2, bands=4.0, phase=0.25), np.ones((400, 40, 3), np.float32)
    for kind in ("sun", "hdri", "headlamp", "infrared", "overcast"):
        assert stage.pixels(flat, _context(light_kind=kind)) is flat
    rows = stage.pixels(flat, _context(light_kind="neon"))[:, 0, 0]
    assert rows.max() == pytest.approx(1.2, abs=0.01)
    assert rows.min() == pytest.approx(0.8, abs=0.01)
    # 400 rows of a frame of 1000 are 1.6 of its 4 bands: a wave of 250 rows.
    assert rows[:150] == pytest.approx(rows[250:], abs=1e-3)
    assert replace(stage, depth=0.0).pixels(flat, _context(light_kind="neon")) is flat


def test_the_docs_name_every_condition() -> None:
    text = (DOCS / "light.md").read_text("utf-8")
    assert all(f"| `{name}` |" in text for name in CONDITIONS)


def test_conditions_are_stored_with_the_sample() -> None:
    from anprgen.shot import to_json

    shot = shots(1)[0]
    stored = json.loads(json.dumps(to_json(shot)))
    assert stored["light"]["conditions"] in CONDITIONS
    assert len(stored["light_rgb"]) == 3


def test_unknown_conditions_are_refused() -> None:
    with pytest.raises(ConfigError, match="none of its values"):
        shots(1, light__conditions="eclipse")
