# SPDX-License-Identifier: Apache-2.0
"""The command that tells beforehand what a dataset costs."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    """Adds the command to the program's."""
    app.command()(plan)


def plan(
    designs: Annotated[list[str], typer.Argument(help="As for build")],
    n: Annotated[int, typer.Option("-n", help="How many samples the dataset shall have")],
    task: Annotated[str, typer.Option(help="ocr or detect")] = "ocr",
    config: Annotated[Path | None, typer.Option(help="As for build")] = None,
    camera: Annotated[str | None, typer.Option(help="As for build")] = None,
    samples: Annotated[int, typer.Option(help="Cycles' samples a pixel")] = 16,
    renderer: Annotated[str, typer.Option(help="blender or flat")] = "blender",
    device: Annotated[str, typer.Option("--device", "--devices", help="As for build")] = "auto",
    workers: Annotated[int | None, typer.Option(help="Default: the cores; 2 a card")] = None,
    blender: Annotated[Path | None, typer.Option(help="A Blender program")] = None,
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
    )
    spec = Spec(made, Path(tempfile.gettempdir()), device, 1, blender, keep=tuple(keep or ()))
    with Progress() as progress:
        found = estimate(spec, n, progress, workers=workers, shots=shots)
    each = found.start_s + (found.seconds - found.start_s) / machines
    typer.echo(f"{found.rate:.2f} samples a second ({found.device}, {found.workers} workers)")
    on = "" if machines == 1 else f" on each of {machines} such machines"
    typer.echo(f"{n} samples: {duration(each)}{on}, {found.bytes / 2**30:.2f} GiB")
