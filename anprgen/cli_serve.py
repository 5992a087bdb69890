# SPDX-License-Identifier: Apache-2.0
"""The command that shows datasets, and reads pictures, in a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    """Adds the command to the program's."""
    app.command()(serve)


def serve(
    what: Annotated[
        list[Path] | None,
        typer.Argument(metavar="OUT|MODEL...", help="Datasets' folders, a reader, a detector"),
    ] = None,
    data: Annotated[
        list[Path] | None, typer.Option("--data", help="A dataset's folder; also several")
    ] = None,
    beside: Annotated[
        Path | None, typer.Option(help="A folder of real pictures to look at beside ours")
    ] = None,
    host: Annotated[
        str, typer.Option(help="0.0.0.0 opens it to your network, for a phone")
    ] = "127.0.0.1",
    name: Annotated[
        list[str] | None,
        typer.Option(help="A name to be asked by, behind a proxy: plates.example.com"),
    ] = None,
    port: Annotated[int, typer.Option(help="0: any that is free", min=0, max=65535)] = 8000,
) -> None:
    """Show datasets in a browser, and read plates in pictures that are dropped there."""
    from anprgen.serving.run import serve as run
    from anprgen.serving.run import sort_out

    served = sort_out(what or [], data or [], beside)
    run(served, host, port, lambda text: typer.echo(text, err=True), name or [])
