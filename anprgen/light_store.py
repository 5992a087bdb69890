# SPDX-License-Identifier: Apache-2.0
"""The linear light of renders: photographed several times, kept in files, taken from a dataset.

A file ``light/000003/00003762.npz`` is named for its render and holds ``light`` (float32
[h, w, 3], Rec. 709 primaries), ``window`` (x0, y0, width, height in undistorted frame px) and
``key``, which says of what scene it is. It is numpy's own format, without pickled objects.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
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
_SCENE = ("seed", "render_index", "samples", "frame", "scene", "view", "light", "vehicle", "plates")

#: Parts of an identity that two datasets must share for one to use the other's light.
_SHARED = ("designs", "fonts", "scene")
_SHARED_CONFIG = ("seed", "designs", "samples", "renderer", "balance", "exclude")


def numbered(folder: str, index: int, suffix: str) -> str:
    """``light/000003/00003762.npz``: a file kept beside the shards, a thousand to a folder."""
    return f"{folder}/{index // _A_FOLDER:06d}/{name_of(index)}{suffix}"


def file_name(render_index: int) -> str:
    """Where the light of a render lies, relative to its dataset."""
    return numbered(FOLDER, render_index, ".npz")


def digest_of(light: NDArray[np.float32]) -> str:
    """BLAKE2b of the shape and the values."""
    digest = hashlib.blake2b(repr(light.shape).encode(), digest_size=16)
    digest.update(np.ascontiguousarray(light).data)
    return digest.hexdigest()


def scene_key(shot: Shot) -> str:
    """Digest of what a render shows: all of the shot but crop, camera and the windows."""
    assert shot.solved is not None
    s = shot.solved
    said = {name: to_json(getattr(shot, name)) for name in _SCENE}
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
    )
    return data.getvalue()


def read(path: Path) -> tuple[NDArray[np.float32], Window, str] | None:
    """Light, its window and its key; None where there is no such file or it is damaged."""
    try:
        with np.load(path, allow_pickle=False) as file:
            light = np.asarray(file["light"], np.float32)
            window = Window(*(int(v) for v in file["window"]))
            key = bytes(file["key"]).hex()
    except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile):
        return None
    return (light, window, key) if light.shape == (window.height, window.width, 3) else None


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
        text = canonical({"identity": m.identity, "renderers": m.renderers})
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
        if found is not None and found[2] != scene_key(shot):
            raise ConfigError(
                "its light shows other scenes",
                where=str(self.root),
                hint="only camera.* and crop.* may differ from its configuration",
            )

    def find(self, shot: Shot) -> NDArray[np.float32] | None:
        """Light of the shot's window; None where the source has none that is large enough."""
        assert shot.solved is not None
        want = shot.solved.render
        if shot.render_index >= self.renders:
            return None
        found = read(self.root / file_name(shot.render_index))
        if found is None or found[2] != scene_key(shot) or not found[1].contains(want):
            return None
        light, window, _ = found
        x, y = want.x0 - window.x0, want.y0 - window.y0
        return np.ascontiguousarray(light[y : y + want.height, x : x + want.width])


def _shared(identity: Mapping[str, Any]) -> dict[str, Any]:
    config = identity["config"]
    return {
        **{k: identity.get(k) for k in _SHARED},
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
            return Render(self._last[scale][1].light, {})
        stored = self.source.find(shot) if self.source and scale == 1 else None
        render = make() if stored is None else Render(stored, {})
        self._last[scale] = (key, render)
        return render

    def file(self, render: Render, shot: Shot) -> tuple[bytes, str]:
        """The file of a render and the digest of its light, made once for all its photographs."""
        if self._file is None or self._file[0] is not render.light:
            self._file = (render.light, encode(render, shot), digest_of(render.light))
        return self._file[1:]
