# SPDX-License-Identifier: Apache-2.0
"""Distributions as quantile functions: a number in [0, 1) in, a parameter's value out."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from statistics import NormalDist
from typing import Any

from anprgen.errors import ConfigError, nearest


class Distribution:
    """A quantile function that can be written as JSON and read back."""

    def at(self, u: float) -> Any:
        """Value at the quantile `u` in [0, 1)."""
        raise NotImplementedError

    def to_json(self) -> Any:
        raise NotImplementedError


@dataclass(frozen=True)
class Constant(Distribution):
    """Always the same value."""

    value: Any

    def at(self, u: float) -> Any:
        return self.value

    def to_json(self) -> Any:
        return {"constant": self.value}


@dataclass(frozen=True)
class Uniform(Distribution):
    """Uniform over [low, high)."""

    low: float
    high: float

    def __post_init__(self) -> None:
        _ordered("uniform", self.low, self.high)

    def at(self, u: float) -> float:
        return self.low + (self.high - self.low) * u

    def to_json(self) -> Any:
        return {"uniform": [self.low, self.high]}


@dataclass(frozen=True)
class LogUniform(Distribution):
    """Uniform in the logarithm over [low, high), low > 0."""

    low: float
    high: float

    def __post_init__(self) -> None:
        _ordered("log_uniform", self.low, self.high)
        if self.low <= 0:
            raise ConfigError(f"log_uniform needs bounds above 0, not {self.low}")

    def at(self, u: float) -> float:
        return float(self.low * (self.high / self.low) ** u)

    def to_json(self) -> Any:
        return {"log_uniform": [self.low, self.high]}


@dataclass(frozen=True)
class Integer(Distribution):
    """Integers from low to high, both included, all equally likely."""

    low: int
    high: int

    def __post_init__(self) -> None:
        _ordered("integer", self.low, self.high)

    def at(self, u: float) -> int:
        return min(self.high, self.low + int(u * (self.high - self.low + 1)))

    def to_json(self) -> Any:
        return {"integer": [self.low, self.high]}


@dataclass(frozen=True)
class Normal(Distribution):
    """Normal with mean and standard deviation, cut to [low, high] by renormalising the quantile."""

    mean: float
    sd: float
    low: float = -math.inf
    high: float = math.inf

    def __post_init__(self) -> None:
        _ordered("normal", self.low, self.high)
        _numbers("normal", self.mean, self.sd)
        if not self.sd > 0:
            raise ConfigError(f"normal needs a standard deviation above 0, not {self.sd}")

    @cached_property
    def _whole(self) -> tuple[NormalDist, float, float]:
        """The distribution before it is cut, and its probabilities below `low` and `high`."""
        whole = NormalDist(self.mean, self.sd)
        a = whole.cdf(self.low) if math.isfinite(self.low) else 0.0
        b = whole.cdf(self.high) if math.isfinite(self.high) else 1.0
        return whole, a, b

    def at(self, u: float) -> float:
        whole, a, b = self._whole
        p = a + (b - a) * u
        return min(self.high, max(self.low, whole.inv_cdf(min(1 - 1e-12, max(1e-12, p)))))

    def to_json(self) -> Any:
        ends = [None if math.isinf(v) else v for v in (self.low, self.high)]
        return {"normal": [self.mean, self.sd, *ends]}


@dataclass(frozen=True)
class Quantiles(Distribution):
    """Piecewise-linear quantile function through (u, value) points; u rises from 0 to 1.

    Fits measured percentiles directly; with `log` the interpolation is in the logarithm.
    """

    points: tuple[tuple[float, float], ...]
    log: bool = False

    def __post_init__(self) -> None:
        if any(len(p) != 2 for p in self.points):
            raise ConfigError("quantiles are points of a position and a value: [[0, 1], [1, 2]]")
        _numbers("quantiles", *(v for p in self.points for v in p))
        us = [p[0] for p in self.points]
        if len(us) < 2 or us[0] != 0 or us[-1] != 1 or any(b <= a for a, b in zip(us, us[1:])):
            raise ConfigError("quantiles need rising positions that begin at 0 and end at 1")
        if self.log and any(p[1] <= 0 for p in self.points):
            raise ConfigError("log quantiles need values above 0")

    @cached_property
    def _positions(self) -> tuple[float, ...]:
        return tuple(p[0] for p in self.points)

    def at(self, u: float) -> float:
        i = min(bisect_right(self._positions, u), len(self.points) - 1)
        (u0, a), (u1, b) = self.points[i - 1], self.points[i]
        t = (u - u0) / (u1 - u0)
        return a * (b / a) ** t if self.log else a + (b - a) * t

    def to_json(self) -> Any:
        return {"log_quantiles" if self.log else "quantiles": [list(p) for p in self.points]}


@dataclass(frozen=True)
class Choice(Distribution):
    """One of several values by weight; weights need not sum to 1.

    A value may itself be a `Distribution` (a mixture): the left-over of `u` then drives it.
    """

    options: tuple[tuple[Any, float], ...]
    _total: float = field(init=False, repr=False, compare=False, default=0.0)

    def __init__(self, options: Mapping[Any, float] | Sequence[tuple[Any, float]]) -> None:
        items = tuple(options.items() if isinstance(options, Mapping) else map(tuple, options))
        _numbers("the weights of a choice", *(w for _, w in items))
        if not items or any(w < 0 for _, w in items) or sum(w for _, w in items) <= 0:
            raise ConfigError("a choice needs weights of 0 or more, at least one above 0")
        object.__setattr__(self, "options", items)
        object.__setattr__(self, "_total", float(sum(w for _, w in items)))

    @cached_property
    def _live(self) -> tuple[tuple[Any, float], ...]:
        """The options that can be drawn."""
        return tuple((v, w) for v, w in self.options if w > 0)

    def at(self, u: float) -> Any:
        x = u * self._total
        live = self._live
        chosen = live[-1]
        for option in live[:-1]:
            if x < option[1]:
                chosen = option
                break
            x -= option[1]
        value, weight = chosen
        if not isinstance(value, Distribution):
            return value
        return value.at(min(max(x / weight, 0.0), 1 - 1e-12))

    def to_json(self) -> Any:
        return {
            "choice": [
                [v.to_json() if isinstance(v, Distribution) else v, w] for v, w in self.options
            ]
        }


@dataclass(frozen=True)
class Arguments(Distribution):
    """Named arguments, each drawn by itself: what an effect of another library is called with."""

    values: tuple[tuple[str, Distribution], ...]

    def to_json(self) -> Any:
        return {name: d.to_json() for name, d in self.values}


def _numbers(name: str, *values: Any) -> None:
    for v in values:
        if isinstance(v, bool) or not isinstance(v, (int, float)) or math.isnan(v):
            raise ConfigError(f"{name} is made of numbers, and {v!r} is none")


def _ordered(name: str, low: float, high: float) -> None:
    _numbers(name, low, high)
    if not low <= high:
        raise ConfigError(f"{name}: the lower bound {low} is above the upper bound {high}")


def _none_to(values: Sequence[Any]) -> list[float]:
    out = list(values)
    for i, end in ((2, -math.inf), (3, math.inf)):
        if len(out) > i and out[i] is None:
            out[i] = end
    return out


KINDS: dict[str, Any] = {
    "constant": lambda v: Constant(v),
    "uniform": lambda v: Uniform(*v),
    "log_uniform": lambda v: LogUniform(*v),
    "integer": lambda v: Integer(*v),
    "normal": lambda v: Normal(*_none_to(v)),
    "quantiles": lambda v: Quantiles(tuple(map(tuple, v))),
    "log_quantiles": lambda v: Quantiles(tuple(map(tuple, v)), log=True),
    "choice": lambda v: Choice(
        [(_option(k), w) for k, w in (v.items() if isinstance(v, Mapping) else v)]
    ),
}


def _option(value: Any) -> Any:
    return from_json(value) if isinstance(value, Mapping) else value


def from_json(value: Any, where: str | None = None) -> Distribution:
    """Reads ``{"uniform": [0, 1]}`` and its like; any other JSON value is a constant.

    Raises:
        ConfigError: an unknown kind or arguments that do not fit it.
    """
    if not isinstance(value, Mapping):
        return Constant(tuple(value) if isinstance(value, list) else value)
    if len(value) != 1:
        raise ConfigError("a distribution is an object with one key", where=where)
    kind, arguments = next(iter(value.items()))
    if kind not in KINDS:
        raise ConfigError(
            f"unknown distribution {kind!r}", where=where, hint=nearest(kind, list(KINDS))
        )
    try:
        made: Distribution = KINDS[kind](arguments)
    except ConfigError as e:
        raise ConfigError(e.message, where=where, hint=e.hint) from None
    except (TypeError, ValueError) as e:
        raise ConfigError(
            f"{kind}: arguments {arguments!r} do not fit", where=where, hint=str(e)
        ) from None
    return made
