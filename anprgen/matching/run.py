# SPDX-License-Identifier: Apache-2.0
"""From the words of the command line to a fitted configuration on disk, and what is said of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from anprgen.arguments import make_config
from anprgen.config import Config
from anprgen.dataset import Dataset
from anprgen.distributions import Distribution
from anprgen.errors import ConfigError
from anprgen.files import disk_errors, fresh, write_json
from anprgen.matching.chart import chart
from anprgen.matching.gap import Row, mean_distance, unmeasured
from anprgen.matching.match import Matched, Options, enough, match, match_stored, selected
from anprgen.matching.probes import Maker, Probes
from anprgen.matching.survey import Say, Survey, survey, survey_dataset
from anprgen.pipeline import make_plan

_MOST = 100_000


def check(options: Options, out: Path) -> None:
    """Refuses numbers that cannot be meant and files that are there, before anything is made.

    Raises:
        ConfigError: a number out of bounds, a parameter that is none, a name that is no .json.
        DatasetError: a file is there already.
    """
    bounds = (
        ("-n", options.probes, 100, _MOST),
        ("--rounds", options.rounds, 1, 20),
        ("--strength", options.strength, 0.1, 1e6),
    )
    for name, value, low, high in bounds:
        if not low <= value <= high:
            raise ConfigError(f"{name} {value:g}: it must be from {low:g} to {high:g}")
    selected(options.fitted)
    if out.suffix.lower() != ".json":
        raise ConfigError(f"-o {out}: the configuration is a .json file")
    fresh(out)
    fresh(out.with_suffix(".png"))


def run(
    place: Path,
    out: Path,
    options: Options,
    *,
    designs: Sequence[str] | None,
    stored: Path | None,
    start: Path | None,
    task: str | None,
    kind: str,
    illegible: bool,
    renderer: str,
    device: str,
    executable: Path | None,
    workers: int | None,
    say: Say,
) -> list[str]:
    """Fits, writes `out` and a picture beside it; the lines to print.

    Raises:
        AnprgenError: photographs, configuration, dataset or disk are not usable.
    """
    if (designs is None) == (stored is None):
        raise ConfigError(
            "say what to fit with", hint="--design NAME to render, or --probes OUT, a dataset"
        )
    if stored is not None and start is not None:
        raise ConfigError("a dataset has its own configuration", hint="leave --config out")
    # What can be refused is refused before the pictures are measured, which takes minutes.
    dataset = None if stored is None else Dataset.open(stored)

    def config_of(task: str) -> Config:
        return make_config(
            designs or [], task=task, renderer=renderer, config=start, seed=options.seed
        )

    if dataset is None:
        make_plan(config_of(task or "ocr"))
    real = survey(place, kind, workers)
    for note in real.notes():
        say(note)
    usual = "detect" if real.kind == "frames" else "ocr"
    if dataset is not None:
        config = dataset.manifest.config()
        enough(real)
        found = survey_dataset(dataset, real.kind, illegible=illegible, workers=workers)
        matched = match_stored(real, config, Probes(*found), options)
    else:
        config = config_of(task or usual)
        maker = Maker(real.kind, device, executable, workers, illegible)
        matched = match(real, config, maker, options, say)
    if (config.task == "ocr") != (usual == "ocr"):
        say(f"photographs are {real.kind}, ours are of --task {config.task}: sizes differ by kind")
    with disk_errors(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        write_json(out, written(matched, real, config, options))
        notes = _notes(matched)
        chart(matched.before, matched.tables, notes).save(out.with_suffix(".png"))
    missing = unmeasured(real.table, matched.tables["before"])
    return [
        *matched.notes,
        *missing,
        *changes(matched),
        "",
        *side_by_side(matched),
        _verdict(matched),
        f"{out}, {out.with_suffix('.png')}; `anprgen build ... --config {out}` uses it",
    ]


def written(matched: Matched, real: Survey, config: Config, options: Options) -> dict[str, Any]:
    """The configuration as it is stored: where it came from, then distributions by path.

    What the user's own configuration set and the fit left alone stays in it.
    """
    about = {
        "made by": "anprgen match",
        "photographs": real.count,
        "kind": real.kind,
        "design": [name for name, _ in config.designs],
        "task": config.task,
        "renderer": config.renderer,
        "samples a round": options.probes,
        "rounds": options.rounds,
        "seed": options.seed,
        "default counts as photographs": options.strength,
        "share of the default kept": options.kept,
        "mean KS before": round(mean_distance(matched.before), 4),
        "mean KS after": round(mean_distance(matched.after), 4),
        "KS": {
            a.name: [round(a.distance.ks, 4), round(b.distance.ks, 4)] for a, b in _pairs(matched)
        },
    }
    fitted = {path: d.to_json() for path, d in sorted(matched.overrides.items())}
    return {"$about": about, **{**dict(config.overrides), **fitted}}


def changes(matched: Matched) -> list[str]:
    """Each fitted parameter: what it was, what it is, and what decided."""
    out = [f"{'parameter':28}{'was':>26}{'is':>26}  by"]
    for path, now in sorted(matched.overrides.items()):
        by = ", ".join(matched.drives[path][:3])
        out.append(f"{path:28}{_told(matched.default[path]):>26}{_told(now):>26}  {by}")
    return out


def _told(distribution: Distribution) -> str:
    """5, 50 and 95 % of numbers, shares of words."""
    drawn = [distribution.at((k + 0.5) / 1000) for k in range(1000)]
    if all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in drawn):
        return " ".join(f"{v:7.3g}" for v in np.percentile(drawn, (5, 50, 95)))
    most = sorted(set(drawn), key=lambda v: (-drawn.count(v), str(v)))[:3]
    return " ".join(f"{v}:{drawn.count(v) / len(drawn):.2f}" for v in most)


def _pairs(matched: Matched) -> list[tuple[Row, Row]]:
    found = {r.name: r for r in matched.after}
    return [(r, found[r.name]) for r in matched.before if r.name in found]


def side_by_side(matched: Matched) -> list[str]:
    """Distances of every quantity before and after, the largest before first."""
    head = f"{'quantity':15}{'KS before':>18}{'KS after':>19}{'chance':>8}"
    out = [f"{head}{'Wasserstein before':>20}{'after':>9}"]
    for was, now in _pairs(matched):
        a, b = was.distance, now.distance
        fitted = "" if was.name in matched.quantities else " (not fitted)"
        out.append(
            f"{was.name:15}{a.ks:6.2f} [{a.low:.2f}-{a.high:.2f}]{b.ks:7.2f}"
            f" [{b.low:.2f}-{b.high:.2f}]{b.chance:8.2f}{a.wasserstein:20.3g}"
            f"{b.wasserstein:9.3g} {was.unit}{fitted}"
        )
    pairs = _pairs(matched)
    before, after = (mean_distance([p[k] for p in pairs]) for k in (0, 1))
    out.append(f"{'mean':15}{before:7.3f}{after:20.3f}")
    return out


def _verdict(matched: Matched) -> str:
    pairs = _pairs(matched)
    nearer = sum(b.distance.ks < a.distance.ks for a, b in pairs)
    still = [b.name for _, b in pairs if b.beyond_chance]
    text = f"{nearer} of {len(pairs)} quantities came nearer; still beyond chance: "
    text += ", ".join(still) or "none"
    if mean_distance(matched.after) >= mean_distance(matched.before):
        text += "\nthe fit did not help: leave this configuration, or use more photographs or -n"
    return text


def _notes(matched: Matched) -> dict[str, str]:
    return {a.name: f"KS {a.distance.ks:.2f} -> {b.distance.ks:.2f}" for a, b in _pairs(matched)}
