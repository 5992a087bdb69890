# SPDX-License-Identifier: Apache-2.0
"""WebDataset: ``<split>-%06d.tar`` with a picture, its record and its text under one key.

Members are ``<id>.jpg``, ``<id>.json`` and ``<id>.txt`` side by side, USTAR, without times: a
second run writes the same bytes. shards.json names what each holds.
"""

from __future__ import annotations

import io
import json
import tarfile
from typing import Any

from anprgen.dataset import Dataset
from anprgen.exporters.options import Options, is_readable, label_of
from anprgen.exporters.staging import Staging, read_picture, suffix_of

#: Pictures a shard: at 10 kB a crop well under the gigabyte that shards should have.
SHARD = 20_000


def export(dataset: Dataset, staging: Staging, options: Options) -> None:
    """Writes the shards and their list. The text is that of the first plate, or nothing."""
    writers = {split: _Shards(staging, split) for split in staging.splits}
    try:
        for record in staging.pictures(dataset):
            readable = [p for p in record["plates"] if is_readable(p, options)]
            text = label_of(readable[0]) if readable else ""
            writers[record["split"]].add(
                record["id"],
                {
                    suffix_of(record)[1:]: read_picture(dataset.image_path(record)),
                    "json": json.dumps(record, ensure_ascii=False, sort_keys=True).encode(),
                    "txt": text.encode(),
                },
            )
    finally:
        for writer in writers.values():
            writer.close()
    listed = [shard for split in staging.splits for shard in writers[split].done]
    staging.text("shards.json", json.dumps(listed, indent=1) + "\n")
    staging.tell_empty({split: len(writers[split].done) for split in staging.splits})


class _Shards:
    """The tar files of one split, one open at a time."""

    def __init__(self, staging: Staging, split: str) -> None:
        self.staging, self.split = staging, split
        self.done: list[dict[str, Any]] = []
        self._tar: tarfile.TarFile | None = None
        self._name, self._count = "", 0

    def add(self, key: str, members: dict[str, bytes]) -> None:
        if self._tar is None or self._count >= SHARD:
            self.close()
            self._name = f"{self.split}-{len(self.done):06d}.tar"
            path = self.staging.file(self._name)
            self._tar, self._count = tarfile.open(path, "w", format=tarfile.USTAR_FORMAT), 0
        for suffix, data in members.items():
            info = tarfile.TarInfo(f"{key}.{suffix}")
            info.size, info.mode = len(data), 0o644
            self._tar.addfile(info, io.BytesIO(data))
        self._count += 1

    def close(self) -> None:
        """Ends the open shard and notes its size and sum."""
        if self._tar is None:
            return
        self._tar.close()
        self._tar = None
        size, digest = self.staging.sum_of(self._name)
        self.done.append(
            {
                "name": self._name,
                "samples": self._count,
                "bytes": size,
                "sha256": digest,
            }
        )
