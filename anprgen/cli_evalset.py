# SPDX-License-Identifier: Apache-2.0
"""The command that writes evaluation sets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    """Adds the command to the program's."""
    app.command()(evalset)


def evalset(
    dataset: Annotated[Path, typer.Argument(metavar="OUT", help="A dataset's folder")],
    out: Annotated[Path, typer.Option("-o", help="A new folder, or an earlier set")],
    preset: Annotated[
        str, typer.Option(help="A network (a wrong one lists all), or a reader of ours: its folder")
    ],
    n: Annotated[int | None, typer.Option("-n", help="At most so many samples")] = None,
    batch: Annotated[
        int | None, typer.Option(help="The engine's static batch. Default: 8, or the reader's")
    ] = None,
    split: Annotated[str, typer.Option(help="To evaluate; the others calibrate")] = "test",
    charset: Annotated[
        str | None,
        typer.Option(help="The reader's characters: a file, one a line, or the word dataset"),
    ] = None,
    input_name: Annotated[
        str | None, typer.Option(help="The network's input, where it is not the usual one")
    ] = None,
    calibrate: Annotated[int, typer.Option(help="At most so many samples to calibrate")] = 512,
    calibration: Annotated[
        Path | None, typer.Option(help="Another dataset to calibrate from")
    ] = None,
    partial: Annotated[bool, typer.Option(help="Go on though samples are missing")] = False,
    illegible: Annotated[bool, typer.Option(help="Keep plates that nobody can read")] = False,
    margin: Annotated[float, typer.Option(help="Around cut-out plates, of their box")] = 0.08,
) -> None:
    """Write pictures, tensors, labels and calibration data to measure a network with."""
    from anprgen.dataset import Dataset
    from anprgen.evalset import Options, write

    options = Options(
        split=split,
        limit=n,
        batch=batch,
        calibrate=calibrate,
        calibration=calibration,
        charset=charset,
        input_name=input_name,
        partial=partial,
        illegible=illegible,
        margin=margin,
    )
    result = write(Dataset.open(dataset), preset, out, options)
    for note in result.notes:
        typer.echo(note)
    typer.echo(f"{result.out}: {result.files} files")
