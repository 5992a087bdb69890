# SPDX-License-Identifier: Apache-2.0
"""Which shards of a dataset one of several machines makes: ``--shard 2/4``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from anprgen.errors import ConfigError

MOST_SHARES = 100_000


@dataclass(frozen=True)
class Share:
    """Part `number` (from 1) of `count`: every `count`-th shard, so that parts grow alike."""

    number: int = 1
    count: int = 1

    @classmethod
    def parse(cls, text: str) -> Share:
        """``2/4`` -> Share(2, 4).

        Raises:
            ConfigError: it is not written so, or there is no such part.
        """
        match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text.strip())
        if match is None or not 1 <= int(match[1]) <= int(match[2]) <= MOST_SHARES:
            raise ConfigError(
                f"--shard {text}: there is no such part",
                hint=f"write it i/n, i from 1 to n, n at most {MOST_SHARES}: 2/4",
            )
        return cls(int(match[1]), int(match[2]))

    @property
    def whole(self) -> bool:
        """Whether it is everything."""
        return self.count == 1

    def shards(self, total: int) -> range:
        """Numbers of its shards among `total`."""
        return range(self.number - 1, total, self.count)

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"
