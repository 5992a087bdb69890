# SPDX-License-Identifier: Apache-2.0
"""The commands that look at samples: contact sheets, one sample again, all of them checked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from anprgen.cli_words import (
    Backgrounds,
    Blender,
    CameraName,
    ConfigFile,
    CyclesSamples,
    DatasetArg,
    Designs,
    Device,
    Fps,
    Frames,
    Hdri,
    RendererName,
    Seed,
    Task,
)
from anprgen.defaults import SAMPLES


def add_to(app: typer.Typer) -> None:
    """Adds the commands to the program's."""
    for command in (preview, show, verify):
        app.command()(command)


def preview(
    designs: Designs,
    n: Annotated[int, typer.Option("-n", help="How many pictures")] = 24,
    out: Annotated[Path | None, typer.Option("-o", help="Default: <design>-<task>.png")] = None,
    task: Task = "ocr",
    seed: Seed = 0,
    config: ConfigFile = None,
    camera: CameraName = None,
    samples: CyclesSamples = SAMPLES,
    renderer: RendererName = "blender",
    device: Device = "auto",
    blender: Blender = None,
    hdri: Hdri = None,
    backgrounds: Backgrounds = None,
    frames: Frames = None,
    fps: Fps = None,
    sequence: Annotated[int | None, typer.Option(help="Which of the sequences, from 0")] = None,
) -> None:
    """Make contact sheets of the first samples, clean and with labels drawn.

    Of --task sequence, and of a dataset of sequences instead of a design: an animation (-o NAME.gif
    or NAME.mp4) and a strip of frames (-o NAME.png: that alone), with each plate's track, text and
    speed.
    """
    from anprgen.arguments import default_out, make_config
    from anprgen.build import check_sizes
    from anprgen.clip_preview import check_animation, of_config, of_dataset, preview_sequence
    from anprgen.dataset import Dataset
    from anprgen.errors import ConfigError
    from anprgen.manifest import NAME
    from anprgen.preview import preview as run

    if len(designs) == 1 and Path(designs[0], NAME).is_file():
        stored = Path(designs[0])
        shown = of_dataset(Dataset.open(stored), sequence)
        for path in preview_sequence(shown, out or Path(f"{stored.resolve().name}.gif")):
            typer.echo(str(path))
        return
    if sequence is not None and (task != "sequence" or sequence < 0):
        raise ConfigError(f"--sequence {sequence}", hint="a number from 0, with --task sequence")
    check_sizes(n, samples)
    made = make_config(
        designs,
        task=task,
        seed=seed,
        samples=samples,
        renderer=renderer,
        config=config,
        camera=camera,
        hdri=hdri,
        backgrounds=backgrounds,
        frames=frames,
        fps=fps,
    )
    if made.frames:
        animation = out or Path(f"{default_out(made)}.gif")
        check_animation(animation)  # Before a minute of rendering.
        shown = of_config(made, sequence or 0, device=device, executable=blender)
        for path in preview_sequence(shown, animation):
            typer.echo(str(path))
        return
    target = out or Path(f"{default_out(made)}.png")
    for path in run(made, n, target, device=device, executable=blender):
        typer.echo(str(path))


def show(
    dataset: DatasetArg,
    sample: Annotated[str, typer.Argument(metavar="ID", help="A sample's id or index")],
    out: Annotated[Path | None, typer.Option("-o", help="Default: OUT/shown")] = None,
    device: Device = "auto",
    blender: Blender = None,
) -> None:
    """Make one sample again from its manifest and tell whether it is bit-equal."""
    from anprgen.dataset import Dataset
    from anprgen.reproduce import reproduce

    found = reproduce(
        Dataset.open(dataset), sample, out or dataset / "shown", device=device, executable=blender
    )
    for note in found.notes:
        typer.echo(note)
    typer.echo(f"{found.picture}: {found}")
    if not found.equal:
        raise typer.Exit(1)


def verify(dataset: DatasetArg) -> None:
    """Check every file and record, and print one digest of all pixels and labels."""
    from anprgen.dataset import Dataset
    from anprgen.verify import verify as run

    verdict = run(Dataset.open(dataset))
    for fault in verdict.damage:
        typer.echo(f"damaged: {fault}", err=True)
    for line in verdict.lines():
        typer.echo(line)
    if verdict.damage:
        raise typer.Exit(1)
