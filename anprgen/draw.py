# SPDX-License-Identifier: Apache-2.0
"""Draws a Shot from (configuration, seed, index), then solves for the camera that makes it.

This is the only place where anything is drawn. Presets of a task and the user's configuration
replace distributions by path; everything derived (distance, aim, windows) is solved, not drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from anprgen import degradations
from anprgen.background import Background, placed
from anprgen.backgrounds import BackgroundFolder
from anprgen.capture import NO_CAMERA, Capture
from anprgen.clips.clip import Clip, Travel
from anprgen.clips.draw import Take, check_scene, check_still, in_lane, take, under_rig
from anprgen.clips.frame import unmoved
from anprgen.condition import Make, Mount, Wear
from anprgen.conditions import BY_DAY, CONDITIONS, kinds, weights
from anprgen.config import Config
from anprgen.damage import Damage
from anprgen.design import PlateDesign
from anprgen.distributions import (
    Choice,
    Constant,
    Distribution,
)
from anprgen.draw_plates import below_each_other, draw_plates
from anprgen.errors import ConfigError
from anprgen.geometry import Pinhole
from anprgen.hdris import HdriFolder
from anprgen.illuminant import light_rgb
from anprgen.light import SHIPPED_HDRIS, Light
from anprgen.linking import linked
from anprgen.paper import behind_window
from anprgen.parameters import Draw, Parameter, check_overrides, declared
from anprgen.scene import PHOTO, Scene, Sign, Stand
from anprgen.shot import (
    Crop,
    Frame,
    MountedPlate,
    Shot,
    View,
)
from anprgen.solve import solve_cameras, solve_pinhole
from anprgen.task_presets import BEFORE_PHOTOS, preset_of
from anprgen.traffic import find_stands, plate_matrix
from anprgen.vehicle import Vehicle
from anprgen.vehicle_kinds import KINDS, draw_vehicle

_PARTS: tuple[tuple[str, type], ...] = (
    ("frame", Frame),
    ("scene", Scene),
    ("view", View),
    ("crop", Crop),
    ("light", Light),
    ("vehicle", Vehicle),
    ("stand", Stand),
    ("signs", Sign),
    ("background", Background),
    ("capture", Capture),
    ("clip", Clip),
    ("travel", Travel),
    ("plates.make", Make),
    ("plates.wear", Wear),
    ("plates.mount", Mount),
    ("plates.damage", Damage),
)


def parameters(hdris: Iterable[str] = (), backgrounds: Iterable[str] = ()) -> Iterator[Parameter]:
    """Every parameter that a configuration can override.

    `hdris` may be chosen from too, and photographs from `backgrounds` alone.
    """
    photos = dict.fromkeys(sorted(backgrounds), 1.0)
    for path, cls in _PARTS:
        for parameter in declared(cls, path):
            if parameter.path == "light.hdri" and (own := dict.fromkeys(hdris, 1.0)):
                parameter = parameter._replace(distribution=Choice({**own, **SHIPPED_HDRIS}))
            if parameter.path == "background.photo" and photos:
                parameter = parameter._replace(distribution=Choice(photos))
            yield parameter
    yield from degradations.declared_stages()


def overrides_of(config: Config) -> dict[str, Distribution]:
    """The task's preset under the user's overrides.

    Raises:
        ConfigError: a path that names no parameter (the nearest are suggested).
    """
    own = config.distributions()
    check_overrides(own, parameters(config.hdris, config.backgrounds), "config")
    _check_place(own, config)
    preset = preset_of(config.task, own)
    linked_anyway = "capture.camera" in preset
    if (
        not linked_anyway
        and "capture.camera" not in own
        and (idle := [p for p in own if p.startswith("capture.")])
    ):
        raise ConfigError(
            "it acts only on a camera whose stages are linked",
            where=f"config: $[{idle[0]!r}]",
            hint='name a camera with --camera, or set "capture.camera" to a name of your own',
        )
    if config.backgrounds:
        photos = Choice(dict.fromkeys(sorted(config.backgrounds), 1.0))
        preset = {**preset, **BEFORE_PHOTOS, "background.photo": photos}
        if "light.kind" not in own:
            by_day = {n: w for n, w in weights().items() if n in BY_DAY}
            preset["light.conditions"] = Choice(by_day)
    if config.hdris:  # the user's pictures in place of Blender's
        preset["light.hdri"] = Choice(dict.fromkeys(sorted(config.hdris), 1.0))
    return {**preset, **own}


def _check_place(own: Mapping[str, Distribution], config: Config) -> None:
    """Refuses the place of photographs where there are none."""
    place = own.get("scene.place")
    words = [v for v, w in place.options if w > 0] if isinstance(place, Choice) else []
    words += [place.at(0.5)] if place is not None else []
    if PHOTO in words and not config.backgrounds:
        raise ConfigError(
            "there is no photograph to show",
            where="config: $['scene.place']",
            hint="name a folder of them with --backgrounds",
        )


def draw_shots(
    config: Config,
    overrides: Mapping[str, Distribution],
    designs: Sequence[tuple[PlateDesign, float]],
    render_index: int,
) -> list[Shot]:
    """The shots of all photographs of one render; `overrides` come from `overrides_of`.

    Scene and view are drawn at the render's index, crop and camera at the sample's own.
    """
    draw = _under_conditions(Draw(config.seed, render_index, overrides))
    if config.frames:
        draw = under_rig(draw)
    first = render_index * config.variants
    frame = draw.group(Frame, "frame")
    scene = draw.group(Scene, "scene")
    if config.frames:
        check_scene(scene)
    unplaced = draw_plates(draw, config, designs, scene.plates)
    vehicle = draw_vehicle(draw, "vehicle", unplaced[0].variant if unplaced else "")
    if unplaced and scene.place == "none":
        vehicle = behind_window(vehicle, unplaced[0])
    apart = scene.place != "none" or config.frames > 0
    if apart:
        _check_whole(vehicle)
    plates = below_each_other(unplaced[:1] if apart else unplaced, vehicle)
    shot = Shot(
        seed=config.seed,
        index=first,
        render_index=render_index,
        task=config.task,
        samples=config.samples,
        frame=frame,
        scene=scene,
        view=draw.group(View, "view"),
        crop=Crop(),
        light=draw.group(Light, "light"),
        vehicle=vehicle,
        plates=plates,
    )
    hdri = None
    if shot.light.kind == "hdri" and shot.light.hdri in config.hdris:
        hdri = HdriFolder(Path(config.hdri_folder), config.hdris).get(shot.light.hdri).rgb
    shot = replace(shot, light_rgb=tuple(light_rgb(shot.light, hdri).round(4).tolist()))
    camera, distance_mm = solve_pinhole(shot)
    if scene.place == PHOTO:
        shot = replace(shot, background=_background(draw, config, frame, camera))
    if apart:
        shot = _with_traffic(draw, shot, unplaced, camera)
    if config.frames:
        check_still(shot)
    photographs = [
        _photograph(shot, replace(draw, index=index), overrides, camera, distance_mm)
        for index in range(first, first + config.variants)
    ]
    return solve_cameras(photographs, camera, distance_mm)


def draw_take(
    config: Config,
    overrides: Mapping[str, Distribution],
    designs: Sequence[tuple[PlateDesign, float]],
    number: int,
) -> Take:
    """Sequence `number`: the shot of its key time, and how it goes on from there."""
    (shot,) = draw_shots(config, overrides, designs, number)
    draw = under_rig(Draw(config.seed, number, overrides))
    return take(shot, draw, config.frames, config.fps)


def _under_conditions(draw: Draw) -> Draw:
    """The draw with what the conditions of its render set, under its own overrides.

    Kind and conditions have one joint distribution; whichever a configuration sets, the other
    follows, and where it sets both each is what it says.
    """
    own = draw.overrides
    kind = None
    if "light.conditions" not in own:
        kind = draw.value("light.kind", Choice(kinds()))
    name = draw.value("light.conditions", Choice(weights(kind)))
    chosen = {**CONDITIONS[name].overrides(), "light.conditions": Constant(name)}
    return replace(draw, overrides={**chosen, **own})


def _background(draw: Draw, config: Config, frame: Frame, camera: Pinhole) -> Background:
    """The photograph of a render, and the part of it that the frame shows."""
    own = draw.group(Background, "background")
    folder = BackgroundFolder(Path(config.background_folder), config.backgrounds)
    size = folder.facts(own.photo).size_px
    own = replace(own, digest=config.backgrounds[own.photo])
    return placed(own, size, (frame.width_px, frame.height_px), camera)


def _photograph(
    shot: Shot,
    draw: Draw,
    explicit: Mapping[str, Distribution],
    pinhole: Pinhole,
    distance_mm: float,
) -> Shot:
    """The shot with what belongs to one photograph of its render: index, crop, camera.

    `explicit` are the overrides without those of the conditions: a linked camera heeds only them.
    """
    camera = degradations.draw_stages(draw)
    shot = replace(shot, index=draw.index, crop=draw.group(Crop, "crop"), camera=camera)
    capture = draw.group(Capture, "capture")
    if capture.camera != NO_CAMERA:
        shot = linked(replace(shot, capture=capture), pinhole, distance_mm, explicit)
    # The window that is rendered follows from the stages, so what goes must go before.
    return replace(shot, camera=unmoved(shot.camera)) if shot.task == "sequence" else shot


def _check_whole(vehicle: Vehicle) -> None:
    """Refuses a vehicle in a scene that is no more than a crop shows."""
    if vehicle.kind == "plain":
        raise ConfigError(
            "a plain vehicle is no more than a crop shows: it cannot stand in a scene",
            where="vehicle.kind",
            hint=f"one of {', '.join(KINDS)}",
        )


def _with_traffic(
    draw: Draw, shot: Shot, unplaced: Sequence[MountedPlate], camera: Pinhole
) -> Shot:
    """The shot with further vehicles, their plates, and signs; those that fit nowhere are left out.

    The vehicle in front stands there when there is any; plate n hangs on the n-th further one.
    """
    scene = shot.scene
    shot = replace(shot, signs=tuple(draw.group(Sign, f"signs.{n}") for n in range(scene.signs)))
    count = max(scene.vehicles, scene.plates)
    if count == 0:
        return shot
    further = []
    for n in range(1, count):
        plate = unplaced[n] if n < len(unplaced) else None
        vehicle = draw_vehicle(draw, f"vehicle.{n}", plate.variant if plate else "")
        _check_whole(vehicle)
        further.append((vehicle, plate.size_mm if plate else None))
    ground = -shot.vehicle.plate_height_mm
    frame_px = (shot.frame.width_px, shot.frame.height_px)
    found = find_stands(draw, scene, shot.vehicle, ground, further, camera, frame_px)
    plates, traffic = list(shot.plates), []
    for n, neighbour in found:
        if shot.task == "sequence":
            layout = unplaced[n].variant if n < len(unplaced) else ""
            neighbour = in_lane(draw, shot, n, neighbour, layout)
        if n < len(unplaced):
            at = (neighbour.x_mm, neighbour.y_mm, neighbour.heading_deg)
            matrix = plate_matrix(neighbour.vehicle, at, ground)
            neighbour = replace(neighbour, plate=len(plates))
            plates.append(replace(unplaced[n], plate_to_world=tuple(map(tuple, matrix.tolist()))))
        traffic.append(neighbour)
    return replace(shot, plates=tuple(plates), traffic=tuple(traffic))
