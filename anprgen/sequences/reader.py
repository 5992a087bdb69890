# SPDX-License-Identifier: Apache-2.0
"""The whole sequences of a dataset, one after another: its samples are their frames.

Sample i is frame i % frames of sequence i // frames; a record says so in ``sequence``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby

from anprgen.dataset import Dataset
from anprgen.errors import DatasetError
from anprgen.samples import Record

TASK = "sequence"


@dataclass(frozen=True)
class Sequence:
    """A whole sequence: its number from 0, the split of all its frames, frames a second.

    `records` are those of the frames, in their order; all frames have one size.
    """

    number: int
    split: str
    fps: float
    records: tuple[Record, ...]

    @property
    def name(self) -> str:
        """A name for folders and files. It begins with a letter: tools take 000012 for 12."""
        return f"plates-{self.number:06d}"

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of every frame, px."""
        image = self.records[0]["image"]
        return int(image["width"]), int(image["height"])


def is_sequences(dataset: Dataset) -> bool:
    """Whether a dataset's samples are frames of sequences."""
    return bool(dataset.manifest.identity["config"].get("task") == TASK)


def frames_of(dataset: Dataset) -> int:
    """How many frames each sequence of a dataset has.

    Raises:
        DatasetError: its samples are no frames of sequences.
    """
    frames = dataset.manifest.identity["config"].get("frames")
    if not is_sequences(dataset) or not isinstance(frames, int) or frames < 1:
        raise DatasetError(
            "this dataset has no sequences",
            where=str(dataset.root),
            hint="anprgen build DESIGN --task sequence makes some",
        )
    return frames


def whole_sequences(dataset: Dataset, leave_out: Callable[[str], None]) -> Iterator[Sequence]:
    """Every sequence of which all frames are made, by number, read one at a time.

    `leave_out` is called for each of the others, with words for what it is.

    Raises:
        DatasetError: the dataset has no sequences, a record cannot be read, or the frames of one
            sequence do not go together.
    """
    frames = frames_of(dataset)
    expected = -(-dataset.manifest.requested // frames)
    seen = 0

    def incomplete(count: int) -> None:
        for _ in range(count):
            leave_out("sequences of which frames are missing or failed")

    for number, group in groupby(dataset.records(), lambda record: record["index"] // frames):
        incomplete(number - seen)
        seen = number + 1
        records = tuple(group)
        if len(records) < frames:
            incomplete(1)
        else:
            yield _checked(dataset, number, records)
    incomplete(max(0, expected - seen))


def find_sequence(dataset: Dataset, number: int | None = None) -> Sequence:
    """Sequence `number` of a dataset, or the first whole one; reads no shard without its frames.

    Raises:
        DatasetError: the dataset has no sequences, or this one is not whole.
    """
    frames = frames_of(dataset)
    if number is None:
        for sequence in whole_sequences(dataset, lambda _: None):
            return sequence
        raise DatasetError("no sequence is whole yet", where=str(dataset.root))
    first, stop = number * frames, (number + 1) * frames
    size = dataset.manifest.shard_size
    folders = [dataset.shards.get(n) for n in range(first // size, -(-stop // size))]
    records = tuple(
        record
        for folder in folders
        if folder is not None
        for record in dataset.records_of(folder)
        if first <= record["index"] < stop
    )
    if len(records) < frames:
        raise DatasetError(
            f"of sequence {number}, {len(records)} of {frames} frames are made",
            where=str(dataset.root),
            hint="sequences count from 0",
        )
    return _checked(dataset, number, records)


def _checked(dataset: Dataset, number: int, records: tuple[Record, ...]) -> Sequence:
    """A sequence whose frames say the same of it.

    Raises:
        DatasetError: they do not.
    """
    first = records[0]
    said = first["sequence"]
    for k, record in enumerate(records):
        own, image = record["sequence"], record["image"]
        if (
            (own["number"], own["frame"], own["fps"]) != (number, k, said["fps"])
            or record["split"] != first["split"]
            or any(image[side] != first["image"][side] for side in ("width", "height"))
        ):
            raise DatasetError(
                f"the frames of sequence {number} differ in number, rate, split or size",
                where=f"{dataset.root}: {record['id']}",
                hint="`anprgen verify` tells what is damaged",
            )
    return Sequence(number, first["split"], float(said["fps"]), records)
