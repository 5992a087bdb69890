# SPDX-License-Identifier: Apache-2.0
"""What is measured of a picture, against pictures whose truth is known."""

from __future__ import annotations

import io
import math
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from anprgen.matching.coding import coding
from anprgen.matching.measure import NAMES, measure
from anprgen.matching.noise import noise
from anprgen.matching.pictures import Picture, PicturesError, decode, find
from anprgen.matching.quad import find_quad, shape
from anprgen.matching.sharpness import edges
from anprgen.matching.survey import survey
from anprgen.matching.tone import tone


def glyphs(width: int = 240, height: int = 80, seed: int = 0) -> np.ndarray:
    """Dark words on a light sheet, uint8 RGB: something with edges and flat parts."""
    image = np.full((height, width, 3), 205, np.uint8)
    random = np.random.default_rng(seed)
    for x in range(16, width - 30, 34):
        char = str(random.integers(10))
        where = (x, height - 22)
        cv2.putText(image, char, where, cv2.FONT_HERSHEY_SIMPLEX, 1.4, (25, 25, 25), 5, cv2.LINE_AA)
    return image


def step(sigma: float, degrees: float, size: int = 96) -> np.ndarray:
    """A slanted step under a Gaussian blur, luma, computed without sampling it."""
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    a = math.radians(degrees)
    across = (x * math.cos(a) + y * math.sin(a)) / (sigma * math.sqrt(2))
    return 120 + 80 * np.vectorize(math.erf)(across)


@settings(max_examples=15, deadline=None)
@given(sigma=st.floats(0.7, 3.0), degrees=st.floats(-20, 20), upright=st.booleans())
def test_edge_width(sigma: float, degrees: float, upright: bool) -> None:
    """10 to 90 % of a Gaussian edge is 2.563 standard deviations, whatever its direction."""
    found = edges(step(sigma, degrees + (0 if upright else 90)))
    assert found["edge_px"] == pytest.approx(2.563 * sigma, rel=0.08)
    one, other = ("edge_px_x", "edge_px_y") if upright else ("edge_px_y", "edge_px_x")
    assert found[one] == pytest.approx(2.563 * sigma, rel=0.08)
    assert math.isnan(found[other])


def test_motion_shows_in_the_ratio() -> None:
    grey = glyphs().mean(2)
    moved = cv2.blur(grey, (7, 1))
    assert edges(moved)["edge_ratio"] > edges(grey)["edge_ratio"] + 0.5


@settings(max_examples=10, deadline=None)
@given(sigma=st.floats(1.5, 15), seed=st.integers(0, 99))
def test_noise_level(sigma: float, seed: int) -> None:
    """The noise that was added is found, beside edges too."""
    random = np.random.default_rng(seed)
    clean = cv2.GaussianBlur(glyphs(), (0, 0), 0.8).astype(float)
    picture = np.clip(clean * 0.8 + 10 + random.normal(0, sigma, (80, 240, 1)), 0, 255)
    grey = np.rint(picture.mean(2))
    assert noise(grey, np.zeros((80, 240, 2)))["noise"] == pytest.approx(sigma, rel=0.12)


def encoded(rgb: np.ndarray, quality: int, sampling: int = 2) -> bytes:
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "JPEG", quality=quality, subsampling=sampling)
    return file.getvalue()


@settings(max_examples=20, deadline=None)
@given(quality=st.integers(5, 99), sampling=st.sampled_from([(0, 1.0), (1, 0.5), (2, 0.25)]))
def test_jpeg_quality(quality: int, sampling: tuple[int, float]) -> None:
    picture = decode(encoded(glyphs(), quality, sampling[0]))
    found = coding(picture, picture.pixels.mean(2))
    assert found["jpeg_quality"] == pytest.approx(quality, abs=1)
    assert found["chroma_share"] == sampling[1]


def test_blocks_survive_a_cut_and_a_lossless_file() -> None:
    random = np.random.default_rng(3)
    smooth = cv2.resize(random.normal(120, 40, (12, 30)), (240, 96), interpolation=cv2.INTER_CUBIC)
    rgb = np.repeat(np.clip(smooth, 0, 255).astype(np.uint8)[..., None], 3, 2)
    coarse = decode(encoded(rgb, 12)).pixels[5:, 3:]
    fine = rgb[5:, 3:]

    def blocks(pixels: np.ndarray) -> dict[str, float]:
        return coding(Picture("", pixels), pixels.mean(2))

    assert blocks(coarse)["block_any"] > blocks(fine)["block_any"] + 0.5
    assert blocks(coarse)["block_any"] > blocks(coarse)["block"] + 0.5
    assert math.isnan(blocks(coarse)["jpeg_quality"])


@pytest.mark.parametrize(("gain", "warmth", "tint"), [((1, 1, 1), 0, 0), ((1.3, 1, 0.8), 0.7, 0)])
def test_colour_cast(gain: tuple[float, ...], warmth: float, tint: float) -> None:
    """A grey sheet under a coloured light: stops of red over blue."""
    from anprgen.colour import linear_to_srgb, pixels_to_linear

    light = pixels_to_linear(glyphs() // 2) * np.array(gain, np.float32)
    rgb = linear_to_srgb(light)
    found = tone(rgb, rgb.mean(2))
    assert found["warmth"] == pytest.approx(warmth, abs=0.05)
    assert found["tint"] == pytest.approx(tint, abs=0.06)
    assert found["is_grey"] == (gain == (1, 1, 1))


def test_tones() -> None:
    rgb = np.zeros((100, 100, 3), np.uint8)
    rgb[:, 50:] = 200
    rgb[:10] = 255
    found = tone(rgb, rgb.mean(2))
    assert (found["dark"], found["bright"], found["contrast"]) == (0, 255, 255)
    assert found["clipped"] == pytest.approx(0.1)


def sheet_on_a_wall(
    turn_deg: float, share: float, aspect: float, dark: bool
) -> tuple[np.ndarray, np.ndarray]:
    """A turned sheet with words on it, 260 px wide in all, and its corners."""
    width = 260
    a = math.radians(turn_deg)
    w = share * width / (abs(math.cos(a)) + abs(math.sin(a)))
    h = w / aspect
    u, v = np.array([math.cos(a), math.sin(a)]), np.array([-math.sin(a), math.cos(a)])
    box = h * abs(math.cos(a)) + w * abs(math.sin(a))
    middle = np.array([width / 2, box * 0.62])
    corners = np.array([middle + s * w / 2 * u + t * h / 2 * v for s, t in
                        ((-1, -1), (1, -1), (1, 1), (-1, 1))])  # fmt: skip
    around = (40, 45, 60) if dark else (240, 240, 238)
    image = np.full((round(box * 1.24), width, 3), around, np.uint8)
    source = np.array([[0, 0], [240, 0], [240, 80], [0, 80]], np.float32)
    matrix = cv2.getPerspectiveTransform(source, (corners - 0.5).astype(np.float32))
    size = (image.shape[1], image.shape[0])
    on = cv2.warpPerspective(np.ones((80, 240), np.float32), matrix, size)[..., None]
    return np.uint8(image * (1 - on) + cv2.warpPerspective(glyphs(), matrix, size) * on), corners


def test_outline() -> None:
    """Of 80 turned sheets nearly all are found, most to a few px; what is not found is not told."""
    rng = np.random.default_rng(5)
    errors, tilts = [], []
    for _ in range(80):
        turn = rng.uniform(-20, 20)
        image, corners = sheet_on_a_wall(
            turn, rng.uniform(0.62, 0.85), rng.uniform(1.4, 4.5), bool(rng.integers(2))
        )
        found = find_quad(image)
        if found is None:
            continue
        errors.append(np.abs(found.corners - corners).max() / np.ptp(corners[:, 0]))
        tilts.append(abs(shape(found, 260, image.shape[0])["tilt_deg"] - turn))
    assert len(errors) >= 72
    assert np.percentile(errors, 90) < 0.03
    assert np.percentile(tilts, 90) < 0.5


def test_no_outline_is_made_up() -> None:
    """Noise, an empty wall, and words without a sheet have no outline."""
    random = np.random.default_rng(0)
    hay = random.integers(0, 255, (80, 240, 3)).astype(np.uint8)
    for rgb in (hay, np.full((80, 240, 3), 128, np.uint8), glyphs()):
        assert find_quad(rgb) is None
    assert math.isnan(shape(None, 240, 80)["tilt_deg"])


@pytest.mark.parametrize("size", [(3000, 8), (8, 3000), (8, 8)])
def test_strips_are_measured_all_the_same(size: tuple[int, int]) -> None:
    noise_ = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    assert set(measure(Picture("strip", noise_))) == set(NAMES)


def test_a_list_of_another_editor(tmp_path: Path) -> None:
    Image.fromarray(glyphs()).save(tmp_path / "a.png")
    (tmp_path / "list.txt").write_text("a.png\n", encoding="utf-8-sig")
    assert find(tmp_path / "list.txt") == [tmp_path / "a.png"]
    eps = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n"
    with pytest.raises(ValueError, match="not a picture"):
        decode(eps)


def test_a_frame_is_not_asked_for_the_plate() -> None:
    random = np.random.default_rng(0)
    rgb = random.integers(90, 130, (480, 640, 3)).astype(np.uint8)
    found = measure(Picture("", rgb), frame=True)
    assert list(found) == list(NAMES)
    assert math.isnan(found["tilt_deg"])
    assert found["noise"] > 5


def folder(root: Path) -> Path:
    root.mkdir()
    (root / "sub").mkdir()
    Image.fromarray(glyphs()).save(root / "b.png")
    (root / "sub" / "a.JPG").write_bytes(encoded(glyphs(seed=1), 90))
    Image.fromarray(glyphs(seed=2)).convert("RGBA").save(root / "c.webp", lossless=True)
    (root / "cut.jpg").write_bytes(encoded(glyphs(), 90)[:-600])
    (root / "words.png").write_bytes(b"no picture")
    (root / "notes.txt").write_text("x")
    return root


def test_a_folder(tmp_path: Path) -> None:
    """Subfolders count, broken files are named, others are left alone."""
    found = survey(folder(tmp_path / "real"))
    assert (found.count, found.kind) == (3, "crops")
    assert {name for name, _ in found.broken} == {"cut.jpg", "words.png"}
    assert any("cut.jpg" in note for note in found.notes())
    assert np.isfinite(found.table["jpeg_quality"]).sum() == 1


def test_a_list(tmp_path: Path) -> None:
    real = folder(tmp_path / "real")
    half = tmp_path / "half"
    half.mkdir()
    (half / "labels.tsv").write_text("../real/b.png\tAB1\n../real/sub/a.JPG\tAB2\n")
    assert find(half) == [half / "../real/b.png", half / "../real/sub/a.JPG"]
    assert survey(half / "labels.tsv").count == survey(half).count == 2
    assert real.exists()


def test_folders_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "x.png").write_bytes(b"\x89PNG")
    for place, said in (("none", "no such folder"), ("empty", "no picture"), ("bad", "none of")):
        with pytest.raises(PicturesError, match=said):
            survey(tmp_path / place)


def test_pictures_are_turned_as_their_exif_says() -> None:
    file = io.BytesIO()
    exif = Image.Exif()
    exif[274] = 6  # turned by a quarter
    Image.fromarray(glyphs()).save(file, "JPEG", exif=exif)
    assert decode(file.getvalue()).pixels.shape == (240, 80, 3)
