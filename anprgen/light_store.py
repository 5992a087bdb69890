# SPDX-License-Identifier: Apache-2.0
"""The linear light of renders: photographed several times, kept in files, taken from a dataset.

A file ``light/000003/00003762.npz`` is named for its render and holds ``light`` (float32
[h, w, 3], Rec. 709 primaries), ``window`` (x0, y0, width, height in undistorted frame px),
``key``, which says of what scene it is, and of path-traced renders ``face`` (uint8 [h, w], what is
seen of the plates' faces times 255): labels follow from it. It is numpy's own format, without
pickled objects.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from anprgen import manifest as manifests
from anprgen.errors import ConfigError
from anprgen.files import canonical
from anprgen.geometry import Window
from anprgen.renderers import Render
from anprgen.samples import name_of
from anprgen.shot import Shot, to_json

FOLDER = "light"
_A_FOLDER = 1000  # files in one folder

#: The parts of a shot that a render shows.
_SCENE = (
    "seed",
    "render_index",
    "samples",
    "frame",
    "scene",
    "view",
    "light",
    "vehicle",
    "plates",
    "traffic",
    "signs",
    "background",
    "moment",
)

#: Parts of an identity that two datasets must share for one to use the other's light.
_SHARED = ("designs", manifests.DESIGN_FILES, "fonts", "scene")
_SHARED_CONFIG = (
    "seed", "designs", "samples", "renderer", "balance", "exclude", "hdris", "backgrounds",
)  # fmt: skip


def numbered(folder: str, index: int, suffix: str) -> str:
    """``light/000003/00003762.npz``: a file kept beside the shards, a thousand to a folder."""
    return f"{folder}/{index // _A_FOLDER:06d}/{name_of(index)}{suffix}"


def file_name(render_index: int) -> str:
    """Where the light of a render lies, relative to its dataset."""
    return numbered(FOLDER, render_index, ".npz")


def digest_of(render: Render) -> str:
    """BLAKE2b of the light's shape and values, and of the face's."""
    digest = hashlib.blake2b(repr(render.light.shape).encode(), digest_size=16)
    digest.update(np.ascontiguousarray(render.light).data)
    if render.face is not None:
        digest.update(_as_bytes(render.face).data)
    return digest.hexdigest()


def _as_bytes(face: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(np.rint(face * 255), np.uint8)


def scene_key(shot: Shot) -> str:
    """Digest of what a render shows: all of the shot but crop, camera and the windows."""
    assert shot.solved is not None
    s = shot.solved
    said = {name: to_json(v) for name in _SCENE if (v := getattr(shot, name)) is not None}
    said["pose"] = to_json((s.focal_px, s.cx, s.cy, s.world_to_camera))
    text = canonical(said)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def encode(render: Render, shot: Shot) -> bytes:
    """The file of a render."""
    assert shot.solved is not None
    w = shot.solved.render
    data = io.BytesIO()
    np.savez(
        data,
        light=render.light,
        window=np.array([w.x0, w.y0, w.width, w.height], np.int32),
        key=np.frombuffer(bytes.fromhex(scene_key(shot)), np.uint8),
        **({} if render.face is None else {"face": _as_bytes(render.face)}),
    )
    return data.getvalue()


class Stored(NamedTuple):
    """A render out of its file."""

    render: Render
    window: Window
    key: str


def read(path: Path) -> Stored | None:
    """A kept render; None where there is no such file or it is damaged."""
    try:
        with np.load(path, allow_pickle=False) as file:
            light = np.asarray(file["light"], np.float32)
            window = Window(*(int(v) for v in file["window"]))
            key = bytes(file["key"]).hex()
            face = file["face"].astype(np.float32) / 255 if "face" in file else None
    except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile):
        return None
    shape = (window.height, window.width)
    if light.shape != (*shape, 3) or (face is not None and face.shape != shape):
        return None
    return Stored(Render(light, {}, face), window, key)


@dataclass(frozen=True)
class LightSource:
    """A dataset whose kept light others may use; `renders` of them were complete when opened."""

    root: Path
    manifest: manifests.Manifest
    renders: int

    @classmethod
    def open(cls, root: Path) -> LightSource:
        """The source in the folder of a dataset.

        Raises:
            DatasetError: there is no dataset.
            ConfigError: it did not keep its light.
        """
        manifest = manifests.read(root)
        if not (root / FOLDER).is_dir():
            raise ConfigError(
                "this dataset holds no light",
                where=str(root),
                hint="it is kept by `anprgen build --keep light`",
            )
        return cls(root, manifest, manifest.completed // manifest.config().variants)

    def identity(self) -> dict[str, Any]:
        """What of the source decides the pixels of a dataset that is made from it."""
        m = self.manifest
        # What designs are drawn from came later than datasets that name their source's digest;
        # `check` compares it.
        text = canonical({"identity": manifests.recipe(m.identity), "renderers": m.renderers})
        digest = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
        return {"dataset": digest, "renders": self.renders}

    def check(self, identity: Mapping[str, Any], shot: Shot) -> None:
        """Refuses light of other scenes; `identity` and `shot` (any) are the new dataset's.

        Raises:
            ConfigError: it names what differs.
        """
        have, want = (_shared(i) for i in (self.manifest.identity, identity))
        if lines := manifests.differences(have, want):
            listed = "".join(f"\n    {line}" for line in lines)
            raise ConfigError(f"its light is of other renders:{listed}", where=str(self.root))
        found = read(self.root / file_name(shot.render_index))
        if found is not None and found.key != scene_key(shot):
            raise ConfigError(
                "its light shows other scenes",
                where=str(self.root),
                hint="only camera.* and crop.* may differ from its configuration",
            )
        if found is not None and self._lacks_face(found):
            raise ConfigError(
                "its light was kept without what is seen of each plate, which labels need",
                where=str(self.root / file_name(shot.render_index)),
                hint="make the dataset again with `anprgen build --keep light`",
            )

    def _lacks_face(self, found: Stored) -> bool:
        renderer = self.manifest.identity["config"].get("renderer")
        return found.render.face is None and renderer != "flat"

    def find(self, shot: Shot) -> Render | None:
        """The render of the shot's window; None where the source has none that suffices."""
        assert shot.solved is not None
        want = shot.solved.render
        if shot.render_index >= self.renders:
            return None
        found = read(self.root / file_name(shot.render_index))
        if found is None or found.key != scene_key(shot) or not found.window.contains(want):
            return None
        if self._lacks_face(found):
            return None
        x, y = want.x0 - found.window.x0, want.y0 - found.window.y0
        part = slice(y, y + want.height), slice(x, x + want.width)
        light, face = found.render.light, found.render.face
        return Render(
            np.ascontiguousarray(light[part]),
            {},
            None if face is None else np.ascontiguousarray(face[part]),
        )


def _shared(identity: Mapping[str, Any]) -> dict[str, Any]:
    config = identity["config"]
    return {
        **{k: identity[k] for k in _SHARED if k in identity},
        "config": {k: config[k] for k in _SHARED_CONFIG if k in config},
    }


class LightStore:
    """Gives the light of shots: the last render again, one from `source`, or a new one.

    One belongs to a worker and its configuration; it is the only memory between two samples.
    """

    def __init__(self, source: LightSource | None = None) -> None:
        self.source = source
        self._last: dict[int, tuple[tuple[int, int, Window], Render]] = {}
        self._file: tuple[NDArray[np.float32], bytes, str] | None = None

    def render(self, shot: Shot, make: Callable[[], Render], scale: int = 1) -> Render:
        """Light of the shot, `make` renders it; `scale` tells enlarged renders apart."""
        assert shot.solved is not None
        key = (shot.seed, shot.render_index, shot.solved.render)
        if scale in self._last and self._last[scale][0] == key:
            return replace(self._last[scale][1], seconds={})
        stored = self.source.find(shot) if self.source and scale == 1 else None
        render = make() if stored is None else stored
        self._last[scale] = (key, render)
        return render

    def file(self, render: Render, shot: Shot) -> tuple[bytes, str]:
        """The file of a render and the digest of its light, made once for all its photographs."""
        if self._file is None or self._file[0] is not render.light:
            self._file = (render.light, encode(render, shot), digest_of(render))
        return self._file[1:]
