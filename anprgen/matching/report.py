# SPDX-License-Identifier: Apache-2.0
"""Writes what was found: a table for people, a picture, and JSON. Nothing is overwritten."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from anprgen.config import WHOLE_FRAMES
from anprgen.dataset import Dataset
from anprgen.files import disk_errors, fresh, suffixed, write_json
from anprgen.matching.chart import chart
from anprgen.matching.gap import Row, compare, lines, mean_distance, to_json, unmeasured
from anprgen.matching.survey import Survey, survey, survey_dataset


@dataclass(frozen=True)
class GapReport:
    """The gap of a dataset: rows by size, notes, and the files that say it."""

    rows: list[Row]
    notes: list[str]
    files: tuple[Path, Path]

    def text(self) -> list[str]:
        """The table and what it comes to."""
        beyond = [r for r in self.rows if r.beyond_chance]
        most = ", ".join(r.name for r in beyond[:5]) or "none"
        return [
            *lines(self.rows),
            f"mean KS {mean_distance(self.rows):.3f}; {len(beyond)} of {len(self.rows)} quantities"
            f" differ by more than chance (*); most: {most}",
        ]


def gap(
    dataset: Dataset,
    place: Path,
    out: Path,
    *,
    kind: str = "auto",
    limit: int | None = None,
    illegible: bool = False,
    seed: int = 0,
    workers: int | None = None,
) -> GapReport:
    """Compares a finished dataset with a folder of photographs; writes `out`.png and .json.

    Raises:
        DatasetError: a file of that name is there already.
        AnprgenError: the folder or the dataset is not usable.
    """
    files = fresh(suffixed(out, ".png")), fresh(suffixed(out, ".json"))
    real = survey(place, kind, workers)
    ours, records = survey_dataset(
        dataset, real.kind, limit=limit, illegible=illegible, workers=workers
    )
    rows = compare(real.table, ours, seed)
    notes = [*real.notes(), *_doubts(real, dataset), *unmeasured(real.table, ours)]
    with disk_errors(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        names = {f"photographs ({real.count})": real.table, f"ours ({len(records)})": ours}
        chart(rows, names).save(files[0])
        said = {
            "photographs": {"count": real.count, "kind": real.kind, "broken": dict(real.broken)},
            "ours": {"count": len(records)},
            "notes": notes,
            "mean_ks": mean_distance(rows),
            "quantities": to_json(rows),
        }
        write_json(files[1], said)
    return GapReport(rows, notes, files)


def _doubts(real: Survey, dataset: Dataset) -> list[str]:
    ours = "frames" if dataset.manifest.config().task in WHOLE_FRAMES else "crops"
    if ours == real.kind:
        return []
    return [f"the dataset holds {ours}: sizes and shapes cannot be compared with {real.kind}"]
