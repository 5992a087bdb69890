# SPDX-License-Identifier: Apache-2.0
"""The tracks of a sequence: one plate through all frames that show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from anprgen.sequences.reader import Sequence

Plate = Mapping[str, Any]


@dataclass(frozen=True)
class Show:
    """A plate in one frame (from 0): its record there."""

    frame: int
    plate: Plate

    @property
    def is_seen(self) -> bool:
        """Whether any px of the plate is in the picture and not hidden."""
        return any(self.plate["mask"]["counts"][1::2])


@dataclass(frozen=True)
class Track:
    """One plate of a sequence: its number from 1, the registration as read, its design.

    `shows` are the frames that label it, in their order; hidden ones are among them.
    """

    number: int
    text: str
    design: str
    shows: tuple[Show, ...]

    @property
    def seen(self) -> tuple[Show, ...]:
        """The shows in which some of the plate can be seen."""
        return tuple(show for show in self.shows if show.is_seen)

    @property
    def frames(self) -> list[int]:
        """The frames, from 0, in which some of the plate can be seen."""
        return [show.frame for show in self.seen]


def tracks_of(sequence: Sequence) -> tuple[Track, ...]:
    """The tracks of a sequence, by number; those that no frame shows are none."""
    shows: dict[int, list[Show]] = {}
    for frame, record in enumerate(sequence.records):
        for plate in record["plates"]:
            shows.setdefault(int(plate["track"]), []).append(Show(frame, plate))
    return tuple(
        Track(number, str(own[0].plate["ocr_text"]), str(own[0].plate["design"]), tuple(own))
        for number, own in sorted(shows.items())
        if any(show.is_seen for show in own)
    )
