# SPDX-License-Identifier: GPL-3.0-or-later
"""Renders shots inside Blender: one JSON job a line in, one JSON line out.

Runs with the bpy wheel (``python blender/worker.py``) or inside Blender
(``blender -b --factory-startup --python blender/worker.py -- ...``). The first line out says what
was started: {"ready": true, "blender", "device", "device_class"}. A job has an ``op`` (``render``,
``ids`` or ``quit``); its reply repeats ``id`` with {"ok": true, "seconds": {...}} (and "ground"
where a photograph will stand behind it) or {"ok": false, "error", "trace"}. The picture is an EXR
at the job's ``out``.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import json
import os
import re
import shutil
import sys
import traceback
from collections.abc import Iterator
from typing import IO, Any

#: Lines that Cycles prints when it renders something else than it was told to.
_BAD = re.compile(r"(?i)\b(error|failed to (compile|load|allocate)|out of memory)\b")

#: Jobs between two returns of memory to the system.
TRIM_EVERY = 100


def arguments() -> argparse.Namespace:
    """Command line; what stands before ``--`` is Blender's own."""
    own = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--log", default=os.devnull, help="file for what Blender prints")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--threads", type=int, default=0, help="0: all")
    parser.add_argument("--scratch", default=None, help="folder for Blender's temporary files")
    return parser.parse_args(own)


def take_stdout(log: str) -> IO[str]:
    """Keeps stdout for replies; everything that prints, C code too, goes to the log."""
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(target, 1)
    os.dup2(target, 2)
    os.close(target)
    return replies


@contextlib.contextmanager
def few_processors(threads: int) -> Iterator[None]:
    """Shows only so many processors to what is loaded inside.

    TBB starts a thread for every processor it sees. Those that a render with fewer threads has no
    work for do not sleep but call sched_yield until it ends, and take half of a core that another
    worker needs. TBB counts once, so all processors can be given back afterwards.
    """
    for pool in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(pool, "1")
    if not threads or not hasattr(os, "sched_setaffinity"):
        yield
        return
    everyone = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(everyone)[:threads])
    try:
        yield
    finally:
        # New threads inherit the mask, so those of the pools are set free one by one.
        for task in os.listdir("/proc/self/task") if os.path.isdir("/proc/self/task") else ["0"]:
            os.sched_setaffinity(int(task), everyone)


class Log:
    """What has been printed since the last look."""

    def __init__(self, path: str) -> None:
        self._path, self._at = path, 0

    def complaints(self) -> list[str]:
        """New lines that tell of errors."""
        sys.stdout.flush()
        try:
            ctypes.CDLL(None).fflush(None)  # C's own buffers
        except (OSError, TypeError):  # no such thing on Windows
            pass
        if self._path == os.devnull:
            return []
        with open(self._path, "rb") as file:
            file.seek(self._at)
            text = file.read()
            self._at = file.tell()
        return [line for line in text.decode("utf-8", "replace").splitlines() if _BAD.search(line)]


def serve(replies: IO[str], log: Log, studio: Any) -> None:
    """Answers jobs until there are no more."""
    for count, line in enumerate(sys.stdin, 1):
        if count % TRIM_EVERY == 0:
            give_back_memory()
        job: dict[str, Any] = {}
        try:
            job = json.loads(line)
            if job["op"] == "quit":
                return
            act = {"render": studio.render, "ids": studio.render_ids}[job["op"]]
            seconds = act(job)
            bad = log.complaints()
            if bad:
                raise RuntimeError("Cycles: " + " | ".join(bad[:5]))
            reply = {"id": job["id"], "ok": True, "seconds": seconds}
            if "ground" in job:
                reply["ground"] = job["ground"]
        except Exception as error:  # the parent decides; this process lives on
            log.complaints()
            reply = {
                "id": job.get("id"),
                "ok": False,
                "error": f"{type(error).__name__}: {error}",
                "trace": traceback.format_exc(),
            }
        send(replies, reply)


def give_back_memory() -> None:
    """Returns freed memory to the system: pictures of many sizes leave holes in glibc's heap."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)


def send(replies: IO[str], reply: dict[str, Any]) -> None:
    """One line."""
    replies.write(json.dumps(reply) + "\n")
    replies.flush()


def main() -> None:
    """Starts Blender's side, says so, serves, and leaves without Blender's own exit."""
    options = arguments()
    replies = take_stdout(options.log)
    try:
        sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
        with few_processors(options.threads):
            import bpy
            import cycles_settings
            import scene

            studio = scene.Studio(options.threads)
        if options.scratch:
            bpy.context.preferences.filepaths.temporary_directory = options.scratch
        device, kind = cycles_settings.choose_device(
            options.device, [studio.scene, studio.id_scene]
        )
        log = Log(options.log)
        log.complaints()
    except BaseException as error:
        send(replies, {
            "ready": False,
            "error": f"{type(error).__name__}: {error}",
            "trace": traceback.format_exc(),
        })  # fmt: skip
        os._exit(1)
    send(replies, {
        "ready": True,
        "blender": bpy.app.version_string.split()[0],
        "device": device,
        "device_class": kind,
    })  # fmt: skip
    serve(replies, log, studio)
    replies.flush()
    # The parent removes its folder unless it was killed; then nobody else would.
    if options.scratch and os.path.basename(options.scratch).startswith("anprgen-"):
        shutil.rmtree(options.scratch, ignore_errors=True)
    os._exit(0)  # Blender may crash in its own exit


if __name__ == "__main__":
    main()
