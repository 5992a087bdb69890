# SPDX-License-Identifier: Apache-2.0
"""fast-plate-ocr: ``<split>/annotations.csv`` with two columns, pictures, and a plate config.

Train with ``fast-plate-ocr train --plate-config-file plate_config.yaml --annotations
train/annotations.csv --val-annotations val/annotations.csv``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from anprgen.dataset import Dataset
from anprgen.exporters.recognition import alphabet, crops, write_lists
from anprgen.exporters.staging import Staging
from anprgen.splits import SPLITS

if TYPE_CHECKING:
    from anprgen.exporters import Options

#: What pandas reads as "nothing", even in quotes: such a plate would be trained as empty.
_NOTHING = frozenset(
    ["NA", "NULL", "NAN", "NONE", "#NA", "N/A", "#N/A", "<NA>", "1.#IND", "1.#QNAN", "nan", "null"]
)
_PAD = "_"


def export(dataset: Dataset, staging: Staging, options: Options) -> None:
    """Writes pictures, lists (paths beside the list) and plate_config.yaml."""
    lists: dict[str, list[str]] = {split: [] for split in SPLITS}
    labels = []
    for crop in crops(dataset, staging, options):
        if crop.label.upper() in _NOTHING:
            staging.leave_out("plates whose text pandas would read as nothing")
            continue
        if _PAD in crop.label or "," in crop.label or '"' in crop.label:
            staging.leave_out("plates whose text has a comma, a quote or the padding character")
            continue
        name = f"images/{crop.stem}{crop.suffix}"
        crop.place(staging, f"{crop.split}/{name}")
        lists[crop.split].append(f"{name},{crop.label}")
        labels.append(crop.label)
    write_lists(staging, "{split}/annotations.csv", lists, "image_path,plate_text")
    config = {
        "max_plate_slots": max(map(len, labels), default=1),
        "alphabet": "".join(alphabet(labels)) + _PAD,
        "pad_char": _PAD,
        "img_height": 64,
        "img_width": 128,
        "keep_aspect_ratio": False,
        "interpolation": "linear",
        "image_color_mode": "rgb",
    }
    # JSON's scalars are YAML's; every string stays a string, 0123 and NO too.
    text = "".join(f"{k}: {json.dumps(v, ensure_ascii=False)}\n" for k, v in config.items())
    staging.text("plate_config.yaml", text)
