# SPDX-License-Identifier: Apache-2.0
"""What goes into an evaluation set: everything is known before the first pixel is read."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from anprgen.dataset import Dataset
from anprgen.errors import DatasetError, nearest
from anprgen.evalset import calibration, describe, presets
from anprgen.evalset.charsets import Charset, charset_of
from anprgen.evalset.items import Item, Part, items, label_of
from anprgen.evalset.preprocess import placement, to_tensor
from anprgen.evalset.survey import Survey, collect_candidates, survey
from anprgen.evalset.tensors import Tensor, Variant, Writer, write_npz
from anprgen.exporters import options as export_options
from anprgen.exporters import texts, unfinished
from anprgen.exporters.recognition import encode_png
from anprgen.exporters.staging import Staging, Target, check_apart, target_of
from anprgen.files import disk_errors
from anprgen.samples import decode
from anprgen.splits import SPLITS

#: The static batch of a set where neither the user nor a model says one.
USUAL_BATCH = 8


@dataclass(frozen=True)
class Options:
    """What the user may choose.

    `split`: of the dataset, to evaluate; the others calibrate. `limit`: at most so many items.
    `batch`: the engine's static one; None: that of a model of ours, else 8.
    `calibrate`: at most so many calibration samples, from `calibration` where that is named (the
    folder of another dataset). `charset`: see `charset_of`. `input_name`: of the network, where it
    is not the preset's. `partial`, `illegible`, `margin`: as for exports.
    """

    split: str = "test"
    limit: int | None = None
    batch: int | None = None
    calibrate: int = 512
    calibration: Path | None = None
    charset: str | None = None
    input_name: str | None = None
    partial: bool = False
    illegible: bool = False
    margin: float = 0.08

    @property
    def size(self) -> int:
        """Samples in a batch."""
        return USUAL_BATCH if self.batch is None else self.batch

    @property
    def exported(self) -> export_options.Options:
        """What exports call those they share."""
        return export_options.Options(self.partial, illegible=self.illegible, margin=self.margin)


@dataclass(frozen=True)
class Plan:
    """Everything that is known before the first pixel is read."""

    preset: presets.Preset
    target: Target
    evaluated: Part
    calibrating: Part
    options: Options
    found: Survey
    charset: Charset
    chosen: list[calibration.Candidate]
    variants: list[Variant]
    notes: list[str]

    @classmethod
    def make(cls, dataset: Dataset, preset: presets.Preset, out: Path, options: Options) -> Plan:
        """The plan for a dataset; reads all its records, but no pictures.

        Raises:
            DatasetError: as `anprgen.evalset.write`.
        """
        _check(options)
        exported = options.exported
        target = target_of(dataset, f"evalset {preset.name}", out)
        notes = unfinished(dataset, options.partial)
        other = Dataset.open(options.calibration) if options.calibration else dataset
        if other is not dataset:
            check_apart(other, out)
            notes += unfinished(other, options.partial)
        evaluated = Part(dataset.root, dataset.manifest, (options.split,))
        rest = tuple(split for split in SPLITS if split != options.split)
        calibrating = Part(other.root, other.manifest, rest)
        counting = Staging(target, link=False)
        every = items(evaluated, counting, preset, exported)
        found = survey(evaluated, islice(every, options.limit), preset.decode.max_length)
        quiet = Staging(target, link=False)
        charset = charset_of(
            preset,
            options.charset,
            found.characters,
            lambda: list(texts.survey(dataset, exported).characters),
        )
        candidates = collect_candidates(
            found, calibrating, items(calibrating, quiet, preset, exported)
        )
        chosen = calibration.choose(candidates, options.calibrate, options.size)
        name = options.input_name or preset.input
        variants = [Variant(preset, name, dtype, options.size) for dtype in preset.dtypes]
        notes += counting.notes()
        if found.too_long:
            notes.append(
                f"{found.too_long} texts are longer than the {preset.decode.max_length} characters"
                f" of {preset.name}'s usual configuration; a reader with it fails on them"
            )
        if len(chosen) < options.calibrate:
            notes.append(
                f"{len(chosen)} calibration samples instead of {options.calibrate}:"
                f" {len(candidates)} others are there, and whole batches are {options.size}"
            )
        plan = cls(
            preset, target, evaluated, calibrating, options, found, charset, chosen, variants, notes
        )
        plan.check_room()
        return plan

    @property
    def batches(self) -> int:
        """Number of batches, the last one filled up."""
        return -(-self.found.count // self.options.size)

    def items(self, part: Part) -> Iterator[Item]:
        """The items of a part; what is left out was counted before."""
        staging = Staging(self.target, link=False)
        return items(part, staging, self.preset, self.options.exported)

    def check_room(self) -> None:
        """Raises DatasetError where the disk has no room for the set."""
        # A tensor is written raw, stacked and in base64; PNG is never larger than its pixels here.
        a_sample = sum(v.bytes_a_sample() for v in self.variants)
        tensors = self.batches * self.options.size * a_sample * 10 // 3
        calib = len(self.chosen) * (a_sample + 3 * self.found.pixels // self.found.count)
        need = tensors + calib + 3 * self.found.pixels
        here = self.target.out.resolve()
        while not here.exists():
            here = here.parent
        free = shutil.disk_usage(here).free
        if need > free:
            raise DatasetError(
                f"{self.found.count} items need up to {need / 1e9:.2f} GB, {free / 1e9:.2f} GB are"
                " free",
                where=str(here),
                hint="make room, name a folder on another disk with -o, or take fewer with -n",
            )

    def write(self, staging: Staging) -> None:
        """Writes all files."""
        self._evaluation(staging)
        if self.chosen:
            self._calibration(staging)
        describe.write(staging, self.described(), self.variants, self.charset)

    def described(self) -> dict[str, Any]:
        """What the manifest says of the plan, without the files."""
        sets = {"evaluation": self.evaluated, "calibration": self.calibrating}
        return describe.manifest(
            self.preset,
            self.variants,
            self.charset,
            count=self.found.count,
            batch=self.options.size,
            calibrating=len(self.chosen),
            sources={name: (part.manifest, part.keep) for name, part in sets.items()},
        )

    def _evaluation(self, staging: Staging) -> None:
        rows = self.batches * self.options.size
        ids = np.full((rows, max(1, self.found.longest)), -1, np.int32)
        lengths, valid = np.zeros(rows, np.int32), np.zeros(rows, np.bool_)
        with ExitStack() as stack:
            path = staging.file("labels.jsonl")
            lines = stack.enter_context(disk_errors(path))
            lines = stack.enter_context(open(path, "w", encoding="utf-8", newline="\n"))
            writers = [
                stack.enter_context(Writer(staging, variant, self.found.count))
                for variant in self.variants
            ]
            every = islice(self.items(self.evaluated), self.options.limit)
            for index, item in enumerate(every):
                pixels = item.pixels(self.evaluated)
                name = f"images/{index:06d}.png"
                staging.data(name, encode_png(pixels))
                tensor = to_tensor(self.preset, pixels)
                for writer in writers:
                    writer.add(tensor)
                lines.write(json.dumps(self._label(item, index, name), ensure_ascii=False) + "\n")
                numbers = self.charset.ids(item.text)
                ids[index, : len(numbers)] = numbers
                lengths[index], valid[index] = len(numbers), True
        with disk_errors(staging.root):
            arrays = {"ids": ids, "lengths": lengths, "valid": valid}
            if self.preset.is_detector:
                arrays = {"valid": valid}
            np.savez(staging.file("labels.npz"), **arrays)

    def _label(self, item: Item, index: int, image: str) -> dict[str, Any]:
        label = label_of(item, index, image)
        if self.preset.is_detector:
            place = placement(self.preset, *item.size_px)
            label["letterbox"] = {
                "scale": min(
                    self.preset.width / label["width"], self.preset.height / label["height"]
                ),
                "left": place.left,
                "top": place.top,
            }
            return label
        label["text"], label["ids"] = item.text, self.charset.ids(item.text)
        return label

    def _calibration(self, staging: Staging) -> None:
        places = {candidate.key: i for i, candidate in enumerate(self.chosen)}
        rows: list[dict[str, Any]] = [{}] * len(places)
        for item in self.items(self.calibrating):
            if (place := places.get(item.key)) is not None:
                name = f"calib/images/{place:06d}.png"
                staging.data(name, encode_png(item.pixels(self.calibrating)))
                rows[place] = label_of(item, place, name)

        def tensors() -> Iterator[Tensor]:
            for row in rows:
                pixels = decode((staging.root / row["image"]).read_bytes())
                yield to_tensor(self.preset, pixels)

        with disk_errors(staging.root):
            for v in self.variants:
                write_npz(staging, v, v.calibration, tensors(), len(rows))
        lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        staging.text("calib/manifest.json", f'{{"samples": [\n{lines}\n]}}\n')


def _check(options: Options) -> None:
    if options.split not in SPLITS:
        raise DatasetError(
            f"there is no split {options.split!r}", hint=nearest(options.split, list(SPLITS))
        )
    if options.input_name is not None and not re.fullmatch(r"[\w.-]+", options.input_name, re.A):
        raise DatasetError(
            f"the input's name {options.input_name!r} cannot be part of a file's name",
            hint="letters, digits, full stops, hyphens and underscores only: trtexec splits at"
            " colons and commas; rename the input in the ONNX file",
        )
    for name, value, least, most in (
        ("-n", options.limit, 1, 10**7),
        ("--batch", options.batch, 1, 1024),
        ("--calibrate", options.calibrate, 0, 10**5),
    ):
        if value is not None and not least <= value <= most:
            raise DatasetError(f"{name} {value}: it must be from {least} to {most}")
