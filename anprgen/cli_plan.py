# SPDX-License-Identifier: Apache-2.0
"""The command that tells beforehand what a dataset costs."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from anprgen.cli_words import (
    Backgrounds,
    Blender,
    CameraName,
    ConfigFile,
    CyclesSamples,
    Designs,
    Devices,
    Fps,
    Frames,
    Hdri,
    RendererName,
    Task,
)
from anprgen.defaults import SAMPLES


def add_to(app: typer.Typer) -> None:
    """Adds the command to the program's."""
    app.command()(plan)


def plan(
    designs: Designs,
    n: Annotated[int, typer.Option("-n", help="How many samples, or sequences, it shall have")],
    task: Task = "ocr",
    frames: Frames = None,
    fps: Fps = None,
    config: ConfigFile = None,
    camera: CameraName = None,
    samples: CyclesSamples = SAMPLES,
    renderer: RendererName = "blender",
    device: Devices = "auto",
    workers: Annotated[int | None, typer.Option(help="Default: the cores; 2 a card")] = None,
    blender: Blender = None,
    hdri: Hdri = None,
    backgrounds: Backgrounds = None,
    variants: Annotated[int, typer.Option(help="Photographs made of each render")] = 1,
    keep: Annotated[list[str] | None, typer.Option(help="As for build")] = None,
    machines: Annotated[int, typer.Option(help="That share the work (build --shard)")] = 1,
    shots: Annotated[int, typer.Option(help="Samples to make for the estimate")] = 20,
) -> None:
    """Make a few samples, and tell how long a dataset takes and how large it gets."""
    from anprgen.arguments import make_config
    from anprgen.errors import ConfigError
    from anprgen.estimate import estimate
    from anprgen.progress import Progress, duration
    from anprgen.tasks import Spec

    if not 1 <= machines <= 100_000 or not 1 <= shots <= 10_000:
        raise ConfigError("--machines must be from 1 to 100000, --shots from 1 to 10000")
    made = make_config(
        designs,
        task=task,
        samples=samples,
        renderer=renderer,
        config=config,
        camera=camera,
        variants=variants,
        hdri=hdri,
        backgrounds=backgrounds,
        frames=frames,
        fps=fps,
    )
    n *= max(made.frames, 1)
    spec = Spec(made, Path(tempfile.gettempdir()), device, 1, blender, keep=tuple(keep or ()))
    with Progress() as progress:
        found = estimate(spec, n, progress, workers=workers, shots=shots)
    each = found.start_s + (found.seconds - found.start_s) / machines
    typer.echo(f"{found.rate:.2f} samples a second ({found.device}, {found.workers} workers)")
    on = "" if machines == 1 else f" on each of {machines} such machines"
    things = "frames" if made.frames else "samples"
    typer.echo(f"{n} {things}: {duration(each)}{on}, {found.bytes / 2**30:.2f} GiB")
