# SPDX-License-Identifier: Apache-2.0
"""What Ultralytics' datasets share: folders, data.yaml, normalised rows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from anprgen.dataset import Dataset
from anprgen.exporters.staging import Staging, suffix_of
from anprgen.exporters.visible import Box, cut_box
from anprgen.splits import SPLITS

#: Ultralytics calls a smaller picture corrupt.
_LEAST_SIDE = 10

#: (plate, its box in the picture, the picture's width, height) -> rows of (class, numbers in 0..1,
#: or whole for visibility).
Rows = Callable[[Mapping[str, Any], Box, int, int], Sequence[tuple[int, Sequence[float]]]]


def write(
    dataset: Dataset,
    staging: Staging,
    command: str,
    rows: Rows,
    *,
    more: Iterable[str] = (),
    names: Sequence[str] = ("plate",),
) -> None:
    """Pictures, one label file a picture (empty for a background), and data.yaml.

    `rows` makes the rows of a plate that is in the picture; `more` are further lines of data.yaml.
    """
    counts = dict.fromkeys(SPLITS, 0)
    for split in SPLITS:
        staging.folder(f"images/{split}")
        staging.folder(f"labels/{split}")
    for record in staging.pictures(dataset):
        image = record["image"]
        width, height = image["width"], image["height"]
        if min(width, height) < _LEAST_SIDE:
            staging.leave_out(f"pictures with a side below {_LEAST_SIDE} px")
            continue
        lines: dict[str, None] = {}  # Ordered and without the repetitions Ultralytics warns about.
        for plate in record["plates"]:
            if (box := cut_box(plate, width, height)) is None:
                staging.leave_out("plates without enough of them in the picture")
                continue
            for number, values in rows(plate, box, width, height):
                lines[" ".join([str(number), *map(_written, values)])] = None
        where = f"{record['split']}/{record['id']}"
        staging.picture(f"images/{where}{suffix_of(record)}", dataset.image_path(record))
        staging.text(f"labels/{where}.txt", "".join(f"{line}\n" for line in lines))
        counts[record["split"]] += 1
    _yaml(staging, more, names)
    staging.tell_empty(counts)
    staging.note(f"train with: {command} data={(staging.target.out / 'data.yaml').resolve()}")


def _yaml(staging: Staging, more: Iterable[str], names: Sequence[str]) -> None:
    # Without `path` the splits are found beside this file, wherever the folder is moved. A
    # relative `path` would be looked for in Ultralytics' own folder of data sets.
    lines = [
        "# Give trainers the absolute path of this file.",
        *(f"{split}: images/{split}" for split in SPLITS),
        "names:",
        *(f"  {i}: {_yaml_text(name)}" for i, name in enumerate(names)),
        *more,
    ]
    staging.text("data.yaml", "".join(f"{line}\n" for line in lines))


def _yaml_text(name: str) -> str:
    """A word as it is; what YAML might take for a number or a truth value in quotes."""
    return name if len(name) > 1 and name.isalpha() else json.dumps(name, ensure_ascii=False)


def box_row(box: Box, width: int, height: int) -> list[float]:
    """``cx cy w h`` in shares of the picture, of a box (x0, y0, x1, y1) in px."""
    x0, y0, x1, y1 = box
    return [(x0 + x1) / 2 / width, (y0 + y1) / 2 / height, (x1 - x0) / width, (y1 - y0) / height]


def _written(number: float) -> str:
    """Six decimals inside [0, 1]; whole numbers (visibility) as they are."""
    return str(number) if isinstance(number, int) else f"{min(max(number, 0.0), 1.0):.6f}"
