# SPDX-License-Identifier: Apache-2.0
"""Parquet as Hugging Face's `datasets` reads it: pictures inside, one file or more a split.

``data/train-00000-of-00002.parquet`` with an Image column; the split val is called validation.
Written with pyarrow alone. Crops come as ``image, text``; street pictures as ``image, objects``
with boxes (x, y, width, height in px) and corners.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from anprgen.dataset import Dataset
from anprgen.errors import DatasetError
from anprgen.exporters.card import NAMES, Statistics, card
from anprgen.exporters.frames import frames
from anprgen.exporters.options import Options
from anprgen.exporters.recognition import crops, is_cut
from anprgen.exporters.staging import Staging, needed_library, read_picture

_NEEDS = "this format needs the library pyarrow"

#: A file is closed at this many bytes of pictures, a group of rows (what a reader holds) at these.
_FILE_BYTES, _GROUP_BYTES = 400_000_000, 32_000_000
_GROUP_ROWS = 500

#: Column -> its type, as `datasets` notes it in the file.
_TEXT = {"dtype": "string", "_type": "Value"}
_NUMBER = {"dtype": "float32", "_type": "Value"}
_CROP = {"image": {"_type": "Image"}, "text": _TEXT, "design": _TEXT, "series": _TEXT,
         "legibility": _TEXT}  # fmt: skip
_FRAME = {
    "image": {"_type": "Image"},
    "objects": {
        "bbox": {"feature": {"feature": _NUMBER, "length": 4, "_type": "Sequence"},
                 "_type": "Sequence"},
        "category": {"feature": {"names": ["plate"], "_type": "ClassLabel"}, "_type": "Sequence"},
        "corners": {"feature": {"feature": _NUMBER, "length": 8, "_type": "Sequence"},
                    "_type": "Sequence"},
        "text": {"feature": _TEXT, "_type": "Sequence"},
    },
}  # fmt: skip


def export(dataset: Dataset, staging: Staging, options: Options) -> None:
    """Writes data/*.parquet, and README.md, the data card.

    Raises:
        DatasetError: pyarrow is not installed, or the lines of street pictures are asked for.
    """
    write(dataset, staging, options)


def write(dataset: Dataset, staging: Staging, options: Options) -> tuple[list[str], Statistics]:
    """Writes the export; returns the names of its parquet files and what is in them."""
    arrow, parquet = (needed_library(n, _NEEDS) for n in ("pyarrow", "pyarrow.parquet"))
    detect = is_cut(dataset)
    if detect and options.lines != "joined":
        raise DatasetError(
            "street pictures stay whole in this format: they have no lines",
            hint="leave --lines out, or export to hf-imagefolder",
        )
    statistics = Statistics(staging.splits)
    schema = _schema(arrow, _FRAME if detect else _CROP, detect)
    writers = {split: _Files(staging, parquet, arrow, schema, split) for split in staging.splits}
    try:
        rows = _frame_rows if detect else _crop_rows
        for split, row in rows(dataset, staging, options, statistics):
            writers[split].add(row)
    finally:
        for writer in writers.values():
            writer.close()
    names = [name for writer in writers.values() for name in writer.named()]
    staging.tell_empty(statistics.pictures)
    staging.text(
        "README.md",
        card(
            dataset,
            statistics,
            options,
            [s for s in NAMES if writers.get(s) and writers[s].parts],
        ),
    )
    return names, statistics


Row = dict[str, Any]


def _crop_rows(
    dataset: Dataset, staging: Staging, options: Options, statistics: Statistics
) -> Iterator[tuple[str, Row]]:
    for crop in crops(dataset, staging, options):
        statistics.picture(crop.split)
        statistics.plate(crop.split, crop.plate, crop.label)
        image = {"bytes": crop.data(), "path": f"{crop.stem}{crop.suffix}"}
        keys = ("design", "series", "legibility")
        row = {"image": image, "text": crop.label, **{k: str(crop.plate[k]) for k in keys}}
        yield crop.split, row


def _frame_rows(
    dataset: Dataset, staging: Staging, options: Options, statistics: Statistics
) -> Iterator[tuple[str, Row]]:
    for frame in frames(dataset, staging, options):
        statistics.picture(frame.split)
        for o in frame.objects:
            statistics.plate(frame.split, o.plate, o.text)
        data = read_picture(dataset.image_path(dict(frame.record)))
        yield frame.split, {
            "image": {"bytes": data, "path": f"{frame.stem}{frame.suffix}"},
            "objects": {
                "bbox": [[x0, y0, x1 - x0, y1 - y0] for x0, y0, x1, y1 in
                         (o.box for o in frame.objects)],
                "category": [0] * len(frame.objects),
                "corners": [[v for p in o.quad for v in p] for o in frame.objects],
                "text": [o.text for o in frame.objects],
            },
        }  # fmt: skip


def _schema(arrow: Any, features: dict[str, Any], detect: bool) -> Any:
    image = arrow.struct([("bytes", arrow.binary()), ("path", arrow.string())])
    numbers = arrow.list_(arrow.list_(arrow.float32()))
    objects = arrow.struct(
        [
            ("bbox", numbers),
            ("category", arrow.list_(arrow.int64())),
            ("corners", numbers),
            ("text", arrow.list_(arrow.string())),
        ]
    )
    text = [(name, arrow.string()) for name in features if name != "image"]
    fields = [("image", image), *([("objects", objects)] if detect else text)]
    note = json.dumps({"info": {"features": features}})
    return arrow.schema(fields).with_metadata({"huggingface": note})


@dataclass
class _Files:
    """The parquet files of one split; rows are held until a group of them is full."""

    staging: Staging
    parquet: Any
    arrow: Any
    schema: Any
    split: str
    parts: list[str] = field(default_factory=list)
    _rows: list[Row] = field(default_factory=list)
    _writer: Any = None
    _group: int = 0
    _file: int = 0

    def add(self, row: Row) -> None:
        size = len(row["image"]["bytes"])
        if self._writer is not None and self._file + size > _FILE_BYTES:
            self.close()
        self._rows.append(row)
        self._group += size
        self._file += size
        if self._writer is None:
            name = f"data/{NAMES[self.split]}-{len(self.parts):05d}.parquet"
            self.parts.append(name)
            # Pictures are compressed already: a codec would cost time and gain nothing.
            self._writer = self.parquet.ParquetWriter(
                self.staging.file(name), self.schema, compression="none",
                use_dictionary=False, write_page_index=True,
            )  # fmt: skip
        if self._group >= _GROUP_BYTES or len(self._rows) >= _GROUP_ROWS:
            self._flush()

    def close(self) -> None:
        """Ends the open file."""
        if self._writer is not None:
            self._flush()
            self._writer.close()
            self._writer, self._file = None, 0

    def named(self) -> list[str]:
        """The files' names, now that their number is known."""
        stem, n = f"data/{NAMES[self.split]}", len(self.parts)
        return [
            self.staging.rename(old, f"{stem}-{k:05d}-of-{n:05d}.parquet")
            for k, old in enumerate(self.parts)
        ]

    def _flush(self) -> None:
        if self._rows:
            self._writer.write_table(self.arrow.Table.from_pylist(self._rows, self.schema))
            self._rows, self._group = [], 0
