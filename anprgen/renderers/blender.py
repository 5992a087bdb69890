# SPDX-License-Identifier: Apache-2.0
"""Path-traced light from Blender's Cycles, which runs in a process of its own.

This side never imports bpy: it tells a worker what there is, and takes its light.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anprgen.backdrop import compose, photographed
from anprgen.backgrounds import BackgroundFolder
from anprgen.errors import RenderError
from anprgen.hdris import HdriFolder
from anprgen.renderers import Render
from anprgen.renderers.blender_process import BlenderProcess
from anprgen.renderers.job import cycles_seed, scene
from anprgen.shot import Shot
from anprgen.surface import Worn
from anprgen.textures import Textures
from anprgen.wear import wear_down

_JOB_SECONDS = 300.0


class BlenderRenderer:
    """The Renderer that path-traces.

    Args:
        device: auto, cpu, optix, cuda, hip, metal or oneapi; a named one must be there.
        threads: CPU threads of this worker; None for all.
        executable: a Blender program to use instead of the bpy wheel of this environment.
        scratch: where the exchange folder is made; a memory disk when None.
        denoise: whether the picture is denoised (OpenImageDenoise, fast).
        timeout: seconds after which a job counts as hung.
        hdris: environment pictures of the user's own.
        backgrounds: photographs of the user's own.
    """

    name = "blender"
    texels_a_px = 2.5

    def __init__(
        self,
        device: str = "auto",
        threads: int | None = None,
        executable: Path | None = None,
        scratch: Path | None = None,
        denoise: bool = True,
        timeout: float = _JOB_SECONDS,
        hdris: HdriFolder | None = None,
        backgrounds: BackgroundFolder | None = None,
    ) -> None:
        self._process = BlenderProcess(device, threads, executable, scratch, timeout)
        self._denoise, self._hdris, self._backgrounds = denoise, hdris, backgrounds

    def render(self, shot: Shot, textures: Sequence[Textures]) -> Render:
        """Linear light of `shot.solved.render`, and what was seen of its plates' faces."""
        infrared = shot.light.kind == "infrared"
        worn = [wear_down(p, t, infrared) for p, t in zip(shot.plates, textures)]
        job = scene(shot) | {
            "op": "render",
            "samples": shot.samples,
            "seed": cycles_seed(shot),
            "denoise": self._denoise,
        }
        for plate, surface in zip(job["plates"], worn):
            plate["contrast"] = list(surface.contrast)
        self._lay_out_hdri(job["light"])
        reply = self._ask(job, shot, [_planes(surface) for surface in worn])
        seconds = dict(reply["seconds"])
        start = time.perf_counter()
        picture = self._process.take("RGBA")
        light, alpha = np.ascontiguousarray(picture[..., :3]), picture[..., 3]
        if "ground" in reply:
            twice = np.floor(alpha / 2 + 1e-3)  # see PassesInAlpha in blender/pixels.py
            alpha = alpha - 2 * twice
            cover = np.clip(twice / 255, 0, 1).astype(np.float32)
            if self._backgrounds is not None:
                photo = photographed(shot, self._backgrounds)
                light = compose(shot, light, cover, reply["ground"], photo)
        # To a 255th, as a kept render stores it.
        face = np.rint(np.clip(alpha, 0, 1) * 255).astype(np.float32) / 255
        if infrared:
            # Sheeting of any colour is bright to an infrared camera: the reddest channel it is.
            light = np.repeat(light[..., :1], 3, 2)
        seconds["read"] = time.perf_counter() - start
        return Render(light, seconds, face)

    def render_ids(
        self, shot: Shot, ids: Sequence[NDArray[np.uint8]], scale: int
    ) -> NDArray[np.uint8]:
        """Character ids at `scale` times the resolution; 0 where no plate is in front."""
        job = scene(shot) | {"op": "ids", "scale": scale}
        self._ask(job, shot, [np.ascontiguousarray(i, np.uint8) for i in ids])
        return np.asarray(np.rint(self._process.take("R")[..., 0]), np.uint8)

    def describe(self) -> dict[str, str]:
        """Renderer, Blender's version, device and device class."""
        self._process.started()
        known = {k: str(self._process.hello[k]) for k in ("blender", "device", "device_class")}
        return {"renderer": self.name, **known}

    @property
    def pid(self) -> int | None:
        """Process of the worker, if one runs."""
        return self._process.pid

    def close(self) -> None:
        """Ends the worker and removes the exchange folder."""
        self._process.close()

    def __enter__(self) -> BlenderRenderer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _lay_out_hdri(self, light: dict[str, Any]) -> None:
        """Writes a picture of the user's own where the worker finds it, once."""
        name = light["hdri"]
        if self._hdris is None or light["kind"] != "hdri" or name not in self._hdris.digests:
            return
        path = self._process.started() / f"hdri-{sorted(self._hdris.digests).index(name)}.raw"
        if not path.exists():
            self._hdris.get(name).picture.tofile(path)
        light["hdri_file"] = str(path)

    def _ask(
        self, job: dict[str, Any], shot: Shot, pictures: Sequence[NDArray[Any]]
    ) -> dict[str, Any]:
        """Sends a job with one picture a plate; the reply, with the seconds it took."""
        if len(pictures) != len(shot.plates):
            raise RenderError(f"{len(shot.plates)} plates but {len(pictures)} textures")
        return self._process.ask(job, pictures, f"sample {shot.index}")


def _planes(surface: Worn) -> NDArray[np.float32]:
    """What the plate's material is told, [9, h, w]; see `blender/plate_material.py`."""
    return np.concatenate(
        [
            surface.color,
            surface.roughness[None],
            surface.slope,
            np.stack([surface.glow, surface.day, surface.flash]),
        ]
    )
