# SPDX-License-Identifier: Apache-2.0
"""What a visitor of the gallery asks for, and the samples that answer it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

import numpy as np
from numpy.typing import NDArray

from anprgen.errors import AnprgenError
from anprgen.serving.table import PICTURE_WORDS, PLATE_WORDS, WEAR, Table, Words, squashed

#: Bounds that a query may set: parameter -> column of the plates, and whether it is the lower one.
BOUNDS = {
    "width_min": ("width_px", True),
    "width_max": ("width_px", False),
    "yaw_min": ("yaw_deg", True),
    "yaw_max": ("yaw_deg", False),
}
ANY_WEAR = "any"
_LONGEST = 200  # characters of a value


class QueryError(AnprgenError):
    """A filter has a value that is none."""


@dataclass(frozen=True)
class Query:
    """The filters: all must hold, those of plates for one and the same plate.

    Attributes:
        words: factor -> word.
        bounds: one of `BOUNDS` -> number.
        plates: how many plates the picture has, 3 standing for more too; None: any number.
        wear: a kind of wear or `any`, of which there is at least `wear_min`; empty: any plate.
        text: part of a registration or of a sample's id.
    """

    words: Mapping[str, str] = field(default_factory=dict)
    bounds: Mapping[str, float] = field(default_factory=dict)
    plates: int | None = None
    wear: str = ""
    wear_min: float = 0.3
    text: str = ""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Query:
        """The query in an address's parameters; empty ones, and those of others, say nothing.

        Raises:
            QueryError: a number is none, a kind of wear unknown, a value too long.
        """
        said = {name: value.strip() for name, value in given.items() if value.strip()}
        for name, value in said.items():
            if len(value) > _LONGEST:
                raise QueryError(f"{name}: longer than {_LONGEST} characters")
        wear = said.get("wear", "")
        if wear not in ("", ANY_WEAR, *WEAR):
            raise QueryError(f"wear: {wear!r} is no kind of wear")
        return cls(
            {name: said[name] for name in PICTURE_WORDS + PLATE_WORDS if name in said},
            {name: _number(name, said[name]) for name in BOUNDS if name in said},
            int(_number("plates", said["plates"])) if "plates" in said else None,
            wear,
            _number("wear_min", said["wear_min"]) if "wear_min" in said else 0.3,
            said.get("text", ""),
        )

    def parameters(self) -> dict[str, str]:
        """The query as an address's parameters: `Query.of` makes it again."""
        out = {**self.words, **{name: f"{value:g}" for name, value in self.bounds.items()}}
        if self.plates is not None:
            out["plates"] = str(self.plates)
        if self.wear:
            out |= {"wear": self.wear, "wear_min": f"{self.wear_min:g}"}
        if self.text:
            out["text"] = self.text
        return out

    @property
    def count(self) -> int:
        """How many filters are set."""
        return len(self.parameters()) - bool(self.wear)  # kind and amount are one

    def address(self, **more: object) -> str:
        """``?design=sri_lanka&page=2``, or nothing where there is nothing to say."""
        said = {**self.parameters(), **{k: str(v) for k, v in more.items() if v}}
        return f"?{urlencode(said)}" if said else ""

    def rows(self, table: Table, words: Words) -> NDArray[np.int64]:
        """Rows of `table.samples` that answer the query, in order."""
        samples, plates = table.samples, table.plates
        wanted = np.ones(len(samples), bool)
        good = np.ones(len(plates), bool)
        for name, word in self.words.items():
            code = words.known(name, word)
            if name in PICTURE_WORDS:
                wanted &= samples[name] == code
            else:
                good &= plates[name] == code
        for name, value in self.bounds.items():
            column, lower = BOUNDS[name]
            good &= plates[column] >= value if lower else plates[column] <= value
        if self.wear == ANY_WEAR:
            good &= plates["wear"].max(1, initial=0) >= self.wear_min
        elif self.wear:
            good &= plates["wear"][:, WEAR.index(self.wear)] >= self.wear_min
        if self.plates is not None:
            n = samples["plates"]
            wanted &= n >= 3 if self.plates >= 3 else n == self.plates
        if self._of_plates:
            having = np.zeros(len(samples), bool)
            having[plates["row"][good]] = True
            wanted &= having
        rows = np.flatnonzero(wanted)
        if needle := squashed(self.text):
            rows = rows[[needle in table.texts[row] for row in rows]]
        return rows

    @property
    def _of_plates(self) -> bool:
        return bool(self.bounds or self.wear or set(self.words) & set(PLATE_WORDS))


def _number(name: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise QueryError(f"{name}: {value!r} is no number")
    return number
