# SPDX-License-Identifier: Apache-2.0
"""The text as the file's name: ``<split>/CAB1234_00000017.jpg`` (LPRNet in PyTorch, Hailo).

These readers take the name up to the first hyphen and underscore as the text.
"""

from __future__ import annotations

from anprgen.dataset import Dataset
from anprgen.exporters.options import Options
from anprgen.exporters.recognition import crops, tell_empty, write_alphabet
from anprgen.exporters.staging import Staging


def export(dataset: Dataset, staging: Staging, options: Options) -> None:
    """Writes the pictures, and charset.txt with the characters in their order."""
    counts = dict.fromkeys(staging.splits, 0)
    for split in staging.splits:
        staging.folder(split)
    for crop in crops(dataset, staging, options):
        if not crop.label.isalnum():
            staging.leave_out("plates whose text is more than letters and digits")
            continue
        stem = crop.stem.replace("_", "")
        crop.place(staging, f"{crop.split}/{crop.label}_{stem}{crop.suffix}")
        counts[crop.split] += 1
    write_alphabet(staging, "charset.txt", dataset, options)
    tell_empty(staging, counts)
