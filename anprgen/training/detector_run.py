# SPDX-License-Identifier: Apache-2.0
"""`anprgen train` on whole frames: frames in, a detector's folder out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from anprgen.errors import DatasetError
from anprgen.files import disk_errors
from anprgen.json_file import read_json
from anprgen.lock import FolderLock
from anprgen.models.card import Input, ModelCard
from anprgen.run_summary import Report
from anprgen.training import recipe as recipes
from anprgen.training.detector_loop import DetectorTraining
from anprgen.training.detector_recipe import DetectorOptions, recipe_of
from anprgen.training.detector_scores import best_threshold, scores
from anprgen.training.frames import load
from anprgen.training.run import SUMMARY, Trained, summarise
from anprgen.training.to_onnx import write

#: Operators that a detector has besides a reader's.
MORE = frozenset({"Resize", "Sigmoid"})


def train_detector(
    datasets: Sequence[Path], out: Path, options: DetectorOptions, report: Report
) -> Trained:
    """Trains a detector, or continues: `out` becomes a folder with detector.onnx (batch 1).

    Raises:
        DatasetError: pictures or folder are not usable, or the folder holds another model.
        ModelError: the file does not say what the network says.
    """
    recipes.check_folder(out)
    with disk_errors(out):
        out.mkdir(parents=True, exist_ok=True)
        with FolderLock(out):
            size = (options.height, options.input_width)
            frames = load(datasets, size, report.note, illegible=options.illegible)
            recipes.settle(out, recipe_of(options, [asdict(s) for s in frames.sources]))
            training = DetectorTraining(out, frames, options)
            training.complete(report, f"on {training.device.name}")
            return _written(training, report)


def _written(training: DetectorTraining, report: Report) -> Trained:
    out, options = training.out, training.options
    file = out / "detector.onnx"
    if not (file.exists() and (out / SUMMARY).exists()):
        answers = training.answers(training.frames.val)
        threshold = best_threshold(answers)
        said: dict[str, Any] = {
            "steps": options.steps,
            "seed": options.seed,
            "threshold": threshold,
            "validation": scores(answers, threshold),
        }
        height, width = training.size
        card = ModelCard(
            kind="detector",
            name=out.resolve().name,
            input=Input(height, width, colour="bgr", resize="letterbox", values="unit"),
            trained_on=training.frames.sources,
            info=said,
        )
        checked = write(training.model, file, card, 1, ("heat", "corners"), MORE)
        report.note(
            f"{file}: opset {checked['opset']}, differs from PyTorch by at most"
            f" {checked['largest_difference']:.2g}"
        )
        summarise(file, card, checked)
    return Trained(out, file, read_json(out / SUMMARY, DatasetError))
