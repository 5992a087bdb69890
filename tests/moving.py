# SPDX-License-Identifier: Apache-2.0
"""Small datasets of sequences, written through the dataset's own layer without a renderer.

Plates of yellow with dark bars move over a textured street: one comes nearer through all frames,
one leaves the picture and comes back, one is hidden behind a post for some frames.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from fakes import rle
from making import spec_of

from anprgen import manifest, samples, shards
from anprgen.dataset import Dataset
from anprgen.files import canonical
from anprgen.splits import split_of_text

WIDTH, HEIGHT, FRAMES, FPS = 256, 144, 14, 25.0
POST = (slice(0, 19), slice(104, 150))  # rows and columns that hide what is behind them
SPLITS = ("train", "val", "train", "test")


@dataclass(frozen=True)
class Mover:
    """A plate's text, and its left, top and width (px) in frame k; None where it has no label."""

    track: int
    text: str
    place: Callable[[int], tuple[float, float, float] | None]
    behind_post: bool = False

    def at(self, k: int) -> tuple[float, float, float] | None:
        found = self.place(k)
        # A plate that is wholly outside has no label.
        return None if found is None or found[0] >= WIDTH or found[0] + found[2] <= 0 else found


@cache
def text_of(letters: str, number: int) -> str:
    """A registration of the split that all of a sequence's are of."""
    texts = (f"{letters}{number}{i:03d}" for i in range(1000))
    return next(text for text in texts if split_of_text(text) == SPLITS[number % len(SPLITS)])


def movers(number: int) -> list[Mover]:
    def nearer(k: int) -> tuple[float, float, float]:
        return 14.25 + 2.5 * k, 20.0 + 1.5 * k, 30 + 5.5 * k + number

    def away_and_back(k: int) -> tuple[float, float, float] | None:
        return 190 + 70 * float(np.sin(np.pi * k / (FRAMES - 1))) + number, 112.5, 56

    def past_the_post(k: int) -> tuple[float, float, float]:
        return 70 + 6.0 * (k if number % 2 else FRAMES - k), 6.75, 36

    return [
        Mover(1, text_of("AB", number), nearer),
        Mover(2, text_of("CD", number), away_and_back),
        Mover(3, text_of("EF", number), past_the_post, behind_post=True),
    ]


@cache
def street(number: int) -> np.ndarray:
    rng = np.random.default_rng(number)
    coarse = rng.integers(60, 160, (9, 16, 3), dtype=np.uint8)
    big = cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    return np.clip(big + rng.normal(0, 6, big.shape), 0, 255).astype(np.uint8)


def quad_of(x: float, y: float, w: float) -> np.ndarray:
    """A plate seen a little from the side: its right edge is lower."""
    h = w * 0.24
    return np.array([[x, y], [x + w, y + 0.06 * w], [x + w, y + 0.06 * w + h], [x, y + h]])


def filled(quad: np.ndarray) -> np.ndarray:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.fillPoly(mask, [np.round(quad - 0.5).astype(np.int32)], 1)
    return mask.astype(bool)


def whole_area(quad: np.ndarray) -> float:
    x, y = quad.T
    return float(abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2)


def plate_of(mover: Mover, k: int, picture: np.ndarray) -> dict[str, Any] | None:
    """The plate's label in frame k; it is drawn into the picture."""
    place = mover.at(k)
    if place is None:
        return None
    quad, w = quad_of(*place), place[2]
    mask = filled(quad)
    picture[mask] = (235, 205, 40)
    n, cells = len(mover.text), []
    for i in range(n):  # Each character is a dark bar in its cell.
        edges = [(i + 0.2) / n, (i + 0.8) / n]
        top, low = ([quad[a] + (quad[b] - quad[a]) * e for e in edges] for a, b in ((0, 1), (3, 2)))
        cell = np.array([top[0], top[1], low[1], low[0]])
        cell = cell.mean(0) + (cell - cell.mean(0)) * (1, 0.7)
        cells.append(cell)
        picture[filled(cell)] = (25, 25, 30)
    if mover.behind_post:
        picture[POST] = (70, 70, 75)
        mask[POST] = False
    visible = min(1.0, mask.sum() / whole_area(quad)) if mask.any() else 0.0
    amodal = [*quad.min(0), *quad.max(0)]
    box = [max(0.0, amodal[0]), max(0.0, amodal[1]),
           min(float(WIDTH), amodal[2]), min(float(HEIGHT), amodal[3])]  # fmt: skip
    truncated = box != amodal
    characters = [
        {
            "char": c, "field": "number", "line": 0, "position": i, "large": True,
            "quad": cell.tolist(), "box": [*cell.min(0), *cell.max(0)],
            "visible": float(visible), "contrast": 0.6, "height_px": 0.17 * w,
        }
        for i, (c, cell) in enumerate(zip(mover.text, cells))
    ]  # fmt: skip
    height_px = 0.17 * w
    clear = visible > 0.9 and height_px >= 12
    hard = visible > 0.6 and height_px >= 4
    return {
        "design": "fake", "variant": "long", "series": "new", "text": f"WP {mover.text}",
        "ocr_text": mover.text, "lines": [mover.text], "fields": {"number": mover.text},
        "quad": quad.tolist(), "box": box, "box_amodal": amodal, "truncated": truncated,
        "mask": rle(mask), "width_px": w, "height_px": 0.24 * w, "yaw_deg": 12.0,
        "pitch_deg": 0.0, "roll_deg": 3.4, "characters": characters,
        "legibility": "clear" if clear else "hard" if hard else "illegible",
        "track": mover.track, "speed_kmh": 30.0 + mover.track, "distance_m": 900 / w,
        "visible": float(visible), "moved_px": 0.3 + 0.02 * w,
    }  # fmt: skip


def frame_of(number: int, k: int) -> tuple[np.ndarray, list[dict[str, Any]]]:
    """The picture (uint8 RGB) and the plates of one frame."""
    picture = street(number).copy()
    plates = [plate_of(mover, k, picture) for mover in movers(number)]
    return picture, [plate for plate in plates if plate]


def write_sequences(
    root: Path, count: int = 4, *, failed: Collection[int] = (), shard: int = 10
) -> Dataset:
    """A dataset of `count` sequences; the frames with indices in `failed` could not be made."""
    config = asdict(spec_of(root).config) | {"task": "sequence", "frames": FRAMES, "fps": FPS}
    identity = {"config": config, "designs": {"fake": "0" * 64}, "fonts": "f" * 64}
    root.mkdir(parents=True)
    manifest.write(root, manifest.Manifest(
        *manifest.split_identity(identity)[:1], {"flat/cpu": {"name": "flat", "device": "cpu"}},
        shard_size=shard, info={},
    ))  # fmt: skip
    shards.recover(root)
    have, n = Dataset.open(root), count * FRAMES
    for part in have.missing(n):
        for index in shards.begin(root, part.shard, part.first, part.stop):
            if index in failed:
                shards.fail(shards.part_folder(root, part.shard), index, "no light", "scene")
                continue
            _store(have, part.shard, index)
        shards.finish(root, part.shard, part.first, part.stop)
    manifest.write(root, have.manifest.asked_for(n).done(n))
    made = Dataset.open(root)
    made.gather_failures()
    return made


def _store(have: Dataset, shard: int, index: int) -> None:
    number, k = divmod(index, FRAMES)
    picture, plates = frame_of(number, k)
    image = cv2.imencode(".jpg", picture[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes()
    record = {
        "id": f"{index:08d}", "index": index, "plates": plates,
        "image": {"file": "", "width": WIDTH, "height": HEIGHT}, "shot": {},
        "camera": {"matrix": [[900.0, 0, 60], [0, 900.0, 48], [0, 0, 1]]},
        "sequence": {
            "number": number, "frame": k, "frames": FRAMES, "fps": FPS, "time_s": k / FPS,
            "exposure_s": 0.004, "readout_s": 0.02, "rig": "fixed",
            "ocr_texts": [m.text for m in movers(number)],
        },
        "vehicles": [
            {"track": m.track, "kind": "saloon", "x_m": 0.0, "y_m": 9.0, "heading_deg": 0.0,
             "speed_kmh": 30.0 + m.track} for m in movers(number)
        ],
    }  # fmt: skip
    folder = shards.folder_name(shard)
    stored, _ = samples.completed(record, image, folder, have.manifest.seed, "flat/cpu")
    # All frames of a sequence are of one split, whichever plates each of them shows.
    stored["split"] = SPLITS[number % len(SPLITS)]
    stored["digest"] = samples.record_digest(stored)
    samples.store(shards.part_folder(have.root, shard), stored, canonical(stored), image)


def frames_of(dataset: Dataset, number: int) -> Iterator[tuple[np.ndarray, dict[str, Any]]]:
    """Pixels and record of every frame of a sequence."""
    for record in dataset.records():
        if record["sequence"]["number"] == number:
            yield samples.decode(dataset.image_path(record).read_bytes()), record
