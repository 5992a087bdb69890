# SPDX-License-Identifier: Apache-2.0
"""Blender behind the seam: exact geometry, equal pixels."""

from __future__ import annotations

import importlib.util
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from anprgen.geometry import PLATE_TO_WORLD, Bend, Pinhole, Window, apply, rigid, rotation
from anprgen.registration import Registration
from anprgen.renderers.blender import BlenderRenderer
from anprgen.shot import (
    Crop,
    Frame,
    Light,
    Make,
    Mount,
    MountedPlate,
    Scene,
    Shot,
    Solved,
    View,
    Wear,
)
from anprgen.textures import Textures
from anprgen.vehicle import Vehicle
from anprgen.wear import LAYERS

pytestmark = [
    pytest.mark.blender,
    pytest.mark.skipif(importlib.util.find_spec("bpy") is None, reason="bpy is not installed"),
]

SIZE = (520.0, 110.0)
NEW = Wear(**dict.fromkeys(LAYERS, 0.0), sticker_x=0.5, sticker_y=0.5)
BARE = Mount(frame="none", bolts=0, holes=0)
FLUSH = Vehicle(recess_mm=0.0, overhang_mm=0.0, surround="dark")


def make_shot(
    *,
    index: int = 0,
    window: tuple[int, int] = (96, 36),
    yaw: float = 20.0,
    elevation: float = 10.0,
    focal_px: float = 2400.0,
    distance_mm: float = 14_000.0,
    away: tuple[float, float] = (0.0, 0.0),
    light: Light | None = None,
    vehicle: Vehicle = FLUSH,
    make: Make | None = None,
    wear: Wear = NEW,
    mount: Mount = BARE,
    samples: int = 4,
) -> Shot:
    """A plate at the origin seen by a camera that aims `away` (degrees right, up) from it."""
    turn = rotation("x", elevation) @ rotation("y", yaw)
    turn = rotation("y", away[0]) @ rotation("x", away[1]) @ turn @ PLATE_TO_WORLD.T
    aim = rotation("y", away[0]) @ rotation("x", away[1]) @ [0, 0, distance_mm]
    pose = rigid(turn, aim)
    plate = MountedPlate(
        design="test",
        variant="test",
        registration=Registration("s", "A", "A", (("all", "A"),)),
        make=make or Make(curvature_per_m=0.0, grain=0.0),
        wear=wear,
        mount=mount,
        size_mm=SIZE,
        plate_to_world=as_rows(rigid(rotation("x", -6.0) @ PLATE_TO_WORLD, np.zeros(3))),
    )
    camera = Pinhole(focal_px, 960.0, 540.0, pose)
    middle = camera.project(np.zeros((1, 3)))[0]
    part = Window(round(middle[0] - window[0] / 2), round(middle[1] - window[1] / 2), *window)
    solved = Solved(
        focal_px, 960.0, 540.0, as_rows(pose), distance_mm, part, part, (0, 0, 1, 1, 0), window
    )
    return Shot(
        seed=7, index=index, render_index=index, task="ocr", samples=samples, frame=Frame(),
        scene=Scene(), view=View(), crop=Crop(), light=light or Light(kind="overcast"),
        vehicle=vehicle, plates=(plate,), solved=solved,
    )  # fmt: skip


def as_rows(matrix: NDArray[np.float64]) -> tuple[tuple[float, ...], ...]:
    return tuple(map(tuple, matrix.tolist()))


def make_textures(width: int = 260, height: int = 55) -> Textures:
    ink = np.zeros((height, width), np.float32)
    ink[10:-10, 30:60] = ink[10:-10, 100:110] = ink[20:30, 150:220] = 1
    base = np.repeat((0.8 - 0.78 * ink)[..., None], 3, 2)
    return Textures(base, ink * 1.2, 1 - ink, ink)


def others() -> list[Shot]:
    """Shots that leave as much state behind as a worker can hold."""
    return [
        make_shot(index=1, light=Light(kind="headlamp"), wear=Wear(0.5, 0.2, 0.4, 0.5, 0.4, 0.4)),
        make_shot(index=2, light=Light(kind="sun"), mount=Mount(frame="dealer", bolts=4, holes=4)),
        make_shot(index=3, light=Light(kind="hdri", hdri="city"), make=Make(curvature_per_m=0.8)),
        make_shot(
            index=4, window=(50, 30), light=Light(kind="infrared"),
            vehicle=Vehicle(surround="grille", recess_mm=30.0, overhang_mm=50.0),
        ),
        make_shot(index=6, vehicle=Vehicle(surround="mudguard", seed_w=1.0)),
        make_shot(index=7, vehicle=Vehicle(surround="intake", fittings=1.0, badge="raised")),
    ]  # fmt: skip


def test_says_what_it_is(renderer: BlenderRenderer) -> None:
    said = renderer.describe()
    assert said["renderer"] == "blender"
    assert said["device_class"] == "cpu"
    assert said["blender"].count(".") == 2


def test_render_is_linear_light_of_the_window(renderer: BlenderRenderer) -> None:
    made = renderer.render(make_shot(), [make_textures()])
    assert made.light.shape == (36, 96, 3)
    assert made.light.dtype == np.float32
    assert np.isfinite(made.light).all()
    assert 0.02 < made.light.mean() < 3
    assert set(made.seconds) == {"set_up", "render", "read"}
    assert made.face.shape == (36, 96)
    assert 0.3 < (made.face == 1).mean() < 0.9, "a clean plate before its vehicle"
    assert made.face[0, 0] == 0


def test_a_face_is_lost_to_objects_and_dirtied_by_dirt(renderer: BlenderRenderer) -> None:
    bare = renderer.render(make_shot(), [make_textures()]).face
    holed = make_shot(mount=Mount(frame="none", bolts=0, holes=4, hole_diameter_mm=25.0))
    lost = bare - renderer.render(holed, [make_textures()]).face
    share = 4 * np.pi * 12.5**2 / (SIZE[0] * SIZE[1])
    assert lost.sum() / bare.sum() == pytest.approx(share, abs=0.006)
    muddy = make_shot(wear=replace(NEW, mud=1.0, mud_height=2.0))
    face = renderer.render(muddy, [make_textures()]).face
    inner = bare == 1
    assert face[inner].min() > 0.3
    assert face[inner].mean() < 0.5
    broken = renderer.render(make_shot(wear=replace(NEW, cracks=1.0)), [make_textures()]).face
    assert (broken[inner] == 0).sum() > 3


def test_pixels_are_equal_whatever_came_before_and_on_any_number_of_threads(
    renderer: BlenderRenderer,
) -> None:
    targets = [
        make_shot(light=Light(kind="hdri", hdri="courtyard"), wear=Wear(), mount=Mount(bolts=2)),
        make_shot(index=5, light=Light(kind="sun"), wear=Wear(0.3, 0.1, 0.3, 0.3, 0.2, 0.3)),
    ]
    with BlenderRenderer(device="cpu", threads=1) as fresh:
        expected = [fresh.render(t, [make_textures()]) for t in targets]
    for shot in others():
        renderer.render(shot, [make_textures(180, 40)])
        renderer.render_ids(shot, [np.ones((20, 80), np.uint8)], 1)
    for target, first in zip(targets, expected):
        for _ in range(2):
            again = renderer.render(target, [make_textures()])
            assert np.array_equal(again.light, first.light)
            assert np.array_equal(again.face, first.face)


def test_a_changed_texture_changes_the_picture(renderer: BlenderRenderer) -> None:
    shot, textures = make_shot(), make_textures()
    first = renderer.render(shot, [textures]).light
    darker = replace(textures, base_color=textures.base_color * 0.5)
    assert renderer.render(shot, [darker]).light.mean() < first.mean() * 0.9


@pytest.mark.parametrize(
    ("yaw", "curvature", "away"), [(0, 0.0, (0, 0)), (35, 0.6, (9, 5)), (-50, -0.7, (-14, -8))]
)
def test_camera_is_exact(
    renderer: BlenderRenderer, yaw: float, curvature: float, away: tuple[float, float]
) -> None:
    width, height = 1040, 220
    spots = np.array([[x, y] for x in (60.0, 200.0, 330.0, 460.0) for y in (25.0, 85.0)])
    y, x = np.mgrid[0:height, 0:width]
    ids = np.zeros((height, width), np.uint8)
    for n, (sx, sy) in enumerate(spots, 1):
        ids[np.hypot((x + 0.5) / 2 - sx, (y + 0.5) / 2 - sy) < 7] = n
    shot = make_shot(
        yaw=yaw, away=away, window=(300, 100), focal_px=3000.0, distance_mm=7000.0,
        make=Make(curvature_per_m=curvature),
    )  # fmt: skip
    scale = 4
    found = renderer.render_ids(shot, [ids], scale)
    assert found.shape == (400, 1200)
    solved, plate = shot.solved, shot.plates[0]
    assert solved is not None
    camera = Pinhole(solved.focal_px, solved.cx, solved.cy, np.array(solved.world_to_camera))
    # A disc's outline, projected, has the area centroid that the pixels of the disc have.
    angles = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    for n, spot in enumerate(spots, 1):
        rim = spot + 7 * np.stack([np.cos(angles), np.sin(angles)], 1)
        world = apply(np.array(plate.plate_to_world), Bend(*SIZE, curvature).surface(rim))
        expected = centroid(camera.project(world)) - [solved.render.x0, solved.render.y0]
        rows, columns = np.nonzero(found == n)
        seen = np.array([columns.mean() + 0.5, rows.mean() + 0.5]) / scale
        assert np.abs(seen - expected).max() < 0.1, (n, seen, expected)


def centroid(closed: NDArray[np.float64]) -> NDArray[np.float64]:
    """Area centroid of a closed polygon."""
    after = np.roll(closed, -1, 0)
    cross = closed[:, 0] * after[:, 1] - after[:, 0] * closed[:, 1]
    return np.asarray(((closed + after) * cross[:, None]).sum(0) / (3 * cross.sum()))


def test_light_shows_dots_where_the_camera_projects_them(renderer: BlenderRenderer) -> None:
    textures = make_textures(1040, 220)
    base = np.full((220, 1040, 3), 0.02, np.float32)
    y, x = np.mgrid[0:220, 0:1040]
    spot = np.array([300.0, 60.0])
    base[np.hypot((x + 0.5) / 2 - spot[0], (y + 0.5) / 2 - spot[1]) < 12] = 0.9
    flat = replace(textures, base_color=base, height_mm=textures.height_mm * 0)
    shot = make_shot(away=(6, -4), window=(120, 50), samples=64)
    light = renderer.render(shot, [flat]).light.mean(2)
    solved, plate = shot.solved, shot.plates[0]
    assert solved is not None
    camera = Pinhole(solved.focal_px, solved.cx, solved.cy, np.array(solved.world_to_camera))
    point = apply(np.array(plate.plate_to_world), Bend(*SIZE).surface(spot[None]))
    expected = camera.project(point)[0] - [solved.render.x0, solved.render.y0]
    x0, y0 = int(expected[0]) - 6, int(expected[1]) - 6
    part = light[y0 : y0 + 13, x0 : x0 + 13]
    weight = np.clip(part - np.median(part) * 1.5, 0, None)
    rows, columns = np.mgrid[0:13, 0:13]
    seen = np.array([(weight * (columns + 0.5)).sum(), (weight * (rows + 0.5)).sum()])
    assert np.abs(seen / weight.sum() + [x0, y0] - expected).max() < 0.1


def test_id_pass_holds_ids_only(renderer: BlenderRenderer) -> None:
    ids = np.zeros((55, 260), np.uint8)
    ids[10:45, 20:90], ids[10:45, 120:200] = 31, 247
    found = renderer.render_ids(make_shot(mount=Mount(frame="thin", bolts=2)), [ids], 4)
    assert set(np.unique(found)) == {0, 31, 247}


def test_a_hole_hides_ids(renderer: BlenderRenderer) -> None:
    ids = np.full((55, 260), 9, np.uint8)
    bare = (renderer.render_ids(make_shot(mount=BARE), [ids], 4) == 9).sum()
    holed = make_shot(mount=Mount(frame="none", bolts=0, holes=4, hole_diameter_mm=20.0))
    share = (renderer.render_ids(holed, [ids], 4) == 9).sum() / bare
    assert share == pytest.approx(1 - 4 * np.pi * 10**2 / (SIZE[0] * SIZE[1]), abs=0.006)


def test_a_frame_hides_ids(renderer: BlenderRenderer) -> None:
    ids = np.full((55, 260), 9, np.uint8)
    bare = (renderer.render_ids(make_shot(), [ids], 4) == 9).sum()
    framed = make_shot(mount=Mount(frame="thin", frame_cover_mm=7.0, bolts=0, holes=0))
    assert (renderer.render_ids(framed, [ids], 4) == 9).sum() < bare * 0.95


@pytest.mark.parametrize("name", tuple(LAYERS))
def test_wear_shows_and_none_is_none(renderer: BlenderRenderer, name: str) -> None:
    new = renderer.render(make_shot(), [make_textures()]).light
    # An amount of 0 is nothing at all, whatever else the wear says.
    still = replace(
        NEW, seed_w=NEW.seed_w + 50, mud_height=0.7, dust_lightness=0.3, splash_deg=10.0,
        sticker_x=0.2, sticker_hue=0.9,
    )  # fmt: skip
    assert np.array_equal(renderer.render(make_shot(wear=still), [make_textures()]).light, new)
    worn = renderer.render(make_shot(wear=replace(NEW, **{name: 0.7})), [make_textures()]).light
    assert np.abs(worn - new).mean() > 0.001 * new.mean()


def test_sheeting_throws_light_back_to_the_lamp(renderer: BlenderRenderer) -> None:
    lamp = Light(kind="headlamp", ambient=0.01, lamp_right_mm=30.0, lamp_above_mm=40.0)
    panel = replace(FLUSH, surround="bumper", paint_value=0.4, fittings=0.0, seed_w=1.0)
    shot, textures = make_shot(light=lamp, yaw=15.0, vehicle=panel), make_textures()
    glowing = renderer.render(shot, [textures]).light
    matt = renderer.render(shot, [replace(textures, retro=textures.retro * 0)]).light
    middle = (slice(14, 22), slice(34, 62))
    assert glowing[middle].mean() > 5 * matt[middle].mean()
    muddy = make_shot(
        light=lamp, yaw=15.0, vehicle=panel, wear=replace(NEW, mud=0.9, mud_height=1.5)
    )
    assert renderer.render(muddy, [textures]).light[middle].mean() < glowing[middle].mean() / 2
    # Only the camera sees it: the plate's surroundings stay as they are.
    assert np.isclose(glowing[:3].mean(), matt[:3].mean(), rtol=0.1)  # there is little light


def test_infrared_is_grey(renderer: BlenderRenderer) -> None:
    light = renderer.render(make_shot(light=Light(kind="infrared")), [make_textures()]).light
    assert np.array_equal(light[..., 0], light[..., 2])
