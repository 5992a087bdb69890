# SPDX-License-Identifier: Apache-2.0
"""A plate design: what a plate looks like and what it can say, read from JSON and validated."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from anprgen.design_checks import check_structure
from anprgen.design_files import digests
from anprgen.distributions import Distribution, from_json
from anprgen.errors import DesignError, nearest
from anprgen.json_file import read_json
from anprgen.registration import Field, Registration, Series
from anprgen.resources import designs_dir

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Sheet:
    """Sheeting and ink: sRGB 0-255 colours, and its share of Make.retro (0: not reflecting)."""

    color_srgb: tuple[int, int, int]
    ink_srgb: tuple[int, int, int]
    retro: float


@dataclass(frozen=True)
class Element:
    """Something on the plate; `kind` says which of the JSON keys in `spec` apply.

    Kinds: slots, run, bar, area, text, art, serial, watermarks (see plate_designs/schema.json).
    """

    kind: str
    spec: Mapping[str, Any]
    where: str  # JSON path

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of the registration that it writes."""
        one = f"{{{self.spec.get('field', '')}}}"
        return tuple(re.findall(r"\{(\w+)\}", self.spec.get("line", one)))

    @property
    def options(self) -> tuple[Mapping[str, Any], ...]:
        """What the element can be instead, each with its weight; the spec is changed by one."""
        return tuple(self.spec.get("options", ()))

    def option(self, number: int) -> Element:
        """The element as its option `number` says."""
        spec = {k: v for k, v in self.spec.items() if k != "options"}
        return Element(self.kind, {**spec, **self.options[number]}, self.where)


@dataclass(frozen=True)
class Layout:
    """One variant of the plate: size, border, sheets by weight, elements, reading order."""

    id: str
    size_mm: tuple[float, float]
    corner_radius_mm: float
    border: Mapping[str, Any] | None
    look: str
    sheets: Mapping[str, float]
    lines: tuple[tuple[str, ...], ...]
    elements: tuple[Element, ...]
    vary: float
    holes_mm: tuple[tuple[float, float, float], ...] = ()  # x, y, diameter: places for bolts
    rows: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # see `anprgen.rows`

    def chosen(self, options: Sequence[int]) -> tuple[Element, ...]:
        """The elements, of which those with options take these, by default their first."""
        numbers = iter(options)
        return tuple(e.option(next(numbers, 0)) if e.options else e for e in self.elements)

    @property
    def moves(self) -> bool:
        """Whether anything of it is placed by chance."""
        return self.vary > 0 or any("jitter_mm" in e.spec for e in self.elements)

    def varied_size(self, vary: Sequence[float]) -> tuple[float, float]:
        """The plate's size in mm after the layout's change; `vary` is a mounted plate's."""
        (w, h), (a, b) = self.size_mm, (vary[0], vary[1]) if vary else (0.0, 0.0)
        return (w * (1 + self.vary * a), h * (1 + self.vary * b))


@dataclass(frozen=True, eq=False)
class PlateDesign:
    """A validated design.

    `digest` is the SHA-256 of its canonical JSON, `files` has those of the files it names
    (`anprgen.design_files`): parts of a dataset's identity. `parameters` are its own
    distributions of `plates.` parameters; `micro_text` stands in its foil.
    """

    name: str
    title: str
    path: str
    digest: str
    sheets: Mapping[str, Sheet]
    series: tuple[Series, ...]
    layouts: Mapping[str, Layout]
    micro_text: str = ""
    parameters: Mapping[str, Distribution] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    def match(self, text: str, series: str | None = None) -> tuple[Series, Registration]:
        """The first series that can write `text`; raises DesignError where none can."""
        for s in self.series:
            if series in (None, s.id) and (found := s.match(text)):
                return s, found
        known = ", ".join(f"{s.id} ({s.template})" for s in self.series[:6])
        known += f" and {len(self.series) - 6} more" if len(self.series) > 6 else ""
        raise DesignError(
            f"no series of {self.name} can write {text!r}", where=self.path, hint=f"series: {known}"
        )


def find_design(name: str) -> tuple[Path, bool]:
    """(path, shipped): a path that exists, else the shipped design of that stem.

    Raises:
        DesignError: neither exists; suggests the nearest shipped name.
    """
    path = Path(name)
    if path.is_file():
        return path, False
    shipped = designs_dir() / f"{path.stem}.json"
    if path.stem != "schema" and shipped.is_file() and path.suffix in ("", ".json"):
        return shipped, True
    raise DesignError(
        f"there is no design {name!r}: no such file, and none of that name is shipped",
        hint=nearest(path.stem, shipped_designs()),
    )


def shipped_designs() -> list[str]:
    """Names of the designs that come with anprgen."""
    return sorted(p.stem for p in designs_dir().glob("*.json") if p.stem != "schema")


def load_design(name: str) -> PlateDesign:
    """Reads and validates a design by path or shipped name; raises DesignError."""
    path = find_design(name)[0].resolve()
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        changed = 0  # reading it will tell why
    design = _load(str(path), changed)
    return _drawn_from(design, tuple(digests(design).items()))


@lru_cache(maxsize=64)
def _drawn_from(design: PlateDesign, files: tuple[tuple[str, str], ...]) -> PlateDesign:
    """The design with what its files hold now: other contents make another design."""
    return replace(design, files=dict(files))


@lru_cache(maxsize=64)
def _load(path: str, changed: int) -> PlateDesign:
    data = read_json(Path(path), DesignError, "check commas and brackets there")
    return parse_design(data, path)


@lru_cache(maxsize=1)
def _validator() -> Any:
    import jsonschema

    schema = json.loads((designs_dir() / "schema.json").read_text("utf-8"))
    return jsonschema.Draft202012Validator(schema)


def parse_design(data: Any, path: str) -> PlateDesign:
    """Validates a design's JSON against the schema and itself.

    Raises:
        DesignError: with `path` and the JSON path of the first fault.
    """
    faults = sorted(
        _validator().iter_errors(data), key=lambda e: (len(e.absolute_path), str(e.json_path))
    )
    if faults:
        raise _schema_error(faults[0], path)
    _check_options(data, path)
    sheets = {
        k: Sheet(tuple(v["color_srgb"]), tuple(v["ink_srgb"]), v["retro"])
        for k, v in data["sheets"].items()
    }
    layouts = {k: _layout(k, v) for k, v in data["layouts"].items()}
    series = tuple(_series(s, i, data, path) for i, s in enumerate(data["series"]))
    design = PlateDesign(
        name=data["name"],
        title=data["title"],
        path=path,
        digest=hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest(),
        sheets=sheets,
        series=series,
        layouts=layouts,
        micro_text=data.get("micro_text", ""),
        parameters={
            f"plates.{k}": from_json(v, f"{path}: $.plates[{k!r}]")
            for k, v in data.get("plates", {}).items()
        },
    )
    check_structure(design)
    return design


def _check_options(data: Any, path: str) -> None:
    """Each option of an element, put into the element, must be a valid element."""
    defs = _validator().schema["$defs"]
    for key, layout in data["layouts"].items():
        for i, spec in enumerate(layout["elements"]):
            validator = _validator().evolve(
                schema={"$defs": defs, "$ref": f"#/$defs/{spec['kind']}"}
            )
            for k, option in enumerate(spec.get("options", ())):
                merged = {**spec, **option, "kind": spec["kind"]}
                if fault := next(validator.iter_errors(merged), None):
                    at = f"$.layouts.{key}.elements[{i}].options[{k}]: "
                    raise _schema_error(fault, path, at)


def _schema_error(fault: Any, path: str, inside: str = "") -> DesignError:
    # Of a failed oneOf the deepest branch names the key that is really wrong.
    while fault.context:
        fault = max(fault.context, key=lambda e: len(e.absolute_path))
    message = fault.message if len(fault.message) < 300 else fault.message[:300] + " ..."
    described = fault.schema.get("description") if isinstance(fault.schema, dict) else None
    return DesignError(message, where=f"{path}: {inside}{fault.json_path}", hint=described)


def _layout(key: str, v: Mapping[str, Any]) -> Layout:
    return Layout(
        id=key,
        size_mm=tuple(v["size_mm"]),
        corner_radius_mm=v.get("corner_radius_mm", 0.0),
        border=_border(v),
        look=v.get("look", "embossed"),
        sheets=v["sheets"],
        lines=tuple(map(tuple, v["lines"])),
        elements=tuple(
            Element(e["kind"], e, f"$.layouts.{key}.elements[{i}]")
            for i, e in enumerate(v["elements"])
        ),
        vary=v.get("vary", 0.0),
        holes_mm=tuple((*h["center_mm"], h["diameter_mm"]) for h in v.get("holes", ())),
        rows=v.get("rows", {}),
    )


def _border(v: Mapping[str, Any]) -> Mapping[str, Any] | None:
    ink = "foil" if v.get("look", "embossed") == "embossed" else "paint"
    return {"ink": ink, **v["border"]} if "border" in v else None


def _characters(position: Any) -> dict[str, float]:
    if isinstance(position, str):  # as in a regular expression's brackets: "A-HJ-NP-Z05"
        members: dict[str, float] = {}
        for first, last in re.findall(r"(.)(?:-(.))?", position, re.DOTALL):
            members |= {chr(c): 1.0 for c in range(ord(first), ord(last or first) + 1)}
        return members
    weights: dict[str, float] = {}
    for members, weight in ((_characters(key), weight) for key, weight in position.items()):
        for c in members:
            weights[c] = weights.get(c, 0.0) + weight / len(members)
    return weights


def _series(v: Mapping[str, Any], i: int, data: Mapping[str, Any], path: str) -> Series:
    fields = []
    for j, f in enumerate(v["fields"]):
        number, values = f.get("number"), f.get("values")
        if isinstance(values, str):
            if values not in data.get("lists", {}):
                raise DesignError(
                    f"there is no list {values!r}",
                    where=f"{path}: $.series[{i}].fields[{j}].values",
                    hint=nearest(values, list(data.get("lists", {}))),
                )
            values = data["lists"][values]
        fields.append(
            Field(
                name=f["name"],
                values=values,
                characters=tuple(map(_characters, f["characters"])) if "characters" in f else None,
                number=(number["first"], number["last"], number["digits"]) if number else None,
                absent=f.get("absent", 0.0),
            )
        )
    return Series(
        id=v["id"],
        weight=v["weight"],
        fields=tuple(fields),
        template=v["text"],
        ocr=tuple(v["ocr"]),
        layouts=v["layouts"],
    )
