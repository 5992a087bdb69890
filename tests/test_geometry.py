# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anprgen.geometry import Bend, area, densify, from_opencv, rectangle, rotation, to_opencv

curvature = st.floats(-2, 2)


@given(curvature=curvature, x=st.floats(0, 520), y=st.floats(0, 110))
def test_bending_keeps_lengths_along_the_sheet(curvature, x, y):
    bend = Bend(520, 110, curvature)
    a, b = bend.surface(np.array([[x, y], [x + 0.01, y]]))
    assert np.linalg.norm(b - a) == pytest.approx(0.01, rel=1e-6)


@given(curvature=curvature)
def test_rise_points_to_the_reader_and_is_normal_to_the_sheet(curvature):
    bend = Bend(520, 110, curvature)
    at = np.array([[40.0, 50.0]])
    top, foot = bend.surface(at, 2.0)[0], bend.surface(at)[0]
    along = bend.surface(at + (0.01, 0))[0] - foot
    assert np.linalg.norm(top - foot) == pytest.approx(2.0)
    assert abs(np.dot(top - foot, along)) < 1e-4
    assert top[2] < foot[2]


def test_positive_curvature_takes_the_ends_away():
    bend = Bend(520, 110, 0.5)
    z = bend.surface(np.array([[0.0, 55], [260, 55], [520, 55]]))[:, 2]
    assert z[0] > 1
    assert z[1] == pytest.approx(0)
    assert z[2] == pytest.approx(z[0])


@given(st.floats(-180, 180))
def test_rotations_are_right_handed(degrees):
    for axis in "xyz":
        m = rotation(axis, degrees)
        assert np.allclose(m @ m.T, np.eye(3))
        assert np.linalg.det(m) == pytest.approx(1)
    assert np.allclose(rotation("z", 90) @ [1, 0, 0], [0, 1, 0])


def test_densify_keeps_vertices_and_area():
    shape = rectangle(100, 30)
    dense = densify(shape, 7)
    assert area(dense) == pytest.approx(area(shape)) == pytest.approx(3000)
    assert np.hypot(*np.diff(dense, axis=0).T).max() <= 7
    assert all((dense == corner).all(1).any() for corner in shape)


def test_opencv_border():
    px = np.array([[0.5, 0.5]])
    assert (to_opencv(px) == 0).all()
    assert (from_opencv(to_opencv(px)) == px).all()
