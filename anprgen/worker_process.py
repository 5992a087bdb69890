# SPDX-License-Identifier: Apache-2.0
"""What runs in a worker process: makes the samples it is told to, and writes them.

A worker whose parent is gone ends by itself.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from multiprocessing.connection import Connection

from anprgen.maker import open_maker, write
from anprgen.tasks import Make, Refused, Spec


def main(connection: Connection, spec: Spec) -> None:
    """A worker's life."""
    _settle()
    maker = open_maker(spec)
    if isinstance(maker, Refused):
        connection.send(maker)
        return
    connection.send(maker.ready)
    try:
        for task in iter(connection.recv, None):
            done = maker.make(task) if isinstance(task, Make) else task
            connection.send(write(spec.root, done, spec.layout))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        pass  # The parent is gone; what is on disk stays.
    finally:
        maker.close()


def _settle() -> None:
    """Leaves Ctrl-C to the parent, and dies with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if sys.platform == "linux":
        import ctypes

        set_death_signal = 1  # PR_SET_PDEATHSIG; without it a killed parent leaves a last sample
        ctypes.CDLL(None).prctl(set_death_signal, signal.SIGKILL)
        parent = multiprocessing.parent_process()
        if parent is not None and os.getppid() != parent.pid:
            sys.exit(1)  # It died before the line above.
