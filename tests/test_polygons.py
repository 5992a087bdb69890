# SPDX-License-Identifier: Apache-2.0
"""Filled polygons: the short ways give what the long ones do."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from anprgen.geometry import bounds, bounds_of_each, densify
from anprgen.polygons import coverages, fill, fill_each, fill_exact, numbered, surrounds

_AT = st.floats(-60, 60)


@given(st.lists(st.tuples(_AT, _AT), min_size=3, max_size=8), st.integers(4, 30))
def test_what_surrounds_a_raster_fills_it(points: list[tuple[float, float]], size: int) -> None:
    outline = np.array(points) + size / 2
    image = np.zeros((size, size), np.uint8)
    fill_exact(image, [outline], 1)
    if surrounds(outline, size, size):
        assert image.all()


def test_an_opening_round_a_raster_surrounds_it_and_one_across_it_does_not() -> None:
    def box(x0: float, y0: float, x1: float, y1: float) -> np.ndarray:
        return densify(np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]), 7.0)

    assert surrounds(box(-5, -5, 45, 25), 40, 20)
    assert not surrounds(box(-5, -5, 39, 25), 40, 20)
    assert not surrounds(box(5, 5, 35, 15), 40, 20)
    assert not surrounds(box(50, -5, 90, 25), 40, 20)


def test_a_corner_and_a_scale_move_what_is_filled() -> None:
    ring = np.array([[10.3, 11.2], [19.7, 12.1], [17.4, 18.8]])
    moved, made = np.zeros((60, 60), np.uint8), np.zeros((60, 60), np.uint8)
    fill_exact(moved, [(ring - (8, 9)) * 4], 1)
    fill_exact(made, [ring], 1, (8, 9), 4)
    assert made.any()
    assert (made == moved).all()


@given(st.floats(3, 9), st.floats(3, 9), st.floats(5, 14), st.integers(2, 5))
def test_shares_of_px_add_up_to_the_area(x: float, y: float, side: float, finer: int) -> None:
    square = np.array([[x, y], [x + side, y], [x + side, y + side], [x, y + side]])
    shares = next(coverages([[square]], [(0, 0, 30, 25)], [finer])) / 255
    assert shares.shape == (25, 30)
    assert side - 0.5 / finer <= np.sqrt(shares.sum()) <= side + 2 / finer
    assert abs((shares * (np.arange(30) + 0.5)).sum() / shares.sum() - (x + side / 2)) < 1 / finer
    part = next(coverages([[square]], [(4, 5, 12, 11)], [finer])) / 255
    assert (part == shares[5:11, 4:12]).all()


@given(
    st.lists(st.lists(st.tuples(_AT, _AT), min_size=3, max_size=6), max_size=4), st.integers(1, 3)
)
def test_numbers_lie_where_each_shape_is_filled(
    shapes: list[list[tuple[float, float]]], scale: int
) -> None:
    outlines = [[np.array(s), np.array(s) * 0.5] for s in shapes]
    want = np.zeros((40 * scale, 30 * scale), np.uint8)
    for number, own in enumerate(outlines, 1):
        fill_exact(want, own, number, (-8, -6), scale)
    assert (numbered(want.shape, outlines, (-8, -6), scale) == want).all()


@given(st.lists(st.lists(st.tuples(_AT, _AT), min_size=3, max_size=6), max_size=4))
def test_shapes_together_are_the_shapes_one_by_one(shapes: list[list[tuple[float, float]]]) -> None:
    groups = [[np.array(s), np.array(s) * 0.5 + 3] for s in shapes]
    together, each = np.zeros((50, 70), np.uint8), np.zeros((50, 70), np.uint8)
    fill_each(together, groups, 1.3)
    boxes = [fill(each, group, 1.3) for group in groups]
    assert (together == each).all()
    assert boxes == [bounds(np.concatenate(group) * 1.3) for group in groups]
    assert bounds_of_each(groups) == [bounds(np.concatenate(group)) for group in groups]
    ways = [((-5, -4, 9, 8), 2), ((0, 1, 30, 20), 3), ((3, 3, 4, 4), 5), ((-60, 0, 60, 9), 2)]
    some = ways[: len(groups)]
    shares = list(coverages(groups, [box for box, _ in some], [k for _, k in some]))
    for share, group, (box, k) in zip(shares, groups, some):
        assert (share == next(coverages([group], [box], [k]))).all()
    assert len(shares) == len(groups)
