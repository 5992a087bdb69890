# SPDX-License-Identifier: Apache-2.0
"""What the labels of a picture say, and how they are written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from anprgen.shot import to_json as values_of

Quad = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class CharacterLabel:
    """One character; coordinates in picture px, (0, 0) the outer corner of the top left pixel.

    `quad` is its cell (top left, top right, bottom right, bottom left), `box` bounds its outline,
    `visible` is the share of its outline that is inside the picture, not behind an object, and
    keeps at least a quarter of its contrast to the sheeting under wear,
    `contrast` is the median brightness of glyph against its surroundings, 0..1,
    `correlation` how much of what varies in its cell is the glyph, 0..1 (`anprgen.legibility`),
    `large` says whether it belongs to `ocr_text`.
    """

    char: str
    field: str
    line: int
    position: int
    large: bool
    quad: Quad
    box: Box
    visible: float
    contrast: float
    correlation: float
    height_px: float


@dataclass(frozen=True)
class PlateLabel:
    """One plate; `box` is clipped to the picture, `box_amodal` is not.

    `mask` is COCO's uncompressed RLE (column-major) of the visible plate; yaw and pitch say where
    the camera stands (right of the plate's normal, above it), roll is the plate's turn in the
    picture, clockwise. `quad` is the sharp-cornered rectangle; boxes bound the densified,
    distorted outline. `paper` says whether it is printed on paper behind a window. `track` (from 1)
    is the plate's in a sequence, 0 in a photograph; `visible` the share of all of it that is in
    the picture and not hidden.
    """

    design: str
    variant: str
    series: str
    text: str
    ocr_text: str
    lines: tuple[str, ...]
    fields: tuple[tuple[str, str], ...]
    quad: Quad
    box: Box
    box_amodal: Box
    truncated: bool
    mask: dict[str, list[int]]
    width_px: float
    height_px: float
    yaw_deg: float
    pitch_deg: float
    roll_deg: float
    legibility: str
    paper: bool
    characters: tuple[CharacterLabel, ...]
    track: int = 0
    visible: float = 1.0


@dataclass(frozen=True)
class Annotation:
    """The labels of one picture."""

    width: int
    height: int
    plates: tuple[PlateLabel, ...]


def to_json(annotation: Annotation) -> list[dict[str, Any]]:
    """The plates as JSON values; px rounded to a thousandth."""
    out = []
    for plate in annotation.plates:
        values = values_of(plate)
        values["fields"] = dict(plate.fields)
        if not plate.track:
            del values["track"], values["visible"]
        mask = values.pop("mask")  # many whole numbers: nothing to round
        out.append({**_rounded(values), "mask": mask})
    return out


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(v) for v in value]
    return value
