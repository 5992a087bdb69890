# SPDX-License-Identifier: Apache-2.0
"""What makes a plate hard to read, as numbers and as classes: blur, size, angle, night, dirt."""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import median
from typing import Any

#: Factor -> its classes with their upper bounds (exclusive); the last has none. The bounds part
#: crops of Sri Lanka at 39 and 80 % (blur), 19 and 67 % (size), 24 and 75 % (angle), 22 and 65 %
#: (dirt): measured on the 1,850 legible ones of 2,000.
BINS: dict[str, tuple[tuple[str, float], ...]] = {
    "blur": (("sharp", 0.015), ("soft", 0.04), ("blurred", math.inf)),
    "size": (("small", 14.0), ("medium", 30.0), ("large", math.inf)),
    "angle": (("frontal", 10.0), ("oblique", 25.0), ("steep", math.inf)),
    "dirt": (("clean", 0.1), ("dusty", 0.45), ("dirty", math.inf)),
}

MEANING = {
    "blur": "standard deviation of all blur (defocus, motion, enlargement), of a character's"
    " height",
    "size": "height of a character, px of the original picture",
    "angle": "camera's direction against the plate's normal, degrees",
    "night": "night: headlamp, street or infrared lamp or a night sky; else day",
    "dirt": "largest amount of dust, mud and stains, 0 to 1",
    "legibility": "clear: every large character is 0.9 visible, 12 px high, correlation 0.70; hard:"
    " 0.6, 7 px, 0.40; else illegible",
}

FACTORS = ("blur", "size", "angle", "night", "dirt", "legibility")
UNKNOWN = "unknown"


def measures_of(record: Mapping[str, Any], plate: Mapping[str, Any]) -> dict[str, float]:
    """The numbers behind the factors, where the record tells them; units as in `MEANING`."""
    out: dict[str, float] = {}
    heights = [c["height_px"] for c in plate["characters"] if c["large"]]
    if heights:
        out["size"] = median(heights)
    yaw, pitch = math.radians(plate["yaw_deg"]), math.radians(plate["pitch_deg"])
    out["angle"] = math.degrees(math.acos(math.cos(yaw) * math.cos(pitch)))
    shot = record["shot"]
    if heights and "camera" in shot:
        out["blur"] = _blur_px(shot["camera"]) / max(out["size"], 1e-6)
    if (wear := _wear(shot, plate)) is not None:
        out["dirt"] = max(wear["dust"], wear["mud"], wear["stains"])
    return {name: round(value, 4) for name, value in out.items()}


def factors_of(record: Mapping[str, Any], plate: Mapping[str, Any]) -> dict[str, str]:
    """Factor -> class of a plate; `unknown` where the record does not tell."""
    measures = measures_of(record, plate)
    classes = {name: _bin(name, measures.get(name)) for name in BINS}
    night = _night(record["shot"])
    out = {**classes, "night": night, "legibility": str(plate["legibility"])}
    return {name: out[name] for name in FACTORS}


def _bin(name: str, value: float | None) -> str:
    if value is None:
        return UNKNOWN
    return next(word for word, upper in BINS[name] if value < upper)


def _blur_px(camera: Mapping[str, Any]) -> float:
    """Standard deviation, px: variances of independent blurs add up."""
    sigma = camera.get("defocus", {}).get("sigma_px", 0.0)
    way = camera.get("motion", {}).get("length_px", 0.0)
    factor = camera.get("resample", {}).get("factor", 1.0)
    # A way of length l has the variance l^2/12. Shrinking averages over 1/factor px (1/12 of its
    # square), linear enlarging is a triangle of twice that (1/6): together a quarter.
    enlarged = 0.25 / factor**2 if factor < 1 else 0.0
    return math.sqrt(sigma**2 + way**2 / 12 + enlarged)


def _wear(shot: Mapping[str, Any], plate: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The wear of a labelled plate: plates outside the picture have no label, so match by text."""
    for mounted in shot.get("plates", ()):
        same = mounted["registration"]["text"] == plate["text"]
        if same and mounted["design"] == plate["design"]:
            wear: Mapping[str, Any] = mounted["wear"]
            return wear
    return None


def _night(shot: Mapping[str, Any]) -> str:
    if "light" not in shot:
        return UNKNOWN
    kind, hdri = shot["light"]["kind"], shot["light"]["hdri"]
    lamp = kind in ("headlamp", "infrared", "street")
    return "night" if lamp or (kind == "hdri" and hdri == "night") else "day"
