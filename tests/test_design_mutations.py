# SPDX-License-Identifier: Apache-2.0
"""Broken designs: each is refused with a message for people, or is a design that can be drawn."""

import copy
import json
from typing import Any

import pytest
from drawing import registrations
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anprgen.artwork import lay_out
from anprgen.design import parse_design, shipped_designs
from anprgen.errors import AnprgenError
from anprgen.lint import check_design
from anprgen.resources import designs_dir

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["fe_eng", "white", "number", "slots", "A-Z", "{number}", "../x.ttf"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=4,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all values in a JSON document."""
    found = [path] if path else []
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, child in items:
        found += places(child, (*path, key))
    return found


@st.composite
def mutated(draw: Any, name: str) -> Any:
    """A shipped design with one to three values replaced, removed, doubled or scaled."""
    data = json.loads((designs_dir() / f"{name}.json").read_text("utf-8"))
    for _ in range(draw(st.integers(1, 3))):
        *parents, last = draw(st.sampled_from(places(data)))
        holder = data
        for key in parents:
            holder = holder[key]
        was = holder[last]
        how = draw(st.sampled_from(["replace", "remove", "double", "scale"]))
        if how == "remove":
            del holder[last]
        elif how == "double" and isinstance(holder, list):
            holder.insert(last, copy.deepcopy(was))
        elif how == "scale" and isinstance(was, (int, float)) and not isinstance(was, bool):
            holder[last] = was * draw(st.sampled_from([-1, 0, 0.1, 1.5, 40]))
        else:
            holder[last] = draw(JSON)
        if not places(data):
            break
    return data


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
