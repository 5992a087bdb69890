# SPDX-License-Identifier: Apache-2.0
"""Draws plates: their design and registration, how each is made, worn and fixed; hangs them up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from anprgen.condition import Make, Mount, Wear
from anprgen.config import Config, plain_text
from anprgen.damage import Damage
from anprgen.design import Layout, PlateDesign
from anprgen.distributions import Choice, Uniform
from anprgen.errors import ConfigError
from anprgen.geometry import PLATE_TO_WORLD, rigid, rotation
from anprgen.paper import TEMPORARY, is_temporary, on_paper
from anprgen.parameters import Draw
from anprgen.registration import Registration, Series
from anprgen.shot import MountedPlate
from anprgen.splits import split_of_text
from anprgen.vehicle import Vehicle


def draw_plates(
    draw: Draw, config: Config, designs: Sequence[tuple[PlateDesign, float]], count: int
) -> list[MountedPlate]:
    """Plates 0 to `count` - 1, not placed yet; those of a sequence are of one split."""
    out: list[MountedPlate] = []
    for n in range(count):
        split = split_of_text(out[0].registration.ocr_text) if out and config.frames else None
        out.append(_plate(draw, f"plates.{n}", designs, config.excluded, split))
    return out


def _plate(
    draw: Draw,
    path: str,
    designs: Sequence[tuple[PlateDesign, float]],
    excluded: frozenset[str],
    split: str | None = None,
) -> MountedPlate:
    design = draw.value(f"{path}.design", Choice([(d, w) for d, w in designs]))
    series = draw.value(f"{path}.series", Choice([(s, s.weight) for s in design.series]))
    registration = _registration(draw, path, series, excluded, split)
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
    sheet = draw.value(f"{path}.sheet", Choice(layout.sheets))
    paper: dict[str, Any] = {}
    if is_temporary(series, sheet):
        paper["paper"] = own.value(f"{path}.mount.paper", TEMPORARY)
    mounted = MountedPlate(
        design=design.name,
        variant=layout.id,
        registration=registration,
        make=own.group(Make, f"{path}.make"),
        wear=own.group(Wear, f"{path}.wear"),
        mount=own.group(Mount, f"{path}.mount", **paper),
        damage=own.group(Damage, f"{path}.damage"),
        size_mm=size,
        plate_to_world=(),
        corner_radius_mm=layout.corner_radius_mm,
        sheet=sheet,
        border=draw.value(f"{path}.border", Uniform(0, 1)) >= absent,
        vary=vary,
        options=options,
        holes_mm=tuple(
            (x * size[0] / layout.size_mm[0], y * size[1] / layout.size_mm[1], d)
            for x, y, d in layout.holes_mm
        ),
    )
    return on_paper(mounted)


def _registration(
    draw: Draw, path: str, series: Series, excluded: frozenset[str], split: str | None = None
) -> Registration:
    """A registration that is not excluded: the first of up to a thousand draws that is none.

    With `split` it belongs to that one.
    """
    at = f"{path}.registration."
    for attempt in range(1000):
        again = f"again{attempt}." if attempt else ""

        def value(name: str, choice: Choice, under: str = at + again) -> Any:
            return draw.value(under + name, choice)

        found = series.draw(value)
        if excluded & {plain_text(found.text), plain_text(found.ocr_text)}:
            continue
        if split is None or split_of_text(found.ocr_text) == split:
            return found
    if split is not None:
        raise ConfigError(
            f"the series {series.id} has too few registrations: none is of the split {split}, and"
            " all plates of a sequence are of one",
            where="scene.plates",
            hint="set it to 1, or leave this series out of the design",
        )
    raise ConfigError(
        f"the excluded registrations leave none of the series {series.id}",
        where="--exclude",
        hint="exclude less, or leave this series out of the design",
    )


def below_each_other(plates: Sequence[MountedPlate], vehicle: Vehicle) -> tuple[MountedPlate, ...]:
    """Plates on one vehicle, the first at the world's origin."""
    out: list[MountedPlate] = []
    below = 0.0  # where the next plate's top edge goes, mm below plate 0's centre
    for n, plate in enumerate(plates):
        down = 0.0 if n == 0 else below + plate.size_mm[1] / 2 + 40
        below = down + plate.size_mm[1] / 2
        lean = rotation("x", -vehicle.tilt_deg)
        place = lean @ np.array([0.0, 0.0, -down])
        matrix = rigid(lean @ PLATE_TO_WORLD, place)
        out.append(replace(plate, plate_to_world=tuple(map(tuple, matrix.tolist()))))
    return tuple(out)
