# SPDX-License-Identifier: Apache-2.0
"""The command that joins parts of a dataset."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    """Adds the command to the program's."""
    app.command()(merge)


def merge(
    parts: Annotated[
        list[str],
        typer.Argument(metavar="PART...", help="Folders or s3://..., made with build --shard"),
    ],
    out: Annotated[Path, typer.Option("-o", help="A new folder, or an earlier join")],
    link: Annotated[bool, typer.Option(help="Hard links instead of copies")] = False,
    allow_mixed: Annotated[bool, typer.Option(help="Parts of several devices")] = False,
) -> None:
    """Join the parts of a dataset that several machines made; bring one from object storage."""
    from anprgen.merge import merge as run

    done = run(parts, out, link=link, allow_mixed=allow_mixed)
    typer.echo(f"{out}: {done.taken} shards taken")
    if done.missing:
        typer.echo(
            f"{done.missing} of {done.dataset.manifest.requested} samples are missing: join the"
            " other parts into this folder too, or build the rest here without --shard",
            err=True,
        )
        raise typer.Exit(1)
