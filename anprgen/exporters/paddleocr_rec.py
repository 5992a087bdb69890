# SPDX-License-Identifier: Apache-2.0
"""PaddleOCR text recognition: ``rec_gt_<split>.txt`` with ``path<TAB>text``, and dict.txt.

Train with ``Train.dataset.data_dir`` set to this folder and ``label_file_list`` to the lists.
"""

from __future__ import annotations

from anprgen.dataset import Dataset
from anprgen.exporters.options import Options
from anprgen.exporters.recognition import crops, write_alphabet, write_lists
from anprgen.exporters.staging import Staging

#: PaddleOCR's configurations drop longer labels in silence and take another picture instead.
_USUAL_LENGTH = 25


def export(dataset: Dataset, staging: Staging, options: Options) -> None:
    """Writes pictures, lists and the character dictionary."""
    lists: dict[str, list[str]] = {split: [] for split in staging.splits}
    for crop in crops(dataset, staging, options):
        name = f"images/{crop.split}/{crop.stem}{crop.suffix}"
        crop.place(staging, name)
        lists[crop.split].append(f"{name}\t{crop.label}")
    write_lists(staging, "rec_gt_{split}.txt", lists)
    # No line for the blank: PaddleOCR puts it before the first character by itself.
    write_alphabet(staging, "dict.txt", dataset, options)
    if (longest := staging.texts(dataset, options).longest) > _USUAL_LENGTH:
        staging.note(f"set max_text_length to {longest} or more: shorter drops labels in silence")
