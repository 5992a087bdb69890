# SPDX-License-Identifier: Apache-2.0
"""What lies beside the tensors: manifest, characters, scripts, a guide, and checksums."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import PIL

from anprgen import __version__
from anprgen.evalset.charsets import Charset
from anprgen.evalset.factors import BINS, FACTORS, MEANING
from anprgen.evalset.presets import Preset
from anprgen.evalset.tensors import Variant
from anprgen.exporters.staging import Staging
from anprgen.files import canonical
from anprgen.manifest import Manifest, recipe

FORMAT = "anprgen-evalset/1"
MANIFEST, SUMS = "manifest.json", "SHA256SUMS"

#: Script -> whether detectors alone need it.
_SCRIPTS = {
    "eval.py": False,
    "eval_outputs.py": False,
    "eval_text.py": False,
    "eval_boxes.py": True,
    "data_loader.py": False,
    "run_trtexec.sh": False,
}
_SHIPPED = Path(__file__).parent / "shipped"


def manifest(
    preset: Preset,
    variants: Sequence[Variant],
    charset: Charset,
    *,
    count: int,
    batch: int,
    calibrating: int,
    sources: Mapping[str, tuple[Manifest, Sequence[str]]],
) -> dict[str, Any]:
    """The manifest without the list of files."""
    padded = -(-count // batch) * batch
    return {
        "schema": FORMAT,
        "preset": {"name": preset.name, "title": preset.title, "source": preset.source},
        "generator": {"anprgen": __version__},
        "datasets": {name: _dataset(made, splits) for name, (made, splits) in sources.items()},
        "count": count,
        "batch": batch,
        "batches": padded // batch,
        "padded": padded,
        "remainder": "repeat_last",
        "valid_last": batch - (padded - count),
        "tensors": [
            {**v.described(), **({"calibration": v.calibration} if calibrating else {})}
            for v in variants
        ],
        "preprocess": _preprocess(preset),
        "decode": _decode(preset, charset),
        "calibration": {
            "count": calibrating,
            "disjoint": ["registration", "seed and index"],
            "stratified": list(FACTORS),
        },
        "factors": {
            name: {"meaning": MEANING[name], "classes": _classes(name)} for name in FACTORS
        },
    }


def _classes(factor: str) -> list[list[Any]]:
    """Names with their upper bounds, None for the last; empty where the name says it all."""
    bins = BINS.get(factor, ())
    return [[word, None if math.isinf(upper) else upper] for word, upper in bins]


def _dataset(made: Manifest, splits: Sequence[str]) -> dict[str, Any]:
    identity = hashlib.sha256(canonical(recipe(made.identity)).encode()).hexdigest()
    return {
        "seed": made.seed,
        "designs": [name for name, _ in made.config().designs],
        "splits": list(splits),
        "recipe_sha256": identity,
    }


def _preprocess(preset: Preset) -> dict[str, Any]:
    library = f"opencv {cv2.__version__}"
    if preset.interpolation.startswith("pillow"):
        library = f"Pillow {PIL.__version__}"
    out: dict[str, Any] = {
        "applied": True,
        "colour": preset.colour,
        "size": {"height": preset.height, "width": preset.width},
        "resize": preset.resize,
        "interpolation": preset.interpolation,
        **_normalisation(preset),
        "reference": library,
    }
    if preset.resize == "letterbox":
        out["pad_value"] = preset.pad_value
    elif preset.resize == "right_pad":
        out["pad_value_normalised"] = 0.0
    return out


def _normalisation(preset: Preset) -> dict[str, Any]:
    if preset.floor:
        said = "(x - mean of x) / (standard deviation of x + floor), x in 0..255"
        return {"normalise": said, "floor": preset.floor}
    return {
        "normalise": "(x / divisor - mean) / std, x in 0..255",
        "divisor": preset.divisor,
        "mean": [preset.mean] * preset.channels,
        "std": [preset.std] * preset.channels,
        # The same as DeepStream writes it: net-scale-factor * (x - offsets).
        "scale": 1 / (preset.divisor * preset.std),
        "offsets": [preset.mean * preset.divisor] * preset.channels,
    }


def _decode(preset: Preset, charset: Charset) -> dict[str, Any]:
    decode = preset.decode
    out: dict[str, Any] = {"kind": decode.kind, "output": decode.output or None}
    if preset.is_detector:
        return {**out, "classes": ["plate"], "score": 0.25, "iou": 0.7, "most": 300}
    special = {"ctc": "blank_index", "slots": "pad_index", "eos": "eos_index"}[decode.kind]
    index = charset.special
    last = len(charset.classes) - 1
    place = "first" if index == 0 else "last" if index == last else "among the characters"
    return {
        **out,
        special: index,
        "special_position": place,
        "classes": list(charset.classes),
        "vocabulary": len(charset.classes),
        "charset": "".join(charset.characters),
        "max_length": decode.max_length,
    }


def write(
    staging: Staging, said: Mapping[str, Any], variants: Sequence[Variant], charset: Charset
) -> None:
    """Writes characters, scripts, README.md, manifest.json and SHA256SUMS, the latter two last."""
    if charset.characters:
        lines = "".join(f"{c}\n" for c in charset.characters)
        staging.text("charset.txt", lines)
        staging.text("dict.txt", lines)  # The name that DeepStream's parser of plates looks for.
    detector = said["decode"]["kind"] == "boxes"
    for name, for_detectors in _SCRIPTS.items():
        if for_detectors <= detector and not (detector and name == "eval_text.py"):
            staging.text(name, _filled((_SHIPPED / name).read_text("utf-8"), said))
    staging.file("run_trtexec.sh").chmod(0o755)
    readme = (_SHIPPED / "README.md").read_text("utf-8")
    staging.text("README.md", _filled(readme, said))
    files = [_file(staging, name) for name in sorted(staging.files)]
    text = json.dumps({**said, "files": files}, indent=1, ensure_ascii=False)
    staging.text(MANIFEST, text + "\n")
    sums = [*files, _file(staging, MANIFEST)]
    staging.text(SUMS, "".join(f"{f['sha256']}  {f['path']}\n" for f in sums))


def _file(staging: Staging, name: str) -> dict[str, Any]:
    size, digest = staging.sum_of(name)
    return {"path": name, "bytes": size, "sha256": digest}


def _filled(text: str, said: Mapping[str, Any]) -> str:
    """A shipped file with what it says in double braces put in."""
    usual, nano = said["tensors"][0], said["tensors"][-1]
    shape = "x".join(map(str, usual["shape"]))
    values = {
        "PRESET": said["preset"]["name"],
        "TITLE": said["preset"]["title"],
        "COUNT": said["count"],
        "BATCH": said["batch"],
        "BATCHES": said["batches"],
        "INPUT": usual["name"],
        "DTYPE": usual["dtype"],
        "FLOAT": nano["dtype"],
        "SHAPE": shape,
        "LAYOUT": usual["layout"],
        "COLOUR": said["preprocess"]["colour"],
        "CALIBRATION": said["calibration"]["count"],
    }
    for name, value in values.items():
        text = text.replace("{{" + name + "}}", str(value))
    return text
