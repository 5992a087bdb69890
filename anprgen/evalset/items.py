# SPDX-License-Identifier: Apache-2.0
"""What a network is asked about: for a reader a plate, for a detector a whole picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from anprgen.dataset import Dataset
from anprgen.evalset.factors import factors_of, measures_of
from anprgen.evalset.presets import Preset
from anprgen.exporters.frames import frames
from anprgen.exporters.options import Options
from anprgen.exporters.recognition import pixels_of, readings
from anprgen.exporters.staging import Staging
from anprgen.samples import Pixels, Record
from anprgen.splits import SPLITS, normal_form

#: (index of the sample, number of the plate in it; 0 for a whole picture).
Key = tuple[int, int]


@dataclass(frozen=True)
class Part(Dataset):
    """A dataset of which only some splits are looked at."""

    keep: tuple[str, ...] = SPLITS

    def records(self) -> Iterator[Record]:
        """The records of the splits to keep, by index."""
        for record in super().records():
            if record["split"] in self.keep:
                yield record


@dataclass(frozen=True)
class Item:
    """One question to the network.

    `text` is what a reader should say ("" for detectors); `plates` are the labels in question with
    their boxes (x0, y0, x1, y1) in px of the dataset's picture; `window` is what is cut out of it.
    """

    key: Key
    record: Record
    text: str
    plates: tuple[tuple[Mapping[str, Any], tuple[float, ...]], ...]
    window: tuple[int, int, int, int] | None

    @property
    def registrations(self) -> set[str]:
        """All registrations in the picture, as they are compared between sets."""
        return {normal_form(plate["ocr_text"]) for plate in self.record["plates"]}

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height of the item's picture."""
        if self.window is None:
            return self.record["image"]["width"], self.record["image"]["height"]
        left, top, right, bottom = self.window
        return right - left, bottom - top

    def pixels(self, dataset: Dataset) -> Pixels:
        """The item's picture, uint8 [h, w, 3] RGB."""
        return pixels_of(dataset, self.record, self.window)

    def stratum(self) -> tuple[str, ...]:
        """The factors' classes: of the plate, or of the largest one in the picture."""
        if not self.plates:
            return ()
        plate, _ = max(self.plates, key=lambda pair: float(pair[0]["width_px"]))
        return tuple(factors_of(self.record, plate).values())


def items(dataset: Dataset, staging: Staging, preset: Preset, options: Options) -> Iterator[Item]:
    """All items of a dataset, by index; what is left out is counted in `staging`."""
    if preset.is_detector:
        for frame in frames(dataset, staging, options):
            plates = tuple((o.plate, o.box) for o in frame.objects)
            record = dict(frame.record)
            yield Item((record["index"], 0), record, "", plates, None)
        return
    for r in readings(dataset, staging, options):
        plates = ((r.plate, tuple(r.plate["box"])),)
        yield Item((r.record["index"], r.number), r.record, r.label, plates, r.window)


def label_of(item: Item, index: int, image: str) -> dict[str, Any]:
    """The item's line in labels.jsonl but for what depends on the preset; px of its own picture."""
    left, top = item.window[:2] if item.window else (0, 0)
    width, height = item.size_px
    objects = []
    for plate, box in item.plates:
        objects.append(
            {
                "box": [round(v - (left, top)[i % 2], 3) for i, v in enumerate(box)],
                "quad": [[round(x - left, 3), round(y - top, 3)] for x, y in plate["quad"]],
                "text": plate["ocr_text"],
                "design": plate["design"],
                "lines": plate["lines"],
                "factors": factors_of(item.record, plate),
                "measures": measures_of(item.record, plate),
            }
        )
    source = {"id": item.record["id"], "plate": item.key[1]}
    return {
        "idx": index,
        "image": image,
        "width": width,
        "height": height,
        "source": source,
        "plates": objects,
    }
