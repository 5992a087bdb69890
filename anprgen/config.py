# SPDX-License-Identifier: Apache-2.0
"""The configuration of a dataset: what is drawn, from which designs, for which task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from anprgen.defaults import SAMPLES
from anprgen.degradations import check_stages
from anprgen.degradations.imgaug_stage import PREFIX, read_augmenter
from anprgen.distributions import Distribution, from_json
from anprgen.errors import ConfigError
from anprgen.json_file import read_json

TASKS = ("ocr", "detect", "sequence")
#: Tasks whose pictures are whole frames.
WHOLE_FRAMES = ("detect", "sequence")
BALANCES = ("grammar", "characters")


@dataclass(frozen=True)
class Config:
    """What a dataset is made of; two equal configs and seeds give equal pixels.

    `designs` are (design name or path, weight); `overrides` maps a parameter's path to the JSON
    of its distribution; `samples` is Cycles' samples per pixel. `balance` is grammar (the
    design's weights) or characters (equal shares); `exclude` holds registrations that are never
    drawn, as `plain_text` writes them. `variants` photographs are made of each render: sample i
    is of render i // variants. `light_from` is empty, or says of which dataset the renders are
    (`anprgen.light_store`). `hdris` are digests of the user's own environment pictures by name,
    which lie in `hdri_folder`; where that is decides nothing. So are `backgrounds`, the user's own
    photographs, in `background_folder`. A sequence has `frames` frames, `fps` a second; sample i is
    frame i % frames of sequence i // frames, and both are 0 for other tasks.
    """

    task: str = "ocr"
    seed: int = 0
    designs: tuple[tuple[str, float], ...] = (("sri_lanka", 1.0),)
    samples: int = SAMPLES
    renderer: str = "blender"
    overrides: Mapping[str, Any] = field(default_factory=dict)
    balance: str = "grammar"
    exclude: tuple[str, ...] = ()
    variants: int = 1
    light_from: Mapping[str, Any] = field(default_factory=dict)
    hdris: Mapping[str, str] = field(default_factory=dict)
    hdri_folder: str = ""
    backgrounds: Mapping[str, str] = field(default_factory=dict)
    background_folder: str = ""
    frames: int = 0
    fps: float = 0.0

    @cached_property
    def excluded(self) -> frozenset[str]:
        """`exclude` for looking up."""
        return frozenset(self.exclude)

    @property
    def together(self) -> int:
        """How many samples in a row one worker makes most cheaply."""
        return self.frames or self.variants

    def distributions(self) -> dict[str, Distribution]:
        """The overrides, read; raises ConfigError with the JSON path of a wrong one."""
        read = {k: _read(k, v, f"config: $[{k!r}]") for k, v in self.overrides.items()}
        check_stages(read)
        return read


def _read(path: str, value: Any, where: str) -> Distribution:
    value = _by_name(value)
    if path.startswith(PREFIX):
        return read_augmenter(path, value, where)
    return from_json(value, where)


def _by_name(value: Any) -> Any:
    """JSON with the keys of every object in order: an object means the same in any order.

    The order of a choice decides what is drawn, and files are read in theirs, manifests in
    another.
    """
    if isinstance(value, Mapping):
        return {k: _by_name(value[k]) for k in sorted(value, key=str)}
    return [_by_name(v) for v in value] if isinstance(value, list | tuple) else value


def read_overrides(path: Path) -> dict[str, Any]:
    """A JSON object of parameter paths to distributions (or plain values) from a file.

    Nested objects are flattened: ``{"light": {"kind": "sun"}}`` is ``{"light.kind": "sun"}``.

    Raises:
        ConfigError: not readable, not JSON, not an object, or with two values for one parameter.
    """
    data = read_json(path, ConfigError, "a config maps parameter paths to distributions")
    if not isinstance(data, dict):
        raise ConfigError("the top level must be an object", where=str(path))
    out: dict[str, Any] = {}
    for key, value in _flatten(data, ""):
        if key.startswith(("$", "_")):
            continue
        if key in out:
            raise ConfigError(
                "this parameter is set twice, as a path and in an object",
                where=f"{path}: $[{key!r}]",
                hint="leave one out",
            )
        out[key] = value
    return out


def plain_text(registration: str) -> str:
    """A registration as lists of them are compared: capital letters and digits only."""
    return "".join(c for c in registration.upper() if c.isalnum())


def read_exclusions(path: Path) -> tuple[str, ...]:
    """The registrations of a text file, one a line, sorted; `#` starts a comment.

    Raises:
        ConfigError: not readable, not UTF-8.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as e:
        raise ConfigError(f"cannot read it: {e.strerror}", where=str(path)) from None
    except UnicodeDecodeError:
        raise ConfigError("not UTF-8 text", where=str(path)) from None
    return tuple(sorted({plain_text(line.split("#")[0]) for line in lines} - {""}))


def _flatten(data: Mapping[str, Any], prefix: str) -> list[tuple[str, Any]]:
    from anprgen.distributions import KINDS

    out: list[tuple[str, Any]] = []
    for key, value in data.items():
        path = f"{prefix}.{key}" if prefix else key
        # An object that holds a list was meant as a distribution; its reader says what is wrong.
        leaf = (
            not isinstance(value, dict)
            or path.startswith(PREFIX)  # an augmenter's arguments
            or (
                len(value) == 1
                and (next(iter(value)) in KINDS or isinstance(next(iter(value.values())), list))
            )
        )
        out += [(path, value)] if leaf else _flatten(value, path)
    return out
