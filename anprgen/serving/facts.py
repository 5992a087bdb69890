# SPDX-License-Identifier: Apache-2.0
"""A record as a page shows it: shapes to draw over the picture, and tables to read."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anprgen.serving.table import WEAR, camera_of, light_of, time_of, wear_of

#: The least share of a character that is seen, for each class of how it is drawn.
SEEN = (("seen", 0.9), ("partly", 0.6), ("hidden", 0.0))


@dataclass(frozen=True)
class Shape:
    """A polygon in picture px, as SVG wants it, with its class and what it says.

    `label` is written below `at`, as high as `size`.
    """

    points: str
    kind: str
    title: str
    label: str = ""
    at: tuple[float, float] = (0.0, 0.0)
    size: float = 0.0


@dataclass(frozen=True)
class Plate:
    """A plate's facts as (name, value), its wear as (kind, amount), and its characters."""

    title: str
    facts: list[tuple[str, str]]
    wear: list[tuple[str, float]]
    characters: list[Mapping[str, Any]]


def one_line(text: str) -> str:
    """A text of several lines on one."""
    return " / ".join(text.split("\n"))


def caption(record: Mapping[str, Any]) -> str:
    """The registrations in a picture."""
    return ", ".join(one_line(p["text"]) for p in record["plates"]) or "no plate"


def quads(record: Mapping[str, Any]) -> list[Shape]:
    """The plates' outlines, of the class of their legibility."""
    return [
        Shape(
            _points(plate["quad"]),
            f"quad {plate['legibility']}",
            f"{one_line(plate['text'])}, {plate['legibility']}",
        )
        for plate in record["plates"]
    ]


def cells(record: Mapping[str, Any]) -> list[Shape]:
    """The characters' boxes, of the class of how much of them is seen."""
    out = []
    for plate in record["plates"]:
        for c in plate["characters"]:
            x0, y0, x1, y1 = c["box"]
            out.append(
                Shape(
                    _points([(x0, y0), (x1, y0), (x1, y1), (x0, y1)]),
                    f"cell {seen_class(c['visible'])}",
                    f"{c['char']}: {c['visible']:.2f} visible",
                    _share(c["visible"]),
                    (round((x0 + x1) / 2, 2), round(y1, 2)),
                    round(max(0.4 * (x1 - x0), 0.16 * (y1 - y0)), 2),
                )
            )
    return out


def seen_class(visible: float) -> str:
    """The class of a character by the share of it that is seen."""
    return next(name for name, least in SEEN if visible >= least)


def about(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is to say of the whole picture."""
    shot, image = record["shot"], record["image"]
    frame = shot.get("frame", {})
    out = [
        ("sample", record["id"]),
        ("split", record.get("split", "")),
        ("picture", f"{image['width']} × {image['height']} px"),
        ("light", f"{light_of(shot)}, {time_of(record)}"),
        ("camera", camera_of(shot)),
        ("field of view", f"{frame['hfov_deg']:.1f}°" if "hfov_deg" in frame else ""),
        ("made on", record.get("device", "")),
        ("digest", record.get("digest", "")),
    ]
    return [(name, value) for name, value in out if value]


def plates(record: Mapping[str, Any]) -> list[Plate]:
    """What is to say of each plate."""
    out = []
    for number, plate in enumerate(record["plates"]):
        wear = wear_of(record, number)
        worn = [(kind, float(wear[kind])) for kind in WEAR if wear.get(kind, 0) > 0]
        facts = [
            ("text", one_line(plate["text"])),
            ("reads as", plate["ocr_text"]),
            ("design", f"{plate['design']}, {plate['series']}, {plate['variant']}"),
            ("legibility", plate["legibility"]),
            ("size", f"{plate['width_px']:.1f} × {plate['height_px']:.1f} px"),
            ("yaw", f"{plate['yaw_deg']:.1f}°"),
            ("pitch", f"{plate['pitch_deg']:.1f}°"),
            ("roll", f"{plate['roll_deg']:.1f}°"),
            ("cut off by the edge", "yes" if plate["truncated"] else "no"),
            *((f"field {name}", str(value)) for name, value in sorted(plate["fields"].items())),
        ]
        worn.sort(key=lambda pair: -pair[1])
        out.append(Plate(one_line(plate["text"]), facts, worn, plate["characters"]))
    return out


def command(root: Path, sample: str) -> str:
    """The command line that makes a sample again."""
    return shlex.join(["anprgen", "show", str(root), sample])


def _share(value: float) -> str:
    """A share in little room: ``1``, ``.97``."""
    return "1" if value >= 0.995 else f"{value:.2f}".removeprefix("0")


def _points(points: Sequence[Sequence[float]]) -> str:
    return " ".join(f"{x:.2f},{y:.2f}" for x, y in points)
