# SPDX-License-Identifier: Apache-2.0
"""Small charts as SVG text: lines, points with intervals, and a reliability diagram.

No library draws them, so a report is one file and needs nothing. Every text is escaped: names come
from files.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

#: Colours that stay apart for most kinds of colour blindness (Okabe and Ito 2008).
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
_INK, _FAINT, _GRID = "#333", "#777", "#ddd"
_LEFT, _TOP, _RIGHT, _BOTTOM = 46, 26, 22, 48  # half of the last number stands beside the axis


@dataclass(frozen=True)
class Series:
    """One curve or row of points: (x, y), with (low, high) of each where there are intervals."""

    name: str
    points: Sequence[tuple[float, float]]
    ends: Sequence[tuple[float, float]] = ()


@dataclass(frozen=True)
class _Frame:
    """Data -> px of the picture."""

    x: tuple[float, float]
    y: tuple[float, float]
    width: int
    height: int

    def at(self, x: float, y: float) -> tuple[float, float]:
        u = (x - self.x[0]) / ((self.x[1] - self.x[0]) or 1.0)
        v = (y - self.y[0]) / ((self.y[1] - self.y[0]) or 1.0)
        across, down = self.width - _LEFT - _RIGHT, self.height - _TOP - _BOTTOM
        return _LEFT + u * across, self.height - _BOTTOM - v * down


def lines(
    title: str,
    series: Sequence[Series],
    *,
    x_name: str = "",
    x: tuple[float, float] | None = None,
    y: tuple[float, float] | None = None,
    size: tuple[int, int] = (460, 260),
    diagonal: bool = False,
) -> str:
    """Curves over a numeric axis; `diagonal` draws y = x for comparison."""
    xs = [p[0] for s in series for p in s.points] or [0.0, 1.0]
    ys = [p[1] for s in series for p in s.points] or [0.0, 1.0]
    frame = _Frame(x or (min(xs), max(xs)), y or _round_range(min(ys), max(ys)), *size)
    out = [*_axes(frame, title), *_numbers(frame, x_name)]
    if diagonal:
        a, b = frame.at(0, 0), frame.at(1, 1)
        out.append(_line(a, b, _FAINT, dashed=True))
    for s, colour in zip(series, _cycled(len(series))):
        out += _whiskers(frame, s, colour, 0.0)
        dots = " ".join(f"{px:.1f},{py:.1f}" for px, py in (frame.at(*p) for p in s.points))
        out.append(f'<polyline points="{dots}" fill="none" stroke="{colour}" stroke-width="2"/>')
        if len(s.points) <= 30:
            out += [_dot(frame.at(*p), colour) for p in s.points]
    return _svg(frame, out + _legend(frame, series))


def groups(
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    below: Sequence[str] = (),
    y: tuple[float, float] = (0.0, 1.0),
    size: tuple[int, int] = (460, 260),
) -> str:
    """Points with intervals over named classes; the x of a point is the class's number.

    `below` says more of each class in a second line.
    """
    frame = _Frame((-0.5, max(0.5, len(labels) - 0.5)), y, *size)
    out = _axes(frame, title)
    step = max(1, math.ceil(len(labels) / 9))
    for k, label in enumerate(labels):
        if k % step == 0:
            x, base = frame.at(k, y[0])
            out.append(_text(x, base + 14, _cut(label, 60 // max(4, len(labels))), anchor="middle"))
            if below:
                out.append(_text(x, base + 27, below[k], anchor="middle", colour=_FAINT))
    for n, (s, colour) in enumerate(zip(series, _cycled(len(series)))):
        aside = 0.12 * (n - (len(series) - 1) / 2)
        out += _whiskers(frame, s, colour, aside)
        out += [_dot(frame.at(px + aside, py), colour) for px, py in s.points]
    return _svg(frame, out + _legend(frame, series))


def _axes(frame: _Frame, title: str) -> list[str]:
    out = [_text(_LEFT, 16, title, bold=True)]
    for k in range(6):
        value = frame.y[0] + (frame.y[1] - frame.y[0]) * k / 5
        a, b = frame.at(frame.x[0], value), frame.at(frame.x[1], value)
        out += [_line(a, b, _GRID), _text(a[0] - 5, a[1] + 4, f"{value:.3g}", anchor="end")]
    return out


def _numbers(frame: _Frame, name: str) -> list[str]:
    out = []
    for k in range(6):
        value = frame.x[0] + (frame.x[1] - frame.x[0]) * k / 5
        x, base = frame.at(value, frame.y[0])
        out.append(_text(x, base + 14, f"{value:.4g}", anchor="middle"))
    out.append(_text(frame.width - _RIGHT, frame.height - 4, name, anchor="end"))
    return out


def _whiskers(frame: _Frame, s: Series, colour: str, aside: float) -> list[str]:
    return [
        _line(frame.at(x + aside, low), frame.at(x + aside, high), colour)
        for (x, _), (low, high) in zip(s.points, s.ends)
    ]


def _legend(frame: _Frame, series: Sequence[Series]) -> list[str]:
    if len(series) < 2:
        return []
    out, x = [], float(_LEFT)
    for s, colour in zip(series, _cycled(len(series))):
        out.append(_dot((x + 4, frame.height - 8), colour))
        out.append(_text(x + 12, frame.height - 4, _cut(s.name, 24)))
        x += 26 + 6.2 * min(24, len(s.name))
    return out


def _svg(frame: _Frame, parts: Sequence[str]) -> str:
    size = f'width="{frame.width}" height="{frame.height}"'
    box = f'viewBox="0 0 {frame.width} {frame.height}"'
    style = 'font-family="sans-serif" font-size="11"'
    paper = f'<rect {size} fill="#fff"/>'
    body = "".join((paper, *parts))
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {box} {style}>{body}</svg>'


def _text(
    x: float,
    y: float,
    text: str,
    *,
    anchor: str = "start",
    bold: bool = False,
    colour: str = _INK,
) -> str:
    weight = ' font-weight="bold"' if bold else ""
    where = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text {where} fill="{colour}"{weight}>{escape(text)}</text>'


def _line(
    a: tuple[float, float], b: tuple[float, float], colour: str, *, dashed: bool = False
) -> str:
    more = ' stroke-dasharray="4 3"' if dashed else ""
    ends = f'x1="{a[0]:.1f}" y1="{a[1]:.1f}" x2="{b[0]:.1f}" y2="{b[1]:.1f}"'
    return f'<line {ends} stroke="{colour}"{more}/>'


def _dot(at: tuple[float, float], colour: str) -> str:
    return f'<circle cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="3.2" fill="{colour}"/>'


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _cycled(count: int) -> list[str]:
    return [COLOURS[k % len(COLOURS)] for k in range(count)]


def _round_range(low: float, high: float) -> tuple[float, float]:
    low = min(low, 0.0)
    if high <= low:
        return low, low + 1.0
    unit = 10.0 ** math.floor(math.log10(high - low))
    return low, low + unit * math.ceil((high - low) / unit)
