# SPDX-License-Identifier: Apache-2.0
"""`visible` and `mask` follow what was rendered of the plates' faces, through every camera."""

from __future__ import annotations

import importlib.util
from dataclasses import replace

import numpy as np
import pytest
from contrast import compare
from hypothesis import given, settings
from hypothesis import strategies as st
from test_annotation import decode

from anprgen import degradations
from anprgen.annotation import annotate, projector
from anprgen.config import Config
from anprgen.pipeline import make_plan
from anprgen.polygons import fill_exact
from anprgen.renderers.blender import BlenderRenderer
from anprgen.renderers.opening import open_renderer
from anprgen.shot_views import context

BENT = {
    "plates.make.curvature_per_m": {"uniform": [-0.8, 0.8]},
    "crop.rotation_deg": {"uniform": [-15, 15]},
    "crop.left": {"uniform": [-0.2, 0.1]},
    "camera.lens.radial": {"uniform": [-0.15, 0.05]},
    "camera.rectify.apply": {"choice": [[True, 0.3], [False, 0.7]]},
}


def setting(index: int, **overrides):
    """Shot, artworks, undistorted -> picture px, an empty picture and an empty plane."""
    plan = make_plan(Config(renderer="flat", overrides={**BENT, **overrides}, seed=5))
    shot = plan.shot(index)
    ctx = replace(context(shot), stages=shot.camera)
    width, height = ctx.picture_px
    window = shot.solved.render
    plane = np.ones((window.height, window.width), np.float32)
    picture = np.zeros((height, width, 3), np.uint8)
    return shot, plan.artworks(shot), lambda px: degradations.points(ctx, px), picture, plane


@settings(max_examples=25, deadline=None)
@given(index=st.integers(0, 10**6), where=st.floats(0.15, 0.85), upright=st.booleans())
def test_a_covered_part_is_not_visible(index, where, upright):
    """A straight edge in the plane takes from each glyph what lies beyond it."""
    shot, artworks, to_picture, picture, plane = setting(index)
    window, plate = shot.solved.render, shot.plates[0]
    project = projector(shot, plate)
    middle = project(np.array([plate.size_mm]) * where)[0] - (window.x0, window.y0)
    edge = round(float(middle[0 if upright else 1]))
    plane[(slice(None), slice(max(edge, 0), None)) if upright else slice(max(edge, 0), None)] = 0
    labels = annotate(shot, artworks, to_picture, picture, plane).plates
    for label in labels:
        for character, said in zip(artworks[0].characters, label.characters):
            outlines = [project(c) - (window.x0, window.y0) for c in character.contours]
            low = np.floor(np.concatenate(outlines).min(0)) - 1
            size = np.ceil(np.concatenate(outlines).max(0)) - low + 1
            fine = np.zeros((int(size[1]) * 8, int(size[0]) * 8), np.uint8)
            fill_exact(fine, [(p - low) * 8 for p in outlines], 1)
            px = (np.argwhere(fine)[:, ::-1] + 0.5) / 8 + low
            seen = px[:, 0 if upright else 1] < edge
            there = to_picture(px + (window.x0, window.y0))
            seen &= (there >= 0).all(1) & (there < picture.shape[1::-1]).all(1)
            # An edge is found to a fifth of a px, whatever a px is of the glyph.
            near = 0.02 + 0.3 / min(said.height_px, said.box[2] - said.box[0] + 5)
            assert said.visible == pytest.approx(seen.mean(), abs=near)


def test_dirt_takes_characters_and_objects_the_mask():
    shot, artworks, to_picture, picture, plane = setting(3)
    clean, dirty, covered = (
        annotate(shot, artworks, to_picture, picture, (plane * v).astype(np.float32)).plates[0]
        for v in (1.0, 0.34, 0.0)
    )
    assert max(c.visible for c in clean.characters) == 1
    assert max(c.visible for c in dirty.characters) == 0
    assert dirty.legibility == "illegible"
    assert dirty.mask == clean.mask
    assert decode(clean.mask).sum() > 500
    assert decode(covered.mask).sum() == 0


def test_without_a_plane_labels_are_those_of_the_mount():
    shot, artworks, to_picture, picture, plane = setting(3, **{"plates.mount.bolts": 0})
    bare = annotate(shot, artworks, to_picture, picture).plates[0]
    seen = annotate(shot, artworks, to_picture, picture, plane).plates[0]
    framed = shot.plates[0].mount.frame != "none" or shot.plates[0].mount.holes
    for a, b in zip(bare.characters, seen.characters):
        assert a.visible <= b.visible + 0.01
        assert framed or a.visible == pytest.approx(b.visible, abs=0.01)


@pytest.mark.blender
@pytest.mark.skipif(importlib.util.find_spec("bpy") is None, reason="bpy is not installed")
def test_visible_is_what_pictures_show():
    """The small version of `benchmarks/visible.py`."""
    overrides = {
        "view.width_px": 110,
        "view.yaw_deg": {"uniform": [-25, 25]},
        "plates.wear.mud": {"uniform": [0.4, 1.0]},
        "plates.wear.edge_wear": {"uniform": [0.4, 1.0]},
        "plates.mount.bolts": 4,
        "plates.mount.bolt_diameter_mm": 16,
        "light.kind": {"choice": {"overcast": 1, "sun": 1, "headlamp": 1}},
    }
    plan = make_plan(Config(overrides=overrides))
    found = []
    with (
        open_renderer("blender", device="cpu", threads=2) as labelled,
        BlenderRenderer(device="cpu", threads=2, denoise=False) as measured,
    ):
        for index in range(6):
            found += compare(plan, index, labelled, measured, scale=2, samples=24)
    off = np.array([abs(c.label - c.pictures) for c in found])
    lost = np.array([c.pictures for c in found])
    assert len(found) > 25
    assert (lost > 0.05).sum() >= 5
    assert np.median(off) < 0.02
    assert (off < 0.05).mean() > 0.85
