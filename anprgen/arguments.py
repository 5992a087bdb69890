# SPDX-License-Identifier: Apache-2.0
"""Command line words -> values: designs with weights, the configuration, the default folder."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from anprgen.backgrounds import BackgroundFolder
from anprgen.cameras import camera_overrides
from anprgen.config import Config, read_exclusions, read_overrides
from anprgen.defaults import SAMPLES
from anprgen.errors import ConfigError
from anprgen.hdris import HdriFolder
from anprgen.light_store import LightSource
from anprgen.share import Share

#: Frames and frames a second of a sequence, unless asked for, and the most of them.
FRAMES, FPS = 60, 25.0
MOST_FRAMES, MOST_FPS, LONGEST_S = 10_000, 240.0, 60.0


def read_designs(words: Sequence[str]) -> tuple[tuple[str, float], ...]:
    """``["sri_lanka=3", "slovakia"]`` -> ``(("sri_lanka", 3.0), ("slovakia", 1.0))``.

    Raises:
        ConfigError: a weight that is no number above 0.
    """
    return tuple(map(_design, words))


def _design(word: str) -> tuple[str, float]:
    name, equals, weight = word.rpartition("=")
    if not equals or Path(word).is_file():
        return word, 1.0
    try:
        value = float(weight)
    except ValueError:
        value = math.nan
    if not name or not (0 < value < math.inf):
        raise ConfigError(
            f"{word!r}: the weight must be a number above 0", hint="write it like sri_lanka=3"
        )
    return name, value


def make_config(
    designs: Sequence[str],
    *,
    task: str = "ocr",
    seed: int = 0,
    samples: int = SAMPLES,
    renderer: str = "blender",
    config: Path | None = None,
    camera: str | None = None,
    balance: str = "grammar",
    exclude: Path | None = None,
    variants: int = 1,
    light_from: Path | None = None,
    hdri: Path | None = None,
    backgrounds: Path | None = None,
    frames: int | None = None,
    fps: float | None = None,
) -> Config:
    """The configuration that the words of a command line describe; `config` wins over `camera`.

    Raises:
        ConfigError: a file or folder that cannot be used, or frames of what is no sequence.
    """
    frames, fps = sequence_sizes(task, frames, fps)
    if frames and variants != 1:
        raise ConfigError("--variants makes photographs: a sequence has one film of each scene")
    own = HdriFolder.open(hdri.absolute()) if hdri else None
    photos = BackgroundFolder.open(backgrounds.absolute()) if backgrounds else None
    return Config(
        task=task,
        seed=seed,
        designs=read_designs(designs),
        samples=samples,
        renderer=renderer,
        overrides={
            **(camera_overrides(camera) if camera is not None else {}),
            **(read_overrides(config) if config else {}),
        },
        balance=balance,
        exclude=read_exclusions(exclude) if exclude else (),
        variants=variants,
        light_from=LightSource.open(light_from).identity() if light_from else {},
        hdris=own.digests if own else {},
        hdri_folder=str(own.root) if own else "",
        backgrounds=photos.digests if photos else {},
        background_folder=str(photos.root) if photos else "",
        frames=frames,
        fps=fps,
    )


def sequence_sizes(task: str, frames: int | None, fps: float | None) -> tuple[int, float]:
    """Frames and frames a second of a task's sequences, as asked for or usual; 0, 0.0 for others.

    Raises:
        ConfigError: asked for where there are no sequences, or out of bounds.
    """
    if task != "sequence":
        if frames is not None or fps is not None:
            raise ConfigError(
                "--frames and --fps are for sequences", hint=f"--task sequence, not {task}"
            )
        return 0, 0.0
    frames, fps = FRAMES if frames is None else frames, FPS if fps is None else fps
    if not 2 <= frames <= MOST_FRAMES:
        raise ConfigError(f"--frames {frames}: it must be from 2 to {MOST_FRAMES}")
    if not 1 <= fps <= MOST_FPS:
        raise ConfigError(f"--fps {fps:g}: it must be from 1 to {MOST_FPS:g}")
    if frames / fps > LONGEST_S:
        raise ConfigError(
            f"{frames} frames at {fps:g} a second are {frames / fps:.0f} s: a sequence has at most"
            f" {LONGEST_S:g} s"
        )
    return frames, float(fps)


def default_out(config: Config, share: Share | None = None) -> Path:
    """``./<design>-<task>``; several designs are joined with ``+``; a part ends in ``-2of4``."""
    stems = "+".join(Path(name).stem for name, _ in config.designs)
    part = "" if share is None or share.whole else f"-{share.number}of{share.count}"
    return Path(f"{stems}-{config.task}{part}")
