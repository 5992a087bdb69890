# SPDX-License-Identifier: Apache-2.0
"""Why a sample could not be made, in few kinds: what to do differs between them."""

from __future__ import annotations

import re

from anprgen.errors import AnprgenError, RenderError

#: Kind -> what it is, and what to do.
KINDS = {
    "crash": "the renderer's or the worker's process ended twice; `anprgen show` that sample alone",
    "hang": "no answer in time, twice; the machine may be overloaded, or the scene too large",
    "memory": "memory ran out; fewer --workers, or smaller frames",
    "scene": "Blender could not render this scene; its message says why",
    "recipe": "these drawn parameters make no picture; the message names them",
    "bug": "an error of anprgen's own; please report it",
}

#: So many failures in a row: nothing will succeed any more.
MOST_IN_A_ROW = 25

_MEMORY = re.compile(r"(?i)out of (gpu |device )?memory|cannot allocate memory|bad_alloc")


def kind_of(error: BaseException) -> str:
    """The kind of what went wrong while one sample was made."""
    if isinstance(error, MemoryError) or _MEMORY.search(str(error)):
        return "memory"
    if isinstance(error, RenderError):
        return error.kind
    return "recipe" if isinstance(error, AnprgenError) else "bug"


def kind_of_death(how: str, hung: bool) -> str:
    """The kind for a worker's end, told in words (`Worker.death`).

    On Linux the kernel ends a process by SIGKILL when memory runs out; who else sends it, knows.
    """
    if hung:
        return "hang"
    return "memory" if how == "signal SIGKILL" else "crash"
