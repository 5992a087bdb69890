# SPDX-License-Identifier: Apache-2.0
"""Charts as SVG: points stand where they should, and names cannot do harm."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from anprgen.svg import Series, groups, lines

_NS = "{http://www.w3.org/2000/svg}"


def test_points_stand_where_their_numbers_say() -> None:
    chart = ET.fromstring(lines("t", [Series("a", [(0, 0), (50, 0.5), (100, 1)])], y=(0, 1)))
    dots = [(float(c.get("cx")), float(c.get("cy"))) for c in chart.iter(f"{_NS}circle")]
    (x0, y0), (x1, y1), (x2, y2) = dots
    assert x1 == pytest.approx((x0 + x2) / 2, abs=0.1)
    assert y1 == pytest.approx((y0 + y2) / 2, abs=0.1)
    assert x0 < x2
    assert y0 > y2  # Up is more.
    labels = {t.text: float(t.get("y")) for t in chart.iter(f"{_NS}text")}
    assert labels["0.6"] < labels["0.4"]


def test_intervals_span_their_ends() -> None:
    series = [Series(n, [(0, 0.5), (1, 0.7)], [(0.4, 0.6), (0.7, 0.9)]) for n in "ab"]
    chart = ET.fromstring(groups("t", ["small", "large"], series, below=["12", "7"]))
    upright = [v for v in chart.iter(f"{_NS}line") if v.get("x1") == v.get("x2")]
    assert len(upright) == 4
    spans = [abs(float(v.get("y1")) - float(v.get("y2"))) for v in upright]
    assert spans == pytest.approx([spans[0]] * 4, abs=0.2)
    words = [t.text for t in chart.iter(f"{_NS}text")]
    assert {"small", "large", "12", "7", "a", "b"} <= set(words)


def test_names_are_escaped_and_nothing_is_drawn_of_nothing() -> None:
    evil = '<script>"&'
    chart = lines(evil, [Series(evil, []), Series(evil, [(1, 1)])])
    assert "<script" not in chart
    ET.fromstring(chart)
    ET.fromstring(groups("t", [], []))
