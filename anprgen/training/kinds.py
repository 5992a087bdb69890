# SPDX-License-Identifier: Apache-2.0
"""Which kind of network a command line asks for: datasets say what they are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from anprgen import manifest
from anprgen.errors import DatasetError
from anprgen.models.card import KINDS


def chosen(datasets: Sequence[Path], kind: str) -> str:
    """``reader`` or ``detector``: as `kind` says, or with ``auto`` as the datasets' tasks do.

    Crops teach readers; whole frames, those of sequences too, teach detectors, and readers where
    that is asked for.

    Raises:
        DatasetError: one is no dataset, tasks differ, or crops are to teach a detector.
    """
    if kind not in ("auto", *KINDS):
        raise DatasetError(f"no kind {kind!r}", hint=f"auto, {' or '.join(KINDS)}")
    tasks = {path: str(manifest.read(path).identity["config"].get("task")) for path in datasets}
    if kind == "auto":
        if len({task == "ocr" for task in tasks.values()}) > 1:
            raise DatasetError(
                "crops and whole frames at once",
                where=", ".join(f"{path}: {task}" for path, task in tasks.items()),
                hint="--kind reader learns from both; a detector learns from frames alone",
            )
        return "reader" if "ocr" in tasks.values() else "detector"
    if kind == "detector" and (crops := [p for p, task in tasks.items() if task == "ocr"]):
        raise DatasetError(
            "these are crops, and a detector learns from whole frames",
            where=str(crops[0]),
            hint="anprgen build --task detect makes them",
        )
    return kind
