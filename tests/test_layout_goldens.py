# SPDX-License-Identifier: Apache-2.0
"""Where everything stands on every layout, as text: a change of a design shows in the diff.

``ANPRGEN_UPDATE_GOLDENS=1 pytest tests/test_layout_goldens.py`` writes the files anew.
"""

import os
from pathlib import Path

import numpy as np
import pytest
from drawing import registrations

from anprgen.artwork import lay_out
from anprgen.design import load_design, shipped_designs
from anprgen.elements import Mark

GOLDENS = Path(__file__).parent / "goldens"


def box(contours):
    points = np.concatenate(contours)
    return " ".join(f"{v:.1f}" for v in (*points.min(0), *points.max(0)))


def described(name):
    """One line a thing: what it is and its bounds in mm (x0 y0 x1 y1)."""
    design = load_design(name)
    out = []
    for key, layout in design.layouts.items():
        series = next((s for s in design.series if s.layouts.get(key)), None)
        if series is None:
            continue
        registration = next(registrations(series, 1, seed=1))
        sheet = max(layout.sheets, key=lambda k, at=layout: at.sheets[k])
        made = lay_out(design, layout, series, registration, sheet=sheet)
        w, h = made.size_mm
        out.append(f"{key}: {registration.text} on {sheet}, {w:g} x {h:g}")
        inks = {id(c.contours) for c in made.characters}
        for m in made.prints:
            if isinstance(m, Mark):
                if not m.fine:
                    out.append(f"  print {m.color_srgb} {box(m.contours)}")
            else:
                out.append(f"  {m.art.name} " + " ".join(f"{v:.1f}" for v in m.box_mm))
        for m in made.marks:
            if id(m.contours) not in inks:
                out.append(f"  {m.ink} {box(m.contours)}")
        for c in made.characters:
            cell = " ".join(f"{v:.1f}" for v in c.cell_mm)
            size = "large" if c.large else "small"
            out.append(f"  {c.char} {c.field} {size} line {c.line}: {cell}, ink {box(c.contours)}")
    return "\n".join(out) + "\n"


@pytest.mark.parametrize("name", shipped_designs())
def test_layout_is_as_it_was(name):
    path = GOLDENS / f"{name}.txt"
    now = described(name)
    if os.environ.get("ANPRGEN_UPDATE_GOLDENS"):
        GOLDENS.mkdir(exist_ok=True)
        path.write_text(now, "utf-8")
    assert path.is_file(), "no golden: see the top of this file"
    assert now == path.read_text("utf-8")
