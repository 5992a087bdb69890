# SPDX-License-Identifier: Apache-2.0
"""A first design to start from: small, commented, valid, and drawn at once."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from anprgen.errors import DesignError
from anprgen.files import disk_errors
from anprgen.resources import designs_dir


def write_starter(name: str, folder: Path) -> Path:
    """Writes ``<name>.json`` with a commented one-line plate; returns its path.

    Raises:
        DesignError: not a name, or the file exists.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,63}", name):
        raise DesignError(
            f"{name!r} is no name for a design",
            hint="small letters, digits and _, a letter first: new_zealand",
        )
    path = folder / f"{name}.json"
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with path.open("x", encoding="utf-8") as out:
                out.write(json.dumps(_starter(name), indent=1, ensure_ascii=False) + "\n")
        except FileExistsError:
            raise DesignError("there is such a file already", where=str(path)) from None
    return path


def _starter(name: str) -> dict[str, Any]:
    return {
        "$schema": (designs_dir() / "schema.json").as_uri(),
        "name": name,
        "title": name.replace("_", " ").title(),
        "country": "XX",
        "confidence": "low",
        "comment": "Lengths in mm from the plate's top left corner, x right, y down. An editor"
        " that knows JSON schemas completes and explains every key. Replace country, sources and"
        " confidence, then: anprgen validate, anprgen texture, anprgen preview.",
        "sources": ["where the measures come from"],
        "lists": {"districts": {"AB": 3, "CD": 2, "EF": 1}},
        "sheets": {
            "white": {"color_srgb": [248, 248, 246], "ink_srgb": [20, 20, 20], "retro": 1},
            "yellow": {"color_srgb": [250, 200, 20], "ink_srgb": [20, 20, 20], "retro": 0.6},
        },
        "series": [
            {
                "id": "standard",
                "comment": "One form of registration. fields are its parts in reading order;"
                " text is how it is written, ocr which parts stand in the large glyphs.",
                "weight": 1,
                "fields": [
                    {"name": "district", "values": "districts"},
                    {"name": "number", "number": {"first": 1, "last": 999, "digits": 3}},
                    {"name": "letters", "characters": ["A-Z", {"A-HJ-NP-Z": 1}]},
                ],
                "text": "{district}-{number}{letters}",
                "ocr": ["district", "number", "letters"],
                "layouts": {"one_line": 1},
            }
        ],
        "layouts": {
            "one_line": {
                "comment": "One variant of the plate. elements are painted in this order; vary"
                " changes doubtful measures at random, by this share.",
                "confidence": "low",
                "size_mm": [520, 110],
                "corner_radius_mm": 10,
                "border": {"width_mm": 3, "inset_mm": 2, "radius_mm": 8},
                "sheets": {"white": 0.8, "yellow": 0.2},
                "vary": 0.02,
                "lines": [["district", "number", "letters"]],
                "elements": [
                    {
                        "kind": "area",
                        "comment": "a blue band at the left, flat printed",
                        "box_mm": [6, 6, 46, 104],
                        "color_srgb": [0, 60, 160],
                        "sheets": ["white"],
                    },
                    {
                        "kind": "text",
                        "text": "XX",
                        "face": "fe_eng",
                        "height_mm": 22,
                        "center_mm": [26, 82],
                        "spacing_mm": 3,
                        "stretch": 0.9,
                        "color_srgb": [255, 255, 255],
                        "sheets": ["white"],
                    },
                    {
                        "kind": "slots",
                        "comment": "one x for each character's cell",
                        "field": "district",
                        "face": "fe_eng",
                        "height_mm": 75,
                        "x_mm": [58, 108],
                        "y_mm": 17.5,
                        "cell_mm": 40.5,
                    },
                    {
                        "kind": "bar",
                        "comment": "the hyphen: drawn, but no character",
                        "box_mm": [158, 50, 178, 60],
                    },
                    {
                        "kind": "slots",
                        "field": "number",
                        "face": "fe_eng",
                        "height_mm": 75,
                        "x_mm": [190, 240, 290],
                        "y_mm": 17.5,
                        "cell_mm": 38.5,
                    },
                    {
                        "kind": "run",
                        "comment": "a centred line, for parts of any length",
                        "field": "letters",
                        "face": "fe_eng",
                        "height_mm": 75,
                        "center_mm": [410, 55],
                        "spacing_mm": 9,
                        "max_width_mm": 150,
                    },
                ],
            }
        },
    }
