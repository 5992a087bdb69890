# SPDX-License-Identifier: Apache-2.0
import signal
from collections.abc import Iterator

import cv2
import pytest

from anprgen.config import Config
from anprgen.pipeline import Plan, make_plan
from anprgen.renderers.blender import BlenderRenderer

cv2.setNumThreads(1)
# A shell starts background jobs with Ctrl-C ignored, and programs that tests start inherit that.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def plan() -> Plan:
    """Sri Lankan crops by the flat renderer."""
    return make_plan(Config(renderer="flat"))


@pytest.fixture(scope="session")
def detect_plan() -> Plan:
    """Sri Lankan whole frames by the flat renderer."""
    return make_plan(Config(task="detect", renderer="flat", overrides={"frame.size": "640x360"}))


@pytest.fixture(scope="module")
def renderer() -> Iterator[BlenderRenderer]:
    """Blender on the processor; it starts with the first render."""
    with BlenderRenderer(device="cpu", threads=2) as made:
        yield made
