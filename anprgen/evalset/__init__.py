# SPDX-License-Identifier: Apache-2.0
"""Evaluation sets: pictures, ready tensors, labels and calibration data for one network.

``plan`` decides what goes in and writes it; ``presets`` says what networks take, ``preprocess``
makes their tensors, ``survey`` looks at the records, ``calibration`` chooses samples, ``tensors``
writes batches, ``describe`` the manifest; ``shipped`` holds the scripts that go into every set.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from anprgen.dataset import Dataset
from anprgen.evalset.own_model import preset_and_batch
from anprgen.evalset.plan import Options, Plan
from anprgen.exporters import Result
from anprgen.exporters.staging import Staging, publish

__all__ = ["Options", "write"]


def write(dataset: Dataset, preset: str, out: Path, options: Options) -> Result:
    """Writes an evaluation set into the folder `out`; a second run writes the same bytes.

    `preset` is a name, or the path of a reader that `anprgen train` wrote.

    Raises:
        ModelError: the model is not usable.
        DatasetError: unknown preset or split, unfinished dataset, characters that the reader
            lacks, nothing to evaluate, no room, or a folder that is something else.
    """
    known, batch = preset_and_batch(preset, options.batch)
    plan = Plan.make(dataset, known, out, replace(options, batch=batch))
    with Staging(plan.target, link=False) as staging:
        plan.write(staging)
        publish(staging)
        return Result(out, len(staging.files), plan.notes + staging.notes())
