# SPDX-License-Identifier: Apache-2.0
"""Blender's process behind the seam: honest errors, recovery, nothing left behind."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from test_blender import make_shot, make_textures

from anprgen.errors import RenderError
from anprgen.renderers.blender import BlenderRenderer
from anprgen.renderers.blender_process import RenderCrash
from anprgen.shot import Light

pytestmark = [
    pytest.mark.blender,
    pytest.mark.skipif(importlib.util.find_spec("bpy") is None, reason="bpy is not installed"),
]


def test_an_error_is_a_reply_and_the_worker_lives(renderer: BlenderRenderer) -> None:
    renderer.describe()
    pid = renderer.pid
    bad = make_shot(light=Light(kind="hdri", hdri="atlantis"))
    with pytest.raises(RenderError, match="atlantis"):
        renderer.render(bad, [make_textures()])
    assert renderer.render(make_shot(), [make_textures()]).light.mean() > 0
    assert renderer.pid == pid


def test_a_crash_is_noticed_and_the_next_call_recovers(tmp_path: Path) -> None:
    with BlenderRenderer(device="cpu", threads=1, scratch=tmp_path) as mine:
        expected = mine.render(make_shot(), [make_textures()]).light
        assert mine.pid is not None
        threading.Timer(0.3, os.kill, (mine.pid, signal.SIGKILL)).start()
        with pytest.raises(RenderCrash):  # in the middle of a long job
            mine.render(make_shot(samples=4000, window=(300, 100)), [make_textures()])
        assert np.array_equal(mine.render(make_shot(), [make_textures()]).light, expected)
    assert list(tmp_path.iterdir()) == []


def test_a_hang_is_a_crash(tmp_path: Path) -> None:
    with BlenderRenderer(device="cpu", threads=1, scratch=tmp_path, timeout=1.5) as mine:
        mine.describe()
        assert mine.pid is not None
        os.kill(mine.pid, signal.SIGSTOP)
        with pytest.raises(RenderCrash, match="hung"):
            mine.render(make_shot(), [make_textures()])
    assert list(tmp_path.iterdir()) == []


def test_nothing_stays_when_the_parent_is_killed(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from anprgen.renderers.blender import *;"
        "r = BlenderRenderer('cpu', 1, scratch=Path(sys.argv[1])); r.describe();"
        "os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    deadline = time.monotonic() + 20
    while list(tmp_path.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_gpu_is_said_at_the_start() -> None:
    with BlenderRenderer(device="metal") as mine, pytest.raises(RenderError, match="metal"):
        mine.describe()
