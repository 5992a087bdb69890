# SPDX-License-Identifier: Apache-2.0
"""Evaluation sets for readers that `anprgen train` wrote: the model file says what it takes."""

from __future__ import annotations

from pathlib import Path

from anprgen.errors import DatasetError
from anprgen.evalset.presets import PRESETS, Decode, Preset, find
from anprgen.models.prepare import FLOOR
from anprgen.models.reader import Reader


def preset_and_batch(name: str, batch: int | None) -> tuple[Preset, int | None]:
    """The preset of a name, or of a model's path, and the static batch where one is asked for.

    Raises:
        DatasetError: there is no such preset, or the model takes another batch.
        ModelError: the model is not usable.
    """
    path = Path(name)
    if name in PRESETS or not (path.is_dir() or path.suffix == ".onnx"):
        return find(name), batch
    session = Reader.open(path).session
    card, size = session.card, session.card.input
    own = session.batch
    if batch is not None and own not in (None, batch):
        raise DatasetError(
            f"--batch {batch}: this model takes {own} at once",
            where=str(session.path),
            hint=f"leave it out, or write the model for it: anprgen train ... --batch {batch}",
        )
    preset = Preset(
        name="anprgen",
        title=f"{card.name}, a reader of anprgen train",
        source="the model's own metadata (key anprgen); anprgen/models/prepare.py",
        input=session.input_name,
        height=size.height,
        width=size.width,
        colour="GRAY",
        layout="NCHW",
        dtypes=("float32",),
        divisor=1.0,
        mean=0.0,
        std=1.0,
        resize="stretch",
        interpolation="opencv-area-or-linear",
        floor=FLOOR,
        charset=card.charset,
        decode=Decode("slots", special="first", max_length=card.slots),
    )
    return preset, own if batch is None else batch
