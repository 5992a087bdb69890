# SPDX-License-Identifier: Apache-2.0
"""`anprgen mine`: a model and a dataset in, a configuration for `build --config` out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from anprgen.config import Config, read_overrides
from anprgen.dataset import Dataset
from anprgen.draw import overrides_of
from anprgen.errors import DatasetError
from anprgen.files import disk_errors, fresh, write_json
from anprgen.mining.pictures import Pictures, look
from anprgen.mining.regions import Region, find
from anprgen.mining.widen import Widened, widen
from anprgen.models.reader import Reader
from anprgen.run_summary import Report

#: Regions told on the terminal; all are in the file.
_TOLD = 12


@dataclass(frozen=True)
class Mined:
    """The regions, what was made of them, and the file (None where there is nothing to write)."""

    pictures: Pictures
    regions: list[Region]
    widened: Widened | None
    out: Path | None

    def lines(self) -> list[str]:
        """What was found, in words."""
        asked = int(self.pictures.legible.sum())
        out = [f"{self.pictures.rate:.3f} of {asked} legible plates are misread"]
        if self.widened is None:
            return [
                *out,
                f"none of {len(self.pictures.columns)} parameters, and none of their pairs, has a"
                " region that is worse beyond chance: nothing is written",
            ]
        out += [region.line() for region in self.regions[:_TOLD]]
        if len(self.regions) > _TOLD:
            out.append(f"and {len(self.regions) - _TOLD} more")
        w = self.widened
        return [
            *out,
            f"{len(w.distributions)} parameters draw more there: {', '.join(w.distributions)}",
            f"to be expected of a new dataset: misread {w.misread[0]:.3f} -> {w.misread[1]:.3f} of"
            f" legible plates, illegible {w.illegible[0]:.3f} -> {w.illegible[1]:.3f} of all"
            f" (estimated from {w.effective:.0f} effective pictures)",
        ]


def mine(
    model: Path,
    data: Path,
    out: Path,
    report: Report,
    *,
    config: Path | None = None,
    splits: Sequence[str] = ("val", "test"),
    strength: float = 4.0,
    kept: float = 0.3,
    most: int = 8,
    threads: int | None = None,
    device: str = "cpu",
) -> Mined:
    """Finds where a model misreads legible plates; writes `out` for `build --config`.

    The new configuration is `config`, or the dataset's own, with the distributions of the `most`
    strongest regions widened.

    Raises:
        ModelError: the model is not usable.
        DatasetError: the dataset is not, or `out` is there already.
        ConfigError: the configuration is not usable.
    """
    if not (1 < strength <= 100 and 0 <= kept < 1 and most >= 1):
        raise DatasetError(
            f"strength {strength:g}, kept {kept:g}, most {most}: strength must be above 1 and at"
            " most 100, kept from 0 to below 1, most 1 or more"
        )
    fresh(out)
    reader, dataset = Reader.open(model, threads=threads, device=device), Dataset.open(data)
    base = dataset.manifest.config()
    if config is not None:
        base = replace(base, overrides=read_overrides(config))
    pictures = look(reader, dataset, base, tuple(splits), report)
    regions = find(pictures)
    if not regions:
        return Mined(pictures, regions, None, None)
    widened = widen(pictures, regions, strength=strength, kept=kept, most=most)
    made = {path: d.to_json() for path, d in sorted(widened.distributions.items())}
    overrides = {**dict(base.overrides), **made}
    overrides_of(replace(base, overrides=overrides))  # Every value within its bounds.
    about = _about(reader, dataset, base, pictures, regions, widened, strength, kept, most)
    with disk_errors(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        write_json(out, {"$about": about, **overrides})
    return Mined(pictures, regions, widened, out)


def _about(
    reader: Reader,
    dataset: Dataset,
    base: Config,
    pictures: Pictures,
    regions: Sequence[Region],
    widened: Widened,
    strength: float,
    kept: float,
    most: int,
) -> dict[str, Any]:
    shares = {"misread": widened.misread, "illegible": widened.illegible}
    return {
        "made by": "anprgen mine",
        "model": reader.card.name,
        "dataset": {"name": dataset.root.resolve().name, "digest of its splits": pictures.digest},
        "design": [name for name, _ in base.designs],
        "legible plates": int(pictures.legible.sum()),
        "misread": round(pictures.rate, 4),
        "strength": strength,
        "share kept as it was": kept,
        "widened": sorted(widened.distributions),
        "of the strongest regions": most,
        "expected, before and after": {k: [round(v, 4) for v in p] for k, p in shares.items()},
        "effective pictures": round(widened.effective),
        "regions": [region.to_json() for region in regions],
    }
