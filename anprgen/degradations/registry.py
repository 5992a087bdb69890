# SPDX-License-Identifier: Apache-2.0
"""The stages there are: our own, and others through the entry points "anprgen.degradations".

A distribution adds a stage of its own with, in its pyproject.toml::

    [project.entry-points."anprgen.degradations"]
    dust = "my_package:Dust"
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from typing import Any

from anprgen.degradations.blooming import Blooming
from anprgen.degradations.colour import Colour
from anprgen.degradations.cut import Cut
from anprgen.degradations.defocus import Defocus
from anprgen.degradations.demosaic import Demosaic
from anprgen.degradations.denoise import Denoise
from anprgen.degradations.exposure import Exposure
from anprgen.degradations.fixed_pattern import FixedPattern
from anprgen.degradations.flare import Flare
from anprgen.degradations.flicker import Flicker
from anprgen.degradations.framing import Framing
from anprgen.degradations.glare import Glare
from anprgen.degradations.imgaug_stage import Imgaug
from anprgen.degradations.interlace import Interlace
from anprgen.degradations.jpeg import Jpeg
from anprgen.degradations.lens import Lens
from anprgen.degradations.lens_dirt import LensDirt
from anprgen.degradations.lens_rain import LensRain
from anprgen.degradations.local_tone import LocalTone
from anprgen.degradations.motion import Motion
from anprgen.degradations.recording import Recording
from anprgen.degradations.rectify import Rectify
from anprgen.degradations.resample import Resample
from anprgen.degradations.resize import Resize
from anprgen.degradations.rolling import Rolling
from anprgen.degradations.sensor import Sensor
from anprgen.degradations.sharpen import Sharpen
from anprgen.degradations.sodium import Sodium
from anprgen.degradations.stage import Kind, Stage
from anprgen.degradations.temporal import Temporal
from anprgen.degradations.tone import Tone
from anprgen.degradations.video import Video
from anprgen.degradations.vignetting import Vignetting
from anprgen.degradations.weather import Weather
from anprgen.distributions import Distribution
from anprgen.errors import ConfigError, nearest
from anprgen.parameters import Draw, Parameter, declared

GROUP = "anprgen.degradations"

#: Stage classes by name; entry points join it the first time stages are drawn or listed.
REGISTRY: dict[str, type[Stage]] = {
    cls.name: cls
    for cls in (
        Lens, Rolling, Sodium, Defocus, Motion, Vignetting, Glare, LensDirt, LensRain, Flare,
        Exposure, Flicker, FixedPattern, Blooming, Sensor, Demosaic, Denoise, Temporal, Tone,
        LocalTone, Sharpen, Colour, Weather, Imgaug, Interlace, Video, Recording, Framing,
        Rectify, Cut, Resample, Resize, Jpeg,
    )
}  # fmt: skip

_loaded = False


def register(cls: type[Stage]) -> type[Stage]:
    """Adds a stage class; usable as a decorator.

    Raises:
        ConfigError: it is no stage, or its name is taken.
    """
    name = getattr(cls, "name", None)
    if not (isinstance(cls, type) and issubclass(cls, Stage) and is_dataclass(cls)):
        raise ConfigError(f"{cls!r} is no stage", hint="derive a frozen dataclass from Stage")
    if not (isinstance(name, str) and name.isidentifier() and isinstance(cls.kind, Kind)):
        raise ConfigError(f"the stage {cls!r} needs a name that is an identifier, and a kind")
    if REGISTRY.get(name, cls) is not cls:
        raise ConfigError(f"there are two stages named {name!r}: {REGISTRY[name]!r} and {cls!r}")
    REGISTRY[name] = cls
    return cls


def stage_classes() -> Mapping[str, type[Stage]]:
    """All stages, entry points included."""
    global _loaded
    if not _loaded:
        from importlib.metadata import entry_points

        for point in entry_points(group=GROUP):
            register(point.load())
        _loaded = True
    return REGISTRY


def draw_stages(draw: Draw) -> dict[str, Stage]:
    """Every stage of one sample, each field from its address ``camera.<stage>.<field>``."""
    return {name: cls.from_draw(draw) for name, cls in stage_classes().items()}


def check_stages(overrides: Mapping[str, Distribution]) -> None:
    """Refuses, as a ConfigError, overrides that a stage cannot follow here."""
    for cls in stage_classes().values():
        cls.check(overrides)


def declared_stages() -> Iterator[Parameter]:
    """Every parameter of every stage."""
    for name, cls in stage_classes().items():
        yield from declared(cls, f"camera.{name}")


def stages_from_json(values: Mapping[str, Mapping[str, Any]]) -> dict[str, Stage]:
    """Stages from what `dataclasses.asdict` made of them.

    Raises:
        ConfigError: a stage of another installation is not there, or has other fields.
    """
    known, out = stage_classes(), {}
    for name, fields in values.items():
        if name not in known:
            raise ConfigError(f"there is no camera stage {name!r}", hint=nearest(name, list(known)))
        try:
            out[name] = known[name](**fields)
        except TypeError as e:
            raise ConfigError(f"camera stage {name!r}: {e}") from None
    return out
