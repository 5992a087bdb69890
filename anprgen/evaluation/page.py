# SPDX-License-Identifier: Apache-2.0
"""The report as one HTML file: tables, charts and pictures are in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from anprgen.evaluation.answers import Answers
from anprgen.evaluation.factors import MEANING
from anprgen.svg import Series, groups, lines

_STYLE = """
body { font: 15px/1.45 sans-serif; margin: 2em auto; max-width: 1000px; padding: 0 1em;
  color: #222 }
table { border-collapse: collapse; margin: .6em 0 }
td, th { padding: .25em .7em; text-align: left; border-bottom: 1px solid #ddd }
td.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
.charts { display: flex; flex-wrap: wrap; gap: 12px }
figure { display: inline-block; margin: 6px; width: 240px; vertical-align: top }
figure img { width: 240px }
figcaption { font-size: 13px }
.small { color: #666; font-size: 13px }
b.bad { color: #b00020 }
"""


def page(report: Mapping[str, Any], found: Sequence[Answers]) -> str:
    """The HTML of a report (`run.evaluate` says what is in it) with the worst pictures."""
    models, data = report["models"], report["data"]
    title = f"{', '.join(m['model'] for m in models)} on {data['name']}"
    parts = [
        f"<h1>{escape(title)}</h1>",
        f"<p>{data['count']} crops of {models[0]['registrations']} registrations"
        f"{_of_split(data)}; 95 % intervals in brackets, over registrations. <i>exact</i> counts"
        " O, Q and 0 as one character, <i>strict</i> does not.</p>",
        _notes(report["notes"]),
        _scores(models),
        _differences(report["differences"]),
        "<h2>How sure it may be</h2>",
        f'<div class="charts">{_reliability(models)}</div>',
        _factors(models),
        "<h2>Confused characters</h2>",
        "".join(_confusions(m, len(models) > 1) for m in models),
        "<h2>Surest mistakes</h2>",
        "".join(_worst(f, len(found) > 1) for f in found),
        f'<p class="small">anprgen {escape(str(report["anprgen"]))}</p>',
    ]
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
    return (
        f'<!doctype html><html lang="en"><head>{head}</head><body>{"".join(parts)}</body></html>\n'
    )


def _of_split(data: Mapping[str, Any]) -> str:
    return f", split {escape('+'.join(data['splits']))}" if data["splits"] else ""


def _notes(notes: Sequence[str]) -> str:
    items = "".join(f"<li>{escape(n)}</li>" for n in notes)
    return f"<ul>{items}</ul>" if notes else ""


def _scores(models: Sequence[Mapping[str, Any]]) -> str:
    rows = []
    for m in models:
        cells = "".join(f'<td class="n">{_value(m["scores"][k])}</td>' for k in m["scores"])
        top = "".join(f'<td class="n">{v:.3f}</td>' for v in m["top"].values())
        sure = f'<td class="n">{m["calibration"]["ece"]:.3f}</td>'
        cost = f'<td class="n">{m["milliseconds"]:.1f}</td>'
        rows.append(f"<tr><td>{escape(m['model'])}</td>{cells}{top}{sure}{cost}</tr>")
    names = ["model", "exact", "strict", "CER", *(f"top {k}" for k in models[0]["top"]), "ECE"]
    head = "".join(f"<th>{n}</th>" for n in [*names, "ms a crop here"])
    return f"<h2>Accuracy</h2><table><tr>{head}</tr>{''.join(rows)}</table>"


def _value(said: Mapping[str, float]) -> str:
    return f"{said['value']:.3f} [{said['low']:.3f}, {said['high']:.3f}]"


def _differences(said: Sequence[Mapping[str, Any]]) -> str:
    rows = "".join(
        f"<li>{escape(d['model'])} reads {d['value']:+.3f} [{d['low']:+.3f}, {d['high']:+.3f}]"
        f" exactly against {escape(d['than'])}"
        f"{'' if d['low'] > 0 or d['high'] < 0 else ': no difference beyond chance'}</li>"
        for d in said
    )
    return f"<ul>{rows}</ul>" if said else ""


def _reliability(models: Sequence[Mapping[str, Any]]) -> str:
    curves = [
        Series(
            m["model"],
            [(b["confidence"], b["right"]) for b in m["calibration"]["bins"]],
            [tuple(b["ends"]) for b in m["calibration"]["bins"]],
        )
        for m in models
    ]
    chart = lines(
        "share right (strict) against confidence", curves, x_name="confidence", x=(0, 1), y=(0, 1),
        diagonal=True,
    )  # fmt: skip
    counts = [
        Series(
            m["model"],
            [((b["low"] + b["high"]) / 2, b["count"]) for b in m["calibration"]["bins"]],
        )
        for m in models
    ]
    return chart + lines("crops of that confidence", counts, x_name="confidence", x=(0, 1))


def _factors(models: Sequence[Mapping[str, Any]]) -> str:
    first = models[0]["factors"]
    if not first:
        return ""
    charts = []
    for factor, rows in first.items():
        order = [r["class"] for r in rows]
        series = []
        for m in models:
            here = {r["class"]: r for r in m["factors"][factor]}
            have = [(k, here[c]) for k, c in enumerate(order)]
            series.append(
                Series(
                    m["model"],
                    [(k, r["exact"]) for k, r in have],
                    [(r["low"], r["high"]) for _, r in have],
                )
            )
        counts = [str(r["count"]) for r in rows]
        charts.append(
            f"<div>{groups(f'exact by {factor}', order, series, below=counts)}"
            f'<div class="small">{escape(MEANING.get(factor, ""))}</div></div>'
        )
    return f'<h2>By factor</h2><div class="charts">{"".join(charts)}</div>'


def _confusions(m: Mapping[str, Any], named: bool) -> str:
    rows = "".join(
        f"<tr><td>{escape(c['want']) or '<i>nothing</i>'}</td>"
        f"<td>{escape(c['got']) or '<i>nothing</i>'}</td>"
        f'<td class="n">{c["count"]}</td><td class="n">{c["share"]:.3f}</td></tr>'
        for c in m["confusions"][:15]
    )
    name = f"<h3>{escape(m['model'])}</h3>" if named else ""
    head = "<tr><th>is</th><th>read as</th><th>times</th><th>share</th></tr>"
    return f"{name}<table>{head}{rows}</table>" if rows else f"{name}<p>None.</p>"


def _worst(found: Answers, named: bool) -> str:
    figures = "".join(
        f'<figure><img src="{url}" alt="a crop that says {escape(a.want)}"><figcaption>'
        f'{escape(a.want)} read as <b class="bad">{escape(a.reading.text) or "nothing"}</b>,'
        f' {a.reading.confidence:.2f}<br><span class="small">{escape(a.name)}</span>'
        "</figcaption></figure>"
        for a, url in found.worst()
    )
    name = f"<h3>{escape(found.model)}</h3>" if named else ""
    return name + (figures or "<p>None.</p>")
