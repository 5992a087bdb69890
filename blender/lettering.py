# SPDX-License-Identifier: GPL-3.0-or-later
"""Words near a plate, from a face's outlines: printed, or raised as a badge."""

from __future__ import annotations

from typing import Any

import numpy as np
from mesh_parts import Paint, grey
from solids import CHROME, VOID
from trim import Site

_LEAN = 0.18


def add_words(site: Site, vehicle: dict[str, Any]) -> None:
    """Sets `vehicle["words"]` above or below the plate, as `vehicle["badge"]` says.

    A word is quads [n, 4, 2] (x right, y up) on a base line, at cap height 1.
    """
    if vehicle["badge"] == "none":
        return
    random, shape = site.random, site.shape
    for word in vehicle["words"][: 1 if random.random() < 0.7 else 2]:
        quads = np.array(word["quads"], np.float64)
        raised = vehicle["badge"] == "raised"
        cap = random.uniform(11, 34) if raised else random.uniform(8, 26)
        wide = cap * word["width"]
        left, _, right, _ = shape.outer
        side = 3 if random.random() < 0.65 else 1
        proud = 2.6 if raised else 0.4
        edge = site.beyond(side, proud, 1.0, 28, cap)
        base = edge if side == 3 else edge - cap
        x0 = random.uniform(left - 20, max(right + 20 - wide, left - 19))
        flat = quads * cap
        if random.random() < 0.3:
            flat[..., 0] += _LEAN * flat[..., 1]
        face = site.depth(base, base + cap)
        points = np.insert(flat + [x0, base], 1, 0.0, axis=2)
        dark = sum(site.body.rgb) < 0.5
        if raised:
            site.parts.facets(points + [0.9, face - 0.4, -1.1], VOID, site.frame)
            look = CHROME if random.random() < 0.7 else grey(0.01, 0.3, dirt=0.1)
        else:
            ink = ((0.7, 0.7, 0.68), (0.5, 0.02, 0.02), (0.02, 0.02, 0.02))
            look = Paint(ink[0 if dark else random.integers(1, 3)], 0.4, dirt=0.2)
        site.parts.facets(points + [0, face - proud, 0], look, site.frame)
