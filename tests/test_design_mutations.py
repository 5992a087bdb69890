# SPDX-License-Identifier: Apache-2.0
"""Broken designs: each is refused with a message for people, or is a design that can be drawn."""

import pytest
from drawing import registrations
from fuzzing import mutated
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anprgen.artwork import lay_out
from anprgen.design import parse_design, shipped_designs
from anprgen.errors import AnprgenError
from anprgen.lint import check_design


@pytest.mark.parametrize("name", shipped_designs())
@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_mutated_design_is_refused_in_words_or_can_be_drawn(name, data):
    broken = data.draw(mutated(name))
    refused, design = "", None
    try:
        design = parse_design(broken, "mine.json")
        check_design(design)
    except AnprgenError as error:
        refused = str(error)
    if refused or design is None:
        assert "mine.json" in refused
        return
    for series in design.series:
        registration = next(registrations(series, 1))
        layout = design.layouts[max(series.layouts, key=lambda k, s=series: s.layouts[k])]
        lay_out(design, layout, series, registration, sheet=next(iter(layout.sheets)))
