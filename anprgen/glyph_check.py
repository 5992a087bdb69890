# SPDX-License-Identifier: Apache-2.0
"""Glyph check: a rendered character-ID pass against the analytic outlines.

The renderer draws every character's id at 4 x resolution, those of small plates at 8 or 16 x
(Closest interpolation, box filter, no denoiser); the pass goes through the same geometric
`pixels()` as the photograph, the outlines through `points()`. Where the two disagree, labels have
drifted from pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from anprgen import degradations
from anprgen.annotation import projector
from anprgen.artwork import Artwork
from anprgen.degradations import Context, Stage
from anprgen.geometry import Points, bounds
from anprgen.polygons import fill_exact
from anprgen.renderers import Renderer
from anprgen.shot import Shot
from anprgen.textures import character_ids

#: Times finer than the picture, the coarsest that gives the smallest character `_LEAST_PX`.
SCALES = (4, 8, 16)
#: A character this many sub-pixels across or more; of fewer, pixel steps alone cost 0.2 of IoU.
_LEAST_PX = 48.0
_MOST_PIXELS = 24e6  # of one finer pass; a large picture with a far plate stays at 4 x
#: A character passes from this intersection over union on.
PASS_IOU = 0.8
_IDS_PX_PER_MM = 6.0
#: Of a character less than this in sight, an outline cannot be compared.
_SLIVER = 0.1


@dataclass(frozen=True)
class GlyphMatch:
    """One character: how its id mask lies against its outline, in picture px (mask - outline).

    `iou` counts the id wherever in the picture it is, so a label that has left its character
    fails. `foreign` counts sub-pixels of another character's id well inside the outline;
    `covered` is the share of the outline on which the pass shows nothing of the plate (a bolt, a
    frame, the picture's edge).
    """

    char: str
    iou: float
    dx_px: float
    dy_px: float
    edges_px: tuple[float, float, float, float]  # left, top, right, bottom
    foreign: int
    covered: float

    @property
    def passes(self) -> bool:
        """Whether the label is where the character is."""
        return self.iou >= PASS_IOU and self.foreign == 0


def check_glyphs(
    shot: Shot,
    artworks: Sequence[Artwork],
    renderer: Renderer,
    context: Context,
    shift: Callable[[Points], Points] = lambda px: px,
) -> list[GlyphMatch]:
    """Matches of every character of a shot, plate by plate, in reading order.

    Ids run over all plates of the picture. Characters that something covers, or that the picture
    cuts, are compared on what is left of them: the outline is restricted to where the pass shows
    the plate's own ids or its bare sheet.

    Args:
        shot: the solved shot.
        artworks: of its plates.
        renderer: makes the ID pass.
        context: of the camera's stages, see `shot_views.context`.
        shift: applied to the outlines' picture px; tests use it to prove that a shift is seen.
    """
    if not artworks:
        return []
    ids, first = [], 1
    for artwork in artworks:
        w, h = (round(v * _IDS_PX_PER_MM) for v in artwork.size_mm)
        image = character_ids(artwork, (w, h))
        image[image > 0] += first - 1
        image[image == 0] = _SHEET
        ids.append(image)
        first += len(artwork.characters)
    outlines = _outlines(shot, artworks, context)
    scale = finer(context, [points for _, points in outlines])
    seen = renderer.render_ids(shot, ids, scale)
    picture = _through_camera(seen, shot, context, first - 1, scale)
    return [
        _match(char, value, [shift(p) * scale for p in points], picture, scale)
        for value, (char, points) in enumerate(outlines, 1)
    ]


def finer(context: Context, outlines: Sequence[Sequence[Points]]) -> int:
    """How many times finer than the picture a pass must be for these outlines (picture px)."""
    boxes = np.array([bounds(np.concatenate(list(points))) for points in outlines])
    width, height = context.output_px
    inside = (boxes[:, 2:] > 0).all(1) & (boxes[:, :2] < (width, height)).all(1)
    if not inside.any():
        return SCALES[0]
    smallest = float((boxes[inside, 2:] - boxes[inside, :2]).max(1).min())
    window = context.render
    most = max(width * height, window.width * window.height)
    good = [s for s in SCALES if s == SCALES[0] or most * s * s <= _MOST_PIXELS]
    return next((s for s in good if smallest * s >= _LEAST_PX), good[-1])


def _outlines(
    shot: Shot, artworks: Sequence[Artwork], context: Context
) -> list[tuple[str, list[Points]]]:
    """(character, outlines in picture px) of every plate in reading order."""
    out = []
    for plate, artwork in zip(shot.plates, artworks):
        project = projector(shot, plate)
        for c in artwork.characters:
            out.append((c.char, [degradations.points(context, project(p)) for p in c.contours]))
    return out


_SHEET = 255  # id of a plate's bare sheet in the pass


def _through_camera(
    seen: NDArray[np.uint8], shot: Shot, context: Context, count: int, scale: int
) -> NDArray[np.uint8]:
    """The ID pass through every geometric stage, at `scale` x; 0 where nothing is."""
    ctx = _scaled(context, scale)
    stages = [s for s in degradations.in_order(shot.camera) if type(s).points is not Stage.points]
    best: NDArray[np.float32] | None = None
    out: NDArray[np.uint8] | None = None
    for value in [*range(1, count + 1), _SHEET]:
        # Ids must not be averaged: each one travels as a mask of its own.
        image = np.repeat((seen == value).astype(np.float32)[..., None], 3, 2)
        for stage in stages:
            image = stage.pixels(image, ctx)
        mask = image[..., 1]
        if best is None or out is None:
            best, out = np.full(mask.shape, 0.5, np.float32), np.zeros(mask.shape, np.uint8)
        out[mask > best] = value
        best = np.maximum(best, mask)
    assert out is not None
    return out


def _scaled(ctx: Context, scale: int) -> Context:
    cx, cy, w, h, angle = ctx.crop
    return replace(
        ctx,
        frame_width_px=ctx.frame_width_px * scale,
        frame_height_px=ctx.frame_height_px * scale,
        focal_px=ctx.focal_px * scale,
        cx=ctx.cx * scale,
        cy=ctx.cy * scale,
        window=ctx.window.times(scale),
        render=ctx.render.times(scale),
        crop=(cx * scale, cy * scale, w * scale, h * scale, angle),
        output_px=(ctx.output_px[0] * scale, ctx.output_px[1] * scale),
        quad=tuple((x * scale, y * scale) for x, y in ctx.quad),
        finer=ctx.finer * scale,
    )


def _match(
    char: str, value: int, outline: Sequence[Points], picture: NDArray[np.uint8], scale: int
) -> GlyphMatch:
    h, w = picture.shape
    x0, y0, x1, y1 = bounds(np.concatenate(list(outline)))
    a, b = max(0, int(x0) - 8), max(0, int(y0) - 8)
    c, d = min(w, int(x1) + 9), min(h, int(y1) + 9)
    everywhere = int((picture == value).sum())
    if c <= a or d <= b:  # the label is outside the picture: so must the character be
        return GlyphMatch(char, float(everywhere == 0), 0.0, 0.0, (0.0,) * 4, 0, 1.0)
    part = picture[b:d, a:c]
    want = np.zeros(part.shape, np.uint8)
    fill_exact(want, [p - (a, b) for p in outline], 1)
    total = int(want.sum())
    free = part != 0  # where the pass shows some of the plate
    want_free, got = (want == 1) & free, part == value
    union = int((want_free | got).sum()) + everywhere - int(got.sum())
    covered = 1.0 - float(want_free.sum()) / total if total else 1.0
    if max(int(want_free.sum()), everywhere) <= _SLIVER * max(total, 1):
        # Next to nothing is in sight on either side: there is no label to contradict.
        return GlyphMatch(char, 1.0, 0.0, 0.0, (0.0,) * 4, 0, covered)
    if not want_free.any() or not got.any():
        return GlyphMatch(char, 0.0, 0.0, 0.0, (0.0,) * 4, 0, covered)
    inner = want_free & _eroded(want)
    foreign = int((inner & ~got & (part != _SHEET)).sum())
    (gx, gy), (wx, wy) = _centre(got), _centre(want_free)
    edges = [(g - e) / scale for g, e in zip(_extent(got), _extent(want_free))]
    return GlyphMatch(
        char,
        float((want_free & got).sum() / union),
        (gx - wx) / scale,
        (gy - wy) / scale,
        (edges[0], edges[1], edges[2], edges[3]),
        foreign,
        covered,
    )


def _eroded(mask: NDArray[np.uint8]) -> NDArray[np.bool_]:
    import cv2

    return np.asarray(cv2.erode(mask, np.ones((3, 3), np.uint8)) > 0)


def _centre(mask: NDArray[np.bool_]) -> tuple[float, float]:
    ys, xs = np.nonzero(mask)
    return float(xs.mean()), float(ys.mean())


def _extent(mask: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    ys, xs = np.nonzero(mask)
    return int(xs.min()), int(ys.min()), int(xs.max()), int(ys.max())
