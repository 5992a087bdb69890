# SPDX-License-Identifier: Apache-2.0
"""Registrations drawn from a series, for tests of designs."""

from collections.abc import Iterator

from anprgen.parameters import Draw
from anprgen.registration import Registration, Series


def registrations(series: Series, count: int, seed: int = 5) -> Iterator[Registration]:
    """`count` registrations by the weights of the grammar."""
    for i in range(count):
        draw = Draw(seed, i, {})
        yield series.draw(lambda name, choice, d=draw: d.value(f"p.{name}", choice))
