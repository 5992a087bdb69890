# SPDX-License-Identifier: Apache-2.0
"""Parameters by address: every drawn number is a pure function of (seed, index, its path).

A dataclass declares its parameters with `drawn(distribution, doc)`. `draw_group` fills one: the
number behind ``plates.0.wear.dust`` of sample 1234 is a keyed hash of seed, index and that path,
put through the quantile function. So a new parameter moves no other, and sample 1234 is the same
alone, in a run, or on another machine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from anprgen.distributions import Arguments, Choice, Distribution
from anprgen.errors import ConfigError, nearest

if TYPE_CHECKING:
    import numpy as np

T = TypeVar("T")


class Parameter(NamedTuple):
    """One parameter that a configuration can override, and the least and most it can be."""

    path: str
    distribution: Distribution
    doc: str
    low: float
    high: float


def drawn(
    distribution: Distribution, doc: str, *, low: float | None = None, high: float = 1e9
) -> Any:
    """A dataclass field drawn from `distribution`; its default is the distribution's median.

    `low` and `high` bound what a configuration may set. Without `low` it is `-high` for a
    parameter whose own distribution goes below 0, and 0 for others.
    """
    if low is None:
        own = _values(distribution)
        signed = any(isinstance(v, (int, float)) and v < 0 for v in own)
        low = -high if signed else 0.0
    bounds = {"distribution": distribution, "doc": doc, "low": low, "high": high}
    return field(default=distribution.at(0.5), metadata=bounds)


def unit(seed: int, index: int, path: str) -> float:
    """The number in [0, 1) that belongs to one parameter of one sample (53 bits of BLAKE2b)."""
    return _unit(_sample(seed, index), path.encode())


@lru_cache(maxsize=8)
def _sample(seed: int, index: int) -> hashlib.blake2b:
    """The hash of what all addresses of a sample begin with: each goes on from a copy."""
    return hashlib.blake2b(f"{seed}/{index}/".encode(), digest_size=8)


def _unit(sample: hashlib.blake2b, path: bytes) -> float:
    digest = sample.copy()
    digest.update(path)
    return (int.from_bytes(digest.digest(), "little") >> 11) / (1 << 53)


def generator(seed: int, index: int, path: str) -> np.random.Generator:
    """A fresh numpy generator for bulk noise (sensor noise, rain) at one address."""
    import numpy as np

    digest = hashlib.blake2b(f"{seed}/{index}/{path}".encode(), digest_size=16).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest, "little")))


@dataclass(frozen=True)
class Draw:
    """Draws parameters of one sample: seed, index and the overrides of the configuration.

    `overrides` maps a parameter's path without list indices (``plates.wear.dust``) to a
    distribution; the address keeps the index (``plates.0.wear.dust``).
    """

    seed: int
    index: int
    overrides: Mapping[str, Distribution]

    def value(self, path: str, distribution: Distribution) -> Any:
        """Value of the parameter at `path`."""
        return self.overrides.get(plain(path), distribution).at(unit(self.seed, self.index, path))

    def group(self, cls: type[T], path: str, **given: Any) -> T:
        """An instance of the dataclass `cls`, each drawn field from its address under `path`."""
        values, sample = dict(given), _sample(self.seed, self.index)
        for name, at, key, distribution in _drawn_fields(cls, path):  # type: ignore[arg-type]
            if name not in values:
                own = self.overrides.get(key, distribution)
                values[name] = own.at(_unit(sample, at))
        return cls(**values)


@lru_cache(maxsize=512)
def _drawn_fields(cls: type, path: str) -> tuple[tuple[str, bytes, str, Distribution], ...]:
    """(name, address, key of an override, distribution) of the drawn fields of a group."""
    return tuple(
        (p.path.rpartition(".")[2], p.path.encode(), plain(p.path), p.distribution)
        for p in declared(cls, path)
    )


@lru_cache(maxsize=4096)
def plain(path: str) -> str:
    """The path without list indices: ``plates.0.wear.dust`` -> ``plates.wear.dust``."""
    return ".".join(part for part in path.split(".") if not part.isdigit())


def declared(cls: type, path: str) -> Iterator[Parameter]:
    """Every drawn field of the dataclass `cls`, under `path`."""
    if not is_dataclass(cls):
        raise TypeError(f"{cls} is not a dataclass")
    for f in fields(cls):
        if "distribution" in f.metadata:
            yield Parameter(f"{path}.{f.name}", **f.metadata)


def check_overrides(
    overrides: Mapping[str, Distribution], parameters: Iterable[Parameter], where: str
) -> None:
    """Checks paths, the kind of values, and their bounds.

    Raises:
        ConfigError: there is no such parameter (the nearest are suggested), a value that is none
            of the words it can be, a word where a number belongs, or a number out of bounds.
    """
    known = {p.path: p for p in parameters}
    for path, override in overrides.items():
        if isinstance(override, Arguments):
            continue  # they were checked when they were read
        at = f"{where}: $[{path!r}]"
        if path not in known:
            raise ConfigError(
                f"there is no parameter {path!r}", where=at, hint=nearest(path, list(known))
            )
        _, default, _, low, high = known[path]
        closed = _closed(default)
        for value in _values(override):
            if closed is not None:
                if value not in closed or isinstance(value, bool) != isinstance(closed[0], bool):
                    raise ConfigError(
                        f"{value!r} is none of its values",
                        where=at,
                        hint=f"one of {', '.join(map(str, closed))}",
                    )
            elif isinstance(default.at(0.5), str):
                if not isinstance(value, str):
                    raise ConfigError(f"{value!r} is not a text", where=at)
            elif isinstance(value, bool) or not isinstance(value, (int, float)):
                hint = _pairs_hint(value) if isinstance(override, Choice) else None
                raise ConfigError(f"{value!r} is not a number", where=at, hint=hint)
            elif not low <= value <= high:
                raise ConfigError(
                    f"{value:g} is out of bounds", where=at, hint=f"from {low:g} to {high:g}"
                )


def _pairs_hint(value: Any) -> str | None:
    """How to write a number that came as the key of an object; None for other texts."""
    try:
        float(value)
    except (TypeError, ValueError):
        return None
    return f'keys of JSON objects are texts; write pairs: {{"choice": [[{value}, 1]]}}'


def _closed(distribution: Distribution) -> list[Any] | None:
    """The values of a parameter that is one of a few words or whole numbers, else None."""
    if not isinstance(distribution, Choice):
        return None
    values = [v for v, _ in distribution.options]
    return values if all(isinstance(v, (str, bool, int)) for v in values) else None


def _values(distribution: Distribution) -> list[Any]:
    """Sample values of a distribution: all of a choice's, the ends of a range."""
    if isinstance(distribution, Choice):
        out: list[Any] = []
        for value, _ in distribution.options:
            out += _values(value) if isinstance(value, Distribution) else [value]
        return out
    try:
        return [distribution.at(0.0), distribution.at(1 - 1e-12)]
    except (ArithmeticError, TypeError, ValueError):
        raise ConfigError(f"{distribution.to_json()} cannot be drawn from") from None
