# SPDX-License-Identifier: Apache-2.0
"""Line art: the shipped pictures load, and shapes come out at the size they are drawn."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from anprgen.art import ArtError, load_art

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">{body}</svg>'


def art_of(tmp_path, body, box="0 0 20 10"):
    path = tmp_path / "a.svg"
    path.write_text(SVG.format(box=box, body=body), encoding="utf-8")
    return load_art(path)


def ink(art, px=50):
    """Area in mm2 of each shape, measured on a grid."""
    areas = []
    for shape in art.shapes:
        mask = np.zeros((int(art.size_mm[1] * px), int(art.size_mm[0] * px)), np.uint8)
        rings = [np.round(c * px).astype(np.int32) for c in shape.contours]
        for group in [rings] if shape.even_odd else [[r] for r in rings]:
            cv2.fillPoly(mask, group, 1)
        areas.append(mask.sum() / px**2)
    return areas


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("lk_emblem", (24, 33)),
        ("hologram_wheel", (20, 20)),
        ("eu_stars", (33, 33)),
        ("sk_arms", (37.4, 46.6)),
        ("sk_sticker", (25.5, 25.5)),
        ("sticker_round_red", (25.5, 25.5)),
        ("sticker_round_green", (25.5, 25.5)),
        ("us_ca_script", (121.56, 36.26)),
        ("us_ca_dmv", (68.27, 14.67)),
        ("us_mo_seal", (36, 36)),
        ("us_mo_waves_bottom", (106, 14)),
        ("us_mo_waves_top", (106, 14)),
        ("us_tx_state", (22, 20.73)),
        *((f"de_seal_{state}", (45, 45)) for state in "by nw bw be ni he sn hh".split()),
        *((f"de_inspection_{top}", (35, 35)) for top in (4, 8, 12)),
        ("pl_hologram", (20, 20)),
    ],
)
def test_shipped_art_loads_and_stays_in_its_box(name, size):
    art = load_art(name)
    assert art.size_mm == size
    pts = np.concatenate([c for s in art.shapes for c in s.contours])
    assert pts.min() >= -0.01
    assert (pts.max(axis=0) <= np.array(size) + 0.01).all()
    assert (np.ptp(pts, axis=0) > 0.95 * np.array(size)).all()
    assert all(np.isfinite(pts).ravel())


def test_the_emblem_is_line_art_in_the_foreground_colour():
    art = load_art("lk_emblem")
    assert {s.color for s in art.shapes} == {"fg"}
    assert 0.1 < sum(ink(art, 20)) / (24 * 33) < 0.5


def test_a_filled_circle_and_its_ring_have_the_right_area(tmp_path):
    body = '<circle cx="5" cy="5" r="4" fill="#ff0000"/>'
    body += '<circle cx="15" cy="5" r="4" fill="none" stroke="currentColor" stroke-width="1"/>'
    art = art_of(tmp_path, body)
    assert [s.color for s in art.shapes] == ["#ff0000", "fg"]
    disc, ring = ink(art)
    assert disc == pytest.approx(np.pi * 16, rel=0.02)
    assert ring == pytest.approx(np.pi * (4.5**2 - 3.5**2), rel=0.04)


def test_a_path_with_a_hole_is_even_odd(tmp_path):
    art = art_of(tmp_path, '<path d="M0 0 H10 V10 H0 Z M2 2 H8 V8 H2 Z" fill="#000000"/>')
    assert ink(art)[0] == pytest.approx(64, rel=0.03)


def test_a_closed_stroke_includes_its_last_side(tmp_path):
    body = '<path d="M2 2 L8 2 L8 8 L2 8 Z" fill="none" stroke="#000000" stroke-width="1"/>'
    assert ink(art_of(tmp_path, body))[0] == pytest.approx(24, rel=0.04)


def test_an_open_stroke_of_two_points_is_a_bar(tmp_path):
    body = '<path d="M2 5 L12 5" fill="none" stroke="#000000" stroke-width="2" opacity="0.5"/>'
    art = art_of(tmp_path, body)
    assert ink(art)[0] == pytest.approx(20, rel=0.03)
    assert art.shapes[0].opacity == 0.5


def test_the_corner_of_the_view_box_is_the_origin(tmp_path):
    art = art_of(tmp_path, '<circle cx="0" cy="0" r="3" fill="#000000"/>', "-5 -5 10 10")
    assert art.shapes[0].contours[0].mean(axis=0) == pytest.approx((5, 5), abs=1e-6)


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ('<rect x="0" y="0" width="1" height="1"/>', "<rect>"),
        ('<path d="M0 0 L1 1" transform="scale(2)"/>', "transform"),
        ('<circle cx="1" cy="1" r="-1"/>', "r must be positive"),
        ('<circle cx="1" cy="1" r="1" fill="red"/>', "red"),
        ('<path fill="none"/>', "'d'"),
    ],
)
def test_what_is_not_supported_is_named(tmp_path, body, word):
    with pytest.raises(ArtError, match=word):
        art_of(tmp_path, body)


def test_missing_art_is_named():
    with pytest.raises(ArtError, match="nothing_here"):
        load_art("nothing_here")


def test_a_broken_file_is_named(tmp_path):
    (tmp_path / "b.svg").write_text("<svg", encoding="utf-8")
    with pytest.raises(ArtError, match="b.svg"):
        load_art(tmp_path / "b.svg")
