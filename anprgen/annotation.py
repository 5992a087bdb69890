# SPDX-License-Identifier: Apache-2.0
"""Labels: what is where in the picture, from the same outlines that made the textures."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from anprgen.artwork import Artwork
from anprgen.clips import shutter
from anprgen.degradations.resize import Resize
from anprgen.elements import rounded
from anprgen.geometry import (
    Points,
    apply,
    area,
    bounds,
    bounds_of_each,
    densify,
    eye_of,
    rectangle,
)
from anprgen.legibility import correlations, legibility
from anprgen.plate_labels import Annotation, Box, CharacterLabel, PlateLabel, Quad
from anprgen.sheet import FINE_MM, sheet_of
from anprgen.shot import MountedPlate, Shot
from anprgen.sight import Face, Measured, Sight, occluders
from anprgen.solve import camera_of
from anprgen.visibility import plate_mask, run_lengths, visibility

#: Undistorted frame px (n, 2) -> picture px (n, 2).
ToPicture = Callable[[Points], Points]


def projector(shot: Shot, plate: MountedPlate) -> Callable[..., Points]:
    """Mm -> undistorted frame px of one plate: f(mm (n, 2), rise_mm=0)."""
    camera, sheet, moment = camera_of(shot), sheet_of(plate), shot.moment
    if moment is not None and moment.readout_s > 0:
        number = next(
            n for n, p in enumerate(shot.plates) if p.plate_to_world == plate.plate_to_world
        )
        rows = 2 * camera.cy  # of the sensor, also where it is rendered finer than it is

        def read(mm: Points, rise_mm: float | Points = 0.0) -> Points:
            return shutter.project(camera, moment, number, rows, sheet.surface(mm, rise_mm))

        return read
    to_world = np.array(plate.plate_to_world)

    def project(mm: Points, rise_mm: float | Points = 0.0) -> Points:
        return camera.project(apply(to_world, sheet.surface(mm, rise_mm)))

    return project


def annotate(
    shot: Shot,
    artworks: Sequence[Artwork],
    to_picture: ToPicture,
    picture: NDArray[np.uint8],
    face: NDArray[np.float32] | None = None,
) -> Annotation:
    """Labels of `picture` (uint8 [h, w, 3]); artworks in the order of the shot's plates.

    `face` is the plane of the render (`anprgen.renderers.Render`); without one, what is visible
    follows from bolts, holes and frames alone. Plates of which nothing is inside the picture get
    no label.
    """
    assert shot.solved is not None
    seen = None if face is None else Face(face, shot.solved.render)
    h, w = picture.shape[:2]
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    labels = []
    for number, (plate, artwork) in enumerate(zip(shot.plates, artworks)):
        label = _plate(shot, plate, artwork, to_picture, grey, seen)
        if label is not None:
            labels.append(label if shot.moment is None else replace(label, track=number + 1))
    return Annotation(w, h, tuple(labels))


def _plate(
    shot: Shot,
    plate: MountedPlate,
    artwork: Artwork,
    to_picture: ToPicture,
    grey: NDArray[np.uint8],
    face: Face | None,
) -> PlateLabel | None:
    h, w = grey.shape
    project = projector(shot, plate)

    def to_px(mm: Points, rise_mm: float | Points = 0.0) -> Points:
        return to_picture(project(mm, rise_mm))

    pw, ph = plate.size_mm
    contours_mm = [c for ch in artwork.characters for c in ch.contours]
    step = 15.0
    if sheet_of(plate).damage is not None:
        step, contours_mm = FINE_MM, [densify(c, FINE_MM) for c in contours_mm]
    # One call for all points: the lens costs by the call as much as by the point.
    outline, quad, shape, middle, *glyphs = _each(
        to_px,
        [
            rectangle(pw, ph, step),
            rectangle(pw, ph),
            densify(rounded((0, 0, pw, ph), artwork.corner_radius_mm), step),
            np.array([[pw * 0.4, ph / 2], [pw * 0.6, ph / 2]]),
            *(_cell(ch.cell_mm) for ch in artwork.characters),
            *contours_mm,
        ],
    )
    if not np.isfinite(outline).all() or area(quad) <= 0:  # behind the camera, turned away
        return None
    amodal = bounds(outline)
    box = _clip(amodal, w, h)
    if box is None:
        return None
    sight: Sight
    if face is None:
        sight = occluders(plate, to_px)
    else:
        x0, y0, x1, y1 = box
        around = (math.floor(x0), math.floor(y0), math.ceil(x1), math.ceil(y1))
        sight = Measured(face, to_picture, project(rectangle(pw, ph, 60.0)), around)
    cells, rest = glyphs[: len(artwork.characters)], iter(glyphs[len(artwork.characters) :])
    contours = [[next(rest) for _ in ch.contours] for ch in artwork.characters]
    boxes = bounds_of_each(contours)
    visible, contrast = visibility(contours, boxes, sight, grey)
    measured = zip(visible, contrast, correlations(contours, cells, grey))
    characters = []
    for ch, cell, own_box, (seen, against, correlated) in zip(
        artwork.characters, map(_quad, cells), boxes, measured
    ):
        characters.append(
            CharacterLabel(
                char=ch.char,
                field=ch.field,
                line=ch.line,
                position=ch.position,
                large=ch.large,
                quad=cell,
                box=own_box,
                visible=round(seen, 4),
                contrast=round(against, 4),
                correlation=round(correlated, 4),
                height_px=_sides(cell)[1],
            )
        )
    corners = _quad(quad)
    width_px, height_px = _sides(corners)
    yaw, pitch = _angles(shot, plate)
    a, b = middle
    mask = plate_mask(shape, sight, w, h)
    reg = plate.registration
    return PlateLabel(
        design=plate.design,
        variant=plate.variant,
        series=reg.series,
        text=reg.text,
        ocr_text=reg.ocr_text,
        lines=artwork.lines,
        fields=reg.fields,
        quad=corners,
        box=box,
        box_amodal=amodal,
        truncated=any(abs(p - q) > 1e-6 for p, q in zip(box, amodal)),
        mask=run_lengths(mask),
        width_px=width_px,
        height_px=height_px,
        yaw_deg=yaw,
        pitch_deg=pitch,
        roll_deg=math.degrees(math.atan2(b[1] - a[1], b[0] - a[0])),
        legibility=legibility(characters, enlargement(shot)),
        paper=plate.mount.paper == "yes",
        characters=tuple(characters),
        visible=min(1.0, float(mask.sum()) / max(abs(area(shape)), 1.0)),
    )


def _cell(mm: Box) -> Points:
    x0, y0, x1, y1 = mm
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])


def _each(to_px: ToPicture, groups: Sequence[Points]) -> list[Points]:
    """Every group of points through one call."""
    px = to_px(np.concatenate(groups))
    ends = np.cumsum([len(g) for g in groups]).tolist()
    return [px[a:b] for a, b in zip([0, *ends], ends)]


def enlargement(shot: Shot) -> float:
    """How many times higher the crop was made than the sensor saw it, 1 or more."""
    resize = shot.camera.get("resize")
    cut_out = shot.task == "ocr"
    return resize.enlargement() if cut_out and isinstance(resize, Resize) else 1.0


def _clip(box: Box, w: int, h: int) -> Box | None:
    x0, y0, x1, y1 = (
        max(0.0, box[0]),
        max(0.0, box[1]),
        min(float(w), box[2]),
        min(float(h), box[3]),
    )
    return (x0, y0, x1, y1) if x1 > x0 and y1 > y0 else None


def _quad(px: Points) -> Quad:
    a, b, c, d = map(tuple, px.tolist())
    return (a, b, c, d)


def _sides(quad: Quad) -> tuple[float, float]:
    """Mean width and height of a quad, px."""
    a, b, c, d = quad
    return (math.dist(a, b) + math.dist(c, d)) / 2, (math.dist(b, c) + math.dist(d, a)) / 2


def _angles(shot: Shot, plate: MountedPlate) -> tuple[float, float]:
    """Yaw and pitch of the camera as seen from the plate's centre."""
    assert shot.solved is not None
    to_camera = np.array(shot.solved.world_to_camera)
    eye = eye_of(to_camera)
    to_world = np.array(plate.plate_to_world)
    x, y, z = to_world[:3, :3].T @ (eye - to_world[:3, 3])
    return math.degrees(math.atan2(x, -z)), math.degrees(math.atan2(-y, math.hypot(x, z)))
