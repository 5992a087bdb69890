# SPDX-License-Identifier: Apache-2.0
"""Which frame of a track is the best to read its plate from, and why.

The rule, in this order: the better class of legibility (clear, hard, illegible); a plate that is
whole in the picture before one that its border cuts; more px of detail; the earlier frame. The px
of detail of a show are

    height of the lowest large character, px
    * share of its most hidden large character that can be seen
    * cos(yaw), for characters seen from the side are narrow
    / sqrt(1 + (way while the shutter is open / width of a stroke)^2)

A stroke is a seventh of a character's height wide (10 mm of 75 mm on German plates, DIN 1451); a
smear as long as a stroke is wide leaves 0.71 of the detail.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median
from typing import Any

from anprgen.sequences.tracks import Plate, Show, Track

_CLASSES = {"clear": 2, "hard": 1}
_STROKE = 1 / 7


@dataclass(frozen=True)
class BestShot:
    """The best show of a track: its frame from 0, its px of detail, and the reason in words."""

    frame: int
    detail_px: float
    legibility: str
    why: str

    def to_json(self) -> dict[str, Any]:
        return {
            "frame": self.frame,
            "detail_px": round(self.detail_px, 2),
            "legibility": self.legibility,
            "why": self.why,
        }


def character_height_px(plate: Plate) -> float:
    """Height of the lowest large character, px; 0 where there is none."""
    return min((float(c["height_px"]) for c in plate["characters"] if c["large"]), default=0.0)


def least_visible(plate: Plate) -> float:
    """The share that can be seen of the most hidden large character, 0 to 1."""
    return min((float(c["visible"]) for c in plate["characters"] if c["large"]), default=0.0)


def detail_px(plate: Plate) -> float:
    """How many px of detail a reader gets of a plate's characters, as the module says."""
    height = character_height_px(plate)
    if height <= 0:
        return 0.0
    smear = float(plate["moved_px"]) / (_STROKE * height)
    facing = max(0.0, math.cos(math.radians(float(plate["yaw_deg"]))))
    return height * least_visible(plate) * facing / math.hypot(1.0, smear)


def best_shot(track: Track) -> BestShot:
    """The frame to read a track's plate from."""
    best = max(track.seen, key=_rank)  # Of equal ones the first.
    plate = best.plate
    detail = detail_px(plate)
    return BestShot(best.frame, detail, str(plate["legibility"]), _why(best, track, detail))


def _rank(show: Show) -> tuple[int, bool, float]:
    plate = show.plate
    return _CLASSES.get(plate["legibility"], 0), not plate["truncated"], detail_px(plate)


def _why(show: Show, track: Track, detail: float) -> str:
    plate = show.plate
    usual = median(detail_px(other.plate) for other in track.seen)
    least = least_visible(plate)
    words = [
        str(plate["legibility"]),
        "cut by the picture's border" if plate["truncated"] else "whole in the picture",
        f"characters {character_height_px(plate):.1f} px high",
        f"{'all' if least > 0.995 else f'at least {100 * least:.0f} %'} of each seen",
        f"moved {float(plate['moved_px']):.1f} px while the shutter was open",
        f"{abs(float(plate['yaw_deg'])):.0f} degrees off straight on",
    ]
    count = len(track.seen)
    return f"{', '.join(words)}: {detail:.1f} px of detail, median of {count} frames {usual:.1f}"
