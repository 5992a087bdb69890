# SPDX-License-Identifier: Apache-2.0
"""Loss and accuracy against steps, as one SVG file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from anprgen.svg import Series, lines

_SIZE = (460, 260)


def chart(
    metrics: Sequence[Mapping[str, Any]],
    told: tuple[str, ...] = ("exact", "strict"),
    title: str = "plates read",
) -> str:
    """Two charts beside each other, from the lines of metrics.jsonl; `told` are the shares."""
    loss = Series("loss", [(m["step"], m["loss"]) for m in metrics])
    kinds = [k for k in ("ours", "real") if any(k in m for m in metrics)]
    read = [
        Series(f"{kind} {how}", [(m["step"], m[kind][how]) for m in metrics if kind in m])
        for kind in kinds
        for how in told
    ]
    left = lines("loss (mean since the last check)", [loss], x_name="steps", size=_SIZE)
    right = lines(f"validation: {title}", read, x_name="steps", y=(0, 1), size=_SIZE)
    w, h = _SIZE
    size = f'width="{2 * w}" height="{h}" viewBox="0 0 {2 * w} {h}"'
    beside = right.replace("<svg ", f'<svg x="{w}" ', 1)
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{left}{beside}</svg>\n'
