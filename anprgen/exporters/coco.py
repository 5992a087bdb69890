# SPDX-License-Identifier: Apache-2.0
"""COCO: images/<split>/ and annotations/instances_<split>.json with boxes, corners, masks, text.

File names are relative to the split's folder of pictures. Numbers are px; (0, 0) is the outer
corner of the top left px, as COCO has it.
"""

from __future__ import annotations

from anprgen.dataset import Dataset
from anprgen.exporters.coco_json import JsonFile, annotation, check_masks
from anprgen.exporters.options import Options
from anprgen.exporters.staging import Staging, suffix_of
from anprgen.exporters.visible import cut_box


def export(dataset: Dataset, staging: Staging, options: Options) -> None:
    """Writes pictures and one JSON a split.

    Raises:
        DatasetError: an unknown kind of masks.
    """
    check_masks(options)
    for split in staging.splits:
        staging.folder(f"images/{split}")
    files = {
        split: JsonFile(staging, f"annotations/instances_{split}.json", "images")
        for split in staging.splits
    }
    annotation_id = 0
    try:
        for record in staging.pictures(dataset):
            image, split = record["image"], record["split"]
            width, height = image["width"], image["height"]
            name = record["id"] + suffix_of(record)
            staging.picture(f"images/{split}/{name}", dataset.image_path(record))
            image_id = record["index"] + 1  # COCO counts from 1, and the same in every export.
            files[split].tables["images"].append(
                {"id": image_id, "width": width, "height": height, "file_name": name}
            )
            for plate in record["plates"]:
                if (box := cut_box(plate, width, height)) is None:
                    staging.leave_out("plates without enough of them in the picture")
                    continue
                annotation_id += 1
                made = annotation(plate, box, width, height, options.masks)
                files[split].add({"id": annotation_id, "image_id": image_id, **made})
    finally:
        for file in files.values():
            file.close()
    staging.tell_empty({split: len(file.tables["images"]) for split, file in files.items()})
    staging.note("corner AP in pycocotools needs kpt_oks_sigmas of length 4")
