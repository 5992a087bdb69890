# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import numpy as np
import pytest

from anprgen.config import Config
from anprgen.glyph_check import SCALES, check_glyphs, finer
from anprgen.pipeline import make_plan
from anprgen.renderers.opening import open_renderer
from anprgen.shot_views import context

OVERRIDES = {"view.width_px": {"log_uniform": [60, 300]}}


def matches(renderer_name, count, shift=lambda px: px):
    plan = make_plan(Config(renderer=renderer_name, overrides=OVERRIDES))
    out = []
    with open_renderer(renderer_name, device="cpu", threads=1) as renderer:
        for index in range(count):
            shot = plan.shot(index)
            out += check_glyphs(shot, plan.artworks(shot), renderer, context(shot), shift)
    return out


def assert_exact(found):
    clear = [m for m in found if m.covered < 0.02]
    assert len(clear) > 0.6 * len(found)
    assert all(m.passes for m in clear), [m for m in clear if not m.passes]
    offsets = np.array([(m.dx_px, m.dy_px) for m in clear])
    assert np.abs(offsets.mean(0)).max() <= 0.1
    assert np.median(np.abs(offsets)) <= 0.25
    assert np.percentile(np.abs(offsets), 99) <= 1
    edges = np.abs([m.edges_px for m in clear])
    assert np.median(edges) <= 0.25
    assert np.percentile(edges, 99) <= 1


def test_flat_labels_lie_on_the_characters():
    assert_exact(matches("flat", 12))


def test_small_characters_get_a_finer_pass():
    plan = make_plan(Config(renderer="flat"))
    ctx = context(plan.shot(0))

    def box(px):
        return [np.array([[1.0, 1], [1 + px, 1], [1 + px, 1 + px], [1, 1 + px]])]

    scales = [finer(ctx, [box(px), box(30)]) for px in (30, 7, 2.5)]
    assert scales == sorted(SCALES)
    far = replace(ctx, output_px=(1280, 720))  # too large a picture for a fine pass
    assert finer(far, [box(2.5)]) == SCALES[0]


def test_labels_shifted_by_half_a_pixel_are_caught():
    with pytest.raises(AssertionError):
        assert_exact(matches("flat", 12, lambda px: px + (0.5, 0.0)))


@pytest.mark.parametrize("by", [(1000.0, 0.0), (0.0, 60.0), (-400.0, 0.0)])
def test_labels_that_left_the_picture_are_caught(by):
    found = matches("flat", 3, lambda px: px + by)
    assert not any(m.passes for m in found)


@pytest.mark.blender
def test_blender_labels_lie_on_the_characters():
    assert_exact(matches("blender", 10))
