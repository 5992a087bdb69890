# SPDX-License-Identifier: Apache-2.0
"""The grammar of registration numbers: draw one, match one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from anprgen.clusters import glyphs_of, is_read
from anprgen.distributions import Choice, Integer

#: Draws a value: (address below ``registration``, distribution) -> value.
DrawValue = Callable[[str, Choice], Any]


@dataclass(frozen=True)
class Registration:
    """What one plate says.

    `text` is the registration as written (``WP CBA 8215``), `fields` its named parts in reading
    order, `ocr_text` what a reader of the large glyphs returns (``CBA8215``): no signs, no blanks.
    """

    series: str
    text: str
    ocr_text: str
    fields: tuple[tuple[str, str], ...]

    def field(self, name: str) -> str:
        """Value of a named field, or '' where the plate has none."""
        return dict(self.fields).get(name, "")


@dataclass(frozen=True)
class Field:
    """One named part of a registration; exactly one of values, characters, number is set.

    `values` maps whole strings to weights; `characters` has one weight map per position;
    `number` is (first, last, least digits). `absent` is the probability that the part is missing.
    """

    name: str
    values: Mapping[str, float] | None = None
    characters: tuple[Mapping[str, float], ...] | None = None
    number: tuple[int, int, int] | None = None
    absent: float = 0.0

    def draw(self, draw: DrawValue) -> str:
        """A value by weight; '' where the part is missing."""
        if self.absent > 0 and draw(f"{self.name}.absent", self._absence):
            return ""
        if self.characters is not None:
            return "".join(str(draw(f"{self.name}.{i}", c)) for i, c in enumerate(self._choices))
        text = str(draw(self.name, self._choices[0]))
        return text if self.number is None else text.zfill(self.number[2])

    @cached_property
    def _absence(self) -> Choice:
        return Choice({True: self.absent, False: 1 - self.absent})

    @cached_property
    def _choices(self) -> tuple[Choice, ...]:
        """What is drawn from: a choice for each of `characters`, else one in all."""
        if self.characters is not None:
            return tuple(map(Choice, self.characters))
        if self.values is not None:
            return (Choice(self.values),)
        assert self.number is not None
        # A choice over one uniform piece keeps every draw a Choice, hence one address a field.
        return (Choice([(Integer(*self.number[:2]), 1.0)]),)

    @cached_property
    def pattern(self) -> str:
        """Regular expression of what the part can be (without its absence)."""
        if self.values is not None:
            live = [re.escape(v) for v, w in self.values.items() if w > 0]
            return "|".join(sorted(live, key=len, reverse=True))
        if self.characters is not None:
            return "".join(
                "[" + "".join(re.escape(c) for c, w in p.items() if w > 0) + "]"
                for p in self.characters
            )
        assert self.number is not None
        first, last, digits = self.number
        return rf"[0-9]{{{digits},{max(digits, len(str(last)))}}}"

    def accepts(self, value: str) -> bool:
        """Whether the part can have this value."""
        if value == "":
            return self.absent > 0
        if self.number is not None:
            first, last, digits = self.number
            return (
                value.isdecimal()
                and first <= int(value) <= last
                and value == str(int(value)).zfill(digits)
            )
        return re.fullmatch(self.pattern, value) is not None

    @cached_property
    def alphabet(self) -> set[str]:
        """Every glyph that the part can contain."""
        if self.values is not None:
            return {glyph for glyphs in self.glyphs_of_values.values() for glyph in glyphs}
        if self.characters is not None:
            return {c for p in self.characters for c, w in p.items() if w > 0}
        return set("0123456789")

    @cached_property
    def glyphs_of_values(self) -> Mapping[str, Sequence[str]]:
        """Each of its whole values that can be drawn, and the glyphs of it."""
        return {v: glyphs_of(v) for v, w in (self.values or {}).items() if w > 0}

    @property
    def longest(self) -> int:
        """Most glyphs that the part can have."""
        if self.values is not None:
            return max(map(len, self.glyphs_of_values.values()))
        if self.characters is not None:
            return len(self.characters)
        assert self.number is not None
        return max(self.number[2], len(str(self.number[1])))


@dataclass(frozen=True)
class Series:
    """One form of registration with its share, its parts and how they are written.

    `template` is the text with parts in braces (``{province} {series} {number}``); blanks left
    by a missing part are dropped. `ocr` names the parts of the large glyphs in reading order.
    """

    id: str
    weight: float
    fields: tuple[Field, ...]
    template: str
    ocr: tuple[str, ...]
    layouts: Mapping[str, float]

    def write(self, values: Mapping[str, str]) -> Registration:
        """The registration with these parts."""
        text = self.template
        for f in self.fields:
            text = text.replace("{" + f.name + "}", values.get(f.name, ""))
        large = [g for name in self.ocr for g in glyphs_of(values.get(name, ""))]
        return Registration(
            series=self.id,
            text=re.sub(r"\s+", " ", text).strip(),
            ocr_text="".join(filter(is_read, large)),
            fields=tuple((f.name, values[f.name]) for f in self.fields if values.get(f.name)),
        )

    def draw(self, draw: DrawValue) -> Registration:
        """A registration by the weights of the grammar."""
        return self.write({f.name: f.draw(draw) for f in self.fields})

    def match(self, text: str) -> Registration | None:
        """The registration that `text` writes in this series, or None.

        Parts that the template does not show (a fuel letter) come out empty.
        """
        found = re.fullmatch(self._regex, re.sub(r"\s+", " ", text.strip()))
        if not found:
            return None
        values = {k: v or "" for k, v in found.groupdict().items()}
        shown = [f for f in self.fields if "{" + f.name + "}" in self.template]
        if not all(f.accepts(values.get(f.name, "")) for f in shown):
            return None
        return self.write(values)

    @cached_property
    def _regex(self) -> str:
        out = ""
        by_name = {f.name: f for f in self.fields}
        for literal, name in re.findall(r"([^{}]*)(?:\{(\w+)\})?", self.template):
            out += re.escape(literal).replace(r"\ ", " ?" if out == "" or not name else " ?")
            if name:
                f = by_name[name]
                out += f"(?P<{name}>{f.pattern})" + ("?" if f.absent > 0 else "")
        return out
