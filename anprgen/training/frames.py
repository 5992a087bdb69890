# SPDX-License-Identifier: Apache-2.0
"""What a detector learns from: whole frames, as JPEG in memory, and the plates in them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from anprgen.dataset import Dataset
from anprgen.errors import DatasetError
from anprgen.exporters.options import Options, is_readable
from anprgen.exporters.visible import cut_box
from anprgen.models.card import Source
from anprgen.models.letterbox import fitted
from anprgen.samples import decode

Say = Callable[[str], None]
U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]

#: Frames are kept at most so much larger than the input: zooming in finds more in them.
FINER = 2
_QUALITY = 92
_LEAST = 8


@dataclass(frozen=True)
class Frame:
    """A picture and its plates.

    `jpeg` is the picture, at most `FINER` times as large as the input; `quads` are the corners
    [n, 4, 2] of its plates in px of that picture; those that are not `wanted` [n] may be found or
    not: nobody can read them, or too little of them is in the picture.
    """

    jpeg: bytes
    quads: F32
    wanted: NDArray[np.bool_]

    def pixels(self) -> U8:
        """Uint8 BGR [h, w, 3]."""
        found = cv2.imdecode(np.frombuffer(self.jpeg, np.uint8), cv2.IMREAD_COLOR)
        return np.asarray(found, np.uint8)


@dataclass(frozen=True)
class Frames:
    """Frames to learn from and to validate with."""

    train: tuple[Frame, ...]
    val: tuple[Frame, ...]
    sources: tuple[Source, ...]


def load(
    datasets: Sequence[Path], size: tuple[int, int], say: Say, *, illegible: bool = False
) -> Frames:
    """Reads datasets of whole frames; the splits `test` and `mixed` are left alone.

    `size` is height and width of the input; with `illegible` plates that nobody can read are
    wanted too.

    Raises:
        DatasetError: one is not usable, or there is too little to learn from.
    """
    kept: dict[str, list[Frame]] = {"train": [], "val": []}
    sources = []
    for path in datasets:
        dataset, digest = Dataset.open(path), hashlib.blake2b(digest_size=16)
        counts: Counter[str] = Counter()
        for record in dataset.records():
            digest.update(f"{record['index']} {record['digest']}\n".encode())
            counts[record["split"]] += 1
            if record["split"] in kept:
                kept[record["split"]].append(_frame(dataset, record, size, illegible))
        name, made_by = path.resolve().name, str(dataset.manifest.info.get("anprgen") or "")
        sources.append(Source(name, digest.hexdigest(), counts["train"], 1.0, made_by))
        say(f"{name}: {counts['train']} frames to learn from, {counts['val']} to validate")
    for split, least in (("train", _LEAST), ("val", 1)):
        wanted = sum(int(frame.wanted.sum()) for frame in kept[split])
        if len(kept[split]) < least or not wanted:
            raise DatasetError(
                f"only {len(kept[split])} frames with {wanted} legible plates in the split {split}",
                where=", ".join(map(str, datasets)),
                hint="make more samples",
            )
    return Frames(tuple(kept["train"]), tuple(kept["val"]), tuple(sources))


def _frame(
    dataset: Dataset, record: Mapping[str, Any], size: tuple[int, int], illegible: bool
) -> Frame:
    path = dataset.image_path(record)
    try:
        bgr = decode(path.read_bytes())[:, :, ::-1]
    except (OSError, ValueError) as e:
        raise DatasetError(f"this picture is damaged: {e}", where=str(path)) from None
    h, w = bgr.shape[:2]
    small = min((w, h), fitted(w, h, FINER * size[1], FINER * size[0]))
    if small != (w, h):
        bgr = cv2.resize(bgr, small, interpolation=cv2.INTER_AREA)
    _, jpeg = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    options = Options(illegible=illegible)
    plates = record["plates"]
    quads = np.array([p["quad"] for p in plates], np.float32).reshape(-1, 4, 2)
    wanted = [is_readable(p, options) and cut_box(p, w, h) is not None for p in plates]
    scale = np.array((small[0] / w, small[1] / h), np.float32)
    return Frame(jpeg.tobytes(), quads * scale, np.array(wanted, np.bool_).reshape(-1))
