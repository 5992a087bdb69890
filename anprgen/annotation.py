# SPDX-License-Identifier: Apache-2.0
"""Labels: what is where in the picture, from the same outlines that made the textures."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from anprgen.artwork import Artwork, rounded
from anprgen.geometry import Bend, Pinhole, Points, apply, bounds, densify, rectangle
from anprgen.mounting import bolts, frame_bar
from anprgen.shot import MountedPlate, Shot
from anprgen.shot import to_json as values_of
from anprgen.textures import fill_exact

Quad = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]
Box = tuple[float, float, float, float]
#: Undistorted frame px (n, 2) -> picture px (n, 2).
ToPicture = Callable[[Points], Points]

#: A plate is `clear` / `hard` when every large character reaches (visible, height px, contrast).
CLEAR, HARD = (0.9, 12.0, 0.20), (0.6, 7.0, 0.06)


@dataclass(frozen=True)
class CharacterLabel:
    """One character; coordinates in picture px, (0, 0) the outer corner of the top left pixel.

    `quad` is its cell (top left, top right, bottom right, bottom left), `box` bounds its outline,
    `visible` is the share of its outline that is inside the picture and not behind an object,
    `contrast` is the median brightness of glyph against its surroundings, 0..1,
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
    height_px: float


@dataclass(frozen=True)
class PlateLabel:
    """One plate; `box` is clipped to the picture, `box_amodal` is not.

    `mask` is COCO's uncompressed RLE (column-major) of the visible plate; yaw and pitch say where
    the camera stands (right of the plate's normal, above it), roll is the plate's turn in the
    picture, clockwise. `quad` is the sharp-cornered rectangle; boxes bound the densified,
    distorted outline.
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
    characters: tuple[CharacterLabel, ...]


@dataclass(frozen=True)
class Annotation:
    """The labels of one picture."""

    width: int
    height: int
    plates: tuple[PlateLabel, ...]


def camera_of(shot: Shot) -> Pinhole:
    """The solved camera of a shot."""
    assert shot.solved is not None
    s = shot.solved
    return Pinhole(s.focal_px, s.cx, s.cy, np.array(s.world_to_camera))


def projector(shot: Shot, plate: MountedPlate) -> Callable[..., Points]:
    """Mm -> undistorted frame px of one plate: f(mm (n, 2), rise_mm=0)."""
    camera, bend = camera_of(shot), Bend(*plate.size_mm, plate.make.curvature_per_m)
    to_world = np.array(plate.plate_to_world)

    def project(mm: Points, rise_mm: float | Points = 0.0) -> Points:
        return camera.project(apply(to_world, bend.surface(mm, rise_mm)))

    return project


def annotate(
    shot: Shot,
    artworks: Sequence[Artwork],
    to_picture: ToPicture,
    picture: NDArray[np.uint8],
) -> Annotation:
    """Labels of `picture` (uint8 [h, w, 3]); artworks in the order of the shot's plates.

    Plates of which nothing is inside the picture get no label.
    """
    h, w = picture.shape[:2]
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    labels = []
    for plate, artwork in zip(shot.plates, artworks):
        label = _plate(shot, plate, artwork, to_picture, grey)
        if label is not None:
            labels.append(label)
    return Annotation(w, h, tuple(labels))


def _plate(
    shot: Shot,
    plate: MountedPlate,
    artwork: Artwork,
    to_picture: ToPicture,
    grey: NDArray[np.uint8],
) -> PlateLabel | None:
    h, w = grey.shape
    project = projector(shot, plate)

    def to_px(mm: Points, rise_mm: float | Points = 0.0) -> Points:
        return to_picture(project(mm, rise_mm))

    pw, ph = plate.size_mm
    outline = to_px(rectangle(pw, ph, 15.0))
    if not np.isfinite(outline).all():
        return None
    amodal = bounds(outline)
    box = _clip(amodal, w, h)
    if box is None:
        return None
    quad = to_px(rectangle(pw, ph))
    hidden = _occluders(plate, to_px)
    contours = [[to_px(c) for c in ch.contours] for ch in artwork.characters]
    visible, contrast = _visibility(contours, hidden, grey)
    characters = []
    for ch, px, seen, contrast_ in zip(artwork.characters, contours, visible, contrast):
        x0, y0, x1, y1 = ch.cell_mm
        cell = to_px(np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]))
        characters.append(
            CharacterLabel(
                char=ch.char,
                field=ch.field,
                line=ch.line,
                position=ch.position,
                large=ch.large,
                quad=_quad(cell),
                box=bounds(np.concatenate(px)),
                visible=round(float(seen), 4),
                contrast=round(float(contrast_), 4),
                height_px=_sides(cell)[1],
            )
        )
    shape = to_px(densify(rounded((0, 0, pw, ph), artwork.corner_radius_mm), 15.0))
    width_px, height_px = _sides(quad)
    yaw, pitch = _angles(shot, plate)
    a, b = to_px(np.array([[pw * 0.4, ph / 2], [pw * 0.6, ph / 2]]))
    reg = plate.registration
    return PlateLabel(
        design=plate.design,
        variant=plate.variant,
        series=reg.series,
        text=reg.text,
        ocr_text=reg.ocr_text,
        lines=artwork.lines,
        fields=reg.fields,
        quad=_quad(quad),
        box=box,
        box_amodal=amodal,
        truncated=any(abs(p - q) > 1e-6 for p, q in zip(box, amodal)),
        mask=_rle(_mask(shape, hidden, w, h)),
        width_px=width_px,
        height_px=height_px,
        yaw_deg=yaw,
        pitch_deg=pitch,
        roll_deg=math.degrees(math.atan2(b[1] - a[1], b[0] - a[0])),
        legibility=legibility(characters),
        characters=tuple(characters),
    )


def legibility(characters: Sequence[CharacterLabel]) -> str:
    """clear, hard or illegible: see `CLEAR` and `HARD`, which every large character must reach."""
    large = [c for c in characters if c.large]
    for name, (seen, height, contrast) in (("clear", CLEAR), ("hard", HARD)):
        if all(
            c.visible >= seen and c.height_px >= height and c.contrast >= contrast for c in large
        ):
            return name
    return "illegible"


@dataclass(frozen=True)
class _Hidden:
    """What covers the plate, px: convex outlines, and openings outside which all is covered."""

    covers: tuple[Points, ...]
    openings: tuple[Points, ...]


def _occluders(plate: MountedPlate, to_px: Callable[..., Points]) -> _Hidden:
    covers = []
    for bolt in bolts(plate):
        both = np.concatenate(
            [to_px(o[:, :2], o[:, 2]) for o in (bolt.outline(0.0), bolt.outline(bolt.height_mm))]
        )
        covers.append(cv2.convexHull(both.astype(np.float32))[:, 0].astype(np.float64))
    openings: list[Points] = []
    bar = frame_bar(plate)
    if bar is not None:
        x0, y0, x1, y1 = bar.opening_mm
        edge = densify(np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]), 15.0)
        openings = [to_px(edge, 0.0), to_px(edge, bar.depth_mm)]
    return _Hidden(tuple(covers), tuple(openings))


def _uncovered(
    hidden: _Hidden, shape: tuple[int, int], move: Callable[[Points], Points]
) -> NDArray[np.uint8]:
    """1 where nothing covers the plate, on a raster whose px are `move`d picture px."""
    free = np.ones(shape, np.uint8)
    for opening in hidden.openings:
        inside = np.zeros(shape, np.uint8)
        fill_exact(inside, [move(opening)], 1)
        free &= inside
    for cover in hidden.covers:
        fill_exact(free, [move(cover)], 0)
    return free


def _visibility(
    contours: Sequence[Sequence[Points]], hidden: _Hidden, grey: NDArray[np.uint8]
) -> tuple[list[float], list[float]]:
    """Visible share and contrast of every character."""
    if not contours:
        return [], []
    h, w = grey.shape
    every = np.concatenate([p for c in contours for p in c])
    x0, y0 = np.floor(every.min(0)).astype(int) - 2
    x1, y1 = np.ceil(every.max(0)).astype(int) + 2
    # Small plates are rastered finer, so that a share of a 10 px glyph is still a fine number.
    k = int(np.clip(600 // max(1, x1 - x0), 1, 4))
    shape = ((y1 - y0) * k, (x1 - x0) * k)

    def move(px: Points) -> Points:
        return np.asarray((px - (x0, y0)) * k)

    free = _uncovered(hidden, shape, move)
    inside = np.zeros(shape, np.uint8)
    inside[max(0, -y0 * k) : max(0, (h - y0) * k), max(0, -x0 * k) : max(0, (w - x0) * k)] = 1
    free &= inside
    ids = np.zeros(shape, np.uint8)
    for i, c in enumerate(contours):
        fill_exact(ids, [move(p) for p in c], i + 1)
    total = np.bincount(ids.ravel(), minlength=len(contours) + 1)
    seen = np.bincount(ids.ravel(), weights=free.ravel(), minlength=len(contours) + 1)
    visible = [
        float(seen[i + 1] / total[i + 1]) if total[i + 1] else 0.0 for i in range(len(contours))
    ]
    return visible, [_contrast(c, grey) for c in contours]


def _contrast(contours: Sequence[Points], grey: NDArray[np.uint8]) -> float:
    """|median inside - median of a ring around| / 255 of one character in the picture."""
    h, w = grey.shape
    x0, y0, x1, y1 = bounds(np.concatenate(list(contours)))
    pad = max(1.0, 0.12 * (y1 - y0))
    a, b = max(0, math.floor(x0 - pad)), max(0, math.floor(y0 - pad))
    c, d = min(w, math.ceil(x1 + pad)), min(h, math.ceil(y1 + pad))
    if c - a < 2 or d - b < 2:
        return 0.0
    part = grey[b:d, a:c]
    mask = np.zeros(part.shape, np.uint8)
    fill_exact(mask, [p - (a, b) for p in contours], 1)
    n = int(mask.sum())
    if n == 0 or n == mask.size:
        return 0.0
    return abs(float(np.median(part[mask == 1])) - float(np.median(part[mask == 0]))) / 255


def _mask(shape: Points, hidden: _Hidden, w: int, h: int) -> NDArray[np.uint8]:
    mask = np.zeros((h, w), np.uint8)
    fill_exact(mask, [shape], 1)
    return mask & _uncovered(hidden, (h, w), lambda px: px)


def _rle(mask: NDArray[np.uint8]) -> dict[str, list[int]]:
    """COCO's uncompressed run lengths: column-major, beginning with zeros."""
    flat = mask.ravel(order="F")
    change = np.flatnonzero(np.diff(flat)) + 1
    counts = np.diff(np.concatenate([[0], change, [flat.size]])).tolist()
    if flat.size and flat[0]:
        counts = [0, *counts]
    return {"size": [int(v) for v in mask.shape], "counts": counts}


def _clip(box: Box, w: int, h: int) -> Box | None:
    x0, y0, x1, y1 = (
        max(0.0, box[0]),
        max(0.0, box[1]),
        min(float(w), box[2]),
        min(float(h), box[3]),
    )
    return (x0, y0, x1, y1) if x1 > x0 and y1 > y0 else None


def _quad(px: Points) -> Quad:
    a, b, c, d = ((float(x), float(y)) for x, y in px)
    return (a, b, c, d)


def _sides(quad: Points) -> tuple[float, float]:
    """Mean width and height of a quad, px."""
    side = np.hypot(*(np.roll(quad, -1, 0) - quad).T)
    return float((side[0] + side[2]) / 2), float((side[1] + side[3]) / 2)


def _angles(shot: Shot, plate: MountedPlate) -> tuple[float, float]:
    """Yaw and pitch of the camera as seen from the plate's centre."""
    assert shot.solved is not None
    to_camera = np.array(shot.solved.world_to_camera)
    eye = -to_camera[:3, :3].T @ to_camera[:3, 3]
    to_world = np.array(plate.plate_to_world)
    x, y, z = to_world[:3, :3].T @ (eye - to_world[:3, 3])
    return math.degrees(math.atan2(x, -z)), math.degrees(math.atan2(-y, math.hypot(x, z)))


def to_json(annotation: Annotation) -> list[dict[str, Any]]:
    """The plates as JSON values; px rounded to a thousandth."""
    out = []
    for plate in annotation.plates:
        values = values_of(plate)
        values["fields"] = dict(plate.fields)
        out.append(_rounded(values))
    return out


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(v) for v in value]
    return value
