# SPDX-License-Identifier: Apache-2.0
"""Blender's process: started when it is needed, asked one job after the other, ended.

The worker (`blender/worker.py`) takes one JSON job a line and answers one JSON line; pictures and
textures go through raw files in a scratch folder, in memory where the system has such a folder.
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
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anprgen.errors import RenderError
from anprgen.libraries import HINT, is_missing
from anprgen.renderers.exr import read_exr
from anprgen.resources import blender_dir

_START_SECONDS = 900.0  # a GPU's kernels may compile for minutes the first time


class RenderCrash(RenderError):
    """Blender's process ended or hung; the next job starts another one."""

    kind = "crash"


class RenderHang(RenderCrash):
    """Blender's process gave no answer in time and was ended."""

    kind = "hang"


class BlenderProcess:
    """One worker of Blender's; it starts with `started`, or with the first job.

    Args:
        device: auto, cpu, optix, cuda, hip, metal or oneapi.
        threads: CPU threads; None for all.
        executable: a Blender program to use instead of the bpy wheel of this environment.
        scratch: where the exchange folder is made; a memory disk when None.
        timeout: seconds after which a job counts as hung.
    """

    def __init__(
        self,
        device: str,
        threads: int | None,
        executable: Path | None,
        scratch: Path | None,
        timeout: float,
    ) -> None:
        self._device, self._threads, self._executable = device, threads, executable
        self._timeout, self._where = timeout, scratch or _memory_disk()
        self._folder: Path | None = None
        self._process: subprocess.Popen[str] | None = None
        self._replies: queue.Queue[str | None] = queue.Queue()
        self._jobs = 0
        #: What the worker said of itself when it started.
        self.hello: dict[str, Any] = {}

    @property
    def pid(self) -> int | None:
        """Process of the worker, if one runs."""
        return self._process.pid if self._process else None

    def started(self) -> Path:
        """Starts a worker unless one runs; the folder for the files of its jobs.

        Raises:
            RenderError: it does not start, and why.
        """
        if self._process is None or self._process.poll() is not None:
            self._start()
        assert self._folder is not None
        return self._folder

    def ask(
        self, job: dict[str, Any], pictures: Sequence[NDArray[Any]], doing: str
    ) -> dict[str, Any]:
        """The reply to a job with one picture a plate; `doing` names it in errors.

        Raises:
            RenderCrash: the process ended or hung.
            RenderError: it could not do it.
        """
        folder = self.started()
        assert self._process is not None
        for n, (plate, picture) in enumerate(zip(job["plates"], pictures)):
            path = folder / f"plate{n}.raw"
            picture.tofile(path)
            plate["texture"], plate["texture_shape"] = str(path), list(picture.shape[-2:])
        self._jobs += 1
        job |= {"id": self._jobs, "out": str(folder / "out.exr")}
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(job) + "\n")
            self._process.stdin.flush()
        except (OSError, ValueError):
            pass  # it has died: the reply below says so
        reply = self._reply(self._timeout)
        if reply is None or reply.get("id") != self._jobs:
            raise self._crash(doing)
        if not reply["ok"]:
            raise RenderError(
                f"Blender could not render {doing}: {reply['error']}",
                hint=str(reply.get("trace", "")),
            )
        return reply

    def take(self, channels: str) -> NDArray[np.float32]:
        """The picture of the last job, [h, w, channels]; once."""
        assert self._folder is not None
        path = self._folder / "out.exr"
        picture = read_exr(path.read_bytes(), channels)
        path.unlink()
        return picture

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

    def _start(self) -> None:
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
        self.hello = hello

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
