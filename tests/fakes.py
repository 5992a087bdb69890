# SPDX-License-Identifier: Apache-2.0
"""A plan and a renderer that draw a coloured plate in no time, and break when told to.

Overrides in the configuration steer them: ``fake.crash`` and ``fake.fail`` are lists of indices,
``fake.hang`` is a list of those that never end, ``fake.once`` is a file whose absence means "crash
now, and create it", ``fake.sleep`` is in seconds, ``fake.text`` fixes the registration,
``fake.plates`` is the number of plates.
"""

from __future__ import annotations

import hashlib
import os
import signal
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from anprgen.config import Config
from anprgen.errors import DesignError, RenderError
from anprgen.samples import decode

PLAN, RENDERER = "fakes:make_plan", "fakes:open_renderer"


@dataclass(frozen=True)
class Sample:
    index: int
    image: bytes
    pixels: np.ndarray
    record: dict[str, Any]
    seconds: dict[str, float]


def number(*parts: object) -> int:
    return int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:6], "big")


def rle(mask: np.ndarray) -> dict[str, list[int]]:
    """Uncompressed column-major COCO RLE."""
    flat = mask.astype(bool).flatten(order="F")
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flat, [False]]).astype(np.int8)))
    runs = np.diff(np.concatenate([[0], edges, [flat.size]])).tolist()
    if flat[-1]:
        runs = runs[:-1]  # The edge at the end adds an empty run of background.
    return {"size": list(mask.shape), "counts": [int(r) for r in runs]}


def plate(config: Config, index: int, n: int, width: int, height: int) -> dict[str, Any]:
    text = config.overrides.get("fake.text") or f"CB{number(config.seed, index, n) % 10000:04d}"
    w, h = width * 0.3, height * 0.2
    # One plate in seven reaches over the picture's left edge.
    x0 = -w / 3 if index % 7 == 3 else 5.25 + number("x", index, n) % 30
    y0 = 3.5 + n * (h + 8)
    quad = [[x0, y0], [x0 + w, y0 + 2], [x0 + w, y0 + h + 2], [x0, y0 + h]]
    box = [x0, y0, x0 + w, y0 + h + 2]
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [np.round(np.array(quad) - 0.5).astype(np.int32)], 1)
    step = w / len(text)
    characters = [
        {
            "char": c, "field": "number", "line": 0, "position": i, "large": True,
            "quad": [[x0 + i * step, y0], [x0 + (i + 1) * step, y0],
                     [x0 + (i + 1) * step, y0 + h], [x0 + i * step, y0 + h]],
            "box": [x0 + i * step, y0, x0 + (i + 1) * step, y0 + h],
            "visible": 1.0, "contrast": 0.8, "correlation": 0.9, "height_px": h,
        }
        for i, c in enumerate(text)
    ]  # fmt: skip
    return {
        "design": "fake", "variant": "long", "series": "new", "text": f"WP {text}",
        "ocr_text": text, "lines": [text], "fields": {"number": text}, "quad": quad,
        "box": [max(0.0, box[0]), box[1], min(float(width), box[2]), min(float(height), box[3])],
        "box_amodal": box, "truncated": x0 < 0, "mask": rle(mask), "width_px": w, "height_px": h,
        "yaw_deg": 1.5, "pitch_deg": 0.0, "roll_deg": 0.25, "legibility": "clear",
        "characters": characters,
    }  # fmt: skip


class Plan:
    def __init__(self, config: Config) -> None:
        self.config = config
        self.designs: tuple[Any, ...] = ()

    def identity(self) -> dict[str, Any]:
        return {
            "config": asdict(self.config),
            "designs": {name: "0" * 64 for name, _ in self.config.designs},
            "fonts": "f" * 64,
            "anprgen": "0.0.0",
        }

    def sample(self, index: int, renderer: Any, **_: Any) -> Sample:
        steer = self.config.overrides
        time.sleep(steer.get("fake.sleep", 0))
        if index in steer.get("fake.hang", ()):
            time.sleep(600)
        if index in steer.get("fake.fail", ()):
            raise RenderError(f"no light at {index}")
        once = Path(steer.get("fake.once", "/"))
        if index in steer.get("fake.crash", ()) or (index == 5 and not once.exists()):
            if once.name:
                once.touch()
            os.kill(os.getpid(), signal.SIGSEGV)
        width, height = (120, 96) if self.config.task == "ocr" else (200, 160)
        count = steer.get("fake.plates", 1 if index % 5 or self.config.task == "ocr" else 0)
        plates = [plate(self.config, index, n, width, height) for n in range(count)]
        pixels = np.full((height, width, 3), number(self.config.seed, index) % 200, np.uint8)
        for p in plates:
            quad = np.round(np.array(p["quad"]) - 0.5).astype(np.int32)
            cv2.fillPoly(pixels, [quad], (240, 200, 40))
        image = cv2.imencode(".jpg", pixels[:, :, ::-1])[1].tobytes()
        record = {
            "id": f"{index:08d}", "index": index, "plates": plates,
            "image": {"file": "", "width": width, "height": height},
            "camera": {"matrix": [[900.0, 0, 60], [0, 900.0, 48], [0, 0, 1]]}, "shot": {},
        }  # fmt: skip
        return Sample(index, image, decode(image), record, {"render": 0.0})


class Renderer:
    name = "flat"

    def __init__(self, device: str) -> None:
        self.device = "cpu" if device == "auto" else device

    def describe(self) -> dict[str, str]:
        return {"version": "1", "device": self.device, "device_name": "a fake"}

    def __enter__(self) -> Renderer:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def make_plan(config: Config, say: Any = None) -> Plan:
    for name, _ in config.designs:
        if name == "nowhere":
            raise DesignError("there is no design 'nowhere'", hint="did you mean fake?")
    return Plan(config)


def open_renderer(
    name: str, device: str = "auto", threads: int | None = None, executable: Path | None = None
) -> Renderer:
    return Renderer(device)


class NoLight(Renderer):
    def __enter__(self) -> Renderer:
        raise RenderError("no such light", hint="buy a lamp")


class Deadly(Renderer):
    def __enter__(self) -> Renderer:
        os.abort()


def no_renderer(name: str, device: str = "auto", **_: Any) -> Renderer:
    return NoLight(device)


def deadly_renderer(name: str, device: str = "auto", **_: Any) -> Renderer:
    return Deadly(device)
