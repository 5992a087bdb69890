# SPDX-License-Identifier: Apache-2.0
"""Tensors against the networks' own loaders, written down here step by step, bit by bit."""

from __future__ import annotations

import math
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from PIL import Image

from anprgen.evalset.factors import UNKNOWN, factors_of
from anprgen.evalset.preprocess import to_tensor
from anprgen.evalset.presets import PRESETS

SIZES = [(37, 121), (64, 128), (48, 320), (20, 400), (300, 90), (481, 641)]


def fast_plate_ocr(rgb: np.ndarray) -> np.ndarray:
    """core/process.py: BGR to RGB, cv2.resize with INTER_LINEAR, uint8."""
    return cv2.resize(rgb, (128, 64), interpolation=cv2.INTER_LINEAR)


def lprnet(rgb: np.ndarray) -> np.ndarray:
    """cv/lprnet/dataloader.py: imread's BGR, resize / 255.0, float32, CHW."""
    bgr = np.ascontiguousarray(rgb[:, :, ::-1])
    return np.array(cv2.resize(bgr, (96, 48)) / 255.0, dtype=np.float32).transpose(2, 0, 1)


def ocrnet(rgb: np.ndarray) -> np.ndarray:
    """cv/ocrnet/dataloader.py: Pillow's L, bicubic, (x / 255 - 0.5) / 0.5."""
    grey = Image.fromarray(rgb).convert("L").resize((100, 32), resample=Image.BICUBIC)
    return ((np.array(grey, dtype=np.float32) / 255.0 - 0.5) / 0.5)[None]


def ppocr(rgb: np.ndarray) -> np.ndarray:
    """resize_norm_img with image_shape [3, 48, 320]."""
    h, w = rgb.shape[:2]
    wide = 320 if math.ceil(48 * (w / float(h))) > 320 else math.ceil(48 * (w / float(h)))
    image = cv2.resize(np.ascontiguousarray(rgb[:, :, ::-1]), (wide, 48)).astype("float32")
    image = image.transpose((2, 0, 1)) / 255
    image -= 0.5
    image /= 0.5
    padded = np.zeros((3, 48, 320), dtype=np.float32)
    padded[:, :, 0:wide] = image
    return padded


def parseq(rgb: np.ndarray) -> np.ndarray:
    """T.Resize((32, 128), BICUBIC) of a Pillow picture, ToTensor, Normalize(0.5, 0.5)."""
    small = Image.fromarray(rgb).resize((128, 32), Image.BICUBIC)
    values = np.asarray(small).transpose(2, 0, 1).astype(np.float32) / np.float32(255)
    return (values - np.float32(0.5)) / np.float32(0.5)


def yolo(rgb: np.ndarray) -> np.ndarray:
    """LetterBox((640, 640), auto=False) of BGR, then RGB, float32, / 255."""
    bgr, shape = np.ascontiguousarray(rgb[:, :, ::-1]), rgb.shape[:2]
    r = min(640 / shape[0], 640 / shape[1])
    unpadded = round(shape[1] * r), round(shape[0] * r)
    dw, dh = (640 - unpadded[0]) / 2, (640 - unpadded[1]) / 2
    image = cv2.resize(bgr, unpadded, interpolation=cv2.INTER_LINEAR)
    top, bottom, left, right = round(dh - 0.1), round(dh + 0.1), round(dw - 0.1), round(dw + 0.1)
    border = cv2.BORDER_CONSTANT
    image = cv2.copyMakeBorder(image, top, bottom, left, right, border, value=(114, 114, 114))
    return image[:, :, ::-1].transpose(2, 0, 1).astype(np.float32) / np.float32(255)


LOADERS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "fast-plate-ocr": fast_plate_ocr,
    "lprnet-tao": lprnet,
    "ocrnet-tao": ocrnet,
    "ppocrv5-rec": ppocr,
    "parseq": parseq,
    "yolo": yolo,
}


def test_every_preset_has_its_loader() -> None:
    assert set(LOADERS) == set(PRESETS)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PRESETS)
def test_tensors_equal_the_network_s_own(name: str, size: tuple[int, int]) -> None:
    pixels = np.random.default_rng(size[0]).integers(0, 256, (*size, 3), dtype=np.uint8)
    preset = PRESETS[name]
    made = to_tensor(preset, pixels)
    assert made.shape == preset.shape
    assert str(made.dtype) == preset.dtypes[0]
    np.testing.assert_array_equal(made, LOADERS[name](pixels))


def record(**shot: object) -> tuple[dict[str, object], dict[str, object]]:
    plate = {
        "characters": [{"height_px": 20.0, "large": True}, {"height_px": 5.0, "large": False}],
        "yaw_deg": 20.0,
        "pitch_deg": 0.0,
        "text": "A 1",
        "design": "x",
        "legibility": "hard",
    }
    return {"shot": shot}, plate


def test_factors_of_a_plate() -> None:
    light = {"kind": "hdri", "hdri": "night"}
    wear = {"dust": 0.0, "mud": 0.5, "stains": 0.2}
    other = {"registration": {"text": "B 2"}, "design": "x", "wear": dict.fromkeys(wear, 0.0)}
    mine = {"registration": {"text": "A 1"}, "design": "x", "wear": wear}
    camera = {"defocus": {"sigma_px": 0.3}, "motion": {"length_px": 0.0}}
    # Plate 0 of the shot lies outside the picture, so the label's number is not the shot's.
    found = factors_of(*record(light=light, camera=camera, plates=[other, mine]))
    assert found == {
        "blur": "soft",  # 0.3 px of 20 px: 0.015
        "size": "medium",
        "angle": "oblique",
        "night": "night",
        "dirt": "dirty",
        "legibility": "hard",
    }


@pytest.mark.parametrize(
    ("camera", "blur"),
    [
        ({"defocus": {"sigma_px": 0.29}}, "sharp"),
        ({"motion": {"length_px": 2.0}}, "soft"),  # 2 / sqrt(12) = 0.58 px: 0.029
        ({"motion": {"length_px": 2.9}}, "blurred"),
        ({"resample": {"factor": 0.5}}, "blurred"),
        ({"resample": {"factor": 1.0}}, "sharp"),
    ],
)
def test_blur_counts_every_cause(camera: dict[str, dict[str, float]], blur: str) -> None:
    assert factors_of(*record(camera=camera))["blur"] == blur


def test_what_a_record_does_not_tell_is_unknown() -> None:
    found = factors_of(*record())
    assert [k for k, v in found.items() if v == UNKNOWN] == ["blur", "night", "dirt"]
    day = factors_of(*record(light={"kind": "sun", "hdri": "night"}))
    assert day["night"] == "day"  # The sun shines; the environment's picture is not used.
