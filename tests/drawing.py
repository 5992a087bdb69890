# SPDX-License-Identifier: Apache-2.0
"""Registrations drawn from a series, for tests of designs."""

from collections.abc import Iterator

from anprgen.design import PlateDesign
from anprgen.parameters import Draw
from anprgen.registration import Registration, Series


def registrations(series: Series, count: int, seed: int = 5) -> Iterator[Registration]:
    """`count` registrations by the weights of the grammar."""
    for i in range(count):
        draw = Draw(seed, i, {})
        yield series.draw(lambda name, choice, d=draw: d.value(f"p.{name}", choice))


def check_reading_back(design: PlateDesign, count: int) -> None:
    """What every series draws is matched by it, with the fields that its text shows."""
    for series in design.series:
        for registration in registrations(series, count):
            found = series.match(registration.text)
            assert found is not None, registration.text
            assert found.ocr_text == registration.ocr_text
            hidden = {f.name for f in series.fields if "{" + f.name + "}" not in series.template}
            assert found.fields == tuple(f for f in registration.fields if f[0] not in hidden)
