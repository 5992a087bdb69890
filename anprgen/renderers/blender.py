# SPDX-License-Identifier: Apache-2.0
"""Path-traced light from Blender's Cycles, which runs in a process of its own.

This side never imports bpy. The worker (`blender/worker.py`) lives for the renderer's life, takes
one JSON job a line and answers one JSON line; pictures and textures go through raw files in a
scratch folder, in memory where the system has such a folder.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
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
from anprgen.libraries import HINT, is_missing
from anprgen.renderers import Render
from anprgen.renderers.exr import read_exr
from anprgen.renderers.job import cycles_seed, scene
from anprgen.resources import blender_dir
from anprgen.shot import Shot
from anprgen.surface import Worn
from anprgen.textures import Textures
from anprgen.wear import wear_down

_START_SECONDS = 900.0  # a GPU's kernels may compile for minutes the first time
_JOB_SECONDS = 300.0


class RenderCrash(RenderError):
    """Blender's process ended or hung; the next call starts another one."""

    kind = "crash"


class RenderHang(RenderCrash):
    """Blender's process gave no answer in time and was ended."""

    kind = "hang"


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
        self._device, self._threads, self._executable = device, threads, executable
        self._denoise, self._timeout, self._hdris = denoise, timeout, hdris
        self._backgrounds = backgrounds
        self._where = scratch or _memory_disk()
        self._folder: Path | None = None
        self._process: subprocess.Popen[str] | None = None
        self._replies: queue.Queue[str | None] = queue.Queue()
        self._hello: dict[str, Any] = {}
        self._jobs = 0

    def render(self, shot: Shot, textures: Sequence[Textures]) -> Render:
        """Linear light of `shot.solved.render`, and what was seen of its plates' faces."""
        self._start()
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
        picture = self._take("RGBA")
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
        self._start()
        job = scene(shot) | {"op": "ids", "scale": scale}
        self._ask(job, shot, [np.ascontiguousarray(i, np.uint8) for i in ids])
        return np.asarray(np.rint(self._take("R")[..., 0]), np.uint8)

    def describe(self) -> dict[str, str]:
        """Renderer, Blender's version, device and device class."""
        self._start()
        known = {k: str(self._hello[k]) for k in ("blender", "device", "device_class")}
        return {"renderer": self.name, **known}

    @property
    def pid(self) -> int | None:
        """Process of the worker, if one runs."""
        return self._process.pid if self._process else None

    def close(self) -> None:
        """Ends the worker and removes the exchange folder."""
        process = self._process
        if process is not None and process.poll() is None:
            try:
                assert process.stdin is not None
                process.stdin.write('{"op": "quit"}\n')
                process.stdin.close()
                process.wait(5)
            except (OSError, ValueError, subprocess.TimeoutExpired):
                pass
        self._stop()

    def __enter__(self) -> BlenderRenderer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _ask(
        self, job: dict[str, Any], shot: Shot, pictures: Sequence[NDArray[Any]]
    ) -> dict[str, Any]:
        """Sends a job with one picture a plate; the reply, with the seconds it took."""
        if len(pictures) != len(shot.plates):
            raise RenderError(f"{len(shot.plates)} plates but {len(pictures)} textures")
        assert self._folder is not None
        assert self._process is not None
        for n, (plate, picture) in enumerate(zip(job["plates"], pictures)):
            path = self._folder / f"plate{n}.raw"
            picture.tofile(path)
            plate["texture"], plate["texture_shape"] = str(path), list(picture.shape[-2:])
        self._jobs += 1
        job |= {"id": self._jobs, "out": str(self._folder / "out.exr")}
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(job) + "\n")
            self._process.stdin.flush()
        except (OSError, ValueError):
            pass  # it has died: the reply below says so
        reply = self._reply(self._timeout)
        if reply is None or reply.get("id") != self._jobs:
            raise self._crash(f"sample {shot.index}")
        if not reply["ok"]:
            raise RenderError(
                f"Blender could not render sample {shot.index}: {reply['error']}",
                hint=str(reply.get("trace", "")),
            )
        return reply

    def _lay_out_hdri(self, light: dict[str, Any]) -> None:
        """Writes a picture of the user's own where the worker finds it, once."""
        name = light["hdri"]
        if self._hdris is None or light["kind"] != "hdri" or name not in self._hdris.digests:
            return
        assert self._folder is not None
        path = self._folder / f"hdri-{sorted(self._hdris.digests).index(name)}.raw"
        if not path.exists():
            self._hdris.get(name).picture.tofile(path)
        light["hdri_file"] = str(path)

    def _take(self, channels: str) -> NDArray[np.float32]:
        assert self._folder is not None
        path = self._folder / "out.exr"
        picture = read_exr(path.read_bytes(), channels)
        path.unlink()
        return picture

    def _start(self) -> None:
        """Starts a worker unless one runs."""
        if self._process is not None and self._process.poll() is None:
            return
        self._stop()
        self._folder = Path(tempfile.mkdtemp(prefix="anprgen-", dir=self._where))
        script = str(blender_dir() / "worker.py")
        log = self._folder / "blender.log"
        log.touch()
        options = ["--log", str(log), "--device", self._device, "--scratch", str(self._folder)]
        options += ["--threads", str(self._threads or 0)]
        command = [sys.executable, script, *options]
        if self._executable is not None:
            command = [str(self._executable), "-b", "--factory-startup", "--python", script, "--"]
            command += options
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
            )
        except OSError as error:
            self._stop()
            raise RenderError(f"cannot start {command[0]}: {error}") from error
        self._replies = queue.Queue()
        threading.Thread(target=_listen, args=(self._process, self._replies), daemon=True).start()
        hello = self._reply(_START_SECONDS)
        if hello is None:
            raise self._crash("start", RenderError)
        if not hello.get("ready"):
            self._stop()
            raise _not_ready(str(hello.get("error")))
        self._hello = hello

    def _reply(self, timeout: float) -> dict[str, Any] | None:
        """The next reply; None when the worker has ended or says nothing in time."""
        end = time.monotonic() + timeout
        while (left := end - time.monotonic()) > 0:
            try:
                line = self._replies.get(timeout=left)
            except queue.Empty:
                return None
            if line is None:
                return None
            if line.startswith("{"):  # a stock Blender prints its version before we take stdout
                return dict(json.loads(line))
        return None

    def _crash(self, doing: str, kind: type[RenderError] = RenderCrash) -> RenderError:
        """The error for a dead or hung worker, with the end of its log."""
        assert self._folder is not None
        assert self._process is not None
        try:
            code = str(self._process.wait(0.5))
        except subprocess.TimeoutExpired:
            code = "none, it hung"
            kind = RenderHang if kind is RenderCrash else kind
        log = (self._folder / "blender.log").read_text("utf-8", "replace")[-1500:].strip()
        self._stop()
        return kind(
            f"Blender's process ended while doing {doing} (exit code {code})",
            hint=log or "it printed nothing",
        )

    def _stop(self) -> None:
        """Kills the worker and removes its folder."""
        if self._process is not None:
            if self._process.poll() is None:
                self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    try:
                        pipe.close()
                    except OSError:
                        pass
            self._process = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None


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


def _listen(process: subprocess.Popen[str], replies: queue.Queue[str | None]) -> None:
    """Puts the worker's lines into a queue, then None."""
    assert process.stdout is not None
    try:
        for line in process.stdout:
            replies.put(line)
    except ValueError:  # closed under us
        pass
    replies.put(None)


def _not_ready(error: str) -> RenderError:
    if is_missing(error):
        return RenderError(
            f"Blender's Python module misses a system library: {error}",
            hint=HINT,
        )
    if "No module named 'bpy'" in error:
        return RenderError(
            "Blender's Python module (bpy) is not installed",
            hint="pip install bpy (Python 3.11), name a Blender program, or use --renderer flat",
        )
    return RenderError(f"Blender did not start: {error}")


def _memory_disk() -> Path:
    shared = Path("/dev/shm")
    return shared if os.access(shared, os.W_OK) else Path(tempfile.gettempdir())
