# SPDX-License-Identifier: Apache-2.0
"""Designs and configurations that somebody may have broken, by accident or on purpose."""

from __future__ import annotations

import copy
import json
from functools import cache
from typing import Any

from hypothesis import strategies as st

from anprgen.draw import parameters
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


@cache
def paths() -> tuple[str, ...]:
    """Every parameter's path; plates' parts with a number, too."""
    known = [p.path for p in parameters()]
    return tuple(known + [p.replace("plates.", "plates.0.") for p in known if "plates." in p])


NUMBERS = st.sampled_from([0, 1, -1, 0.5, 1e-9, 90, 1000, 1e9, -1e9, 1e300, 10**400, "1e400"])
KINDS = st.sampled_from(
    ["uniform", "log_uniform", "normal", "choice", "quantiles", "constant", "integer", "unifrom"]
)
VALUES = (
    NUMBERS
    | JSON
    | st.dictionaries(KINDS, st.lists(NUMBERS, max_size=4) | JSON, min_size=1, max_size=2)
    | st.sampled_from(["1280x720", "9999x9999", "headlamp", "dealer", "infrared", "1x1"])
)


@st.composite
def overrides(draw: Any) -> dict[str, Any]:
    """A configuration file's object: one to four paths, mostly real ones."""
    some = st.sampled_from(paths()) | st.text(max_size=12) | st.just("imgaug.Rain")
    return dict(draw(st.lists(st.tuples(some, VALUES), min_size=1, max_size=4)))


@st.composite
def spoiled(draw: Any, text: str) -> str:
    """A file's text with a piece cut out, doubled, or replaced."""
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, max(0, len(text) - 1)))
        end = min(len(text), at + draw(st.integers(0, 40)))
        piece = draw(
            st.sampled_from(["", text[at:end] * 2, "[" * 3000, "1e999", "\\ud800", "NaN", "\x00"])
        )
        text = text[:at] + piece + text[end:]
    return text
