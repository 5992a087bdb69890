# SPDX-License-Identifier: Apache-2.0
"""Filled polygons in rasters, to a fraction of a pixel."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from anprgen.geometry import Points, bounds

_SHIFT = 6  # fractional bits of cv2.fillPoly's fixed-point coordinates
_FINER = 5  # odd: a sub-pixel's centre falls on the pixel's centre; excess is then 0.1 px


def fill_exact(
    image: NDArray[np.uint8],
    contours: Sequence[Points],
    value: int,
    corner: tuple[int, int] = (0, 0),
    scale: int = 1,
) -> tuple[int, int, int, int]:
    """Sets the pixels whose centre lies inside the even-odd contours (px, corner origin).

    The image shows `scale` times as large what begins at `corner` of the contours' px.
    cv2.fillPoly also paints every pixel its outline touches, which widens a shape by half a
    pixel all round; drawing 5 x finer and taking the sub-pixel at each centre undoes that.
    Returns the painted box (x0, y0, x1, y1).
    """
    points = (np.concatenate(contours) - np.array(corner)) * scale
    box = _box_in(image, points)
    x0, y0, x1, y1 = box
    if x1 > x0:
        inside = _numbers(box, points, [contours]) > 0
        np.copyto(image[y0:y1, x0:x1], np.uint8(value), where=inside)
    return box


def numbered(
    shape: tuple[int, int],
    outlines: Sequence[Sequence[Points]],
    corner: tuple[int, int] = (0, 0),
    scale: int = 1,
) -> NDArray[np.uint8]:
    """A raster [h, w] with the number, from 1, of what lies at each pixel's centre, and 0.

    Every one of `outlines` is the even-odd contours that `fill_exact` takes; later ones lie on
    those before.
    """
    image = np.zeros(shape, np.uint8)
    if not outlines:
        return image
    points = (np.concatenate([c for own in outlines for c in own]) - np.array(corner)) * scale
    box = _box_in(image, points)
    x0, y0, x1, y1 = box
    if x1 > x0:
        image[y0:y1, x0:x1] = _numbers(box, points, outlines)
    return image


def _numbers(
    box: tuple[int, int, int, int], points: Points, outlines: Sequence[Sequence[Points]]
) -> NDArray[np.uint8]:
    """`numbered` over a box of px; `points` are those of all outlines, in px."""
    x0, y0, x1, y1 = box
    k = _FINER
    fine = np.zeros(((y1 - y0) * k, (x1 - x0) * k), np.uint8)
    fixed = _fixed((points - np.array([x0, y0])) * k)
    for number, (own, part) in enumerate(_runs(outlines, fixed), 1):
        _draw(fine, part, own, number)
    return fine[k // 2 :: k, k // 2 :: k]


def _box_in(image: NDArray[np.uint8], points: Points) -> tuple[int, int, int, int]:
    """The pixels of an image around points (x0, y0, x1, y1); all 0 where there are none."""
    h, w = image.shape
    left, top, right, bottom = bounds(points)
    x0, y0 = max(0, math.floor(left) - 1), max(0, math.floor(top) - 1)
    x1, y1 = min(w, math.ceil(right) + 1), min(h, math.ceil(bottom) + 1)
    return (x0, y0, x1, y1) if x1 > x0 and y1 > y0 else (0, 0, 0, 0)


def surrounds(outline: Points, width: int, height: int) -> bool:
    """Whether a closed outline (px, corner origin) runs round a raster, off it all the way."""
    after = np.concatenate([outline[1:], outline[:1]])
    low, high = np.minimum(outline, after), np.maximum(outline, after)
    off = (high < -2).any(1) | (low > (width + 2, height + 2)).any(1)
    middle = width / 2, height / 2
    return bool(off.all()) and cv2.pointPolygonTest(outline.astype(np.float32), middle, False) > 0


def fill(
    image: NDArray[np.uint8], contours: Sequence[Points], scale: float | Points = 1.0
) -> tuple[float, float, float, float]:
    """Even-odd fill with 255 in px of corner origin; widens by about half a pixel.

    `scale` (x, y) takes the contours to px. Returns their bounds there (x0, y0, x1, y1).
    """
    points = np.concatenate(contours) * scale
    _draw(image, _fixed(points), contours)
    return bounds(points)


def fill_each(
    image: NDArray[np.uint8], shapes: Sequence[Sequence[Points]], scale: float | Points = 1.0
) -> None:
    """`fill` of each of the shapes, one after the other; all of them are taken to px at once."""
    if not shapes:
        return
    fixed = _fixed(np.concatenate([one for contours in shapes for one in contours]) * scale)
    for contours, part in _runs(shapes, fixed):
        _draw(image, part, contours)


def coverages(
    shapes: Sequence[Sequence[Points]],
    boxes: Sequence[tuple[int, int, int, int]],
    finer: Sequence[int],
) -> Iterator[NDArray[np.uint8]]:
    """Share of each px of a box (x0, y0, x1, y1) within even-odd contours, uint8 [h, w] 0..255.

    One for each shape, its box and its `finer`: that many sub-pixels a px and side are counted,
    which widens the shape by about half of one.
    """
    if not shapes:
        return
    counts = [sum(map(len, contours)) for contours in shapes]
    corners = np.repeat([box[:2] for box in boxes], counts, 0)
    points = np.concatenate([one for contours in shapes for one in contours]) - corners
    fixed = _fixed(points * np.repeat(finer, counts)[:, None])
    for (contours, part), (x0, y0, x1, y1), k in zip(_runs(shapes, fixed), boxes, finer):
        fine = np.zeros(((y1 - y0) * k, (x1 - x0) * k), np.uint8)
        _draw(fine, part, contours)
        yield cv2.resize(fine, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA)  # type: ignore[misc]


def _runs(
    shapes: Sequence[Sequence[Points]], fixed: NDArray[np.int32]
) -> Iterator[tuple[Sequence[Points], NDArray[np.int32]]]:
    """Each shape with its own of the points of all, which are in one array."""
    done = 0
    for contours in shapes:
        count = sum(map(len, contours))
        yield contours, fixed[done : done + count]
        done += count


def _fixed(points: Points) -> NDArray[np.int32]:
    """Px of corner origin as cv2.fillPoly takes them."""
    fixed: NDArray[np.int32] = np.rint((points - 0.5) * (1 << _SHIFT)).astype(np.int32)
    return fixed


def _draw(
    image: NDArray[np.uint8], fixed: NDArray[np.int32], contours: Sequence[Points], value: int = 255
) -> None:
    """Fills contours of the lengths of these, whose points are all in `fixed`."""
    polygons, done = [], 0
    for one in contours:
        polygons.append(fixed[done : done + len(one)])
        done += len(one)
    cv2.fillPoly(image, polygons, value, lineType=cv2.LINE_8, shift=_SHIFT)
