# SPDX-License-Identifier: Apache-2.0
"""Imports imgaug 0.4 under numpy 1.24 and later, without touching numpy's global random state.

imgaug still says ``np.bool`` and ``np.complex``, aliases that numpy removed in 1.24. They are
put back before its import, and stay: imgaug looks them up when it runs.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np


def _load() -> Any:
    for name, builtin in (("bool", bool), ("complex", complex)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # numpy 1.20-1.23 warn about the alias; 2 has np.bool
            if not hasattr(np, name):
                setattr(np, name, builtin)
    state = np.random.get_state()
    try:
        import imgaug.augmenters as module
    finally:
        np.random.set_state(state)
    return module


augmenters: Any = _load()
