# SPDX-License-Identifier: Apache-2.0
"""The command that measures readers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    """Adds the command to the program's."""
    app.command()(evaluate)


def evaluate(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="MODEL... DATA", help="Models, then a dataset or labelled crops"),
    ],
    out: Annotated[Path, typer.Option("-o", help="Of .json and .html")],
    split: Annotated[
        list[str] | None,
        typer.Option(help="train, val or test, also several. Default: test, of photographs all"),
    ] = None,
    n: Annotated[int | None, typer.Option("-n", help="At most so many crops")] = None,
    illegible: Annotated[bool, typer.Option(help="Count plates that nobody can read")] = False,
    threads: Annotated[int | None, typer.Option(help="Default: the cores", min=1)] = None,
    device: Annotated[str, typer.Option(help="cpu, cuda or auto")] = "cpu",
    seed: Annotated[int, typer.Option(help="Of the intervals", min=0)] = 0,
    min_exact: Annotated[
        float | None, typer.Option(help="End with 1 where a model reads a smaller share exactly")
    ] = None,
) -> None:
    """Measure readers on a dataset or on labelled photographs, and write a report."""
    from anprgen.errors import DatasetError
    from anprgen.evaluation.run import evaluate as run
    from anprgen.progress import Progress

    if len(paths) < 2:
        raise DatasetError("name a model and what it shall read", hint="MODEL DATA -o report")
    if n is not None and n < 1:
        raise DatasetError(f"-n {n}: it must be 1 or more")
    splits = tuple(name for part in split for name in part.split(",")) if split else None
    with Progress(unit="crops") as progress:
        found = run(
            paths[:-1],
            paths[-1],
            out,
            progress,
            splits=splits,
            illegible=illegible,
            limit=n,
            threads=threads,
            device=device,
            seed=seed,
        )
    for note in found.report["notes"]:
        typer.echo(note, err=True)
    for line in found.lines():
        typer.echo(line)
    typer.echo(f"{found.files[0]}, {found.files[1]}")
    worst = min(m["scores"]["exact"]["value"] for m in found.report["models"])
    if min_exact is not None and worst < min_exact:
        raise typer.Exit(1)
