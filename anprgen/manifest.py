# SPDX-License-Identifier: Apache-2.0
"""manifest.json: what a dataset is made of, so that it is continued only by the same recipe.

The *identity* decides pixels and labels: configuration, designs, faces, renderer and device class.
How many samples were asked for, the number of workers and their order are no part of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from anprgen.config import Config
from anprgen.errors import DatasetError
from anprgen.files import write_text
from anprgen.share import Share
from anprgen.splits import RULE

FORMAT = "anprgen-dataset/1"
NAME = "manifest.json"
#: Where an identity has the digests of the files that designs name: nowhere in older datasets.
DESIGN_FILES = "design_files"
SHARD_SIZE = 250

#: What a renderer may tell about itself that does not decide pixels.
_INFORMATIONAL = frozenset({"device_name", "executable", "threads", "log"})


@dataclass(frozen=True)
class Manifest:
    """The manifest as read.

    `identity` is the recipe without the renderer; `renderers` maps a device key (as records carry
    it) to what decides pixels there, one entry unless the dataset is mixed; `requested` is the
    largest number of samples asked for so far, `completed` the largest that was finished, both of
    the whole dataset, of which the folder holds the part `share`; `layout` is one of
    `anprgen.packed.LAYOUTS`; `info` is for people.
    """

    identity: dict[str, Any]
    renderers: dict[str, dict[str, str]]
    requested: int = 0
    completed: int = 0
    shard_size: int = SHARD_SIZE
    splits: str = RULE
    share: Share = Share()
    layout: str = "files"
    info: dict[str, Any] = field(default_factory=dict)
    format: str = FORMAT

    @property
    def seed(self) -> int:
        return int(self.identity["config"]["seed"])

    def config(self) -> Config:
        """The configuration of the dataset; its samples can be made again with it."""
        data = dict(self.identity["config"])
        data["designs"] = tuple((str(name), float(weight)) for name, weight in data["designs"])
        data["exclude"] = tuple(data.get("exclude", ()))
        return Config(**data)

    def asked_for(self, n: int) -> Manifest:
        return replace(self, requested=max(self.requested, n))

    def done(self, n: int) -> Manifest:
        return replace(self, completed=max(self.completed, n))


def read(root: Path) -> Manifest:
    """The manifest of the dataset in the folder `root`.

    Raises:
        DatasetError: there is none, or it is not one of this format.
    """
    path = root / NAME
    try:
        data = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise DatasetError(
            f"no dataset: there is no {NAME}",
            where=str(root),
            hint="name the folder that `anprgen build -o` wrote",
        ) from None
    except OSError as e:
        raise DatasetError(f"cannot read it: {e.strerror}", where=str(path)) from None
    except ValueError as e:
        raise DatasetError(f"damaged: {e}", where=str(path)) from None
    found = data.get("format") if isinstance(data, dict) else None
    if found != FORMAT:
        raise DatasetError(
            f"format {found!r}, this anprgen reads {FORMAT!r}",
            where=str(path),
            hint="use the version of anprgen that wrote it",
        )
    try:
        manifest = Manifest(**{**data, "share": Share(**data.get("share", {}))})
    except TypeError as e:
        raise DatasetError(f"damaged: {e}", where=str(path)) from None
    for name, kind in (("shard_size", int), ("requested", int), ("completed", int)):
        if not isinstance(getattr(manifest, name), kind) or getattr(manifest, name) < 0:
            raise DatasetError(f"damaged: {name} is no number", where=str(path))
    if manifest.shard_size < 1 or not all(
        isinstance(v, dict) for v in (manifest.identity, manifest.renderers, manifest.info)
    ):
        raise DatasetError("damaged: its parts are not what they should be", where=str(path))
    if not isinstance(manifest.identity.get("config"), dict):
        raise DatasetError("damaged: it holds no configuration", where=str(path))
    return manifest


def write(root: Path, manifest: Manifest) -> None:
    """Replaces the manifest at once: a reader sees the old or the new one."""
    text = json.dumps(asdict(manifest), indent=2, ensure_ascii=False, sort_keys=True)
    write_text(root / NAME, text + "\n", durable=True)


def completed(have: Mapping[str, Any], want: Mapping[str, Any]) -> dict[str, Any]:
    """An identity with what it does not know yet of an equal one."""
    return {**{k: v for k, v in want.items() if k == DESIGN_FILES}, **have}


def recipe(identity: Mapping[str, Any]) -> dict[str, Any]:
    """What of an identity stays as it is when an older dataset learns the rest (`completed`)."""
    return {k: v for k, v in identity.items() if k != DESIGN_FILES}


def split_identity(plan: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A plan's identity -> what decides pixels, and what is only worth knowing (the version)."""
    deciding = json.loads(json.dumps(dict(plan)))
    return deciding, {"anprgen": deciding.pop("anprgen", None)}


def renderer_identity(name: str, described: Mapping[str, Any]) -> dict[str, str]:
    """What decides pixels of a renderer's description: its name, version and device class."""
    kept = {k: str(v) for k, v in described.items() if k not in _INFORMATIONAL and v}
    if "device_class" in kept:
        kept.pop("device", None)  # The card's own name: two of a class give equal pixels.
    if kept.get("renderer") == name:
        del kept["renderer"]
    return {"name": name, **kept}


def device_key(renderer: Mapping[str, str]) -> str:
    """A short name for a renderer's identity, carried by the records made there."""
    first = ("name", "device_class", "device", "version")
    parts = [renderer[k] for k in first if k in renderer]
    parts += [v for k, v in sorted(renderer.items()) if k not in first]
    return "/".join(part.replace("/", "-").replace(" ", "-") for part in parts if part)


def differences(have: Mapping[str, Any], want: Mapping[str, Any]) -> list[str]:
    """``config.seed: 0 in the dataset, 1 asked for`` for every leaf that differs.

    What designs are drawn from is left out where one of both does not know it.
    """
    if not (DESIGN_FILES in have and DESIGN_FILES in want):
        have, want = recipe(have), recipe(want)
    a, b = dict(_leaves(have, "")), dict(_leaves(want, ""))
    lines = []
    for path in sorted(a.keys() | b.keys()):
        if a.get(path, "nothing") != b.get(path, "nothing"):
            old, new = (_short(x.get(path, "nothing")) for x in (a, b))
            lines.append(f"{path}: {old} in the dataset, {new} asked for")
    return lines


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else str(key))
    else:
        yield path, value


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 48 else f"{text[:45]}..."
