# SPDX-License-Identifier: Apache-2.0
"""imgaug's augmenters by name: ``"imgaug.Rain": {"drop_size": [0.1, 0.2], "share": 0.1}``.

An entry of the configuration names an augmenter and its arguments. Two numbers in brackets are a
range (imgaug's tuple), longer lists a choice (its list); an argument may be a distribution, drawn
at the address ``imgaug.<name>.<argument>``. `share` is the share of pictures it acts on.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, Self

import numpy as np

from anprgen.degradations.stage import Context, Image, Kind, Stage, eight_bit
from anprgen.distributions import Arguments, Constant, Distribution, from_json
from anprgen.errors import ConfigError, RenderError, nearest
from anprgen.geometry import Points
from anprgen.parameters import Draw, generator, unit

PREFIX = "imgaug."

#: Arguments that are ours: imgaug's random state is seeded from the sample's address.
_OURS = ("self", "seed", "name", "random_state", "deterministic")

#: Modules whose augmenters move things.
_GEOMETRIC = ("imgaug.augmenters.geometric", "imgaug.augmenters.flip", "imgaug.augmenters.size")

#: Modules of augmenters that hold others, look at annotations, or need packages of their own.
_UNSUITABLE = (
    "imgaug.augmenters.meta",
    "imgaug.augmenters.base",
    "imgaug.augmenters.blend",
    "imgaug.augmenters.debug",
    "imgaug.augmenters.collections",
    "imgaug.augmenters.overlay",
    "imgaug.augmenters.imgcorruptlike",
)

#: Augmenters whose keypoints are off by more than labels may be (0.6 and 0.9 px were measured).
_INEXACT = ("PiecewiseAffine", "ElasticTransformation")


@dataclass(frozen=True)
class Imgaug(Stage):
    """Named augmenters on the display picture, in the order of their names.

    Each is a fresh instance seeded from (seed, index, ``imgaug.<name>``); those that move things
    move the labels with imgaug's own keypoints.
    """

    name: ClassVar[str] = "imgaug"
    kind: ClassVar[Kind] = Kind.DISPLAY
    order: ClassVar[int] = 20

    augmenters: tuple[tuple[str, dict[str, Any]], ...] = ()  #: name without ``imgaug.``, arguments

    def __post_init__(self) -> None:
        kept = tuple((str(name), dict(arguments)) for name, arguments in self.augmenters)
        object.__setattr__(self, "augmenters", kept)  # JSON has lists only

    @classmethod
    def from_draw(cls, draw: Draw) -> Self:
        chosen = []
        for path, override in sorted(draw.overrides.items(), key=lambda item: item[0]):
            if isinstance(override, Arguments):
                values = {k: draw.value(f"{path}.{k}", d) for k, d in override.values}
                if unit(draw.seed, draw.index, f"{path}.acts") < values.pop("share", 1.0):
                    chosen.append((path.removeprefix(PREFIX), values))
        return cls(tuple(chosen))

    def pixels(self, image: Image, ctx: Context) -> Image:
        for name, arguments in self.augmenters:
            if ctx.finer > 1:
                if _is_geometric(name):
                    raise RenderError(
                        f"the glyph check cannot follow imgaug.{name}",
                        hint="leave --glyph-check out, or the augmenter",
                    )
                continue
            eight = eight_bit(image)
            out = _run(name, arguments, ctx, lambda a, p=eight: a.augment_image(p))
            if out.shape != eight.shape:
                raise RenderError(
                    f"imgaug.{name} makes {out.shape[1]} x {out.shape[0]} px of"
                    f" {eight.shape[1]} x {eight.shape[0]}",
                    hint='give it "keep_size": true, or use camera.resize',
                )
            image = out.astype(np.float32) / np.float32(255)
        return image

    def points(self, px: Points, ctx: Context) -> Points:
        w = ctx.working
        for name, arguments in self.augmenters:
            if _is_geometric(name):
                from anprgen.degradations.imgaug_shim import imgaug

                # imgaug's px have their origin at the corner of the top left pixel, like ours.
                local = np.asarray(px, np.float64) - (w.x0, w.y0)
                on = imgaug.augmentables.kps.KeypointsOnImage.from_xy_array(
                    local, (w.height, w.width, 3)
                )
                moved = _run(name, arguments, ctx, lambda a, k=on: a.augment_keypoints(k))
                px = np.asarray(moved.to_xy_array(), np.float64).reshape(-1, 2) + (w.x0, w.y0)
        return px


def read_augmenter(path: str, value: Any, where: str) -> Arguments:
    """The arguments of a configuration's entry, checked by making the augmenter once.

    Raises:
        ConfigError: no such augmenter or argument (the nearest are named), or values that imgaug
            refuses.
    """
    name = path.removeprefix(PREFIX)
    cls = _class(name, where)
    if not isinstance(value, Mapping):
        raise ConfigError(
            "an augmenter takes an object of arguments", where=where, hint='like {"share": 0.1}'
        )
    known = [n for n in inspect.signature(cls.__init__).parameters if n not in _OURS]
    for argument in value:
        if argument not in known and argument != "share":
            raise ConfigError(
                f"imgaug.{name} has no argument {argument!r}",
                where=where,
                hint=nearest(argument, [*known, "share"]),
            )
    read = {k: _argument(v, f"{where}.{k}") for k, v in value.items()}
    share = read.get("share", Constant(1.0)).at(0.5)
    if isinstance(share, bool) or not isinstance(share, (int, float)) or not 0 <= share <= 1:
        raise ConfigError(f"the share {share!r} is not from 0 to 1", where=f"{where}.share")
    for u in (0.0, 0.5, 1 - 1e-12):
        arguments = {k: d.at(u) for k, d in read.items() if k != "share"}
        try:
            cls(**_as_imgaug(arguments), seed=0)
        except Exception as e:
            raise ConfigError(f"imgaug.{name}: {e}", where=where) from None
    return Arguments(tuple(read.items()))


def _argument(value: Any, where: str) -> Distribution:
    from anprgen.distributions import KINDS

    if isinstance(value, Mapping) and len(value) == 1 and next(iter(value)) in KINDS:
        return from_json(value, where)
    return Constant(value)


def _as_imgaug(value: Any) -> Any:
    """JSON -> imgaug's arguments: two numbers are a range, which imgaug writes as a tuple."""
    if isinstance(value, Mapping):
        return {k: _as_imgaug(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        inner = [_as_imgaug(v) for v in value]
        numbers = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in inner)
        return tuple(inner) if len(inner) == 2 and numbers else inner
    return value


def _class(name: str, where: str) -> Any:
    """An augmenter's class by its name in imgaug.augmenters (``Rain``, ``pillike.Equalize``)."""
    found = _classes()
    if name in _INEXACT:
        raise ConfigError(
            f"imgaug.{name} moves its keypoints otherwise than its pixels, so labels would drift",
            where=where,
            hint="Affine and PerspectiveTransform are exact",
        )
    if name not in found:
        raise ConfigError(
            f"imgaug has no augmenter {name!r} that can be used here",
            where=where,
            hint=nearest(name, sorted(found)),
        )
    return found[name]


@lru_cache(maxsize=1)
def _classes() -> dict[str, Any]:
    from anprgen.degradations.imgaug_shim import imgaug

    iaa, out = imgaug.augmenters, {}
    for prefix, module in (("", iaa), ("pillike.", iaa.pillike)):
        for name, cls in vars(module).items():
            if (
                inspect.isclass(cls)
                and issubclass(cls, iaa.Augmenter)
                and not inspect.isabstract(cls)
                and not name.startswith("_")
                and cls.__module__ not in _UNSUITABLE
                and name not in _INEXACT
                and (not prefix or cls.__module__ == module.__name__)
            ):
                out[prefix + name] = cls
    return out


def _is_geometric(name: str) -> bool:
    return _class(name, PREFIX + name).__module__ in _GEOMETRIC or name == "pillike.Affine"


def _run(name: str, arguments: dict[str, Any], ctx: Context, act: Any) -> Any:
    """What `act` makes of a fresh augmenter; the same numbers each time it is called."""
    from anprgen.degradations.imgaug_shim import own_randomness

    seed = int(generator(ctx.seed, ctx.index, PREFIX + name).integers(1 << 31))
    with own_randomness(seed):
        return act(_class(name, PREFIX + name)(**_as_imgaug(arguments), seed=seed))
