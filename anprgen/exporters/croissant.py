# SPDX-License-Identifier: Apache-2.0
"""Croissant 1.0 (MLCommons): the parquet files, described in croissant.json with their sums."""

from __future__ import annotations

import json
from typing import Any

from anprgen import __version__
from anprgen.dataset import Dataset
from anprgen.exporters import card, parquet
from anprgen.exporters.options import Options
from anprgen.exporters.recognition import is_cut
from anprgen.exporters.staging import Staging

#: The context of the format's specification, word for word: readers compare it.
_CONTEXT: dict[str, Any] = {
    "@language": "en", "@vocab": "https://schema.org/", "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/", "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/", "citeAs": "cr:citeAs", "column": "cr:column",
    "conformsTo": "dct:conformsTo", "data": {"@id": "cr:data", "@type": "@json"},
    "equivalentProperty": "cr:equivalentProperty", "samplingRate": "cr:samplingRate",
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"}, "extract": "cr:extract",
    "field": "cr:field", "fileProperty": "cr:fileProperty", "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet", "format": "cr:format", "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset", "jsonPath": "cr:jsonPath", "key": "cr:key",
    "md5": "cr:md5", "parentField": "cr:parentField", "path": "cr:path",
    "recordSet": "cr:recordSet", "references": "cr:references", "regex": "cr:regex",
    "repeated": "cr:repeated", "replace": "cr:replace", "separator": "cr:separator",
    "source": "cr:source", "subField": "cr:subField", "transform": "cr:transform",
}  # fmt: skip
_PARQUET = "application/x-parquet"
_SET = "parquet-files"


def export(dataset: Dataset, staging: Staging, options: Options) -> None:
    """Writes what hf-parquet writes, and croissant.json.

    Raises:
        DatasetError: pyarrow is not installed, or the lines of street pictures are asked for.
    """
    names, _ = parquet.write(dataset, staging, options)
    files = [_file(staging, name) for name in names]
    everything = {"@type": "cr:FileSet", "@id": _SET, "encodingFormat": _PARQUET,
                  "includes": "data/*.parquet"}  # fmt: skip
    fields = _frame_fields() if is_cut(dataset) else _crop_fields()
    described: dict[str, Any] = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": card.name_of(dataset),
        "description": card.described(dataset),
        "version": __version__,
        # When the pictures were begun, not when this ran: a second run writes the same bytes.
        **({"datePublished": created} if (created := dataset.manifest.info.get("created")) else {}),
        **({"license": options.license} if options.license else {}),
        "keywords": ["synthetic", "licence plate", "ANPR"],
        "distribution": [*files, everything],
        "recordSet": [_splits(list(staging.splits)), _records(fields)],
    }
    text = json.dumps(described, indent=1, ensure_ascii=False)
    staging.text("croissant.json", text + "\n")


def _file(staging: Staging, name: str) -> dict[str, Any]:
    size, digest = staging.sum_of(name)
    return {
        "@type": "cr:FileObject", "@id": name, "name": name, "contentUrl": name,
        "contentSize": f"{size} B", "encodingFormat": _PARQUET, "sha256": digest,
    }  # fmt: skip


def _splits(splits: list[str]) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet", "@id": "splits", "name": "splits",
        "dataType": "cr:Split", "key": {"@id": "splits/name"},
        "field": [{"@type": "cr:Field", "@id": "splits/name", "name": "name",
                   "dataType": "sc:Text"}],
        "data": [{"splits/name": card.NAMES[split]} for split in splits],
    }  # fmt: skip


def _records(fields: list[dict[str, Any]]) -> dict[str, Any]:
    of_name = {"regex": ".*?([a-z]+)-[0-9]+-of-.*"}
    split = _field("split", "sc:Text", {"fileProperty": "fullpath"}, of_name)
    split["references"] = {"field": {"@id": "splits/name"}}
    return {"@type": "cr:RecordSet", "@id": "default", "name": "default", "field": [split, *fields]}


def _field(
    name: str, kind: str, extract: dict[str, str], transform: dict[str, str] | None = None
) -> dict[str, Any]:
    source: dict[str, Any] = {"fileSet": {"@id": _SET}, "extract": extract}
    if transform:
        source["transform"] = transform
    return {
        "@type": "cr:Field", "@id": f"default/{name}", "name": name, "dataType": kind,
        "source": source,
    }  # fmt: skip


def _image() -> dict[str, Any]:
    return _field("image", "sc:ImageObject", {"column": "image"}, {"jsonPath": "bytes"})


def _crop_fields() -> list[dict[str, Any]]:
    texts = ("text", "design", "series", "legibility")
    return [_image(), *(_field(name, "sc:Text", {"column": name}) for name in texts)]


def _frame_fields() -> list[dict[str, Any]]:
    kinds = {"bbox": "sc:Float", "category": "sc:Integer", "corners": "sc:Float", "text": "sc:Text"}
    parts = []
    for name, kind in kinds.items():
        part = _field(f"objects/{name}", kind, {"column": "objects"}, {"jsonPath": name})
        parts.append({**part, "name": name, "repeated": True})
    objects = {"@type": "cr:Field", "@id": "default/objects", "name": "objects", "subField": parts}
    return [_image(), objects]
