# SPDX-License-Identifier: Apache-2.0
"""imgaug 0.4 under numpy 1.24 and later, without its global random state.

imgaug still says ``np.bool`` and ``np.complex``, aliases that numpy removed in 1.24. They are
put back before its import, and stay: imgaug looks them up when it runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np


def _load() -> Any:
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
