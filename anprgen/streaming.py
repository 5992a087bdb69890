# SPDX-License-Identifier: Apache-2.0
"""Samples one after the other, made as they are asked for: training without a disk."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from anprgen.arguments import read_designs, sequence_sizes
from anprgen.build import MOST_SAMPLES, check_sizes
from anprgen.cameras import camera_overrides
from anprgen.config import Config
from anprgen.defaults import SAMPLES
from anprgen.errors import AnprgenError, ConfigError, RenderError
from anprgen.failures import MOST_IN_A_ROW
from anprgen.light_store import LightStore
from anprgen.pipeline import Plan, Sample, make_plan
from anprgen.renderers import Renderer
from anprgen.renderers.opening import open_renderer


def stream(
    designs: str | Sequence[str],
    *,
    seed: int = 0,
    first: int = 0,
    stop: int | None = None,
    part: tuple[int, int] = (0, 1),
    task: str = "ocr",
    config: Mapping[str, Any] | None = None,
    camera: str | None = None,
    samples: int = SAMPLES,
    variants: int = 1,
    renderer: str = "blender",
    device: str = "auto",
    threads: int | None = 1,
    executable: Path | None = None,
    frames: int | None = None,
    fps: float | None = None,
) -> Iterator[Sample]:
    """The samples from `first` to before `stop`, bit-equal to those of `build`.

    Each has ``pixels`` (uint8 RGB [h, w, 3]), ``image`` (the JPEG file), ``record`` (the labels,
    docs/labels.md) and ``index``. Without `stop` they do not end (before 10^8). A sample that
    cannot be made is left out, with a warning; 25 in a row are an error. Of `part` (k, n) only
    every n-th render (of films, every n-th sequence) from the k-th on, k from 0: n processes see
    each sample once.

    Args:
        designs: files or shipped names, with weights: ``["sri_lanka=3", "slovakia"]``.
        config: parameter paths to distributions, as in a file for ``--config``.
        threads: of the renderer; None for all.
        frames, fps: of the sequences of ``task="sequence"``, whose frames the samples are.

    Raises:
        AnprgenError: the recipe is not usable (at the call, not at the first sample), or nothing
            can be made any more.
    """
    check_sizes(1, samples, variants=variants)
    end = MOST_SAMPLES if stop is None else stop
    mine, parts = part
    if first < 0 or not 0 <= end <= MOST_SAMPLES or not 0 <= mine < parts:
        raise ConfigError(f"the samples {first} to {end}, part {mine} of {parts}, make no sense")
    words = [designs] if isinstance(designs, str) else list(designs)
    overrides = {**(camera_overrides(camera) if camera is not None else {}), **(config or {})}
    frames, fps = sequence_sizes(task, frames, fps)
    plan = make_plan(
        Config(
            task=task,
            seed=seed,
            designs=read_designs(words),
            samples=samples,
            renderer=renderer,
            overrides=overrides,
            variants=variants,
            frames=frames,
            fps=fps,
        )
    )
    opened = open_renderer(renderer, device, threads, executable)

    def each() -> Iterator[Sample]:
        lights, in_a_row = LightStore(), 0
        with opened:
            for index in range(first, end):
                if index // plan.config.together % parts != mine:
                    continue
                sample = _made(plan, index, opened, lights)
                in_a_row = in_a_row + 1 if sample is None else 0
                if in_a_row >= MOST_IN_A_ROW:
                    raise RenderError(
                        f"{in_a_row} samples in a row cannot be made, to number {index}",
                        hint="the warnings say why",
                    )
                if sample is not None:
                    yield sample

    return each()


def _made(plan: Plan, index: int, renderer: Renderer, lights: LightStore) -> Sample | None:
    """A sample, rendered at the second try if need be; None, and a warning, where there is none."""
    try:
        try:
            return plan.sample(index, renderer, lights=lights)
        except RenderError:  # A renderer that broke starts anew by itself.
            return plan.sample(index, renderer, lights=lights)
    except Exception as e:  # Whatever it is, it belongs to this index: the others can be made.
        told = e if isinstance(e, AnprgenError) else f"{type(e).__name__}: {e}"
        warnings.warn(f"sample {index} is left out: {told}", stacklevel=3)
    return None
