# SPDX-License-Identifier: Apache-2.0
"""Draws a Shot from (configuration, seed, index), then solves for the camera that makes it.

This is the only place where anything is drawn. Presets of a task and the user's configuration
replace distributions by path; everything derived (distance, aim, windows) is solved, not drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from anprgen import degradations
from anprgen.capture import NO_CAMERA, Capture
from anprgen.condition import Make, Mount, Wear
from anprgen.config import Config, plain_text
from anprgen.design import Layout, PlateDesign
from anprgen.distributions import Choice, Distribution, LogUniform, Normal, Quantiles, Uniform
from anprgen.errors import ConfigError
from anprgen.geometry import PLATE_TO_WORLD, Pinhole, rigid, rotation
from anprgen.linking import linked
from anprgen.parameters import Draw, Parameter, check_overrides, declared
from anprgen.registration import Registration, Series
from anprgen.shot import (
    Crop,
    Frame,
    Light,
    MountedPlate,
    Scene,
    Shot,
    View,
)
from anprgen.solve import solve_cameras, solve_pinhole
from anprgen.vehicle import Vehicle

_PARTS: tuple[tuple[str, type], ...] = (
    ("frame", Frame),
    ("scene", Scene),
    ("view", View),
    ("crop", Crop),
    ("light", Light),
    ("vehicle", Vehicle),
    ("capture", Capture),
    ("plates.make", Make),
    ("plates.wear", Wear),
    ("plates.mount", Mount),
)

#: What a task draws differently from the fields' own distributions.
PRESETS: dict[str, dict[str, Distribution]] = {
    "ocr": {},
    "detect": {
        "frame.size": Choice(
            {"1280x720": 5, "1920x1080": 1, "960x540": 2, "640x480": 2, "640x360": 2}
        ),
        "frame.hfov_deg": LogUniform(30, 75),
        "scene.plates": Choice({1: 0.92, 2: 0.08}),
        "view.width_px": Quantiles(
            ((0, 36), (0.2, 60), (0.5, 100), (0.8, 170), (1, 300)), log=True
        ),
        "view.yaw_deg": Choice([(Normal(0, 12, -35, 35), 0.6), (Normal(0, 28, -60, 60), 0.4)]),
        "view.place_x": Uniform(-0.7, 0.7),
        "view.place_y": Uniform(-0.5, 0.7),
    },
}


def parameters() -> Iterator[Parameter]:
    """Every parameter that a configuration can override."""
    for path, cls in _PARTS:
        yield from declared(cls, path)
    yield from degradations.declared_stages()


def overrides_of(config: Config) -> dict[str, Distribution]:
    """The task's preset under the user's overrides.

    Raises:
        ConfigError: a path that names no parameter (the nearest are suggested).
    """
    own = config.distributions()
    check_overrides(own, parameters(), "config")
    if "capture.camera" not in own and (idle := [p for p in own if p.startswith("capture.")]):
        raise ConfigError(
            "it acts only on a camera whose stages are linked",
            where=f"config: $[{idle[0]!r}]",
            hint='name a camera with --camera, or set "capture.camera" to a name of your own',
        )
    return {**PRESETS[config.task], **own}


def draw_shots(
    config: Config,
    overrides: Mapping[str, Distribution],
    designs: Sequence[tuple[PlateDesign, float]],
    render_index: int,
) -> list[Shot]:
    """The shots of all photographs of one render; `overrides` come from `overrides_of`.

    Scene and view are drawn at the render's index, crop and camera at the sample's own.
    """
    draw = Draw(config.seed, render_index, overrides)
    first = render_index * config.variants
    frame = draw.group(Frame, "frame")
    scene = draw.group(Scene, "scene")
    vehicle = draw.group(Vehicle, "vehicle")
    plates = _plates(draw, designs, scene, vehicle, config.excluded)
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
    camera, distance_mm = solve_pinhole(shot)
    photographs = [
        _photograph(shot, Draw(config.seed, index, overrides), camera, distance_mm)
        for index in range(first, first + config.variants)
    ]
    return solve_cameras(photographs, camera, distance_mm)


def _photograph(shot: Shot, draw: Draw, pinhole: Pinhole, distance_mm: float) -> Shot:
    """The shot with what belongs to one photograph of its render: index, crop, camera."""
    camera = degradations.draw_stages(draw)
    shot = replace(shot, index=draw.index, crop=draw.group(Crop, "crop"), camera=camera)
    capture = draw.group(Capture, "capture")
    if capture.camera == NO_CAMERA:
        return shot
    return linked(replace(shot, capture=capture), pinhole, distance_mm, draw.overrides)


def _plates(
    draw: Draw,
    designs: Sequence[tuple[PlateDesign, float]],
    scene: Scene,
    vehicle: Vehicle,
    excluded: frozenset[str],
) -> tuple[MountedPlate, ...]:
    out: list[MountedPlate] = []
    below = 0.0  # where the next plate's top edge goes, mm below plate 0's centre
    for n in range(scene.plates):
        plate = _plate(draw, f"plates.{n}", designs, excluded)
        down = 0.0 if n == 0 else below + plate.size_mm[1] / 2 + 40
        below = down + plate.size_mm[1] / 2
        lean = rotation("x", -vehicle.tilt_deg)
        place = lean @ np.array([0.0, 0.0, -down])
        matrix = rigid(lean @ PLATE_TO_WORLD, place)
        out.append(replace(plate, plate_to_world=tuple(map(tuple, matrix.tolist()))))
    return tuple(out)


def _registration(draw: Draw, path: str, series: Series, excluded: frozenset[str]) -> Registration:
    """A registration that is not excluded: the first of up to a thousand draws that is none."""
    at = f"{path}.registration."
    for attempt in range(1000):
        again = f"again{attempt}." if attempt else ""

        def value(name: str, choice: Choice, under: str = at + again) -> Any:
            return draw.value(under + name, choice)

        found = series.draw(value)
        if not excluded & {plain_text(found.text), plain_text(found.ocr_text)}:
            return found
    raise ConfigError(
        f"the excluded registrations leave none of the series {series.id}",
        where="--exclude",
        hint="exclude less, or leave this series out of the design",
    )


def _plate(
    draw: Draw,
    path: str,
    designs: Sequence[tuple[PlateDesign, float]],
    excluded: frozenset[str],
) -> MountedPlate:
    design = draw.value(f"{path}.design", Choice([(d, w) for d, w in designs]))
    series = draw.value(f"{path}.series", Choice([(s, s.weight) for s in design.series]))
    registration = _registration(draw, path, series, excluded)
    layout: Layout = design.layouts[draw.value(f"{path}.layout", Choice(series.layouts))]
    absent = (layout.border or {}).get("absent", 0.0)
    vary: tuple[float, ...] = ()
    own = replace(draw, overrides={**design.parameters, **draw.overrides})
    if layout.moves:
        wide = Uniform(-1, 1)
        vary = tuple(
            draw.value(f"{path}.vary.{i}", wide) for i in range(2 + 4 * len(layout.elements))
        )
    options = tuple(
        draw.value(
            f"{path}.option.{e.spec.get('choice', i)}",
            Choice([(k, o["weight"]) for k, o in enumerate(e.options)]),
        )
        for i, e in enumerate(e for e in layout.elements if e.options)
    )
    size = layout.varied_size(vary)
    return MountedPlate(
        design=design.name,
        variant=layout.id,
        registration=registration,
        make=own.group(Make, f"{path}.make"),
        wear=own.group(Wear, f"{path}.wear"),
        mount=own.group(Mount, f"{path}.mount"),
        size_mm=size,
        plate_to_world=(),
        corner_radius_mm=layout.corner_radius_mm,
        sheet=draw.value(f"{path}.sheet", Choice(layout.sheets)),
        border=draw.value(f"{path}.border", Uniform(0, 1)) >= absent,
        vary=vary,
        options=options,
        holes_mm=tuple(
            (x * size[0] / layout.size_mm[0], y * size[1] / layout.size_mm[1], d)
            for x, y, d in layout.holes_mm
        ),
    )
