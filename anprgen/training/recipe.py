# SPDX-License-Identifier: Apache-2.0
"""What is trained on what: a training is continued only by the same recipe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from anprgen import __version__
from anprgen.errors import DatasetError
from anprgen.files import write_json
from anprgen.json_file import read_json

FORMAT = "anprgen-training/1"
NAME = "recipe.json"
_SOURCES = "trained_on"
PRECISIONS = ("auto", "float32", "bfloat16", "float16")


@dataclass(frozen=True)
class Options:
    """How a reader is trained; what of it decides the weights is part of the recipe.

    `batch` crops a step, of which `real_share` are the user's own where there are some; `rate` is
    the highest of a one-cycle schedule; `width` scales the network; `charset` and `slots` None:
    as the crops need. `device` is auto, cpu, cuda or cuda:N; `precision` one of `PRECISIONS`
    (auto: bfloat16, or float16 with scaled losses, on CUDA, else float32); `threads` of the
    processor (None: PyTorch's choice); `check_every` steps it is validated, and stored so that it
    can be continued.
    """

    steps: int = 3000
    batch: int = 128
    rate: float = 1.5e-3
    weight_decay: float = 0.02
    smoothing: float = 0.02
    width: int = 32
    seed: int = 0
    augment: bool = True
    illegible: bool = False
    real_share: float = 0.3
    charset: str | None = None
    slots: int | None = None
    precision: str = "auto"
    device: str = "auto"
    threads: int | None = None
    check_every: int = 100

    def __post_init__(self) -> None:
        for name, low, high in (
            ("steps", 1, 10**8),
            ("batch", 2, 65536),
            ("check_every", 1, 10**8),
            ("width", 4, 512),
            ("rate", 1e-7, 1.0),
            ("real_share", 0.0, 0.95),
            ("threads", 1, 4096),
        ):
            value = getattr(self, name)
            if value is None:
                continue
            if not low <= value <= high:
                raise DatasetError(f"{name} is {value}: it must be from {low:g} to {high:g}")
        if self.precision not in PRECISIONS:
            raise DatasetError(
                f"no precision {self.precision!r}", hint=f"one of {', '.join(PRECISIONS)}"
            )
        if self.slots is not None and not 1 <= self.slots <= 64:
            raise DatasetError(f"slots is {self.slots}: it must be from 1 to 64")


#: What decides neither the pictures nor the schedule.
_FREE = ("device", "precision", "threads", "check_every", "charset", "slots")


def recipe_of(
    options: Options, charset: str, slots: int, sources: list[Mapping[str, Any]]
) -> dict[str, Any]:
    """The recipe as stored."""
    chosen = {k: v for k, v in asdict(options).items() if k not in _FREE}
    return {
        "format": FORMAT,
        **chosen,
        "charset": charset,
        "slots": slots,
        _SOURCES: [dict(s) for s in sources],
    }


def check_folder(out: Path) -> None:
    """Whether a folder may hold a model.

    Raises:
        DatasetError: it holds something else.
    """
    if out.exists() and not out.is_dir():
        raise DatasetError("this is a file, not a folder", where=str(out))
    if out.is_dir() and not (out / NAME).exists():
        other = sorted(p.name for p in out.iterdir() if not p.name.startswith("."))
        if other:
            raise DatasetError(
                f"this folder is not empty and no model of ours (it holds {', '.join(other[:3])})",
                where=str(out),
                hint="name an empty or new folder with -o",
            )


def settle(out: Path, recipe: Mapping[str, Any]) -> None:
    """Writes the recipe, or compares it with the one that is there.

    Raises:
        DatasetError: the folder holds a model of another recipe; the fields that differ are named.
    """
    path = out / NAME
    if not path.exists():
        write_json(path, {**recipe, "anprgen": __version__})
        return
    have = read_json(path, DatasetError)
    have = have if isinstance(have, dict) else {}
    differ = [
        f"{k}: {_short(have.get(k))} there, {_short(recipe.get(k))} asked for"
        for k in sorted((have.keys() | recipe.keys()) - {"anprgen", _SOURCES})
        if have.get(k) != recipe.get(k)
    ]
    differ += _other_sources(have.get(_SOURCES), recipe.get(_SOURCES))
    if differ:
        listed = "".join(f"\n    {line}" for line in differ)
        raise DatasetError(
            f"this model was made by another recipe:{listed}",
            where=str(out),
            hint="train into another folder with -o",
        )


def _other_sources(have: Any, wanted: Any) -> list[str]:
    """Which sources differ; what a folder is called does not count, what is in it does."""
    there, asked = (
        [s for s in part if isinstance(s, dict)] if isinstance(part, list) else []
        for part in (have, wanted)
    )
    out = []
    for number, (a, b) in enumerate(zip_longest(there, asked)):
        if a is None or b is None:
            out.append(f"{_SOURCES}[{number}]: {_named(a)} there, {_named(b)} asked for")
            continue
        for key in sorted((a.keys() | b.keys()) - {"name"}):
            if a.get(key) != b.get(key):
                said = f"{_short(a.get(key))} there, {_short(b.get(key))} asked for"
                out.append(f"{_SOURCES}[{number}] ({_named(b)}).{key}: {said}")
    return out


def _named(source: Mapping[str, Any] | None) -> str:
    return "none" if source is None else str(source.get("name"))


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
