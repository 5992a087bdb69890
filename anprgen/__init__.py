# SPDX-License-Identifier: Apache-2.0
"""anprgen: synthetic licence-plate data that works on real plates."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from anprgen.streaming import stream as stream

__version__ = "0.1.0"
__all__ = ["__version__", "stream"]


def __getattr__(name: str) -> object:
    """`anprgen.stream` is imported when it is used: the command line shall answer at once."""
    if name == "stream":
        # By name, since nothing that `anprgen` imports for itself may lie above everything.
        found: object = importlib.import_module("anprgen.streaming").stream
        return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
