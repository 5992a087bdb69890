# SPDX-License-Identifier: Apache-2.0
"""What of a plate is inside its picture, and the smallest rectangle about it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import shapely
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from truth import corners_apart

from anprgen.exporters.visible import oriented_box, quad_inside


@given(
    st.tuples(st.floats(-20, 120), st.floats(-20, 100)),
    st.floats(0, 2 * np.pi),
    st.lists(st.tuples(st.floats(5, 90), st.floats(-0.4, 0.4)), min_size=4, max_size=4),
)
@settings(max_examples=300)
@example((8.0, 9.0), 3.0, [(8.0, 0.0), (9.0, 0.0), (8.0, 0.0), (5.0, 0.0)])
@example((5.0, 4.0), 4.0, [(6.0, -0.25), (6.0, 0.0), (6.0, 0.0), (5.0, 0.0)])
@example((4.0, 5.0), 4.0, [(6.0, 0.0), (7.0, 0.0), (6.0, 0.0), (5.0, 0.0)])
def test_an_oriented_box_is_the_smallest(
    centre: tuple[float, float], turn: float, spokes: list[tuple[float, float]]
) -> None:
    angles = [turn + k * np.pi / 2 + slip for k, (_, slip) in enumerate(spokes)]
    rays = [(r * np.cos(a), r * np.sin(a)) for (r, _), a in zip(spokes, angles)]
    quad = np.add(centre, rays)
    assume(cv2.isContourConvex(quad.astype(np.float32)))
    inside = quad_inside({"quad": quad.tolist()}, 100, 80)
    box = oriented_box({"quad": quad.tolist()}, 100, 80)
    if len(inside) < 3:
        assert len(box) == 0
        return
    found, polygon = shapely.Polygon(box), shapely.Polygon(inside)
    if polygon.area < 1:
        return
    assert box.min() >= -1e-9
    assert np.all(box <= (100 + 1e-9, 80 + 1e-9))
    assert found.buffer(0.01).contains(polygon)
    least = polygon.minimum_rotated_rectangle
    # Two rectangles may be equally small, and one of them reach out of the picture.
    if found.area != pytest.approx(least.area, rel=1e-3, abs=0.01):
        # Ultralytics would drop the whole picture: the upright one.
        assert not within(least)
        assert corners_apart(box, shapely.box(*polygon.bounds).exterior.coords[:4]) <= 0.01


def within(rectangle: shapely.Polygon) -> bool:
    x0, y0, x1, y1 = rectangle.bounds
    return min(x0, y0) >= 1e-3 and x1 <= 100 - 1e-3 and y1 <= 80 - 1e-3


def test_quad_inside_is_the_quad_where_all_of_it_is_in_the_picture() -> None:
    quad = [[10.0, 10.0], [50.0, 12.0], [49.0, 30.0], [9.0, 28.0]]
    assert quad_inside({"quad": quad}, 100, 100) == pytest.approx(np.array(quad))
    cut = quad_inside({"quad": quad}, 30, 100)
    assert cut[:, 0].max() == 30
    assert len(cut) == 4
    assert len(quad_inside({"quad": quad}, 5, 100)) == 0
