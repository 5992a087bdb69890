# SPDX-License-Identifier: Apache-2.0
"""Is a dataset whole: every file and record against the decoded pixels, and one digest of all."""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from anprgen import beside, shards
from anprgen.dataset import Dataset
from anprgen.errors import DatasetError
from anprgen.files import inside
from anprgen.samples import Record, decode, name_of, pixel_digest, record_digest
from anprgen.splits import split_of_record


@dataclass
class Verdict:
    """What `verify` found.

    `digest` is over decoded pixels and labels in index order, `by_device` the same for the
    samples of each device; `damage` is empty for a whole dataset; `missing` counts samples that
    were asked for and are not made yet.
    """

    samples: int = 0
    failed: int = 0
    missing: int = 0
    digest: str = ""
    by_device: dict[str, str] = field(default_factory=dict)
    splits: dict[str, int] = field(default_factory=dict)
    damage: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The verdict in words; the digest is the last line."""
        splits = ", ".join(f"{name} {count}" for name, count in sorted(self.splits.items()))
        lines = [f"{self.samples} samples ({splits}), {self.failed} failed"]
        if self.missing:
            lines.append(f"{self.missing} samples are not made yet")
        if self.damage:
            lines.append(f"DAMAGED: {len(self.damage)} faults")
        if len(self.by_device) > 1:
            lines += [f"digest of {device}: {digest}" for device, digest in self.by_device.items()]
        return [*lines, f"digest: {self.digest}"]


def verify(dataset: Dataset) -> Verdict:
    """Checks every finished sample. Decodes every picture, on all cores."""
    verdict = Verdict()
    whole = hashlib.blake2b(digest_size=16)
    devices: dict[str, Any] = {}
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for number, folder in dataset.shards.items():
            records = _records(dataset, number, folder, verdict)
            checked = pool.map(lambda record: _check(dataset, record), records)
            for record, (found, digest) in zip(records, checked):
                verdict.damage += [f"{record.get('id', '?')}: {fault}" for fault in found]
                verdict.samples += 1
                verdict.splits[str(record.get("split"))] = (
                    verdict.splits.get(str(record.get("split")), 0) + 1
                )
                device = str(record.get("device"))
                line = f"{record.get('index')} {digest}\n".encode()
                whole.update(line)
                devices.setdefault(device, hashlib.blake2b(digest_size=16)).update(line)
    try:
        verdict.missing = dataset.count_missing(dataset.manifest.requested)
        if lost := dataset.count_missing(dataset.manifest.completed):
            verdict.damage.append(f"{lost} samples were made once and are gone")
    except DatasetError as e:
        verdict.damage.append(str(e))
    verdict.digest = whole.hexdigest()
    verdict.by_device = {key: d.hexdigest() for key, d in sorted(devices.items())}
    return verdict


def _records(dataset: Dataset, number: int, folder: Path, verdict: Verdict) -> list[Record]:
    """The readable records of a shard; what is wrong with the shard itself goes to the verdict."""
    name = shards.folder_name(number)
    records: list[Record] = []
    try:
        state = shards.state(folder)
        data = (folder / shards.RECORDS).read_bytes()
    except (OSError, DatasetError) as e:
        verdict.damage.append(f"{name}: {e}")
        return records
    size = dataset.manifest.shard_size
    if state.first != number * size:
        # A copied or renamed folder; counted here, samples would be there twice.
        held, own = f"{state.first}..{state.stop - 1}", shards.folder_name(state.first // size)
        verdict.damage.append(f"{name}: it holds the samples {held}, which belong into {own}")
        return records
    if hashlib.sha256(data).hexdigest() != state.sha256:
        verdict.damage.append(f"{name}: {shards.RECORDS} was changed after it was written")
    verdict.failed += len(state.failed)
    for line_number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        try:
            record = json.loads(line)
            if not isinstance(record, dict):
                raise ValueError("not an object")
            records.append(record)
        except ValueError as e:
            verdict.damage.append(f"{name}/{shards.RECORDS}, line {line_number}: {e}")
    expected = [i for i in range(state.first, state.stop) if i not in set(state.failed)]
    if [record.get("index") for record in records] != expected:
        wanted = f"{state.first}..{state.stop - 1}"
        verdict.damage.append(f"{name}: its records are not those of {wanted}")
    known = {Path(str(r.get("image", {}).get("file"))).name for r in records}
    known |= {shards.RECORDS, shards.STATE, shards.FAILURES}
    for file in sorted(folder.iterdir()):
        if file.name not in known:
            verdict.damage.append(f"{name}/{file.name}: no record names this file")
    return records


def _check(dataset: Dataset, record: Mapping[str, Any]) -> tuple[list[str], str]:
    """What is wrong with one sample, and the digest of its labels and decoded pixels."""
    faults: list[str] = []
    actual = "no picture"
    try:
        image = record["image"]
        try:
            inside(dataset.root, image["file"])
            pixels = decode(dataset.image_path(record).read_bytes())
        except (OSError, ValueError, DatasetError) as e:
            faults.append(f"{image['file']}: {e}")
        else:
            actual = pixel_digest(pixels)
            if (image["height"], image["width"]) != pixels.shape[:2]:
                faults.append(f"{image['file']}: the picture has another size than its record")
            if image["pixels"] != actual:
                faults.append(f"{image['file']}: the pixels were changed after they were written")
        faults += _record_faults(dataset, record)
        faults += beside.faults(dataset.root, record)
        return faults, record_digest({**record, "image": {**image, "pixels": actual}})
    except (KeyError, TypeError, ValueError, AttributeError) as e:
        return [*faults, f"the record is damaged: {type(e).__name__} {e}"], "damaged"


def _record_faults(dataset: Dataset, record: Mapping[str, Any]) -> Iterator[str]:
    if record["digest"] != record_digest(record):
        yield "the record was changed after it was written"
    if record["id"] != name_of(record["index"]):
        yield f"the id does not belong to index {record['index']}"
    if record["split"] != split_of_record(record, dataset.manifest.seed):
        yield f"the split is {record['split']}, its registrations say otherwise"
    if record["device"] not in dataset.manifest.renderers:
        yield f"the device {record['device']!r} is not in the manifest"
    for i, plate in enumerate(record["plates"]):
        for fault in _plate_faults(plate, record["image"]["width"], record["image"]["height"]):
            yield f"plate {i}: {fault}"


def _plate_faults(plate: Mapping[str, Any], width: int, height: int) -> Iterator[str]:
    points = [*plate["quad"], *(p for c in plate["characters"] for p in c["quad"])]
    if len(plate["quad"]) != 4 or not all(math.isfinite(v) for p in points for v in p):
        yield "a corner is not a number"
    x0, y0, x1, y1 = plate["box"]
    if not (0 <= x0 <= x1 <= width and 0 <= y0 <= y1 <= height):
        yield "the box leaves the picture"
    size, counts = plate["mask"]["size"], plate["mask"]["counts"]
    if list(size) != [height, width] or sum(counts) != width * height or min(counts) < 0:
        yield "the mask does not fit the picture"
    large = "".join(c["char"] for c in plate["characters"] if c["large"])
    if sorted(large) != sorted(plate["ocr_text"]):
        yield f"its large characters {large!r} are not its text {plate['ocr_text']!r}"
