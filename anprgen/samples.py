# SPDX-License-Identifier: Apache-2.0
"""One sample on disk: a picture, its record, and the digests that tie them together."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from anprgen.files import canonical, write_bytes, write_text
from anprgen.splits import split_of_record

Pixels = NDArray[np.uint8]
Record = dict[str, Any]

#: Keys of a record that say where it was made and what was measured, not what is in the picture.
BESIDE = ("device", "digest", "glyph_check", "light", "clean")


def name_of(index: int) -> str:
    """Name of a sample: ``00000123``."""
    return f"{index:08d}"


def decode(data: bytes) -> Pixels:
    """An encoded picture -> uint8 [h, w, 3] RGB.

    Raises:
        ValueError: it is not a complete picture.
    """
    if data[:2] == b"\xff\xd8" and data[-2:] != b"\xff\xd9":
        raise ValueError("the JPEG is cut off")
    flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    bgr = cv2.imdecode(np.frombuffer(data, np.uint8), flags) if data else None
    if bgr is None:
        raise ValueError("not a picture")
    return np.ascontiguousarray(bgr[:, :, ::-1], dtype=np.uint8)


def pixel_digest(pixels: Pixels) -> str:
    """BLAKE2b of the shape and the decoded pixels."""
    digest = hashlib.blake2b(repr(pixels.shape).encode(), digest_size=16)
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()


def record_digest(record: Mapping[str, Any]) -> str:
    """BLAKE2b of everything a record says, the digest of its pixels included."""
    return _digest({key: canonical(value) for key, value in record.items()})


def _digest(texts: Mapping[str, str]) -> str:
    """`record_digest` of a record whose values are JSON already."""
    said = {key: text for key, text in texts.items() if key not in BESIDE}
    return hashlib.blake2b(_joined(said).encode(), digest_size=16).hexdigest()


def _joined(texts: Mapping[str, str]) -> str:
    """What `canonical` makes of an object whose values are these."""
    return "{" + ",".join(f"{canonical(key)}:{texts[key]}" for key in sorted(texts)) + "}"


def completed(
    record: Mapping[str, Any],
    image: bytes,
    folder: str,
    seed: int,
    device: str,
    pixels: Pixels | None = None,
) -> tuple[Record, str]:
    """The record as stored, with its file, split, device and digests, and its `canonical` text.

    `folder` is the shard's, relative to the dataset; `pixels` are those of the file `image`, if
    it has been decoded already.

    Raises:
        ValueError: the record and the picture do not belong together, or it is not JSON.
    """
    if pixels is None:
        pixels = decode(image)
    height, width = pixels.shape[:2]
    told = record["image"]
    if (told["width"], told["height"]) != (width, height):
        raise ValueError(f"the picture is {width}x{height}, its record says {told}")
    name = name_of(record["index"])
    suffix = ".jpg" if image[:2] == b"\xff\xd8" else ".png"
    out = {
        **record,
        "id": name,
        "image": {
            "file": f"{folder}/{name}{suffix}",
            "width": width,
            "height": height,
            "pixels": pixel_digest(pixels),
        },
        "split": split_of_record(record, seed),
        "device": device,
    }
    texts = {key: canonical(value) for key, value in out.items()}  # once for digest and file
    out["digest"] = _digest(texts)
    return out, _joined({**texts, "digest": canonical(out["digest"])})


def store(part: Path, record: Mapping[str, Any], text: str, image: bytes) -> None:
    """Writes a sample into a shard's part folder: where a record is, its picture is.

    `text` is the record's, from `completed`.
    """
    write_bytes(part / Path(record["image"]["file"]).name, image)
    write_text(part / f"{record['id']}.json", text)


def load(part: Path, name: str) -> Record | None:
    """The record of a stored sample whose picture is whole, else None (it is made again)."""
    try:
        record: Record = json.loads((part / f"{name}.json").read_text("utf-8"))
        image = (part / Path(record["image"]["file"]).name).read_bytes()
        whole = (
            record["id"] == name
            and record["digest"] == record_digest(record)
            and record["image"]["pixels"] == pixel_digest(decode(image))
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return record if whole else None
