# SPDX-License-Identifier: Apache-2.0
"""The data card: what is in an export, for people and for Hugging Face (YAML before the text)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from anprgen import __version__
from anprgen.dataset import Dataset
from anprgen.exporters.options import Options
from anprgen.exporters.recognition import is_cut

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"),
          (1_000_000, "100K<n<1M"), (10_000_000, "1M<n<10M"))  # fmt: skip
#: Edges of the table of widths, px.
_WIDTHS = (0, 40, 60, 80, 120, 160, 240, 320)
#: What Hugging Face calls our splits.
NAMES = {"train": "train", "val": "validation", "test": "test"}


@dataclass
class Statistics:
    """Counts of pictures and plates; its memory does not grow with them."""

    splits: tuple[str, ...]
    pictures: Counter[str] = field(default_factory=Counter)
    plates: Counter[str] = field(default_factory=Counter)
    designs: Counter[str] = field(default_factory=Counter)
    legibility: Counter[str] = field(default_factory=Counter)
    characters: Counter[str] = field(default_factory=Counter)
    lengths: Counter[int] = field(default_factory=Counter)
    widths: Counter[int] = field(default_factory=Counter)

    def picture(self, split: str) -> None:
        self.pictures[split] += 1

    def plate(self, split: str, plate: Mapping[str, Any], text: str) -> None:
        """Counts a plate and the text that is exported with it, if it has one."""
        self.plates[split] += 1
        self.designs[f"{plate['design']} / {plate['series']}"] += 1
        self.legibility[str(plate["legibility"])] += 1
        if text:
            self.characters.update(text)
            self.lengths[len(text)] += 1
        self.widths[max(w for w in _WIDTHS if w <= plate["width_px"])] += 1


def name_of(dataset: Dataset) -> str:
    """A name for people: ``sri_lanka, germany: plates``."""
    designs = ", ".join(str(name) for name, _ in dataset.manifest.identity["config"]["designs"])
    return f"{designs}: synthetic licence plates"


def described(dataset: Dataset) -> str:
    """One sentence about a dataset."""
    what = (
        "Street pictures with licence plates" if is_cut(dataset) else "Pictures of licence plates"
    )
    return f"{what}, rendered and labelled by anprgen {__version__}. No picture is of a real car."


def card(dataset: Dataset, found: Statistics, options: Options, splits: Sequence[str]) -> str:
    """README.md of an export; `splits` are those that have files."""
    config = dataset.manifest.identity["config"]
    task = "object-detection" if is_cut(dataset) else "image-to-text"
    total = sum(found.pictures.values())
    size = next((name for most, name in _SIZES if total < most), "10M<n<100M")
    front = ["---", f"pretty_name: {json.dumps(name_of(dataset), ensure_ascii=False)}"]
    front += [f"license: {json.dumps(options.license)}"] if options.license else []
    front += ["task_categories:", f"- {task}", "size_categories:", f"- {size}", "tags:",
              "- synthetic", "- license-plate-recognition"]  # fmt: skip
    front += ["configs:", "- config_name: default", "  data_files:"] if splits else []
    for split in splits:
        front += [f"  - split: {NAMES[split]}", f"    path: data/{NAMES[split]}-*.parquet"]
    body = [
        "---", "", f"# {name_of(dataset)}", "", described(dataset), "", "## Licence", "",
        *_licence(options), "", "## What is in it", "",
        *_table(("split", "pictures", "plates"),
                [(NAMES[s], found.pictures[s], found.plates[s]) for s in found.splits]),
        "No registration stands in two splits.", "",
        *_table(("design / series", "plates"), sorted(found.designs.items())),
        *_table(("legibility", "plates"), sorted(found.legibility.items())),
        *_table(("width of the plate, px", "plates"),
                [(_range(w), found.widths[w]) for w in _WIDTHS if found.widths[w]]),
        *_table(("characters of a text", "plates"), sorted(found.lengths.items())),
        *_table(("character", "times"), sorted(found.characters.items())),
        "## How it was made", "",
        f"- anprgen {__version__}, seed {config['seed']}, task {config['task']}, "
        f"renderer {config['renderer']}, {config['samples']} samples a pixel",
        *(f"- design {name}: sha256 {digest}"
          for name, digest in sorted(dataset.manifest.identity.get("designs", {}).items())),
        "", "The same configuration, designs and seed give the same pictures again.",
    ]  # fmt: skip
    return "\n".join([*front, *body]) + "\n"


def _licence(options: Options) -> list[str]:
    given = (
        f"The data are given under: {options.license}."
        if options.license
        else "None was named (`--license`): who made these data says how they may be used."
    )
    return [
        f"{given} anprgen claims no rights in what it makes. The faces on the plates are under the",
        "SIL Open Font License, which leaves pictures made with them free. The plates are drawn",
        "from public rules; arms and flags on them may be protected by law in their countries.",
    ]


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    def line(cells: Sequence[object]) -> str:
        return "| " + " | ".join(str(c).replace("|", "\\|") for c in cells) + " |"

    return [line(head), "|" + " --- |" * len(head), *map(line, rows), ""]


def _range(width: int) -> str:
    after = [w for w in _WIDTHS if w > width]
    return f"{width} to {after[0]}" if after else f"{width} and more"
