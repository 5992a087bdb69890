# SPDX-License-Identifier: Apache-2.0
"""What a dataset can keep beside its pictures: linear light, and clean pictures of the same crop.

``light`` are the renders (`anprgen.light_store`), for other photographs of them. ``clean`` are
the pictures of an ideal camera, ``clean2x`` and ``clean4x`` the same with two and four times as
many pixels each way: pairs for denoising, deblurring and super-resolution. Their labels are those
of the photograph, times the scale.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from anprgen.errors import ConfigError, DatasetError, nearest
from anprgen.files import inside, write_bytes
from anprgen.light_store import LightStore, digest_of, file_name, numbered, read
from anprgen.renderers import Render
from anprgen.samples import decode, pixel_digest
from anprgen.shot import Shot

CLEAN = {"clean": 1, "clean2x": 2, "clean4x": 4}
KINDS = ("light", *CLEAN)

Entry = dict[str, Any]


def check(keep: Sequence[str]) -> None:
    """Raises ConfigError for what cannot be kept."""
    for kind in keep:
        if kind not in KINDS:
            raise ConfigError(
                f"--keep {kind}: it must be one of {', '.join(KINDS)}",
                hint=nearest(kind, list(KINDS)),
            )
    if len({k for k in keep if k in CLEAN}) > 1:
        raise ConfigError("--keep: clean pictures of one size only", hint=f"of {', '.join(CLEAN)}")


def keeps_light(keep: Sequence[str]) -> bool:
    """Whether renders are kept."""
    return "light" in keep


def clean_scale(keep: Sequence[str]) -> int:
    """How many times as large clean pictures are; 0 when none are kept."""
    return next((CLEAN[kind] for kind in keep if kind in CLEAN), 0)


def light_entry(lights: LightStore, render: Render, shot: Shot, files: dict[str, bytes]) -> Entry:
    """What a record says of its kept light; the file is added to `files`."""
    name = file_name(shot.render_index)
    files[name], digest = lights.file(render, shot)
    return {"file": name, "digest": digest}


def clean_entry(
    pixels: NDArray[np.uint8], index: int, scale: int, files: dict[str, bytes]
) -> Entry:
    """What a record says of its clean picture (uint8 RGB [h, w, 3]); a PNG is added to `files`."""
    name = numbered("clean", index, ".png")
    _, data = cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    files[name] = bytes(data)
    return {"file": name, "scale": scale, "pixels": pixel_digest(pixels)}


def store(root: Path, files: Mapping[str, bytes]) -> None:
    """Writes files of one sample that are not there yet, or are something else: damaged ones."""
    for name, data in files.items():
        path = root / name
        if not (path.exists() and path.read_bytes() == data):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(path, data)


def names(record: Mapping[str, Any]) -> list[str]:
    """The files kept beside a sample, relative to its dataset."""
    return [record[key]["file"] for key in ("light", "clean") if record.get(key)]


def faults(root: Path, record: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the files kept beside a sample."""
    if light := record.get("light"):
        found = read(inside(root, light["file"]))
        if found is None or digest_of(found.render) != light["digest"]:
            yield f"{light['file']}: the light is missing or damaged"
    if clean := record.get("clean"):
        try:
            whole = pixel_digest(decode(inside(root, clean["file"]).read_bytes()))
        except (OSError, ValueError, DatasetError):
            whole = ""
        if whole != clean["pixels"]:
            yield f"{clean['file']}: the clean picture is missing or damaged"
