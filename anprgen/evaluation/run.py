# SPDX-License-Identifier: Apache-2.0
"""`anprgen evaluate`: models and labelled crops in, a report out; nothing is overwritten."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from anprgen import __version__
from anprgen.errors import DatasetError
from anprgen.evaluation.answers import read_all
from anprgen.evaluation.factors import describe
from anprgen.evaluation.numbers import differences, measure
from anprgen.evaluation.page import page
from anprgen.exporters.options import Options
from anprgen.files import disk_errors, fresh, suffixed, write_json, write_text
from anprgen.labelled import Crop, Labelled, open_labelled, open_photographs
from anprgen.models.prepare import prepare
from anprgen.models.reader import Reader
from anprgen.run_summary import Report
from anprgen.splits import SPLITS

FORMAT = "anprgen-evaluation/1"


@dataclass(frozen=True)
class Evaluation:
    """What was found, as in the JSON, and the files that say it (JSON, HTML)."""

    report: dict[str, Any]
    files: tuple[Path, Path]

    def lines(self) -> list[str]:
        """The figures in words, a line a model, the worst classes, and differences."""
        out = []
        for m in self.report["models"]:
            told = "  ".join(
                f"{k} {v['value']:.3f} [{v['low']:.3f}-{v['high']:.3f}]"
                for k, v in m["scores"].items()
            )
            top = m["top"]["5"]
            out.append(f"{m['model']}: {told}  top-5 {top:.3f}  ECE {m['calibration']['ece']:.3f}")
            if pairs := m["confusions"][:6]:
                said = ", ".join(
                    f"{c['want'] or '-'}->{c['got'] or '-'} {c['count']}" for c in pairs
                )
                out.append(f"  confused: {said}")
        for d in self.report["differences"]:
            out.append(
                f"{d['model']} against {d['than']}: exact {d['value']:+.3f}"
                f" [{d['low']:+.3f}, {d['high']:+.3f}]"
            )
        return out


def evaluate(
    models: Sequence[Path],
    data: Path,
    out: Path,
    report: Report,
    *,
    splits: tuple[str, ...] | None = None,
    illegible: bool = False,
    limit: int | None = None,
    threads: int | None = None,
    device: str = "cpu",
    seed: int = 0,
) -> Evaluation:
    """Reads labelled crops with each model; writes `out`.json and `out`.html.

    `splits` None: the split test of a dataset of ours; of photographs all, or the split test of
    those that a model learnt from.

    Raises:
        ModelError: a model is not usable.
        DatasetError: the crops are not, there is none, or a file of that name is there already.
    """
    files = fresh(suffixed(out, ".json")), fresh(suffixed(out, ".html"))
    readers = open_readers(models, threads=threads, device=device)
    found, chosen, notes = choose(readers, data, splits, illegible)
    crops = _limited(found, chosen, limit)
    report.begin(0, len(crops))
    answers, described = read_all(readers, crops, describe, report.advance)
    notes += found.notes()
    measured = []
    for one, reader in zip(answers, readers.values()):
        if one.unsayable:
            notes.append(
                f"{one.model} cannot say {one.unsayable} of the texts (characters or length); they"
                " count as mistakes"
            )
        card = asdict(reader.card)
        file = str(reader.session.path)
        timed = {"milliseconds": _milliseconds(reader, crops)}
        measured.append({**measure(one, described, seed), "file": file, **timed, "card": card})
    said = {
        "format": FORMAT,
        "anprgen": __version__,
        "data": {
            "name": found.name,
            "digest": found.digest,
            "ours": found.ours,
            "splits": list(chosen),
            "count": len(crops),
        },
        "notes": notes,
        "models": measured,
        "differences": differences(answers, seed),
    }
    with disk_errors(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        write_json(files[0], said)
        write_text(files[1], page(said, answers))
    return Evaluation(said, files)


def open_readers(
    models: Sequence[Path], *, threads: int | None = None, device: str = "cpu"
) -> dict[str, Reader]:
    """Readers by a name of their own: that of their card, numbered where two are called alike."""
    out: dict[str, Reader] = {}
    for path in models:
        reader = Reader.open(path, threads=threads, device=device)
        name, number = reader.card.name, 2
        while name in out:
            name, number = f"{reader.card.name} ({number})", number + 1
        out[name] = reader
    return out


def choose(
    readers: dict[str, Reader], data: Path, splits: tuple[str, ...] | None, illegible: bool
) -> tuple[Labelled, tuple[str, ...], list[str]]:
    """The crops to read, their splits, and what the user should know about them."""
    notes: list[str] = []
    found = open_labelled(data, Options(splits=splits or ("test",), illegible=illegible))
    if found.ours:
        return found, splits or ("test",), notes
    if splits is None:
        known = open_photographs(data)
        for _ in known:
            pass
        learnt, perhaps = _learnt_from(readers, known.digest)
        if not learnt and not perhaps:
            return found, SPLITS, notes
        splits = ("test",)
        if learnt:
            notes.append(
                f"{', '.join(learnt)} learnt from these crops: only their split test counts"
            )
        if perhaps:
            notes.append(
                f"{', '.join(perhaps)} learnt from photographs, perhaps from some of these: only"
                " their split test counts. Are they others? --split train,val,test counts all"
            )
    return found, splits, notes


def _learnt_from(readers: dict[str, Reader], digest: str) -> tuple[list[str], list[str]]:
    """Who learnt from just these photographs, and who from photographs that may be among them.

    A list that has grown or was corrected has another digest than the one that was learnt from.
    """
    photographs = {
        name: {s.digest for s in reader.card.trained_on if not s.made_by}
        for name, reader in readers.items()
    }
    learnt = [name for name, digests in photographs.items() if digest in digests]
    return learnt, [n for n, digests in photographs.items() if digests and n not in learnt]


def _limited(found: Labelled, splits: tuple[str, ...], limit: int | None) -> list[Crop]:
    crops = [crop for crop in found if crop.split in splits]
    if not crops:
        left_out = "".join(f" ({note})" for note in found.left_out)
        raise DatasetError(
            f"there is no legible plate in the split {'+'.join(splits)}{left_out}",
            where=str(found.root),
            hint="make more samples, or take another one with --split",
        )
    return crops[:limit]


def _milliseconds(reader: Reader, crops: Sequence[Crop]) -> float:
    """Median of one crop's time, preparing and reading, on this machine."""
    size, times = reader.card.input, []
    for crop in [*crops[:1], *crops[:20]]:
        pixels = crop.pixels()
        begun = time.perf_counter()
        reader.logits(prepare([pixels], size.height, size.width))
        times.append(time.perf_counter() - begun)
    return round(1e3 * sorted(times[1:])[len(times[1:]) // 2], 3)
