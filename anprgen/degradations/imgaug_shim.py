# SPDX-License-Identifier: Apache-2.0
"""imgaug 0.4 under numpy 1.24 and later, without its global random state.

imgaug still says ``np.bool`` and ``np.complex``, aliases that numpy removed in 1.24. They are
put back before its import, and stay: imgaug looks them up when it runs.

It also imports most of SciPy at once, of which the weather uses nothing: that is put off until
something of it is used, or the first rain of every worker would cost it half a second.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import numpy as np

_LATER = (
    "imageio", "scipy.ndimage", "scipy.spatial", "scipy.spatial.distance", "scipy.stats",
    "skimage.draw", "skimage.exposure", "skimage.measure", "skimage.segmentation",
)  # fmt: skip


class _Later(ModuleType):
    """Stands for a module that is loaded when something of it is first used."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__path__":
            raise AttributeError(name)  # asked by those who look through all modules
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


def _load() -> Any:
    for name in _LATER:
        sys.modules.setdefault(name, _Later(name))
    for name, builtin in (("bool", bool), ("complex", complex)):
        if name not in vars(np):
            setattr(np, name, builtin)
    import imgaug.augmenters

    return imgaug


imgaug: Any = _load()


@contextmanager
def own_randomness(seed: int) -> Iterator[Any]:
    """`imgaug.augmenters`, while imgaug's global generator is one seeded with `seed`.

    Some augmenters make others as they run, which take theirs from that global one, and it is
    first seeded out of numpy's global state: a picture would depend on what came before it.
    """
    state = imgaug.random
    before = state.GLOBAL_RNG
    state.GLOBAL_RNG = state.RNG(seed)
    try:
        yield imgaug.augmenters
    finally:
        state.GLOBAL_RNG = before
