# SPDX-License-Identifier: Apache-2.0
"""`anprgen train`: pictures in, a model's folder out; nothing that is there is overwritten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from anprgen.errors import DatasetError
from anprgen.files import disk_errors, write_json
from anprgen.json_file import read_json
from anprgen.lock import FolderLock
from anprgen.models.calibration import (
    confidences,
    expected_calibration_error,
    fit_temperature,
)
from anprgen.models.card import Input, ModelCard
from anprgen.run_summary import Report
from anprgen.scoring import is_strict
from anprgen.training import recipe as recipes
from anprgen.training.cost import cost
from anprgen.training.crops import Crops, fitting, load
from anprgen.training.loop import Training, read_texts, scores
from anprgen.training.network import HEIGHT, WIDTH
from anprgen.training.recipe import Options
from anprgen.training.to_onnx import write

SUMMARY = "model.json"
_LEAST_SLOTS = 8


@dataclass(frozen=True)
class Trained:
    """The model's folder and file, and what `model.json` says."""

    out: Path
    file: Path
    summary: dict[str, Any]


def train(
    datasets: Sequence[Path],
    out: Path,
    options: Options,
    report: Report,
    *,
    real: Path | None = None,
    export_batch: int = 1,
) -> Trained:
    """Trains a reader, or continues, or writes a finished one for another static batch.

    `out` becomes a folder with reader.onnx (batch 1), and reader-b8.onnx where `export_batch` is
    8; model.json, metrics.jsonl, training.svg and the weights lie beside it.

    Raises:
        DatasetError: pictures or folder are not usable, or the folder holds another model.
        ModelError: the file does not say what the network says.
    """
    if not 1 <= export_batch <= 1024:
        raise DatasetError(f"--batch {export_batch}: it must be from 1 to 1024")
    recipes.check_folder(out)
    with disk_errors(out):
        out.mkdir(parents=True, exist_ok=True)
        with FolderLock(out):
            crops = load(
                datasets,
                real,
                (HEIGHT, WIDTH),
                report.note,
                illegible=options.illegible,
                real_share=options.real_share,
            )
            charset, slots, crops = _fitted(crops, options, report)
            recipe = recipes.recipe_of(options, charset, slots, [asdict(s) for s in crops.sources])
            recipes.settle(out, recipe)
            training = Training(out, crops, charset, slots, options)
            dtype = str(training.device.dtype).removeprefix("torch.")
            where = f"{training.device.name}, {dtype}"
            training.complete(report, f"{len(charset)} characters, {slots} slots, on {where}")
            return _written(training, out, export_batch, report)


def _written(training: Training, out: Path, export_batch: int, report: Report) -> Trained:
    crops, options = training.crops, training.options
    logits = {kind: training.logits(part) for kind, part in crops.val.items()}
    got = {kind: read_texts(found, training.charset) for kind, found in logits.items()}
    right = np.array(list(map(is_strict, got["ours"], crops.val["ours"].texts)), bool)
    temperature = fit_temperature(logits["ours"], right)
    ece = expected_calibration_error(confidences(logits["ours"], temperature), right)
    said: dict[str, Any] = {
        "steps": options.steps,
        "seed": options.seed,
        "validation": {
            kind: dict(scores(got[kind], part.texts)) for kind, part in crops.val.items()
        },
        "calibration_error": round(ece, 4),
    }
    card = ModelCard(
        kind="reader",
        name=out.resolve().name,
        input=Input(HEIGHT, WIDTH),
        charset=training.charset,
        slots=training.slots,
        temperature=round(temperature, 4),
        trained_on=crops.sources,
        info=said,
    )
    file = _exported(training, out / "reader.onnx", card, 1, report)
    if export_batch > 1:
        file = _exported(training, out / f"reader-b{export_batch}.onnx", card, export_batch, report)
    return Trained(out, file, read_json(out / SUMMARY, DatasetError))


def _exported(training: Training, file: Path, card: ModelCard, batch: int, report: Report) -> Path:
    """Writes the file, and of the one of batch 1 the summary, unless both are there."""
    summary = file.with_name(SUMMARY)
    if file.exists() and (batch > 1 or summary.exists()):
        return file
    checked = write(training.model, file, card, batch)
    report.note(
        f"{file}: opset {checked['opset']}, batch {batch}, differs from PyTorch by at most"
        f" {checked['largest_difference']:.2g}"
    )
    if batch == 1:
        summarise(file, card, checked)
    return file


def summarise(file: Path, card: ModelCard, checked: dict[str, Any]) -> None:
    """Writes model.json beside a model's file: its card, what it costs, what was `checked`."""
    about = {k: v for k, v in asdict(card).items() if k != "info"}
    said = {**about, **card.info, **cost(file), "onnx": checked}
    write_json(file.with_name(SUMMARY), said)


def _fitted(crops: Crops, options: Options, report: Report) -> tuple[str, int, Crops]:
    """Charset and slots, and the crops whose texts they can say; others are told of."""
    charset = options.charset or crops.characters
    slots = options.slots or max(_LEAST_SLOTS, max(len(t) for t in crops.train["ours"].texts))
    parts: dict[str, dict[str, Any]] = {"train": {}, "val": {}}
    for split, kinds in (("train", crops.train), ("val", crops.val)):
        for kind, part in kinds.items():
            parts[split][kind], lost = fitting(part, charset, slots)
            if lost:
                report.note(
                    f"left out: {lost} crops of {split} ({kind}) that {slots} slots of {charset}"
                    " cannot say"
                )
    if not len(parts["train"]["ours"]):
        raise DatasetError("no crop is left to learn from", hint="give more --slots or a --charset")
    if "real" in parts["train"] and not len(parts["train"]["real"]):
        raise DatasetError("none of your crops is left to learn from", hint="give a --charset")
    for text in crops.notes:
        report.note(text)
    return charset, slots, replace(crops, train=parts["train"], val=parts["val"])
