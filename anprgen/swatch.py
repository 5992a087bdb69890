# SPDX-License-Identifier: Apache-2.0
"""One plate's textures as files: what a design looks like, without a renderer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from anprgen.artwork import lay_out
from anprgen.colour import linear_to_srgb
from anprgen.condition import Make
from anprgen.design import Layout, PlateDesign, load_design
from anprgen.errors import DesignError, nearest
from anprgen.files import disk_errors, write_bytes
from anprgen.lint import check_design
from anprgen.registration import Series
from anprgen.textures import rasterize

_PX_PER_MM = 4.0
#: One step of the 16-bit height picture, in mm.
HEIGHT_STEP_MM = 0.0001


def write_textures(
    name: str,
    text: str,
    out: Path,
    *,
    variant: str | None = None,
    series: str | None = None,
    fields: Sequence[str] = (),
) -> list[Path]:
    """Writes base colour (sRGB), height (16 bit, 0.1 um a step) and retro-reflection as PNG.

    Args:
        name: a design's path or shipped name.
        text: the registration as written.
        out: folder.
        variant: the layout; by default the likeliest of the series.
        series: the series; by default the first that can write `text`.
        fields: ``name=value`` of parts that the text does not show (a fuel letter, a city); those
            that no plate goes without are their likeliest by default.

    Raises:
        DesignError: no series writes the text, no such variant, no such field or value.
    """
    design = load_design(name)
    check_design(design)
    if series is None and variant is not None:  # a series that comes on that variant, if any
        on_it = (s.id for s in design.series if variant in s.layouts and s.match(text))
        series = next(on_it, None)
    found, registration = design.match(text, series)
    registration = found.write({**dict(registration.fields), **_unshown(design, found, fields)})
    layout = _layout(design, found, variant)
    sheet = max(layout.sheets, key=lambda key: layout.sheets[key])
    artwork = lay_out(design, layout, found, registration, sheet=sheet)
    size = tuple(round(mm * _PX_PER_MM) for mm in artwork.size_mm)
    textures = rasterize(artwork, Make(), (size[0], size[1]))
    height = np.clip(textures.height_mm / HEIGHT_STEP_MM + 0.5, 0, 65535).astype(np.uint16)
    pictures = {
        "color": linear_to_srgb(textures.base_color)[:, :, ::-1],
        "height": height,
        "retro": (np.clip(textures.retro, 0, 1) * 255 + 0.5).astype(np.uint8),
    }
    stem = "-".join([design.name, layout.id, *"".join(registration.text.split("/")).split()])
    written = []
    with disk_errors(out):
        out.mkdir(parents=True, exist_ok=True)
        for kind, picture in pictures.items():
            path = out / f"{stem}-{kind}.png"
            write_bytes(path, cv2.imencode(".png", picture)[1].tobytes())
            written.append(path)
    return written


def _unshown(design: PlateDesign, series: Series, fields: Sequence[str]) -> dict[str, str]:
    """Values of the fields that the text of a registration does not show."""
    hidden = {f.name: f for f in series.fields if "{" + f.name + "}" not in series.template}
    out = {
        f.name: max(f.values, key=lambda v, f=f: f.values[v])  # type: ignore[misc]
        for f in hidden.values()
        if f.values and f.absent == 0
    }
    for word in fields:
        name, equals, value = word.partition("=")
        if not equals or name not in hidden:
            raise DesignError(
                f"{word!r} names no field that the text of series {series.id} leaves out",
                where=design.path,
                hint=f"write name=value; fields: {', '.join(hidden) or 'none'}",
            )
        if not hidden[name].accepts(value):
            raise DesignError(
                f"the field {name} cannot be {value!r}",
                where=design.path,
                hint=nearest(value, list(hidden[name].values or ())),
            )
        out[name] = value
    return out


def _layout(design: PlateDesign, series: Series, variant: str | None) -> Layout:
    if variant is None:
        variant = max(series.layouts, key=lambda key: series.layouts[key])
    if variant not in series.layouts:
        raise DesignError(
            f"series {series.id} has no variant {variant!r}",
            where=design.path,
            hint=nearest(variant, list(series.layouts)),
        )
    return design.layouts[variant]
