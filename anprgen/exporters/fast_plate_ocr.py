# SPDX-License-Identifier: Apache-2.0
"""fast-plate-ocr: ``<split>/annotations.csv`` with two columns, pictures, and a plate config.

Train with ``fast-plate-ocr train --plate-config-file plate_config.yaml --annotations
train/annotations.csv --val-annotations val/annotations.csv``.
"""

from __future__ import annotations

import json

from anprgen.dataset import Dataset
from anprgen.exporters.options import Options
from anprgen.exporters.recognition import crops, write_lists
from anprgen.exporters.staging import Staging

#: What pandas reads as "nothing", even in quotes: such a plate would be trained as empty.
_NOTHING = frozenset(
    ["NA", "NULL", "NAN", "NONE", "#NA", "N/A", "#N/A", "<NA>", "1.#IND", "1.#QNAN", "nan", "null"]
)
_PAD = "_"
#: Characters that the table or the padding uses itself.
_NEVER = frozenset([_PAD, ",", '"'])


def export(dataset: Dataset, staging: Staging, options: Options) -> None:
    """Writes pictures, lists (paths beside the list) and plate_config.yaml."""
    lists: dict[str, list[str]] = {split: [] for split in staging.splits}
    for crop in crops(dataset, staging, options):
        if crop.label.upper() in _NOTHING:
            staging.leave_out("plates whose text pandas would read as nothing")
            continue
        if set(crop.label) & _NEVER:
            staging.leave_out("plates whose text has a comma, a quote or the padding character")
            continue
        name = f"images/{crop.stem}{crop.suffix}"
        crop.place(staging, f"{crop.split}/{name}")
        lists[crop.split].append(f"{name},{crop.label}")
    write_lists(staging, "{split}/annotations.csv", lists, "image_path,plate_text")
    texts = staging.texts(dataset, options)
    characters = [c for c in texts.characters if c not in _NEVER]
    config = {
        "max_plate_slots": max(1, texts.longest),
        "alphabet": "".join(characters) + _PAD,
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
