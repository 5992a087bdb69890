# SPDX-License-Identifier: Apache-2.0
"""What makes a crop of ours hard to read, in classes that are the same in every report."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from anprgen.evalset.factors import factors_of, measures_of
from anprgen.labelled import Crop

#: Factor -> where its classes part. The first class is below the first bound.
BOUNDS: dict[str, tuple[float, ...]] = {
    "width_px": (50, 70, 90, 120, 160, 220, 300),
    "character_px": (8, 12, 16, 24, 32),
    "yaw_deg": (10, 20, 30, 45),
    "pitch_deg": (5, 10, 20, 30),
    "roll_deg": (2, 5, 10, 20),
    "blur": (0.01, 0.02, 0.04, 0.08),
    "dirt": (0.05, 0.2, 0.4, 0.6, 0.8),
    "visible": (0.7, 0.85, 0.95, 0.999),
    "contrast": (0.1, 0.2, 0.3, 0.45, 0.6),
    "correlation": (0.4, 0.55, 0.7, 0.8, 0.9),
    "jpeg_quality": (30, 50, 70, 85),
}

MEANING = {
    "width_px": "the plate's width in the picture",
    "character_px": "median height of the large characters",
    "yaw_deg": "camera to the left or right of the plate's normal",
    "pitch_deg": "camera above or below the plate's normal",
    "roll_deg": "the plate's turn in the picture",
    "blur": "standard deviation of all blur, of a character's height",
    "dirt": "largest amount of dust, mud and stains",
    "visible": "the least visible large character",
    "contrast": "the large character of least contrast",
    "correlation": "the large character that stands out least against noise and glare",
    "jpeg_quality": "quality of the JPEG",
    "conditions": "time of day and weather, or the kind of light",
    "night": "lamps or a night sky, else day",
    "weather": "rain, fog or snow in the air",
    "legibility": "clear or hard (docs/labels.md)",
    "design": "the plate's design",
    "series": "the series of its registration",
    "variant": "the layout of the plate",
    "lines": "lines of large characters",
}


def describe(crop: Crop) -> dict[str, str]:
    """Factor -> class of a crop of ours; {} for a photograph."""
    if crop.record is None or crop.plate is None:
        return {}
    record, plate = crop.record, crop.plate
    words = factors_of(record, plate)
    out = {name: class_of(name, value) for name, value in numbers_of(record, plate).items()}
    light = record["shot"].get("light", {})
    lines = len({c["line"] for c in plate["characters"] if c["large"]})
    out |= {
        "conditions": str(light.get("conditions") or light.get("kind") or "unknown"),
        "night": words["night"],
        "weather": str(_at(record, "camera", "weather", "effect") or "none"),
        "legibility": words["legibility"],
        "design": str(plate["design"]),
        "series": str(plate["series"]),
        "variant": str(plate["variant"]),
        "lines": str(lines),
    }
    return out


def numbers_of(record: Mapping[str, Any], plate: Mapping[str, Any]) -> dict[str, float]:
    """The numbers behind the classes, where the record tells them."""
    measured = measures_of(record, plate)
    large = [c for c in plate["characters"] if c["large"]]
    found: dict[str, float | None] = {
        "width_px": plate["width_px"],
        "character_px": measured.get("size"),
        "yaw_deg": abs(plate["yaw_deg"]),
        "pitch_deg": abs(plate["pitch_deg"]),
        "roll_deg": abs(plate["roll_deg"]),
        "blur": measured.get("blur"),
        "dirt": measured.get("dirt"),
        "visible": min((c["visible"] for c in large), default=None),
        "contrast": min((c["contrast"] for c in large), default=None),
        "correlation": min((c["correlation"] for c in large if "correlation" in c), default=None),
        "jpeg_quality": _at(record, "camera", "jpeg", "quality"),
    }
    return {k: float(v) for k, v in found.items() if v is not None and math.isfinite(v)}


def classes(factor: str) -> list[str] | None:
    """The classes of a numeric factor in their order, None for words."""
    if factor not in BOUNDS:
        return None
    bounds = BOUNDS[factor]
    return [f"<{bounds[0]:g}", *(f"{a:g}-{b:g}" for a, b in zip(bounds, bounds[1:])),
            f">={bounds[-1]:g}"]  # fmt: skip


def class_of(factor: str, value: float) -> str:
    """The class of a number."""
    named = classes(factor)
    assert named is not None
    return named[sum(value >= bound for bound in BOUNDS[factor])]


def _at(record: Mapping[str, Any], *keys: str) -> Any:
    value: Any = record["shot"]
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
