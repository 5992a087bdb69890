# SPDX-License-Identifier: Apache-2.0
"""The command that reads plates in pictures and films."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    """Adds the command to the program's."""
    app.command()(read)


def read(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A reader, or a detector")],
    source: Annotated[
        Path, typer.Argument(metavar="SOURCE", help="A picture, a folder of them, or a film")
    ],
    detector: Annotated[
        Path | None,
        typer.Option(help="Finds the plates; without one a picture is taken as one plate"),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("-o", help="A new folder, or to continue. Default: ./X-plates")
    ] = None,
    annotate: Annotated[bool, typer.Option(help="Also draw what was found")] = False,
    every: Annotated[int, typer.Option(help="Of a film, every n-th picture")] = 1,
    margin: Annotated[
        float, typer.Option(help="Kept around a plate that was found, of its width and height")
    ] = 0.06,
    threads: Annotated[int | None, typer.Option(help="Default: the cores", min=1)] = None,
    device: Annotated[str, typer.Option(help="cpu, cuda or auto")] = "cpu",
) -> None:
    """Read plates in pictures or a film: a line of JSON each, continued by the same command."""
    import json
    from dataclasses import replace

    from anprgen.models.opening import open_models
    from anprgen.progress import Progress
    from anprgen.reading.run import read as run
    from anprgen.reading.sources import ReadError

    if not 0 <= margin <= 1:
        raise ReadError(f"--margin {margin:g}: it must be from 0 to 1")
    named = [model] if detector is None else [model, detector]
    plates = replace(open_models(named, threads=threads, device=device), margin=margin)
    target = out or Path(f"{source.resolve().stem}-plates")
    with Progress(unit="pictures") as progress:
        done = run(plates, source, target, progress, every=every, annotate=annotate)
    if done.pictures == 1:
        line = json.loads(done.file.read_text("utf-8"))
        for plate in line.get("plates", ()):
            share = plate.get("text_confidence", plate["confidence"])
            typer.echo(f"{plate.get('text', 'plate') or '(nothing to read)'}\t{share:.3f}")
    broken = f", {done.broken} broken" if done.broken else ""
    typer.echo(f"{done.file}: {done.pictures} pictures{broken}, {done.plates} plates")
    if done.broken == done.pictures:
        raise typer.Exit(1)
