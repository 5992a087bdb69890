# SPDX-License-Identifier: Apache-2.0
"""Which samples calibrate INT8: as mixed as the dataset is, and in an order that mixes them.

Calibrators and ONNX Runtime see the set batch by batch, so strata must not follow each other, and
ModelOpt splits a set that is no multiple of the batch into batches of other sizes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from anprgen.evalset.items import Key


@dataclass(frozen=True)
class Candidate:
    """A sample that may calibrate: its stratum (classes of all factors) and its address."""

    stratum: tuple[str, ...]
    seed: int
    key: Key

    @cached_property
    def order(self) -> bytes:
        """A number that depends on the address alone: equal sets on every machine."""
        address = f"anprgen-calibration/1/{self.seed}/{self.key[0]}/{self.key[1]}"
        return hashlib.blake2b(address.encode(), digest_size=8).digest()


def choose(candidates: Sequence[Candidate], count: int, batch: int) -> list[Candidate]:
    """At most `count` candidates, a multiple of `batch`, in mixed order.

    Systematic sampling: every k-th of the candidates in the order of their strata, so that each
    stratum has its share of the set, up to one sample.
    """
    size = min(count, len(candidates)) // batch * batch
    ordered = sorted(candidates, key=lambda c: (c.stratum, c.order))
    chosen = [ordered[(2 * i + 1) * len(ordered) // (2 * size)] for i in range(size)]
    return sorted(chosen, key=lambda c: c.order)
